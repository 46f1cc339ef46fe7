//! The network between a phone and the server: it drops, cuts, doubles and delays.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rand::Rng as _;
use rand::rngs::SmallRng;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What happens to a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It never leaves.
    LostRequest,
    /// Half of it arrives.
    HalfRequest,
    /// It arrives, and the line is cut before the answer.
    LostAnswer,
    /// The line is cut in the middle of the answer.
    HalfAnswer,
    /// It arrives twice at once, as from two tabs.
    Twice,
    /// It arrives when the phone has given it up long ago.
    Late,
}

impl Fault {
    /// As the dice fall; a good half goes well.
    pub fn thrown(dice: &mut SmallRng) -> Fault {
        match dice.random_range(0..14) {
            0 => Fault::LostRequest,
            1 => Fault::HalfRequest,
            2 | 3 => Fault::LostAnswer,
            4 => Fault::HalfAnswer,
            5 => Fault::Twice,
            6 => Fault::Late,
            _ => Fault::None,
        }
    }
}

/// A request as it goes over the line.
#[derive(Debug, Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub fn get(port: u16, token: &str, path: &str) -> Request {
        Request(format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n").into_bytes())
    }

    /// Bytes of a file, from `first` on, of so many in all.
    pub fn put(port: u16, token: &str, path: &str, bytes: &[u8], (first, total): (usize, usize)) -> Request {
        let range = if bytes.len() == total {
            String::new()
        } else {
            format!("content-range: bytes {first}-{}/{total}\r\n", first + bytes.len() - 1)
        };
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\ncontent-type: application/octet-stream\r\n{range}content-length: {}\r\nconnection: close\r\n\r\n",
            bytes.len()
        );
        Request([head.as_bytes(), bytes].concat())
    }

    pub fn post(port: u16, token: &str, path: &str, body: &Value) -> Request {
        let body = body.to_string();
        Request(
            format!(
                "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\naccept-language: en\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    }
}

/// What came back: the status and the JSON. None when nothing usable did; whether it took effect is not known.
pub(crate) type Reply = Option<(u16, Value)>;

/// Sends the request through the fault. A late one isn't sent at all: the caller keeps it for later.
pub(crate) async fn exchange(port: u16, request: &Request, fault: Fault) -> Reply {
    match fault {
        Fault::LostRequest | Fault::Late => None,
        Fault::HalfRequest => {
            let mut line = connect(port).await?;
            line.write_all(&request.0[..request.0.len() / 2]).await.ok()?;
            None
        }
        Fault::LostAnswer => {
            let mut line = connect(port).await?;
            line.write_all(&request.0).await.ok()?;
            None
        }
        Fault::HalfAnswer => {
            let mut line = connect(port).await?;
            line.write_all(&request.0).await.ok()?;
            let mut some = [0; 40];
            line.read_exact(&mut some).await.ok()?;
            None
        }
        Fault::Twice => {
            let (first, second) = tokio::join!(whole(port, request), whole(port, request));
            first.or(second)
        }
        Fault::None => whole(port, request).await,
    }
}

async fn connect(port: u16) -> Option<TcpStream> {
    let line = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()?;
    line.set_nodelay(true).ok()?;
    Some(line)
}

async fn whole(port: u16, request: &Request) -> Reply {
    let answer = async {
        let mut line = connect(port).await?;
        line.write_all(&request.0).await.ok()?;
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).await.ok()?;
        Some(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(60), answer).await.ok()??;
    read(&answer)
}

/// Status and body of an answer that ends with the connection; none when it is cut.
fn read(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
    let body = &answer[end + 4..];
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let body = match length.and_then(|length| length.trim().parse::<usize>().ok()) {
        Some(length) => body.get(..length)?.to_vec(),
        None => chunks(body)?,
    };
    Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?.trim(), 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_is_none() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        assert_eq!(read(whole).unwrap().0, 200);
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_none(), "{end}");
        }
        let chunked =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n";
        assert_eq!(read(chunked).unwrap().1["a"], 1);
    }
}

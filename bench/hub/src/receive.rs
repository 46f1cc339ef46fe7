//! Clients that only count: raw sockets, so that the client costs little.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use crate::serve::now;

#[derive(Default)]
struct Counts {
    messages: Cell<u64>,
    delays: RefCell<Vec<u64>>,
}

pub async fn run(ours: bool, port: u16, clients: usize, rate: u64, seconds: u64) -> anyhow::Result<()> {
    let before = memory(port).await?;
    let counts = Rc::new(Counts::default());
    let local = LocalSet::new();
    for _ in 0..clients {
        let mut socket = connect(ours, port).await?;
        let counts = counts.clone();
        local.spawn_local(async move {
            let mut buffer = vec![0_u8; 16 * 1024];
            while let Ok(read) = socket.read(&mut buffer).await {
                if read == 0 {
                    return;
                }
                count(ours, &buffer[..read], &counts);
            }
        });
    }
    local
        .run_until(async {
            sleep(Duration::from_secs(1)).await;
            let idle = memory(port).await?;
            counts.messages.set(0);
            request(port, "POST", &format!("/start/{rate}/{seconds}")).await?;
            sleep(Duration::from_secs(seconds)).await;
            let in_time = counts.messages.get();
            // What is late.
            let mut last = in_time;
            loop {
                sleep(Duration::from_millis(500)).await;
                let newest = counts.messages.get();
                if newest == last {
                    break;
                }
                last = newest;
            }
            let after = memory(port).await?;
            let mut delays = counts.delays.borrow_mut();
            delays.sort_unstable();
            let at = |part: usize| delays.get(delays.len() * part / 100).copied().unwrap_or_default() / 1000;
            let offered = rate * seconds * clients as u64;
            let processor = (after.1 - idle.1) * 10_000;
            println!(
                "clients={clients} rate={rate} delivered/s={} of={} missing={} p50={}ms p99={}ms cpu/message={:.2}us idle={:.1}KB/connection",
                in_time / seconds,
                offered / seconds,
                offered.saturating_sub(last),
                at(50),
                at(99),
                processor as f64 / last.max(1) as f64,
                (idle.0 - before.0) as f64 / clients as f64,
            );
            anyhow::Ok(())
        })
        .await
}

/// Counts the ends of messages, and takes the delay of the last message of each read.
fn count(ours: bool, bytes: &[u8], counts: &Counts) {
    let end: &[u8] = if ours { b"]}" } else { b"\"]" };
    let messages = bytes.windows(2).filter(|pair| *pair == end).count();
    counts.messages.set(counts.messages.get() + messages as u64);
    let begin: &[u8] = if ours { b"\"arguments\":[" } else { b"\"Message\"," };
    if let Some(at) = bytes.windows(begin.len()).rposition(|window| window == begin) {
        let digits = bytes[at + begin.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        let sent = digits.fold(0_u64, |number, digit| number.wrapping_mul(10) + u64::from(digit - b'0'));
        // One cut off by the end of the read is left out.
        if sent > 1_000_000_000_000_000 {
            counts.delays.borrow_mut().push(now().saturating_sub(sent));
        }
    }
}

pub async fn connect(ours: bool, port: u16) -> anyhow::Result<TcpStream> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    let path = if ours { "/hub" } else { "/socket.io/?EIO=4&transport=websocket" };
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    until(&mut socket, b"\r\n\r\n").await?;
    let hello: &[u8] = if ours { b"{\"protocol\":\"json\",\"version\":1}\x1e" } else { b"40" };
    let mut frame = vec![0x81, 0x80 | u8::try_from(hello.len())?, 0, 0, 0, 0];
    frame.extend_from_slice(hello);
    socket.write_all(&frame).await?;
    until(&mut socket, if ours { b"{}\x1e" } else { b"40{\"sid\"" }).await?;
    Ok(socket)
}

async fn until(socket: &mut TcpStream, end: &[u8]) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    while !seen.windows(end.len()).any(|window| window == end) {
        let read = timeout(Duration::from_secs(10), socket.read_buf(&mut seen)).await??;
        ensure!(read > 0, "the server has hung up");
    }
    Ok(())
}

pub async fn request(port: u16, method: &str, path: &str) -> anyhow::Result<String> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    Ok(body.to_owned())
}

pub async fn memory(port: u16) -> anyhow::Result<(u64, u64)> {
    let text = request(port, "GET", "/memory").await?;
    let line = text.lines().find(|line| line.contains(' ')).context("no memory")?;
    let (memory, times) = line.trim().split_once(' ').context("no times")?;
    Ok((memory.parse()?, times.parse()?))
}

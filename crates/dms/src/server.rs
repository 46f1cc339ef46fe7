//! The HTTP server: `axum::serve` gives clients all the time of the world to send their headers, this one doesn't.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer as _;

/// A connection on which no whole header comes for so long, be it the first or the next, is closed.
pub const HEADER_LIMIT: Duration = Duration::from_secs(15);

/// Serves until `stop`, then lets the requests in hand finish. WebSockets are let go: who holds them ends them.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    header_limit: Duration,
    stop: CancellationToken,
) {
    // Not `hyper_util::server::conn::auto`: its wait for the first bytes, which tell the version, has no limit.
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_limit);
    let connections = TaskTracker::new();
    loop {
        let (stream, address): (_, SocketAddr) = tokio::select! {
            () = stop.cancelled() => break,
            // Waits and tries again where a connection can't be taken.
            accepted = axum::serve::Listener::accept(&mut listener) => accepted,
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended at once");
            continue;
        }
        let service = TowerToHyperService::new(Extension(ConnectInfo(address)).layer(router.clone()));
        let (builder, stop) = (builder.clone(), stop.clone());
        connections.spawn(async move {
            let mut connection =
                pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    use super::*;

    const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

    async fn start(router: Router, header_limit: Duration) -> (TcpStream, CancellationToken, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, router, header_limit, stop.clone()));
        (TcpStream::connect(address).await.unwrap(), stop, server)
    }

    #[tokio::test]
    async fn who_sends_no_whole_header_is_hung_up_on() {
        for beginning in ["", "GET / HTTP/1.1\r\nhost: a"] {
            let (mut client, _stop, _server) = start(Router::new(), Duration::from_millis(20)).await;
            client.write_all(beginning.as_bytes()).await.unwrap();
            let mut answer = String::new();
            // Without the limit this never ends.
            client.read_to_string(&mut answer).await.unwrap();
            assert!(!answer.contains(" 200 "), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_request_in_hand_is_answered_after_the_signal_to_stop() {
        let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (b, g) = (began.clone(), go_on.clone());
        let slow = get(move |ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
            b.notify_one();
            g.notified().await;
            from.to_string()
        });
        let (mut client, stop, server) = start(Router::new().route("/", slow), NEVER).await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        began.notified().await;
        stop.cancel();
        go_on.notify_one();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with(&client.local_addr().unwrap().to_string()), "{answer}");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_connection_does_not_hold_up_the_stop() {
        let (mut client, stop, server) = start(Router::new().route("/", get(|| async {})), NEVER).await;
        // One answer shows that the connection was taken.
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        client.read_u8().await.unwrap();
        stop.cancel();
        server.await.unwrap();
    }
}

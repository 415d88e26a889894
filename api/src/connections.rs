//! Connections: each in a task of its own, bounded in number and in how long the head and the body of a request may take.

use crate::slow_body;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Layer;

/// How long nobody is let in after the system had no file handle left.
const PAUSE: Duration = Duration::from_secs(1);

/// What clients may take up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take to arrive, and for how long a connection may be idle before it.
    pub head_patience: Duration,
    /// How long the body of a request may take to arrive.
    pub body_patience: Duration,
    /// How many connections there are at once. More wait in the queue of the system until one ends.
    pub connections: usize,
}

impl Default for Limits {
    /// 65 seconds: proxies keep idle connections for 60 by default, and it should be they who close them, as a request
    /// sent into a closing connection fails. 60 seconds are enough for the largest body (4 MiB) at 70 kB/s, a slow phone. 800 connections leave room for the database and the mails below the usual
    /// 1,024 open files of a process.
    fn default() -> Self {
        Self { head_patience: Duration::from_secs(65), body_patience: Duration::from_secs(60), connections: 800 }
    }
}

/// Answers on this listener until `stopped`; then what was asked is still answered.
pub(crate) async fn serve(listener: TcpListener, app: Router, limits: Limits, stopped: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_patience);
    let patience = limits.body_patience;
    let app = app.layer(from_fn(move |request: Request, next: Next| slow_body::bound(patience, request, next)));
    let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(limits.connections)));
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let (place, stream, peer) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stopped => break,
        };
        let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(app.clone()));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // What goes wrong with a connection is the client's: it went away, was too slow, or spoke no HTTP.
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection, with its place among the others.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // The semaphore is never closed.
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (place, stream, peer),
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted; nobody is let in for a second");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A client that went away while it was let in says nothing about the others.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    /// Only reached by a test that is going to fail.
    const PATIENCE: Duration = Duration::from_secs(20);

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: JoinHandle<()>,
    }

    async fn start(app: Router, limits: Limits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        Server { address, stop, task: tokio::spawn(serve(listener, app, limits, stopped)) }
    }

    fn hello() -> Router {
        Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { format!("hello {peer}") }))
    }

    async fn connect(server: &Server, sent: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        stream
    }

    /// What arrives until this text is in it, or until the connection is closed.
    async fn read_until(stream: &mut TcpStream, end: &str) -> String {
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(end) {
            let more = timeout(PATIENCE, stream.read_buf(&mut read)).await.expect("an answer or an end");
            if more.unwrap_or(0) == 0 {
                break;
            }
        }
        String::from_utf8(read).unwrap()
    }

    #[tokio::test]
    async fn half_a_head_does_not_keep_a_connection() {
        let server = start(hello(), Limits { head_patience: Duration::from_millis(200), ..Limits::default() }).await;
        for sent in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
            let mut slow = connect(&server, sent).await;
            let answer = read_until(&mut slow, "\0").await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        // Nor does one that has been answered, and says nothing more.
        let mut idle = connect(&server, REQUEST).await;
        let answer = read_until(&mut idle, "\0").await;
        assert!(answer.contains("200 OK") && answer.contains("hello 127.0.0.1"), "{answer}");
    }

    /// Says how long the body is that arrived.
    fn reading() -> Router {
        Router::new().route("/", post(|body: String| async move { (StatusCode::CREATED, body.len().to_string()) }))
    }

    const HALF: &[u8] = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345";

    #[tokio::test]
    async fn half_a_body_does_not_keep_a_connection() {
        let limits = Limits { body_patience: Duration::from_millis(200), ..Limits::default() };
        let server = start(reading(), limits).await;
        let chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n";
        for sent in [HALF, &chunked[..]] {
            let answer = read_until(&mut connect(&server, sent).await, "\0").await;
            assert!(answer.contains("408 Request Timeout") && answer.contains("connection: close"), "{answer}");
            assert!(answer.contains("too-slow") && !answer.contains("201"), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_body_that_drips_does_not_keep_a_connection() {
        let limits = Limits { body_patience: Duration::from_millis(300), ..Limits::default() };
        let server = start(reading(), limits).await;
        let head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
        let (mut answer, mut drip) = connect(&server, head).await.into_split();
        let dripping = tokio::spawn(async move {
            while drip.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await
            }
        });
        let mut read = Vec::new();
        timeout(PATIENCE, answer.read_to_end(&mut read)).await.expect("an end").ok();
        assert!(String::from_utf8_lossy(&read).contains("408 Request Timeout"), "{}", String::from_utf8_lossy(&read));
        timeout(PATIENCE, dripping).await.expect("nobody listens any more").unwrap();
    }

    #[tokio::test]
    async fn a_body_in_two_parts_that_arrives_in_time_is_read() {
        let server = start(reading(), Limits::default()).await;
        let mut client = connect(&server, HALF).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.write_all(b"67890").await.unwrap();
        let answer = read_until(&mut client, "\r\n\r\n10").await;
        assert!(answer.contains("201 Created"), "{answer}");
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_waits_for_one() {
        let server = start(hello(), Limits { connections: 1, ..Limits::default() }).await;
        let mut first = connect(&server, REQUEST).await;
        read_until(&mut first, "hello").await;
        let mut second = connect(&server, REQUEST).await;
        let early = timeout(Duration::from_millis(200), second.read_u8()).await;
        assert!(early.is_err(), "the first one still has the only place");
        drop(first);
        assert!(read_until(&mut second, "hello").await.contains("200 OK"));
    }

    #[tokio::test]
    async fn what_was_asked_before_the_end_is_answered() {
        let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, waits) = (asked.clone(), go_on.clone());
        let slow = move || async move {
            told.notify_one();
            waits.notified().await;
            "at last"
        };
        let server = start(Router::new().route("/", get(slow)), Limits::default()).await;
        let mut client = connect(&server, REQUEST).await;
        asked.notified().await;
        server.stop.send(()).unwrap();
        go_on.notify_one();
        assert!(read_until(&mut client, "at last").await.contains("200 OK"));
        timeout(PATIENCE, server.task).await.expect("it ends").unwrap();
    }
}

//! A client that keeps its connection: as little as possible beside the service that is measured.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(super) struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

/// The head of an answer.
#[derive(Default)]
struct Head {
    status: String,
    length: usize,
}

impl Client {
    /// A connection that speaks with this bearer token.
    pub(super) async fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let head = format!("Host: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        Ok(Self { stream: BufReader::new(stream), head })
    }

    /// Sends a body and waits for the document that is answered; any status but 200 and 201 is an error.
    pub(super) async fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Value> {
        let request = format!("{method} {path} HTTP/1.1\r\n{}Content-Length: {}\r\n\r\n{body}", self.head, body.len());
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let head = self.head().await?;
        let mut answer = vec![0; head.length];
        self.stream.read_exact(&mut answer).await?;
        let good = [" 200 ", " 201 "].iter().any(|status| head.status.contains(status));
        ensure!(good, "{}: {}", head.status, String::from_utf8_lossy(&answer));
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn head(&mut self) -> Result<Head> {
        let (mut head, mut line) = (Head::default(), String::new());
        loop {
            line.clear();
            ensure!(self.stream.read_line(&mut line).await? > 0, "the service closed the connection");
            let line = line.trim_end();
            if line.is_empty() {
                return Ok(head);
            }
            if head.status.is_empty() {
                line.clone_into(&mut head.status);
            } else if let Some((name, value)) =
                line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                head.length = value.trim().parse().with_context(|| format!("{name}: {value}"))?;
            }
        }
    }
}

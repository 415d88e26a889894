//! The way to a server over TCP, without Nagle's algorithm.
//!
//! sqlx 0.9.0 leaves it on (transact-rs/sqlx#4335, mended there and not yet released): of a message that is longer than a
//! packet, the rest waits for the server's acknowledgement, which the server delays by 40 ms. Many rows a statement are
//! such messages; 64 clients had 170 workflows a second instead of 2,000. The driver's socket cannot be reached from
//! outside, so the driver is given a socket of this process, behind which the bytes go on over one that is set up as
//! it should be. To be removed with the next release of sqlx.

use rand::RngCore;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader, copy_buf};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// About as much as a message has.
const BUFFER: usize = 65_536;
/// The driver waits no longer.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// After the system had no file handle left.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections on a socket that only this process knows the name of, as long as it is held.
#[derive(Debug)]
pub(crate) struct Relay {
    /// What the driver takes for the folder of the server's socket. It is an abstract name, so that nothing is left behind.
    pub(crate) folder: String,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Only Linux has abstract names; elsewhere the driver is on its own.
    pub(crate) fn start(host: &str, port: u16) -> io::Result<Self> {
        let mut chance = [0_u8; 16];
        rand::rng().fill_bytes(&mut chance);
        let folder = format!("\0countersign-{}", hex::encode(chance));
        let listener = UnixListener::bind(format!("{folder}/.s.PGSQL.{port}"))?;
        Ok(Self { folder, accepting: tokio::spawn(accept(listener, host.to_owned(), port)) })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: UnixListener, host: String, port: u16) {
    loop {
        match listener.accept().await {
            Ok((inner, _)) => {
                let host = host.clone();
                tokio::spawn(async move {
                    // The driver sees a connection that ends, as it would without a relay.
                    if let Err(error) = relay(inner, &host, port).await {
                        tracing::debug!(%error, "a connection to the database has ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection to the database can be begun");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Until one of the two has nothing more to say. If that is the driver, nobody listens to the server any more.
async fn relay(mut inner: UnixStream, host: &str, port: u16) -> io::Result<()> {
    let mut outer = timeout(CONNECT_WITHIN, TcpStream::connect((host, port))).await??;
    outer.set_nodelay(true)?;
    let (asked, mut told) = inner.split();
    let (answers, mut asking) = outer.split();
    let (mut asked, mut answers) = (BufReader::with_capacity(BUFFER, asked), BufReader::with_capacity(BUFFER, answers));
    tokio::select! {
        ended = copy_buf(&mut asked, &mut asking) => ended?,
        ended = copy_buf(&mut answers, &mut told) => ended?,
    };
    outer.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    /// Both ends of a connection through a relay: the driver's and the server's.
    async fn both_ends() -> (Relay, UnixStream, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let relay = Relay::start("127.0.0.1", port).unwrap();
        let driver = UnixStream::connect(format!("{}/.s.PGSQL.{port}", relay.folder)).await.unwrap();
        let (accepted, _) = server.accept().await.unwrap();
        (relay, driver, accepted)
    }

    #[tokio::test]
    async fn what_one_end_says_the_other_hears() {
        let (_relay, mut driver, mut server) = both_ends().await;
        let long: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut heard = vec![0; long.len()];
        let (asked, _) = tokio::join!(driver.write_all(&long), server.read_exact(&mut heard));
        asked.unwrap();
        assert_eq!(heard, long);
        heard.fill(0);
        let (told, _) = tokio::join!(server.write_all(&long), driver.read_exact(&mut heard));
        told.unwrap();
        assert_eq!(heard, long);
    }

    #[tokio::test]
    async fn what_was_said_last_arrives_before_the_end() {
        let (_relay, mut driver, mut server) = both_ends().await;
        driver.write_all(b"terminate").await.unwrap();
        drop(driver);
        let mut last = Vec::new();
        server.read_to_end(&mut last).await.unwrap();
        assert_eq!(last, b"terminate");

        let (_relay, mut driver, mut server) = both_ends().await;
        server.write_all(b"shutting down").await.unwrap();
        drop(server);
        let mut last = Vec::new();
        driver.read_to_end(&mut last).await.unwrap();
        assert_eq!(last, b"shutting down");
    }

    #[tokio::test]
    async fn where_no_server_is_the_connection_ends() {
        let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let relay = Relay::start("127.0.0.1", unused).unwrap();
        let mut driver = UnixStream::connect(format!("{}/.s.PGSQL.{unused}", relay.folder)).await.unwrap();
        assert_eq!(driver.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
}

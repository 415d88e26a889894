//! The wire between a node and its database, which can be cut, go dead, and come back.

use anyhow::{Context, Result};
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Sound,
    /// Every connection is reset, and so is each new one.
    Cut,
    /// What is sent is swallowed, in both ways, and nobody is told.
    Dead,
}

/// The wire. It ends with this value.
pub(crate) struct Wire {
    address: SocketAddr,
    condition: watch::Sender<Condition>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// To the server that listens at this address.
    pub(crate) async fn to(server: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, condition) = (listener.local_addr()?, watch::Sender::new(Condition::Sound));
        let seen = condition.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), seen.clone()));
            }
        });
        Ok(Self { address, condition, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Carries both ways while the wire is sound. A connection that has lost bytes does not come back.
async fn carry(mut client: TcpStream, address: String, mut condition: watch::Receiver<Condition>) -> Result<()> {
    let mut server = TcpStream::connect(&address).await.context(address)?;
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    tokio::select! {
        carried = copy_bidirectional(&mut client, &mut server) => return carried.map(drop).map_err(Into::into),
        changed = condition.wait_for(|now| *now != Condition::Sound) => drop(changed?),
    }
    tokio::select! {
        () = swallow(&mut client) => {}
        () = swallow(&mut server) => {}
        changed = condition.wait_for(|now| *now != Condition::Dead) => drop(changed?),
    }
    for end in [&client, &server] {
        end.set_zero_linger()?;
    }
    Ok(())
}

/// Reads and forgets. That this side has ended is not told to the other either.
async fn swallow(mut from: impl AsyncRead + Unpin) {
    let mut buffer = vec![0; 65_536];
    while from.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    std::future::pending().await
}

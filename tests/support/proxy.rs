//! A proxy before PostgreSQL that cuts a connection in the middle of a COMMIT: before the server hears of it, or after it has
//! committed and before anybody learns of that.

use anyhow::{Context, Result};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server says when it has committed: a `CommandComplete` with the tag `COMMIT`.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

/// Where the next commit is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutAt {
    /// The server never hears of it.
    Request,
    /// The server has committed, and nobody learns of that.
    Answer,
}

/// The proxy. It ends with this value.
pub(crate) struct Proxy {
    address: SocketAddr,
    armed: Arc<Mutex<Armed>>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Armed {
    next: Option<CutAt>,
    cuts: usize,
}

impl Proxy {
    /// Stands before the server that listens at this address.
    pub(crate) async fn before(server: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, armed) = (listener.local_addr()?, Arc::new(Mutex::new(Armed::default())));
        let shared = armed.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), shared.clone()));
            }
        });
        Ok(Self { address, armed, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the next commit of any connection.
    pub(crate) fn arm(&self, at: CutAt) {
        lock(&self.armed).next = Some(at);
    }

    /// Cuts nothing more; how often it has cut so far.
    pub(crate) fn disarm(&self) -> usize {
        let mut armed = lock(&self.armed);
        armed.next = None;
        armed.cuts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock(armed: &Mutex<Armed>) -> MutexGuard<'_, Armed> {
    armed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether it is time to cut here. Each arming cuts once.
fn is_cut(armed: &Mutex<Armed>, at: CutAt) -> bool {
    let mut armed = lock(armed);
    let cut = armed.next == Some(at);
    if cut {
        armed.next = None;
        armed.cuts += 1;
    }
    cut
}

/// Carries both ways until one side ends, or a commit is cut: then both are closed.
async fn carry(client: TcpStream, server: String, armed: Arc<Mutex<Armed>>) -> Result<()> {
    let server = TcpStream::connect(&server).await.with_context(|| server)?;
    // Messages are passed on one by one; without this each would wait for the other side's acknowledgement of the last.
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        asked = requests(from_client, to_server, &armed) => asked,
        answered = answers(from_server, to_client, &armed) => answered,
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, armed: &Mutex<Armed>) -> Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        let count = from.read(&mut buffer).await?;
        let bytes = buffer.get(..count).unwrap_or_default();
        let committed = bytes.windows(COMMITTED.len()).any(|window| window == COMMITTED);
        if count == 0 || (committed && is_cut(armed, CutAt::Answer)) {
            return Ok(());
        }
        to.write_all(bytes).await?;
    }
}

/// Messages one by one: the first has a length only, all others a letter before it.
async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, armed: &Mutex<Armed>) -> Result<()> {
    let mut commits = HashSet::new();
    let first = from.read_u32().await?;
    forward(&mut from, &mut to, &[], first).await?;
    loop {
        let (letter, length) = (from.read_u8().await?, from.read_u32().await?);
        let mut body = vec![0; usize::try_from(length)?.saturating_sub(4)];
        from.read_exact(&mut body).await?;
        if commits_with(letter, &body, &mut commits) && is_cut(armed, CutAt::Request) {
            return Ok(());
        }
        to.write_all(&[&[letter], length.to_be_bytes().as_slice(), &body].concat()).await?;
    }
}

async fn forward(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, head: &[u8], length: u32) -> Result<()> {
    let mut body = vec![0; usize::try_from(length)?.saturating_sub(4)];
    from.read_exact(&mut body).await?;
    Ok(to.write_all(&[head, length.to_be_bytes().as_slice(), &body].concat()).await?)
}

/// Whether this message asks for a commit: a `Query` that says so, or a `Bind` of a statement that was prepared from it.
fn commits_with(letter: u8, body: &[u8], commits: &mut HashSet<Vec<u8>>) -> bool {
    let mut texts = body.split(|byte| *byte == 0);
    let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    match letter {
        b'Q' => first.windows(6).any(|window| window.eq_ignore_ascii_case(b"COMMIT")),
        b'P' => {
            if second.eq_ignore_ascii_case(b"COMMIT") {
                commits.insert(first.to_vec());
            }
            false
        }
        b'B' => commits.contains(second),
        _ => false,
    }
}

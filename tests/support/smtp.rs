//! A real SMTP server on loopback. It keeps what it accepts and misbehaves on demand, so that a test can tell what happens
//! when mail is refused, late, or accepted by a server that never says so.

mod mail;
mod session;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use mail::{Attachment, Mail};

/// How long a test waits for mail before it fails. Generous: it is only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does with mail from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Takes everything.
    Accept,
    /// Refuses connections and cuts those that are open. The port stays the server's own.
    Down,
    /// `451` for every recipient: try again later.
    Defer,
    /// `550` for recipients whose address contains the pattern.
    RejectRecipient(String),
    /// This reply code, in the 400s or 500s, after the message was received; the message is not kept.
    RejectData(u16),
    /// Keeps the message, and drops the connection instead of saying so: the sender cannot know.
    DropBeforeReply,
    /// Waits so long before every reply.
    Tarpit(Duration),
}

/// What the sessions share with the server.
#[derive(Debug)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    mails: Mutex<Vec<Mail>>,
    /// The number of kept mails, for those who wait.
    count: watch::Sender<usize>,
}

impl Shared {
    fn behaviour(&self) -> Behaviour {
        lock(&self.behaviour).clone()
    }

    fn keep(&self, mail: Mail) {
        let mut mails = lock(&self.mails);
        mails.push(mail);
        self.count.send_replace(mails.len());
    }
}

/// A test that panicked while it held the lock has said what is wrong; the others may go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server. Dropping it closes the port and all connections.
#[derive(Debug)]
pub(crate) struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Each change of behaviour, with the way to say that it is done.
    changes: mpsc::Sender<(Behaviour, oneshot::Sender<()>)>,
    task: JoinHandle<Result<()>>,
}

impl SmtpServer {
    /// Starts a server that accepts everything, on a free port.
    ///
    /// # Errors
    /// If loopback has no free port.
    pub(crate) async fn start() -> Result<SmtpServer> {
        let listener = reserve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.listen(64)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Behaviour::Accept),
            mails: Mutex::default(),
            count: watch::Sender::new(0),
        });
        let (changes, orders) = mpsc::channel(1);
        let task = tokio::spawn(serve(Port::Open(listener), address, Arc::clone(&shared), orders));
        Ok(SmtpServer { address, shared, changes, task })
    }

    /// Where it listens, also while it is down.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what the server does; when this returns, the change is in force for open connections too.
    ///
    /// # Errors
    /// If the server has failed.
    pub(crate) async fn set(&self, behaviour: Behaviour) -> Result<()> {
        let (done, wait) = oneshot::channel();
        self.changes.send((behaviour, done)).await.context("the mail server has ended")?;
        wait.await.context("the mail server could not change")
    }

    /// Everything that was kept so far, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        lock(&self.shared.mails).clone()
    }

    /// The kept mails that were sent to this address, oldest first. Upper and lower case are alike.
    pub(crate) fn mails_to(&self, address: &str) -> Vec<Mail> {
        let is_to = |mail: &Mail| mail.envelope_to.iter().any(|to| to.eq_ignore_ascii_case(address));
        self.mails().into_iter().filter(is_to).collect()
    }

    /// Waits until at least so many mails were kept, and returns them all.
    ///
    /// # Errors
    /// If they do not come; the message lists what came instead.
    pub(crate) async fn wait_for(&self, count: usize) -> Result<Vec<Mail>> {
        let mut counts = self.shared.count.subscribe();
        let enough = tokio::time::timeout(PATIENCE, counts.wait_for(|kept| *kept >= count)).await.is_ok();
        let mails = self.mails();
        if enough {
            return Ok(mails);
        }
        let came: Vec<String> =
            mails.iter().map(|mail| format!("{} to {:?}", mail.subject, mail.envelope_to)).collect();
        bail!("expected {count} mails within {PATIENCE:?}, got {}: {came:?}", mails.len())
    }

    /// Waits until more than `known` mails were kept, and returns those that came after them. For a service that mails
    /// while the test goes on.
    ///
    /// # Errors
    /// If the server has failed.
    pub(crate) async fn after(&self, known: usize) -> Result<Vec<Mail>> {
        let mut counts = self.shared.count.subscribe();
        counts.wait_for(|kept| *kept > known).await.context("the mail server has ended")?;
        Ok(lock(&self.shared.mails).get(known..).map(<[Mail]>::to_vec).unwrap_or_default())
    }

    /// Forgets what was kept.
    pub(crate) fn clear(&self) {
        lock(&self.shared.mails).clear();
        self.shared.count.send_replace(0);
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A socket that is bound refuses connections until it listens, and keeps others from taking the port meanwhile.
enum Port {
    Open(TcpListener),
    Reserved(TcpSocket),
}

fn reserve(address: SocketAddr) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| format!("cannot bind {address}"))?;
    Ok(socket)
}

impl Port {
    fn change(self, address: SocketAddr, down: bool) -> Result<Port> {
        match (self, down) {
            (Port::Open(listener), true) => {
                drop(listener);
                Ok(Port::Reserved(reserve(address)?))
            }
            (Port::Reserved(socket), false) => Ok(Port::Open(socket.listen(64)?)),
            (unchanged, _) => Ok(unchanged),
        }
    }

    async fn accept(&self) -> std::io::Result<tokio::net::TcpStream> {
        match self {
            Port::Open(listener) => Ok(listener.accept().await?.0),
            Port::Reserved(_) => std::future::pending().await,
        }
    }
}

async fn serve(
    mut port: Port,
    address: SocketAddr,
    shared: Arc<Shared>,
    mut orders: mpsc::Receiver<(Behaviour, oneshot::Sender<()>)>,
) -> Result<()> {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some((behaviour, done)) = order else { return Ok(()) };
                let down = behaviour == Behaviour::Down;
                *lock(&shared.behaviour) = behaviour;
                if down {
                    sessions.shutdown().await;
                }
                port = port.change(address, down)?;
                // Nobody waits any more if the test has ended.
                let _ = done.send(());
            }
            stream = port.accept() => {
                sessions.spawn(session::run(stream?, Arc::clone(&shared)));
            }
            // Takes finished sessions out, whose errors are those of their clients.
            Some(_) = sessions.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;

//! One running service: store, workers, HTTP. The commands and the tests start it in the same way.

use crate::connections::{self, Limits};
use crate::consul::{ConsulAgent, Registration};
use crate::database_file::DatabaseFile;
use crate::operator::OperatorToken;
use crate::state::{AppState, Settings};
use crate::{archiving, health, keeping, metrics, rest, web};
use anyhow::Context;
use axum::Router;
use futures::FutureExt;
use jobs::{Hands, MailboxPostman, Postman, RetryPolicy, Running, SmtpPostman};
use modules::Registry;
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Archive, Options, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long requests and effects under way may go on after the service was told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a service is started with.
pub struct Start {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address in links; the listening address when absent.
    pub base_url: Option<String>,
    /// `sqlite://PATH` or `postgres://...`.
    pub database: String,
    /// The mail server; without one mails go to the mailbox page.
    pub smtp: Option<String>,
    /// The sender of mails.
    pub mail_from: String,
    /// How many effects are performed at once.
    pub workers: usize,
    /// What this node does.
    pub part: Part,
    /// Where finished instances are moved to, and are read from.
    pub archive: Option<Archive>,
    /// After how many days they are moved; only by hand when absent.
    pub archive_after_days: Option<i64>,
    /// How long it goes on answering after it was told to stop, while `/readyz` sends others elsewhere.
    pub drain: Duration,
    /// What clients may take up.
    pub limits: Limits,
    /// Who looks after it.
    pub operation: Operation,
    /// The installed modules.
    pub registry: Registry,
}

/// Who looks after a service, and who is told that it is there.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// What the operator is known by; without one, whoever is on this machine.
    pub token: Option<OperatorToken>,
    /// The agent that it is registered with.
    pub consul: Option<ConsulAgent>,
}

/// What one node of a service does. On PostgreSQL others do the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    Whole,
    /// Answers requests and leaves mails, documents and deadlines to others.
    Face,
    /// Sends mails, makes documents and keeps deadlines; answers questions about its health only.
    Hands,
}

/// A running service.
pub struct Service {
    /// Its memory.
    pub store: Store,
    /// Where it listens.
    pub address: SocketAddr,
    /// The address in links.
    pub base_url: String,
    /// Held as long as this process works on a SQLite database.
    _lock: Option<File>,
    running: Option<Running>,
    keeping: JoinHandle<()>,
    registration: Option<Registration>,
    drain: Duration,
    draining: Arc<AtomicBool>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Service {
    /// Opens the store, starts the workers, and listens.
    pub async fn start(start: Start) -> anyhow::Result<Self> {
        Self::start_with(start, Router::new()).await
    }

    /// The same with more pages than every service has.
    pub async fn start_with(start: Start, pages: Router) -> anyhow::Result<Self> {
        let lock = lock(&start.database)?;
        let inline = Arc::new(start.registry.clone());
        let options = Options { inline, archive: start.archive, ..Options::default() };
        let store = Store::open(&start.database, options).await.context("the database cannot be opened")?;
        let file = DatabaseFile::of(&start.database).context("the file of the database cannot be looked at")?;
        let listener =
            TcpListener::bind(start.listen).await.with_context(|| format!("cannot listen on {}", start.listen))?;
        let address = listener.local_addr()?;
        let base_url = start.base_url.unwrap_or_else(|| format!("http://{address}"));
        let postman: Arc<dyn Postman> = match &start.smtp {
            Some(url) => Arc::new(SmtpPostman::new(url).context("the mail server's URL cannot be used")?),
            None => Arc::new(MailboxPostman::new(store.clone())),
        };
        let hands = hands(&store, &start.registry, postman, &base_url, &start.mail_from)?;
        store.write(|unit| async move { unit.free_leases().await }.boxed()).await?;
        if let Some(days) = start.archive_after_days.filter(|_| start.part != Part::Face) {
            tokio::spawn(archiving::keep_moving(store.clone(), days));
        }
        let running = (start.part != Part::Face).then(|| Arc::new(hands).start(start.workers));
        let settings =
            Settings { base_url: base_url.clone(), form_key: form_key(&store).await?, mailbox: start.smtp.is_none() };
        let state =
            AppState::new(store.clone(), start.registry, settings).watching(file).operated_by(start.operation.token);
        let keeping = tokio::spawn(keeping::keep(state.clone()));
        let draining = state.draining.clone();
        let app = match start.part {
            Part::Hands => rest::finish(health::routes().merge(metrics::routes()), &state).with_state(state),
            Part::Whole | Part::Face => router(state).merge(pages),
        };
        let (stop, mut stopped) = watch::channel(false);
        let server = tokio::spawn(connections::serve(listener, app, start.limits, async move {
            // An error means that the sender is gone, which is a reason to stop too.
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
        let begin = |agent| Registration::begin(agent, address);
        // Workers answer questions about their health only: whoever looks for the service would find nothing there.
        let agent = start.operation.consul.filter(|_| start.part != Part::Hands);
        let registration = agent.map(begin).transpose()?;
        let drain = start.drain;
        Ok(Self {
            store,
            address,
            base_url,
            _lock: lock,
            running,
            keeping,
            registration,
            drain,
            draining,
            stop,
            server,
        })
    }

    /// Resolves when the service cannot go on: its store has stopped.
    pub async fn failed(&self) {
        self.store.wakes().wait_stopped().await;
    }

    /// Tells whoever asks for readiness to go elsewhere, and goes on answering until that has got about. For a node
    /// behind a balancer: so a rolling restart costs nobody a request.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        tokio::time::sleep(self.drain).await;
    }

    /// Answers what was asked, finishes what was begun, and closes the store.
    pub async fn stop(self) {
        self.draining.store(true, Ordering::SeqCst);
        if let Some(registration) = self.registration {
            registration.end().await;
        }
        self.keeping.abort();
        // Nobody listens to the signal any more if the server has ended by itself.
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(PATIENCE, self.server).await;
        if let Some(running) = self.running {
            running.stop(PATIENCE).await;
        }
        self.store.close().await;
    }
}

/// Makes sure that no other service works on this SQLite file: its leases are freed at start, so there must be one owner.
/// The system lets go of the lock when the process ends, however it ends.
fn lock(database: &str) -> anyhow::Result<Option<File>> {
    let Some(path) = database.strip_prefix("sqlite://") else { return Ok(None) };
    let path = format!("{path}.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("cannot write {path}"))?;
    file.try_lock()
        .map_err(|error| anyhow::anyhow!("another process serves this database ({path}: {error}); stop it first"))?;
    Ok(Some(file))
}

/// Every route of the service.
pub fn router(state: AppState) -> Router {
    rest::finish(rest::routes(&state).merge(web::routes()), &state).with_state(state)
}

/// The hands of a service.
pub fn hands(
    store: &Store,
    registry: &Registry,
    postman: Arc<dyn Postman>,
    base_url: &str,
    mail_from: &str,
) -> anyhow::Result<Hands> {
    let mail_domain = mail_from.rsplit('@').next().unwrap_or("localhost").trim_end_matches('>').trim().to_owned();
    let settings = jobs::Settings {
        base_url: base_url.to_owned(),
        mail_from: mail_from.to_owned(),
        mail_domain,
        policy: RetryPolicy::default(),
    };
    Hands::new(store.clone(), registry.clone(), postman, settings).context("the mail templates cannot be used")
}

/// The secret behind the nonces of forms: made once, so that a page stays valid over a restart.
pub async fn form_key(store: &Store) -> Result<[u8; 32], StoreError> {
    let fresh = hex::encode(rand::random::<[u8; 32]>());
    let stored = store.write(move |unit| {
        let fresh = fresh.clone();
        async move { unit.setting_or("form_key", fresh).await }.boxed()
    });
    let mut key = [0_u8; 32];
    hex::decode_to_slice(stored.await?, &mut key).map_err(|error| StoreError::Corrupt(format!("form_key: {error}")))?;
    Ok(key)
}

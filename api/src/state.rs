//! What every handler needs: the store, the installed modules, and how this installation is set up.

use crate::database_file::DatabaseFile;
use crate::metrics::Traffic;
use crate::operator::OperatorToken;
use axum::extract::FromRef;
use modules::{Catalogue, Registry};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use store::{Store, StoreError};
use tokio::sync::Semaphore;

/// How many drafts are rendered at once: each takes a core for some time.
const DRAFTS: usize = 4;
/// How many files of objects are imported at once: each is held in memory.
const IMPORTS: usize = 2;

/// The state of the service. Cheap to clone: every part is shared.
#[derive(Clone)]
pub struct AppState {
    /// The memory.
    pub store: Store,
    /// What each company has installed.
    pub registry: Registry,
    /// How this installation is set up.
    pub settings: Arc<Settings>,
    /// Permits to render a draft of a document.
    pub(crate) drafts: Arc<Semaphore>,
    /// Permits to import a file of objects.
    pub(crate) imports: Arc<Semaphore>,
    /// Whether the node is about to stop, so that new work is to go elsewhere.
    pub(crate) draining: Arc<AtomicBool>,
    /// The file of the database, if it is one.
    pub(crate) file: Option<Arc<DatabaseFile>>,
    /// The requests that were answered.
    pub(crate) traffic: Arc<Traffic>,
    /// What the operator is known by, if by a token.
    pub(crate) operator: Option<OperatorToken>,
}

/// How this installation is set up.
#[derive(Clone)]
pub struct Settings {
    /// Where it is reached from outside, without a slash at the end: `https://approve.example.com`. Links in mails, the
    /// `source` of events and the OpenAPI document begin with it.
    pub base_url: String,
    /// The secret behind the nonces of the forms. It outlives a restart, so that a page opened before can be sent after.
    pub form_key: [u8; 32],
    /// Whether mails are kept here and shown at `/mailbox`: the demo, which has no mail server.
    pub mailbox: bool,
}

impl AppState {
    /// A state of these parts.
    pub fn new(store: Store, registry: Registry, settings: Settings) -> Self {
        let (drafts, imports) = (Arc::new(Semaphore::new(DRAFTS)), Arc::new(Semaphore::new(IMPORTS)));
        let (settings, draining, traffic) = (Arc::new(settings), Arc::default(), Arc::default());
        Self { store, registry, settings, drafts, imports, draining, file: None, traffic, operator: None }
    }

    /// What a company has installed.
    pub(crate) async fn catalogue(&self, company: &str) -> Result<Arc<Catalogue>, StoreError> {
        match self.registry.known(company, self.store.installed_changes()) {
            Some(known) => Ok(known),
            None => self.registry.of(&mut self.store.read().await?, company).await,
        }
    }

    /// The same, whose operator is known by a token.
    #[must_use]
    pub fn operated_by(self, operator: Option<OperatorToken>) -> Self {
        Self { operator, ..self }
    }

    /// The same, with a file that readiness watches.
    #[must_use]
    pub fn watching(self, file: Option<DatabaseFile>) -> Self {
        Self { file: file.map(Arc::new), ..self }
    }
}

impl FromRef<AppState> for Store {
    fn from_ref(state: &AppState) -> Self {
        state.store.clone()
    }
}

impl FromRef<AppState> for Registry {
    fn from_ref(state: &AppState) -> Self {
        state.registry.clone()
    }
}

impl FromRef<AppState> for Arc<Settings> {
    fn from_ref(state: &AppState) -> Self {
        state.settings.clone()
    }
}

/// The secret is left out, because settings are printed when the service starts.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("mailbox", &self.mailbox)
            .finish_non_exhaustive()
    }
}

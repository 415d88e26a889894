//! Asking code how it does: not more often than it can matter.

use crate::installed::Installed;
use crate::registry::Registry;
use store::Store;

/// How long a word counts, in milliseconds.
const FRESH_MS: i64 = 10_000;

impl Registry {
    /// Asks the code of a module how it does, unless it has said so a moment ago.
    pub async fn ask_health(&self, store: &Store, company: &str, installed: &Installed) {
        let (meter, now_ms) = (self.watch().meter(company, installed), store.now_ms());
        if meter.said().is_some_and(|said| (0..FRESH_MS).contains(&(now_ms - said.at_ms))) {
            return;
        }
        // Being asked is no use: a package that nobody uses otherwise is let go.
        let module = installed.in_memory().unwrap_or_else(|| installed.module());
        if let Some(said) = module.health(store, company).await {
            meter.says(said);
        }
    }
}

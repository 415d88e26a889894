//! How the modules of companies do: what this node has counted, beside what waits in the database.

use crate::state::AppState;
use modules::{Catalogue, Installed, Meter, Report};
use std::sync::Arc;
use store::{StoreError, Waiting};

/// How a module does in a company.
pub(crate) struct Wellbeing {
    /// What was counted.
    pub(crate) meter: Arc<Meter>,
    /// The word and the checks.
    pub(crate) report: Report,
    /// How many of its tasks are not done.
    pub(crate) waiting: u64,
    /// How old the oldest of them is, in milliseconds.
    pub(crate) oldest_ms: Option<i64>,
}

/// One module; nothing if the company has none of that name that it may use.
pub(crate) async fn of_module(state: &AppState, company: &str, module: &str) -> Result<Option<Wellbeing>, StoreError> {
    let mut reader = state.store.read().await?;
    let catalogue = state.registry.of(&mut reader, company).await?;
    let Some(installed) = catalogue.module(module) else { return Ok(None) };
    let waiting = reader.waiting_tasks_of(company).await?;
    drop(reader);
    state.registry.ask_health(&state.store, company, installed).await;
    Ok(Some(wellbeing(state, company, installed, &waiting)))
}

/// All modules that a company may use, by name.
pub(crate) fn of_catalogue(
    state: &AppState,
    company: &str,
    catalogue: &Catalogue,
    waiting: &[Waiting],
) -> Vec<Wellbeing> {
    let mut all: Vec<Wellbeing> =
        catalogue.modules().iter().map(|installed| wellbeing(state, company, installed, waiting)).collect();
    all.sort_by(|one, other| one.meter.key.cmp(&other.meter.key));
    all
}

fn wellbeing(state: &AppState, company: &str, installed: &Installed, waiting: &[Waiting]) -> Wellbeing {
    let meter = state.registry.watch().meter(company, installed);
    let own = waiting.iter().find(|own| own.company == company && own.module == meter.key.module);
    let now_ms = state.store.now_ms();
    let oldest_ms = own.map(|own| now_ms.saturating_sub(own.oldest_at).max(0));
    let report = state.registry.watch().report(&meter, installed, oldest_ms, now_ms);
    Wellbeing { meter, report, waiting: own.map_or(0, |own| own.count), oldest_ms }
}

/// Asks the code of every module that did something on this node how it does. What is not in memory is left there.
pub(crate) async fn ask_all(state: &AppState) -> Result<(), StoreError> {
    for meter in state.registry.watch().all() {
        let catalogue = state.catalogue(&meter.key.company).await?;
        if let Some(installed) = catalogue.module(&meter.key.module).filter(|installed| installed.is_in_memory()) {
            state.registry.ask_health(&state.store, &meter.key.company, installed).await;
        }
    }
    Ok(())
}

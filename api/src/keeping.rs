//! What a node does for its modules by the way: it asks their code how it does, and lets go of packages that nobody uses.

use crate::state::AppState;
use crate::wellbeing;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often code is asked.
const EVERY: Duration = Duration::from_secs(15);
/// A package is let go after so many of these without use: ten minutes.
const IDLE_LOOKS: u32 = 40;
/// So many packages are kept read at most.
const MOST_READ: usize = 256;

/// Goes on until it is aborted.
pub(crate) async fn keep(state: AppState) {
    let mut beat = interval(EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = wellbeing::ask_all(&state).await {
            tracing::warn!(%error, "modules cannot be asked how they do; trying again");
        }
        let gone = state.registry.let_go_of_idle(IDLE_LOOKS, MOST_READ);
        if gone > 0 {
            tracing::debug!(gone, "packages that nobody uses were let go");
        }
    }
}

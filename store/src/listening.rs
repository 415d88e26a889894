//! Hearing what other nodes commit, so that nobody has to look for it again and again.
//!
//! Nothing depends on it: what is not heard is found by looking, only later.

use crate::backend::{Backend, Listener};
use crate::error::StoreError;
use crate::handle::{Shared, Wakes};
use crate::ledger::Bells;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The wait after a connection that listened was cut; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Rings the bells of this node for what others commit, until the store has stopped.
pub(crate) async fn keep_listening(backend: Arc<dyn Backend>, shared: Arc<Shared>) {
    tokio::select! {
        () = shared.wakes.wait_stopped() => {}
        () = listen_again_and_again(backend.as_ref(), &shared.wakes) => {}
    }
}

async fn listen_again_and_again(backend: &dyn Backend, wakes: &Wakes) {
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match backend.listener().await {
            Ok(None) => return,
            Ok(Some(listener)) => {
                pause = FIRST_PAUSE;
                listen(listener, wakes).await
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "what other nodes commit is not heard; trying again");
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Rings until the connection is lost; why it was.
async fn listen(mut listener: Box<dyn Listener>, wakes: &Wakes) -> StoreError {
    wakes.hearing.store(true, Ordering::SeqCst);
    // Nobody knows what was missed before.
    wakes.ring(Bells::ALL);
    let error = loop {
        match listener.hear().await {
            Ok(bells) => wakes.ring(bells),
            Err(error) => break error,
        }
    };
    wakes.hearing.store(false, Ordering::SeqCst);
    error
}

impl Wakes {
    /// Whether the bells ring for what other nodes commit. If not, it has to be looked for more often.
    pub fn hear_others(&self) -> bool {
        self.hearing.load(Ordering::SeqCst)
    }
}

//! Folding the events of an instance again, to prove that the stored instance is what they make of it.

use crate::definition::Definition;
use crate::event::Event;
use crate::history::Entry;
use crate::instance::Instance;
use crate::rejected::Rejected;
use crate::step::step_again;
use thiserror::Error;

/// Why a stored instance is not the fold of its events.
#[derive(Debug, Error)]
pub enum Difference {
    /// An event that the core does not take.
    #[error("event {version} is refused when it is replayed: {rejected}")]
    Refused {
        /// The event's place, from 1.
        version: u64,
        /// Why.
        rejected: Rejected,
    },
    /// Other history.
    #[error("event {version} has another history when it is replayed")]
    History {
        /// The event's place, from 1.
        version: u64,
    },
    /// Another instance.
    #[error("the stored instance differs from its replayed events at version {version}")]
    Instance {
        /// The version reached.
        version: u64,
    },
}

/// Folds stored events, each with the history that was stored with it, and compares with the stored instance.
pub fn replay(definition: &Definition, stored: &Instance, events: &[(Event, Vec<Entry>)]) -> Result<(), Difference> {
    let mut instance = Instance::new(&stored.id, &stored.company, stored.definition.clone());
    for (event, entries) in events {
        let version = instance.version + 1;
        let transition = step_again(definition, instance, event, entries)
            .map_err(|rejected| Difference::Refused { version, rejected })?;
        if transition.entries != *entries {
            return Err(Difference::History { version });
        }
        instance = transition.instance;
    }
    let version = instance.version;
    let same = instance == *stored || instance == stored.clone().trimmed();
    if same { Ok(()) } else { Err(Difference::Instance { version }) }
}

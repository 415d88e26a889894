//! What a rehearsal waits for, in sentences.

use super::Rehearsal;
use crate::definition::{FOR_TOKEN, StateKind};
use crate::instance::{Activity, Branch};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a branch of the instance waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The state.
    pub state: String,
    /// For what, as the rest of a sentence that begins with the state.
    pub waits_for: String,
}

impl Rehearsal<'_> {
    /// Everything that is waited for.
    pub fn waits_for(&self) -> Vec<Waiting> {
        let waits = |branch: &&Branch| Some((branch.state.clone(), self.reason(branch)?));
        let found = self.branches();
        let found = found.iter().filter_map(waits);
        found.map(|(state, waits_for)| Waiting { state, waits_for }).collect()
    }

    fn reason(&self, branch: &Branch) -> Option<String> {
        match &branch.activity {
            Activity::Decision(open) => {
                let names: Vec<&str> = open.pending().into_iter().map(|seat| seat.name.as_str()).collect();
                Some(format!("a decision of {}", names.join(", ")))
            }
            Activity::Signal { name, .. } => Some(format!("the signal {name}")),
            Activity::Task { .. } => Some(self.work_of(branch)),
            Activity::Time { until } => Some(clock(*until)),
            Activity::Retry { until } => Some(format!("{}, when it is tried again", clock(*until))),
            _ => None,
        }
    }

    fn work_of(&self, branch: &Branch) -> String {
        match self.definition.state(&branch.state).map(|state| &state.kind) {
            Some(StateKind::Task(task)) if task.resource.ends_with(FOR_TOKEN) => {
                format!("whoever holds the token that {} was given", task.code())
            }
            Some(StateKind::Task(task)) => format!("what {} answers", task.resource),
            _ => "its task".to_owned(),
        }
    }
}

fn clock(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| format!("{ms} ms"))
}

//! Approvals that are closed: those that an instance keeps, and what it knows of those before.

use crate::instance::{Instance, OpenApproval};
use serde::{Deserialize, Serialize};

/// So many closed approvals of one state are kept; in the items of a `Map`, of each item.
pub const KEPT_ROUNDS: usize = 10;

/// The closed approvals of a state that are not kept any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRounds {
    /// The state.
    pub state: String,
    /// The places of the items of `Map`s that it stands in, from the outermost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<usize>,
    /// How many there were.
    pub rounds: u32,
    /// Who has decided in them, by person id, each once.
    pub decided: Vec<String>,
}

/// An approval that is closed: what it was and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosedApproval {
    /// Its state.
    pub state: String,
    /// When it was closed.
    pub closed_at: i64,
    /// The outcome.
    pub outcome: String,
    /// Whether no vote ended it: an escalation, `OnNobody` or an error did.
    pub by_escalation: bool,
    /// The approval as it was.
    pub approval: OpenApproval,
}

impl Instance {
    /// Keeps an approval that is closed.
    pub(crate) fn close(&mut self, closed: ClosedApproval) {
        let mut same =
            self.closed.iter().enumerate().filter(|(_, other)| other.is_of(&closed.state, &closed.approval.items));
        let first = same.next().map(|(place, _)| place);
        let is_full = same.count() + 1 >= KEPT_ROUNDS;
        if let Some(first) = first.filter(|_| is_full) {
            let first = self.closed.remove(first);
            self.forget(first);
        }
        self.closed.push(closed);
    }

    /// The same without what is not kept any more: earlier releases kept all.
    pub(crate) fn trimmed(mut self) -> Self {
        std::mem::take(&mut self.closed).into_iter().for_each(|closed| self.close(closed));
        self
    }

    fn forget(&mut self, ClosedApproval { state, approval: OpenApproval { items, votes, .. }, .. }: ClosedApproval) {
        let place = self.earlier.iter().position(|earlier| earlier.is_of(&state, &items)).unwrap_or(self.earlier.len());
        if place == self.earlier.len() {
            self.earlier.push(EarlierRounds { state, items, rounds: 0, decided: Vec::new() });
        }
        let Some(earlier) = self.earlier.get_mut(place) else { return };
        earlier.rounds = earlier.rounds.saturating_add(1);
        for vote in votes {
            if !earlier.decided.contains(&vote.who) {
                earlier.decided.push(vote.who);
            }
        }
    }

    /// How often an approval of this state, in these items of `Map`s, was closed.
    pub(crate) fn rounds_of(&self, state: &str, items: &[usize]) -> u32 {
        let kept = self.closed.iter().filter(|closed| closed.is_of(state, items)).count();
        let earlier =
            self.earlier.iter().find(|earlier| earlier.is_of(state, items)).map_or(0, |earlier| earlier.rounds);
        u32::try_from(kept).unwrap_or(u32::MAX).saturating_add(earlier)
    }

    /// The closed approval of that number.
    pub fn closed_approval(&self, activity: u64) -> Option<&ClosedApproval> {
        self.closed.iter().find(|closed| closed.approval.activity == activity)
    }
}

impl ClosedApproval {
    fn is_of(&self, state: &str, items: &[usize]) -> bool {
        self.state == state && self.approval.items == items
    }
}

impl EarlierRounds {
    fn is_of(&self, state: &str, items: &[usize]) -> bool {
        self.state == state && self.items == items
    }
}

//! What a link asks or asked: the approval that it is bound to, and how that stands now.

use store::{Session, StoreError, StoredTransition};
use workflow::definition::{Approval, StateKind};
use workflow::{Actor, ClosedApproval, Definition, Event, EventKind, Instance, OpenApproval, Seat, step_again};

/// For so long a link shows what became of its approval, in milliseconds: 90 days.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// The approval of a link.
pub(super) struct Asked {
    /// The approval, as it is or as it was at last.
    pub(super) approval: OpenApproval,
    /// Its state in the definition.
    pub(super) state: String,
    /// How it stands.
    pub(super) stage: Stage,
}

/// How an approval stands.
pub(super) enum Stage {
    /// People are asked.
    Open,
    /// It has its outcome.
    Closed {
        /// When.
        at: i64,
        /// The outcome.
        outcome: String,
        /// Whose vote it was, by name, if a vote decided.
        by: Option<String>,
    },
    /// The request was ended from outside.
    Withdrawn {
        /// When.
        at: i64,
        /// Through whom.
        by: Actor,
    },
    /// The workflow ran out of time.
    TimedOut {
        /// When.
        at: i64,
    },
    /// The workflow went on without an outcome: everybody has decided and nobody agrees.
    Left {
        /// When.
        at: i64,
    },
}

impl Asked {
    /// The approval of that number. `None` if it was never opened.
    pub(super) async fn find(
        session: &mut Session,
        instance: &Instance,
        definition: &Definition,
        activity: u64,
    ) -> Result<Option<Self>, StoreError> {
        if let Some((branch, open)) = instance.open_approval(activity) {
            let (approval, state) = (open.clone(), branch.state.clone());
            return Ok(Some(Self { approval, state, stage: Stage::Open }));
        }
        if let Some(closed) = instance.closed_approval(activity) {
            return Ok(Some(Self::closed(closed)));
        }
        let transitions = session.transitions(&instance.company, &instance.id).await?;
        Ok(gone(instance, definition, activity, transitions))
    }

    fn closed(closed: &ClosedApproval) -> Self {
        let by = closed.deciding_vote().map(|vote| vote.name.clone());
        let stage = Stage::Closed { at: closed.closed_at, outcome: closed.outcome.clone(), by };
        Self { approval: closed.approval.clone(), state: closed.state.clone(), stage }
    }

    /// Until when the link shows it, once it is not open any more.
    pub(super) fn kept_until(&self) -> Option<i64> {
        let ended = match self.stage {
            Stage::Open => return None,
            Stage::Closed { at, .. } | Stage::Withdrawn { at, .. } | Stage::TimedOut { at } | Stage::Left { at } => at,
        };
        Some(ended.saturating_add(KEPT_MS))
    }

    /// Who has the seat that this person gave away, unless the person can or did decide too.
    pub(super) fn given_to(&self, person: &str) -> Option<&Seat> {
        if self.approval.vote_of(person).is_some() || self.approval.seats_of(person).next().is_some() {
            return None;
        }
        let mut seats = self.approval.groups.iter().flat_map(|group| &group.seats);
        seats.rfind(|seat| seat.gave.iter().any(|giver| giver == person))
    }
}

/// An approval that ended without being closed, or was closed many rounds ago, is in no row: the events are folded up to
/// where it was open last.
fn gone(
    instance: &Instance,
    definition: &Definition,
    activity: u64,
    transitions: Vec<StoredTransition>,
) -> Option<Asked> {
    let mut now = Instance::new(&instance.id, &instance.company, instance.definition.clone());
    let mut last: Option<(OpenApproval, String)> = None;
    for StoredTransition { event, entries, .. } in transitions {
        now = step_again(definition, now, &event, &entries).ok()?.instance;
        let open = now.open_approval(activity).map(|(branch, open)| (open.clone(), branch.state.clone()));
        match (open, &last) {
            (Some(open), _) => last = Some(open),
            (None, Some((approval, state))) => {
                let (approval, state) = (approval.clone(), state.clone());
                let otherwise = || Asked { approval, state, stage: ended(event) };
                return Some(now.closed_approval(activity).map_or_else(otherwise, Asked::closed));
            }
            _ => {}
        }
    }
    None
}

fn ended(event: Event) -> Stage {
    match event.kind {
        EventKind::Cancelled { .. } => Stage::Withdrawn { at: event.at, by: event.by },
        EventKind::DeadlineReached => Stage::TimedOut { at: event.at },
        _ => Stage::Left { at: event.at },
    }
}

/// The rules of an approval's state.
pub(super) fn rule<'a>(definition: &'a Definition, state: &str) -> Option<&'a Approval> {
    match &definition.state(state)?.kind {
        StateKind::Approval(approval) => Some(approval),
        _ => None,
    }
}

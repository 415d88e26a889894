//! Load, step, commit: the only way in which an instance moves.

use crate::error::StoreError;
use crate::inline::Call;
use crate::instances::{Loaded, NO_HASH, NewTransition};
use crate::unit::Unit;
use serde_json::Value;
use std::collections::VecDeque;
use workflow::definition::StateKind;
use workflow::{Actor, Effect, Event, EventKind, Instance, Status, Subject, step};

/// The most tasks that are done within one commit: a loop of them would never end.
const MAX_INLINE: usize = 1_000;

/// An instance to be started.
#[derive(Debug, Clone)]
pub struct NewInstance {
    /// The company.
    pub company: String,
    /// The definition's name; its latest version is taken and kept.
    pub definition: String,
    /// What it starts with.
    pub input: Value,
    /// On whose behalf.
    pub requester: Option<String>,
    /// The object that it is about.
    pub subject: Option<Subject>,
}

/// The status of an object whose workflow ended without a word of its own: an error that nobody caught, or from outside.
fn left_behind(loaded: &Loaded) -> Option<&'static str> {
    match &loaded.instance.status {
        Status::Cancelled { .. } => Some("cancelled"),
        Status::Failed { state, .. } => match loaded.definition.state(state).map(|state| &state.kind) {
            // A Fail state is the definition's own end: it has said what becomes of the object.
            Some(StateKind::Fail(_)) => None,
            _ => Some("failed"),
        },
        _ => None,
    }
}

/// An instance on its way through one commit.
struct Way {
    loaded: Loaded,
    transitions: Vec<NewTransition>,
    inline: VecDeque<Effect>,
}

impl Unit {
    /// Starts an instance with the latest version of its definition.
    pub async fn start(&mut self, by: Actor, new: NewInstance) -> Result<Instance, StoreError> {
        let stored = self.latest_definition(&new.company, &new.definition).await?;
        let instance = Instance::new(self.new_id(), &new.company, stored.reference);
        let loaded = Loaded { instance, definition: stored.definition, hash: NO_HASH.to_owned(), last_at: i64::MIN };
        let secret = hex::encode(rand::random::<[u8; 16]>());
        let started = EventKind::Started { input: new.input, requester: new.requester, secret, parent: None };
        let mut way = self.settle(loaded, by, started).await?;
        way.loaded.hash = self.append(&way.loaded.instance, NO_HASH, &way.transitions).await?;
        self.insert_instance(&way.loaded, new.subject.as_ref()).await?;
        Ok(way.loaded.instance)
    }

    /// Tells an instance what happened. Everything that follows without the outside is in the same commit.
    pub async fn advance(
        &mut self,
        company: &str,
        id: &str,
        by: Actor,
        kind: EventKind,
    ) -> Result<Instance, StoreError> {
        if self.locking {
            self.lock_instance(company, id).await?;
        }
        let loaded = self.load(company, id).await?;
        let (version, hash) = (loaded.instance.version, loaded.hash.clone());
        let mut way = self.settle(loaded, by, kind).await?;
        way.loaded.hash = self.append(&way.loaded.instance, &hash, &way.transitions).await?;
        self.update_instance(&way.loaded, version).await?;
        if let Some(status) = left_behind(&way.loaded) {
            self.set_status_of_instance(company, id, status).await?;
        }
        Ok(way.loaded.instance)
    }

    /// Steps until nothing is left that can be done within the commit.
    async fn settle(&mut self, loaded: Loaded, by: Actor, kind: EventKind) -> Result<Way, StoreError> {
        let mut way = Way { loaded, transitions: Vec::new(), inline: VecDeque::new() };
        self.take(&mut way, by, kind)?;
        for _ in 0..MAX_INLINE {
            let Some(effect) = way.inline.pop_front() else { return Ok(way) };
            if let Some(kind) = self.answer(&way.loaded.instance, effect).await? {
                self.take(&mut way, Actor::System, kind)?;
            }
        }
        let id = &way.loaded.instance.id;
        Err(StoreError::Corrupt(format!("instance {id} did {MAX_INLINE} tasks without waiting; its definition loops")))
    }

    fn take(&self, way: &mut Way, by: Actor, kind: EventKind) -> Result<(), StoreError> {
        // A history goes forward, also while the clock is set back.
        let at = self.now_ms().max(way.loaded.last_at);
        let event = Event { at, by, kind };
        let transition = step(&way.loaded.definition, &way.loaded.instance, &event)?;
        let (inline, effects) = transition.effects.into_iter().partition(|effect| self.is_inline(effect));
        let version = transition.instance.version;
        way.transitions.push(NewTransition { version, event, entries: transition.entries, effects });
        way.inline.extend::<Vec<_>>(inline);
        way.loaded.instance = transition.instance;
        way.loaded.last_at = at;
        Ok(())
    }

    fn is_inline(&self, effect: &Effect) -> bool {
        match effect {
            Effect::FindApprovers { .. } => true,
            Effect::Perform { resource, .. } => self.inline.handles(resource),
            Effect::Ask(_) | Effect::Release { .. } | Effect::CancelChild { .. } => false,
        }
    }

    async fn answer(&mut self, instance: &Instance, effect: Effect) -> Result<Option<EventKind>, StoreError> {
        match effect {
            Effect::FindApprovers { activity, groups } => {
                let groups = self.find_approvers(&instance.company, &groups).await?;
                Ok(Some(EventKind::ApproversFound { activity, groups }))
            }
            Effect::Perform { activity, resource, arguments, child: _ } => {
                let (company, instance) = (instance.company.clone(), instance.id.clone());
                let call = Call { company, instance, resource, arguments };
                let inline = self.inline.clone();
                Ok(Some(match inline.call(self, call).await? {
                    Ok(output) => EventKind::TaskSucceeded { activity, output },
                    Err(failed) => EventKind::TaskFailed { activity, error: failed.error, cause: failed.cause },
                }))
            }
            Effect::Ask(_) | Effect::Release { .. } | Effect::CancelChild { .. } => Ok(None),
        }
    }
}

//! Load, step, commit: the only way in which an instance moves.

use crate::children::is_child_task;
use crate::error::StoreError;
use crate::inline::{Call, InlineResources};
use crate::instances::{Loaded, NO_HASH, NewTransition};
use crate::unit::Unit;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use workflow::definition::{FOR_TOKEN, StateKind, code_of};
use workflow::{Actor, Definition, Effect, Event, EventKind, Instance, Parent, Status, Subject, step};

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
    instance: Instance,
    definition: Arc<Definition>,
    last_at: i64,
    transitions: Vec<NewTransition>,
    inline: VecDeque<Effect>,
}

impl Way {
    fn of(instance: Instance, definition: Arc<Definition>, last_at: i64) -> Self {
        Self { instance, definition, last_at, transitions: Vec::new(), inline: VecDeque::new() }
    }
}

impl Unit {
    /// Starts an instance with the latest version of its definition.
    pub fn start(&mut self, by: Actor, new: NewInstance) -> BoxFuture<'_, Result<Instance, StoreError>> {
        self.start_as(by, new, None, None).boxed()
    }

    /// Starts an instance under an id that is known, and for a task that waits for its end.
    pub(crate) async fn start_as(
        &mut self,
        by: Actor,
        new: NewInstance,
        id: Option<String>,
        parent: Option<Parent>,
    ) -> Result<Instance, StoreError> {
        let inline = self.inline.clone();
        if let Some(sentence) = inline.of(self, &new.company).await?.refuses(&new.definition) {
            return Err(StoreError::refused("module-disabled", sentence));
        }
        let stored = self.latest_definition(&new.company, &new.definition).await?;
        let id = id.unwrap_or_else(|| self.new_id());
        let mut way = Way::of(Instance::new(id, &new.company, stored.reference), stored.definition, i64::MIN);
        let secret = hex::encode(rand::random::<[u8; 16]>());
        let started = EventKind::Started { input: new.input, requester: new.requester, secret, parent };
        self.settle(&mut way, by, started).await?;
        self.record(None, NO_HASH, new.subject, way).map(|loaded| loaded.instance.clone())
    }

    /// The same under an id that the caller has chosen with [`Unit::new_id`].
    pub fn start_under<'a>(
        &'a mut self,
        id: &'a str,
        by: Actor,
        new: NewInstance,
    ) -> BoxFuture<'a, Result<Instance, StoreError>> {
        self.start_as(by, new, Some(id.to_owned()), None).boxed()
    }

    /// Tells an instance what happened. Everything that follows without the outside is in the same commit, what becomes
    /// of a workflow that waits for its end included.
    pub fn advance<'a>(
        &'a mut self,
        company: &'a str,
        id: &'a str,
        by: Actor,
        kind: EventKind,
    ) -> BoxFuture<'a, Result<Instance, StoreError>> {
        self.go_on(company, id, by, kind).boxed()
    }

    async fn go_on(&mut self, company: &str, id: &str, by: Actor, kind: EventKind) -> Result<Instance, StoreError> {
        let (parent, instance) = self.move_on(company, id, by, kind).await?;
        if let Some(parent) = parent.filter(|_| instance.running().is_none()) {
            self.tell_parent(parent, &instance).await?;
        }
        Ok(instance)
    }

    /// The same, without a word to the workflow that waits for its end, which is named.
    pub(crate) async fn move_on(
        &mut self,
        company: &str,
        id: &str,
        by: Actor,
        kind: EventKind,
    ) -> Result<(Option<Parent>, Instance), StoreError> {
        let before = self.load(company, id).await?;
        let parent = before.instance.running().and_then(|running| running.parent.clone());
        let mut way = Way::of(before.instance.clone(), before.definition.clone(), before.last_at);
        self.settle(&mut way, by, kind).await?;
        let version = Some(before.instance.version);
        let loaded = self.record(version, &before.hash, before.subject.clone(), way)?;
        if let (Some(status), Some(subject)) = (left_behind(&loaded), &loaded.subject) {
            self.leave_object(company, subject, status).await?;
        }
        Ok((parent, loaded.instance.clone()))
    }

    /// Leaves to the ledger what is to be written.
    fn record(
        &mut self,
        before: Option<u64>,
        hash: &str,
        subject: Option<Subject>,
        way: Way,
    ) -> Result<Arc<Loaded>, StoreError> {
        let Way { instance, definition, last_at, transitions, .. } = way;
        let (transitions, effects) = self.rows(&instance, hash, transitions)?;
        let hash = transitions.last().map_or(hash, |last| &last.hash).to_owned();
        let loaded = Arc::new(Loaded { instance, definition, subject, hash, last_at });
        self.ledger.record(before, loaded.clone(), transitions, effects)?;
        Ok(loaded)
    }

    /// Steps until nothing is left that can be done within the commit.
    async fn settle(&mut self, way: &mut Way, by: Actor, kind: EventKind) -> Result<(), StoreError> {
        let inline = self.inline.clone();
        let resources = inline.of(self, &way.instance.company).await?;
        self.take(way, resources.as_ref(), by, kind)?;
        for _ in 0..MAX_INLINE {
            let Some(effect) = way.inline.pop_front() else { return Ok(()) };
            if let Some(kind) = self.answer(&way.instance, effect).await? {
                self.take(way, resources.as_ref(), Actor::System, kind)?;
            }
        }
        let id = &way.instance.id;
        Err(StoreError::Corrupt(format!("instance {id} did {MAX_INLINE} tasks without waiting; its definition loops")))
    }

    fn take(
        &self,
        way: &mut Way,
        resources: &dyn InlineResources,
        by: Actor,
        kind: EventKind,
    ) -> Result<(), StoreError> {
        // A history goes forward, also while the clock is set back.
        let at = self.now_ms().max(way.last_at);
        let event = Event { at, by, kind };
        let transition = step(&way.definition, &way.instance, &event)?;
        let (inline, effects) = transition.effects.into_iter().partition(|effect| is_inline(resources, effect));
        let version = transition.instance.version;
        way.transitions.push(NewTransition { version, event, entries: transition.entries, effects });
        way.inline.extend::<Vec<_>>(inline);
        way.instance = transition.instance;
        way.last_at = at;
        Ok(())
    }

    async fn answer(&mut self, instance: &Instance, effect: Effect) -> Result<Option<EventKind>, StoreError> {
        match effect {
            // Another branch has failed in the same step: nobody waits for this any more.
            Effect::FindApprovers { activity, .. } | Effect::Perform { activity, .. }
                if !instance.waits_for(activity) =>
            {
                Ok(None)
            }
            Effect::FindApprovers { activity, groups } => {
                let groups = self.find_approvers(&instance.company, &groups).await?;
                Ok(Some(EventKind::ApproversFound { activity, groups }))
            }
            Effect::Perform { activity, resource, arguments, child } if is_child_task(&resource) => {
                self.start_child(instance, activity, &arguments, child).await
            }
            Effect::Perform { activity, resource, arguments, .. } => {
                self.perform(instance, activity, &resource, arguments).await
            }
            Effect::CancelChild { instance: child, reason } => {
                self.cancel_child(&instance.company, &child, reason).await.map(|()| None)
            }
            Effect::Ask(_) | Effect::Release { .. } => Ok(None),
        }
    }

    /// Does a task within the commit. One that is answered by token has no answer yet, unless it failed.
    async fn perform(
        &mut self,
        instance: &Instance,
        activity: u64,
        resource: &str,
        arguments: Value,
    ) -> Result<Option<EventKind>, StoreError> {
        let (company, id) = (instance.company.clone(), instance.id.clone());
        let (definition, resource_name) = (instance.definition.name.clone(), code_of(resource).to_owned());
        let call = Call { company, instance: id, definition, resource: resource_name, arguments };
        let inline = self.inline.clone();
        Ok(match inline.call(self, call).await? {
            Ok(_) if resource.ends_with(FOR_TOKEN) => None,
            Ok(output) => Some(EventKind::TaskSucceeded { activity, output }),
            Err(failed) => Some(EventKind::TaskFailed { activity, error: failed.error, cause: failed.cause }),
        })
    }
}

fn is_inline(resources: &dyn InlineResources, effect: &Effect) -> bool {
    match effect {
        Effect::FindApprovers { .. } | Effect::CancelChild { .. } => true,
        Effect::Perform { resource, .. } => is_child_task(resource) || resources.handles(code_of(resource)),
        Effect::Ask(_) | Effect::Release { .. } => false,
    }
}

//! Tasks that are part of the commit: code that only touches the store, done at once and never in a queue.

use crate::error::StoreError;
use crate::objects::Object;
use crate::unit::Unit;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A task to be done within the commit.
#[derive(Debug, Clone)]
pub struct Call {
    /// The company.
    pub company: String,
    /// The instance that asks.
    pub instance: String,
    /// The name of its definition: `purchasing/order`.
    pub definition: String,
    /// The name of the code: `money.convert`.
    pub resource: String,
    /// What it is given.
    pub arguments: Value,
}

/// Why a task failed, for `Retry` and `Catch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskError {
    /// The error's name: `Money.NoRate`.
    pub error: String,
    /// What happened, for people.
    pub cause: String,
}

impl TaskError {
    /// An error of that name.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }
}

/// What a module does with objects of its own, not for a person but by itself.
#[derive(Debug, Clone)]
pub struct OwnCall {
    /// The company.
    pub company: String,
    /// The module.
    pub module: String,
    /// One of its collections.
    pub collection: String,
    /// The instance that asks, if one does. It may change the object that it decides on.
    pub instance: Option<String>,
    /// What is done.
    pub deed: OwnDeed,
}

/// What is done with objects.
#[derive(Debug, Clone)]
pub enum OwnDeed {
    /// They are made, each of what it is to be.
    Create(Vec<Value>),
    /// They are changed.
    Update(Vec<OwnChange>),
    /// They are looked for: those that have what one of these groups names, by field. A field is one that the schema
    /// declares as `x-index` or `x-unique`, or `id`.
    Find {
        /// What is wanted.
        wanted: Vec<Map<String, Value>>,
        /// At most so many.
        limit: u32,
    },
}

/// What becomes of an object.
#[derive(Debug, Clone)]
pub struct OwnChange {
    /// The object.
    pub id: String,
    /// What is to be another: a merge patch (RFC 7396).
    pub patch: Value,
    /// The revision that was seen, if that matters.
    pub revision: Option<u64>,
}

/// The resources of one company.
pub trait InlineResources: Send + Sync {
    /// Whether this resource runs within the commit. Everything else becomes an effect.
    fn handles(&self, resource: &str) -> bool;
    /// Why a workflow of this name is not started now.
    fn refuses(&self, _definition: &str) -> Option<String> {
        None
    }
}

/// The code of the registry that runs within the commit.
pub trait Inline: Send + Sync {
    /// What a company has installed of it. Asked once for each event that moves an instance.
    fn of<'a>(
        &'a self,
        unit: &'a mut Unit,
        company: &'a str,
    ) -> BoxFuture<'a, Result<Arc<dyn InlineResources>, StoreError>>;
    /// Does the task. The inner error is for the workflow, the outer one undoes the unit.
    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>>;
    /// Makes, changes or finds objects for the module that they belong to, by the way that those of people take too.
    fn own<'a>(&'a self, _unit: &'a mut Unit, call: OwnCall) -> BoxFuture<'a, Result<Vec<Object>, StoreError>> {
        Box::pin(async move { Err(StoreError::Missing { what: "module", id: call.module }) })
    }
}

/// How deep code may make objects whose code makes objects.
const MAX_DEPTH: u32 = 4;
/// So many objects modules make and change by themselves in one unit of work: everybody waits until it is committed.
const MAX_OWN_OBJECTS: usize = 2_000;

impl OwnDeed {
    /// How many objects it makes or changes.
    fn count(&self) -> usize {
        match self {
            Self::Create(all) => all.len(),
            Self::Update(all) => all.len(),
            Self::Find { .. } => 0,
        }
    }
}

impl Unit {
    /// Makes, changes or finds objects for the module that they belong to: checked, completed, with revisions and events.
    /// What fails leaves nothing behind, and the unit can go on: that is the inner error.
    pub async fn own_objects(&mut self, call: OwnCall) -> Result<Result<Vec<Object>, StoreError>, StoreError> {
        if self.depth >= MAX_DEPTH {
            let sentence = format!("objects make each other more than {MAX_DEPTH} deep");
            return Ok(Err(StoreError::refused("too-deep", sentence)));
        }
        let inline = self.inline.clone();
        if matches!(call.deed, OwnDeed::Find { .. }) {
            return match inline.own(self, call).await {
                Err(error) if !error.is_of_caller() => Err(error),
                found => Ok(found),
            };
        }
        // What is taken back counts too: it was work.
        self.ledger.own_objects += call.deed.count();
        if self.ledger.own_objects > MAX_OWN_OBJECTS {
            let sentence = format!(
                "one unit of work makes and changes at most {MAX_OWN_OBJECTS} objects by itself; divide the work, with a timer or an event between its parts"
            );
            return Ok(Err(StoreError::refused("too-many", sentence)));
        }
        let attempt = self.begin_attempt().await?;
        self.depth += 1;
        let done = inline.own(self, call).await;
        self.depth -= 1;
        self.end_attempt(attempt, done).await
    }
}

/// No code at all.
pub struct NoInline;

impl InlineResources for NoInline {
    fn handles(&self, _resource: &str) -> bool {
        false
    }
}

impl Inline for NoInline {
    fn of<'a>(
        &'a self,
        _unit: &'a mut Unit,
        _company: &'a str,
    ) -> BoxFuture<'a, Result<Arc<dyn InlineResources>, StoreError>> {
        Box::pin(async { Ok(Arc::new(Self) as Arc<dyn InlineResources>) })
    }
    fn call<'a>(
        &'a self,
        _unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        Box::pin(async move {
            Ok(Err(TaskError::new("States.TaskFailed", format!("there is no code for {}", call.resource))))
        })
    }
}

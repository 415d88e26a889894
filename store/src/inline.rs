//! Tasks that are part of the commit: code that only touches the store, done at once and never in a queue.

use crate::error::StoreError;
use crate::unit::Unit;
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// A task to be done within the commit.
#[derive(Debug, Clone)]
pub struct Call {
    /// The company.
    pub company: String,
    /// The instance that asks.
    pub instance: String,
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

//! Workflows that start others: `workflow.start` goes on at once, `workflow.run` waits for the end.
//!
//! A child is started in the commit of the task that starts it, and its end is told to whoever waits in the commit in
//! which it ends: there is no moment at which one knows and the other does not.

use crate::advance::NewInstance;
use crate::error::StoreError;
use crate::inline::TaskError;
use crate::unit::Unit;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use workflow::{Actor, EventKind, Instance, Parent, Rejected, Status};

/// The task that starts a workflow and goes on.
pub(crate) const START: &str = "workflow.start";
/// The task that starts a workflow and waits for its end.
pub(crate) const RUN: &str = "workflow.run";
/// How deep workflows may start each other within one commit.
const MAX_DEPTH: u32 = 8;

/// Whether the store itself does this task.
pub(crate) fn is_child_task(resource: &str) -> bool {
    resource == START || resource == RUN
}

/// What is to be started, as a task says it: `{"Definition": "purchasing/order", "Input": {...}}`.
struct Wanted {
    definition: String,
    input: Value,
}

impl Wanted {
    fn read(arguments: &Value) -> Result<Self, TaskError> {
        let definition = arguments.get("Definition").and_then(Value::as_str);
        let Some(definition) = definition else {
            let cause = "Arguments must name the workflow: {\"Definition\": \"module/name\", \"Input\": ...}";
            return Err(TaskError::new("Workflow.Invalid", cause));
        };
        let input = arguments.get("Input").cloned().unwrap_or_else(|| json!({}));
        Ok(Self { definition: definition.to_owned(), input })
    }
}

impl Unit {
    /// Starts a workflow for a task; the answer to the task, if there is one already.
    pub(crate) fn start_child<'a>(
        &'a mut self,
        parent: &'a Instance,
        activity: u64,
        arguments: &'a Value,
        child: Option<String>,
    ) -> BoxFuture<'a, Result<Option<EventKind>, StoreError>> {
        async move {
            let answer = match Wanted::read(arguments) {
                Ok(wanted) => self.begin_child(parent, activity, wanted, child).await?,
                Err(error) => Some(Err(error)),
            };
            Ok(answer.map(|answer| match answer {
                Ok(output) => EventKind::TaskSucceeded { activity, output },
                Err(TaskError { error, cause }) => EventKind::TaskFailed { activity, error, cause },
            }))
        }
        .boxed()
    }

    async fn begin_child(
        &mut self,
        parent: &Instance,
        activity: u64,
        wanted: Wanted,
        child: Option<String>,
    ) -> Result<Option<Result<Value, TaskError>>, StoreError> {
        if self.depth >= MAX_DEPTH {
            let cause = format!("workflows start each other more than {MAX_DEPTH} deep without waiting for anything");
            return Ok(Some(Err(TaskError::new("Workflow.TooDeep", cause))));
        }
        let waits = child.is_some();
        let new = NewInstance {
            company: parent.company.clone(),
            definition: wanted.definition,
            input: wanted.input,
            requester: parent.running().and_then(|running| running.requester.clone()),
            subject: None,
        };
        let link = waits.then(|| Parent { instance: parent.id.clone(), activity });
        self.depth += 1;
        let started = self.start_as(Actor::System, new, child, link).await;
        self.depth -= 1;
        match started {
            Ok(instance) if waits => Ok(ending(&instance)),
            Ok(instance) => Ok(Some(Ok(json!({ "Instance": instance.id })))),
            Err(StoreError::Missing { what: "definition", id }) => {
                Ok(Some(Err(TaskError::new("Workflow.Missing", format!("there is no workflow {id} in this company")))))
            }
            Err(StoreError::Refused { sentence, .. }) => Ok(Some(Err(TaskError::new("Workflow.Refused", sentence)))),
            Err(error) => Err(error),
        }
    }

    /// Tells the task that waits for this instance how it ended.
    pub(crate) fn tell_parent<'a>(
        &'a mut self,
        parent: Parent,
        child: &'a Instance,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let activity = parent.activity;
            let kind = match ending(child) {
                None => return Ok(()),
                Some(Ok(output)) => EventKind::TaskSucceeded { activity, output },
                Some(Err(TaskError { error, cause })) => EventKind::TaskFailed { activity, error, cause },
            };
            match self.advance(&child.company, &parent.instance, Actor::System, kind).await {
                // Nobody waits any more: it ran out of time, or was cancelled.
                Err(StoreError::Rejected(Rejected::Late { .. } | Rejected::NotRunning { .. })) => Ok(()),
                told => told.map(|_| ()),
            }
        }
        .boxed()
    }

    /// Ends an instance that nobody waits for any more. Its parent is being moved right now and is not told.
    pub(crate) fn cancel_child<'a>(
        &'a mut self,
        company: &'a str,
        child: &'a str,
        reason: String,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            match self.move_on(company, child, Actor::System, EventKind::Cancelled { reason }).await {
                Err(StoreError::Rejected(Rejected::NotRunning { .. }) | StoreError::Missing { .. }) => Ok(()),
                moved => moved.map(|_| ()),
            }
        }
        .boxed()
    }
}

/// How an instance ended, as the result of a task; `None` while it runs.
fn ending(instance: &Instance) -> Option<Result<Value, TaskError>> {
    match &instance.status {
        Status::New | Status::Running(_) => None,
        Status::Succeeded { output, .. } => Some(Ok(output.clone())),
        Status::Failed { error, cause, .. } => Some(Err(TaskError::new(error.clone(), cause.clone()))),
        Status::Cancelled { reason, .. } => Some(Err(TaskError::new("Workflow.ChildCancelled", reason.clone()))),
    }
}

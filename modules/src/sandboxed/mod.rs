//! A module whose code is WebAssembly: the hooks of its code, as methods of [`Module`].
//!
//! What is agreed with the code is in `docs/modules.md`. Code that fails costs the caller an error that names the module,
//! and nothing else: what it would have written is undone with the unit that it ran in.

mod looking;
mod reach;
mod request;
mod word;

use crate::action::{Action, ActionError};
use crate::declared::Declared;
use crate::endpoints::{EndpointAnswer, EndpointRequest};
use crate::events::EventFiles;
use crate::health::{Limit, Said, Watch};
use crate::manifest::{CodeFile, Manifest};
use crate::migrate::Migrating;
use crate::module::{Consumed, Module, Saved, Saving};
use crate::objects::{MOST_PROBLEMS, shown};
use crate::package::{Package, PackageError};
use crate::view::View;
use futures::FutureExt;
use futures::future::BoxFuture;
use looking::Looking;
use reach::{Outside, Reach, Within};
use sandbox::{Code, Failure, Hook, Limits, Nobody};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Weak;
use store::{Call, Object, Session, Store, StoreError, TaskError, Unit};
use workflow::Problem;

/// A package with code.
pub(crate) struct Sandboxed {
    declared: Declared,
    code: Code,
    reach: Reach,
    /// What code reaches that only computes.
    nothing: Reach,
    /// Who counts what it takes, if anybody does.
    watch: Weak<Watch>,
    /// What code reaches that only says what is wrong.
    looking: Reach,
}

/// What code says is wrong with an object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Complaint {
    /// The place, as a JSON Pointer; the whole object if it is absent.
    #[serde(default)]
    pointer: String,
    /// A sentence.
    message: String,
}

/// What a task of code ends with.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Ended {
    /// The result.
    Done { output: Value },
    /// The error's name and cause, for `Retry` and `Catch`; and whether it may pass by itself.
    Failed {
        error: String,
        cause: String,
        #[serde(default)]
        again: bool,
    },
}

impl Sandboxed {
    /// Compiles the code of a package.
    pub(crate) fn of(package: Package, manifest: &Manifest, file: &CodeFile) -> Result<Self, PackageError> {
        let bytes = package.bytes(&file.file).ok_or_else(|| PackageError::NoFile { path: file.file.clone() })?;
        let code = compiled(bytes, file).map_err(|error| PackageError::Code(format!("{}: {error}", file.file)))?;
        let reach = Reach::of(manifest, file, EventFiles::read(&package, manifest)?).configured(&package, manifest)?;
        let (nothing, looking) = (reach.nothing(), reach.looking());
        Ok(Self { declared: Declared::of(package, manifest), code, reach, nothing, looking, watch: Weak::new() })
    }

    /// The same, with somebody who counts what it takes.
    pub(crate) fn watched(self, watch: Weak<Watch>) -> Self {
        Self { watch, ..self }
    }

    /// Notes that code wanted more than it may have.
    fn note(&self, company: &str, failure: &Failure, now_ms: i64) {
        let limit = match failure {
            Failure::TooLong { .. } => Limit::Steps,
            Failure::TooMuchMemory { .. } => Limit::Memory,
            _ => return,
        };
        let meter = self.watch.upgrade().and_then(|watch| watch.known(company, &self.reach.module));
        meter.iter().for_each(|meter| meter.hit(limit, now_ms));
    }

    /// Calls a hook, in a company and perhaps for an instance.
    async fn within(
        &self,
        hook: Hook,
        given: &Value,
        unit: &mut Unit,
        (company, instance): (&str, Option<&str>),
    ) -> Result<Value, StoreError> {
        unit.begin_code()?;
        let reach = match hook {
            Hook::Compute => &self.nothing,
            Hook::Validate => &self.looking,
            _ => &self.reach,
        };
        let mut host = Within::new(unit, (company, instance), reach);
        let called = self.code.call(hook, given, &mut host).await;
        // What the store could not do undoes the unit with the store's own error.
        if let Some(error) = host.broken() {
            return Err(error);
        }
        called.map_err(|failure| {
            if let Failure::Refused(why) = failure {
                return refusal(why);
            }
            self.note(company, &failure, unit.now_ms());
            let told = format!("{}: {failure}", hook.export());
            unit.note_of_module(company, &self.reach.module, store::LogLevel::Error, &told);
            StoreError::Problems(vec![self.failed(&failure)])
        })
    }

    /// What code makes of an object's data.
    async fn made(&self, hook: Hook, unit: &mut Unit, about: &Saving<'_>) -> Result<Value, StoreError> {
        if !self.code.has(hook) {
            return Ok(about.data.clone());
        }
        self.within(hook, &saving(about), unit, (about.company, None)).await
    }

    fn failed(&self, failure: &Failure) -> Problem {
        Problem::new("", "module-failed", format!("the module {} could not do its part: {failure}", self.reach.module))
    }

    fn unread(&self, error: &serde_json::Error) -> Problem {
        self.failed(&Failure::Unagreed(error.to_string()))
    }

    fn ended(&self, answer: Value) -> Result<Value, TaskError> {
        match serde_json::from_value(answer) {
            Ok(Ended::Done { output }) => Ok(output),
            Ok(Ended::Failed { error, cause, .. }) => Err(TaskError::new(error, cause)),
            Err(error) => Err(TaskError::new("States.TaskFailed", self.unread(&error).message)),
        }
    }
}

/// That code refuses what it is given is its answer, as what it complains of is.
fn refusal(why: String) -> StoreError {
    StoreError::Problems(vec![Problem::new("", "module", why)])
}

/// Compiles code within the limits that its manifest asks for.
pub(crate) fn compiled(bytes: &[u8], file: &CodeFile) -> Result<Code, sandbox::Unfit> {
    let usual = Limits::default();
    let memory_bytes = file.memory_mib.map_or(usual.memory_bytes, |mib| usize::from(mib) * 1_048_576);
    Code::new(bytes, Limits { memory_bytes, steps: file.steps.unwrap_or(usual.steps), ..usual })
}

fn saving(saving: &Saving<'_>) -> Value {
    let Saving { collection, by, before, data, .. } = saving;
    json!({ "collection": collection, "by": by, "before": before.map(|before| &before.data), "data": data })
}

impl Module for Sandboxed {
    fn package(&self) -> &Package {
        self.declared.package()
    }

    fn view(&self, object: &Object, related: &[Object]) -> View {
        self.declared.view(object, related)
    }

    fn outside_view(&self, object: &Object, related: &[Object]) -> View {
        self.declared.outside_view(object, related)
    }

    fn compute<'a>(&'a self, unit: &'a mut Unit, about: &'a Saving<'a>) -> BoxFuture<'a, Result<Value, StoreError>> {
        self.made(Hook::Compute, unit, about).boxed()
    }

    fn validate<'a>(
        &'a self,
        unit: &'a mut Unit,
        about: &'a Saving<'a>,
    ) -> BoxFuture<'a, Result<Vec<Problem>, StoreError>> {
        async move {
            if !self.code.has(Hook::Validate) {
                return Ok(Vec::new());
            }
            let answer = self.within(Hook::Validate, &saving(about), unit, (about.company, None)).await?;
            let complaints: Result<Vec<Complaint>, _> = serde_json::from_value(answer);
            let complaints = complaints.map_err(|error| StoreError::Problems(vec![self.unread(&error)]))?;
            let told = |complaint: Complaint| Problem::new(complaint.pointer, "module", complaint.message);
            Ok(complaints.into_iter().take(MOST_PROBLEMS).map(told).collect())
        }
        .boxed()
    }

    fn before_save<'a>(
        &'a self,
        unit: &'a mut Unit,
        about: &'a Saving<'a>,
    ) -> BoxFuture<'a, Result<Value, StoreError>> {
        self.made(Hook::BeforeSave, unit, about).boxed()
    }

    fn after_save<'a>(&'a self, unit: &'a mut Unit, saved: &'a Saved<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            if !self.code.has(Hook::AfterSave) {
                return Ok(());
            }
            let Saved { company, by, before, after } = saved;
            let (before, after) = (before.map(shown), shown(after));
            let given = json!({ "by": by, "before": before, "after": after });
            self.within(Hook::AfterSave, &given, unit, (company, None)).await.map(|_| ())
        }
        .boxed()
    }

    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        async move {
            let Call { company, instance, resource, arguments, .. } = &call;
            let given = json!({ "resource": resource, "instance": instance, "arguments": arguments });
            match self.within(Hook::Act, &given, unit, (company, Some(instance))).await {
                Ok(answer) => Ok(self.ended(answer)),
                // The workflow may catch what its code could not do.
                Err(StoreError::Problems(problems)) => {
                    let causes: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
                    Ok(Err(TaskError::new("States.TaskFailed", causes.join("; "))))
                }
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn migrate<'a>(&'a self, migrating: &'a Migrating<'a>) -> BoxFuture<'a, Result<Value, String>> {
        async move {
            if !self.code.has(Hook::Migrate) {
                return Err(format!("the code exports no {}", Hook::Migrate.export()));
            }
            let Migrating { collection, from, to, way, data } = migrating;
            let given = json!({ "collection": collection, "from": from, "to": to, "direction": way, "data": data });
            self.code.call(Hook::Migrate, &given, &mut Nobody).await.map_err(|failure| self.failed(&failure).message)
        }
        .boxed()
    }

    fn look<'a>(
        &'a self,
        session: &'a mut Session,
        request: &'a EndpointRequest,
    ) -> BoxFuture<'a, Result<EndpointAnswer, StoreError>> {
        async move {
            let mut host = Looking::new(session, &request.by.company, &self.reach, request.at_ms);
            let called = self.code.call(Hook::Request, &request::given(request), &mut host).await;
            if let Some(error) = host.broken() {
                return Err(error);
            }
            let answer = called.and_then(request::answered);
            answer.map_err(|failure| {
                if let Failure::Refused(why) = failure {
                    return refusal(why);
                }
                self.note(&request.by.company, &failure, request.at_ms);
                StoreError::Problems(vec![self.failed(&failure)])
            })
        }
        .boxed()
    }

    fn respond<'a>(
        &'a self,
        unit: &'a mut Unit,
        request: &'a EndpointRequest,
    ) -> BoxFuture<'a, Result<EndpointAnswer, StoreError>> {
        async move {
            let answer =
                self.within(Hook::Request, &request::given(request), unit, (&request.by.company, None)).await?;
            request::answered(answer).map_err(|failure| StoreError::Problems(vec![self.failed(&failure)]))
        }
        .boxed()
    }

    fn on_event<'a>(&'a self, unit: &'a mut Unit, event: &'a Consumed<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let Consumed { company, subscription, event } = event;
            // An attribute of our own, as CloudEvents allows it.
            let mut given = (*event).clone();
            given["subscription"] = json!(subscription);
            self.within(Hook::Event, &given, unit, (company, None)).await.map(|_| ())
        }
        .boxed()
    }

    fn act<'a>(&'a self, action: Action<'a>) -> BoxFuture<'a, Result<Value, ActionError>> {
        async move {
            let Action { store, company, instance, idempotency_key, resource, arguments } = action;
            let given =
                json!({ "resource": resource, "instance": instance, "key": idempotency_key, "arguments": arguments });
            let mut host = Outside::new(store, company, &self.reach);
            let answer = match self.code.call(Hook::Act, &given, &mut host).await {
                Ok(answer) => answer,
                Err(Failure::Host(error)) => return Err(ActionError::retry("States.TaskFailed", error)),
                Err(failure) => {
                    self.note(company, &failure, store.now_ms());
                    let told = format!("{}: {failure}", Hook::Act.export());
                    store.note_of_module(company, &self.reach.module, store::LogLevel::Error, &told);
                    return Err(ActionError::give_up("States.TaskFailed", self.failed(&failure).message));
                }
            };
            match serde_json::from_value(answer) {
                Ok(Ended::Done { output }) => Ok(output),
                Ok(Ended::Failed { error, cause, again: true }) => Err(ActionError::retry(error, cause)),
                Ok(Ended::Failed { error, cause, again: false }) => Err(ActionError::give_up(error, cause)),
                Err(error) => Err(ActionError::give_up("States.TaskFailed", self.unread(&error).message)),
            }
        }
        .boxed()
    }

    fn health<'a>(&'a self, store: &'a Store, company: &'a str) -> BoxFuture<'a, Option<Said>> {
        async move {
            if !self.code.has(Hook::Health) {
                return None;
            }
            let mut host = Outside::new(store, company, &self.reach);
            let answer = self.code.call(Hook::Health, &json!({}), &mut host).await;
            Some(word::said(answer, store.now_ms()))
        }
        .boxed()
    }
}

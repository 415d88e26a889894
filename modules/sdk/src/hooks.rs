//! When code is called: a trait for each hook.

use crate::{Answer, Consumed, Failure, Health, Migration, Problem, Request, Result, Saved, Saving, Task, TaskError};
use serde_json::Value;

/// That [`crate::export!`] names a hook. It is implemented by that macro only, so that no hook is implemented and never called.
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements this hook, and does not export it, so it would never be called",
    label = "not exported",
    note = "name it in `export!`: countersign_module::export!({Self}: ...)"
)]
pub trait Exported<H: ?Sized> {}

/// Names of the hooks as types, for [`Exported`].
#[doc(hidden)]
pub mod named {
    macro_rules! names { ($($name:ident),*) => { $(#[derive(Debug)] pub enum $name {})* } }
    names!(Compute, Validate, BeforeSave, AfterSave, Act, OnEvent, Respond, Migrate, HealthCheck);
}

/// What follows from an object's data alone. It may ask for nothing.
pub trait Compute: Exported<named::Compute> {
    /// The data, completed. It must fit the schema.
    ///
    /// # Errors
    /// A failure refuses the object with its sentence.
    fn compute(saving: &Saving) -> Result<Value>;
}

/// What is wrong with an object that fits its schema.
pub trait Validate: Exported<named::Validate> {
    /// Every problem; none if the object is in order.
    fn validate(saving: &Saving) -> Vec<Problem>;
}

/// The last word on what is stored.
pub trait BeforeSave: Exported<named::BeforeSave> {
    /// The data that is stored.
    ///
    /// # Errors
    /// A failure refuses the object with its sentence.
    fn before_save(saving: &Saving) -> Result<Value>;
}

/// What follows from an object that was stored, in the same commit.
pub trait AfterSave: Exported<named::AfterSave> {
    /// Does it.
    ///
    /// # Errors
    /// A failure undoes the commit, the object with it.
    fn after_save(saved: &Saved) -> Result<()>;
}

/// The resources that the manifest names under `actions` and `inline`.
pub trait Act: Exported<named::Act> {
    /// Does a task, and says what the workflow gets.
    ///
    /// # Errors
    /// What `Retry` and `Catch` of the workflow see.
    fn act(task: &Task) -> Result<Value, TaskError>;
}

/// The events that the manifest names under `consumes`.
pub trait OnEvent: Exported<named::OnEvent> {
    /// Makes something of an event, in the commit that marks it as handled.
    ///
    /// # Errors
    /// A failure undoes what was done; the event comes again later.
    fn on_event(consumed: &Consumed) -> Result<()>;
}

/// The requests that the manifest names under `endpoints`.
pub trait Respond: Exported<named::Respond> {
    /// Answers a request. Of a `GET` nothing may be changed.
    ///
    /// # Errors
    /// A failure is answered with 422, and undoes what was done.
    fn respond(request: &Request) -> Result<Answer>;
}

/// The manifest's `migrations` without an expression of their own.
pub trait Migrate: Exported<named::Migrate> {
    /// The data as the other version has it.
    ///
    /// # Errors
    /// A failure leaves the version that serves.
    fn migrate(migration: &Migration) -> Result<Value>;
}

/// How the module is, by its own checks.
pub trait HealthCheck: Exported<named::HealthCheck> {
    /// Looks.
    ///
    /// # Errors
    /// A failure counts as failing.
    fn health() -> Result<Health, Failure>;
}

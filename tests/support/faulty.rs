//! Purchasing with a document that can be made to fail.

use futures::FutureExt;
use futures::future::BoxFuture;
use modules::view::View;
use modules::{Action, ActionError, Draft, Filled, Form, Module, Package, Prepared, Rendering, Saving};
use purchasing::Purchasing;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Call, Object, StoreError, TaskError, Unit};
use workflow::Problem;

/// The purchasing module; while the switch is on, no document can be made.
pub(crate) struct Faulty {
    pub(crate) inner: Purchasing,
    pub(crate) broken: Arc<AtomicBool>,
}

impl Faulty {
    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }
}

impl Module for Faulty {
    fn act<'a>(&'a self, action: Action<'a>) -> BoxFuture<'a, Result<Value, ActionError>> {
        if self.is_broken() {
            return async { Err(ActionError::give_up("Pdf.Failed", "the printer is on fire")) }.boxed();
        }
        self.inner.act(action)
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        if self.is_broken() {
            return Err(ActionError::give_up("Pdf.Failed", "the printer is on fire"));
        }
        self.inner.render(rendering)
    }

    fn package(&self) -> &Package {
        self.inner.package()
    }

    fn prepare<'a>(&'a self, unit: &'a mut Unit, draft: Draft<'a>) -> BoxFuture<'a, Result<Prepared, StoreError>> {
        self.inner.prepare(unit, draft)
    }

    fn before_save<'a>(
        &'a self,
        unit: &'a mut Unit,
        saving: &'a Saving<'a>,
    ) -> BoxFuture<'a, Result<Value, StoreError>> {
        self.inner.before_save(unit, saving)
    }

    fn as_sent(&self, collection: &str, data: &Value) -> Value {
        self.inner.as_sent(collection, data)
    }

    fn checks(&self, collection: &str) -> bool {
        self.inner.checks(collection)
    }

    fn related(&self, object: &Object) -> Vec<(String, String)> {
        self.inner.related(object)
    }

    fn view(&self, object: &Object, related: &[Object]) -> View {
        self.inner.view(object, related)
    }

    fn outside_view(&self, object: &Object, related: &[Object]) -> View {
        self.inner.outside_view(object, related)
    }

    fn changes(&self, collection: &str, before: &Value, after: &Value) -> Vec<String> {
        self.inner.changes(collection, before, after)
    }

    fn form(&self, name: &str, object: Option<&Object>) -> Option<Form> {
        self.inner.form(name, object)
    }

    fn fill(
        &self,
        name: &str,
        object: Option<&Object>,
        answers: &BTreeMap<String, String>,
    ) -> Result<Value, Vec<Problem>> {
        self.inner.fill(name, object, answers)
    }

    fn accept<'a>(
        &'a self,
        unit: &'a mut Unit,
        company: &'a str,
        name: &'a str,
        object: Option<&'a Object>,
        form: &'a Value,
    ) -> BoxFuture<'a, Result<Filled, StoreError>> {
        self.inner.accept(unit, company, name, object, form)
    }

    fn call<'a>(
        &'a self,
        unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        self.inner.call(unit, call)
    }
}

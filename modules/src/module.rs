//! What a module's code may do. Every method has an answer for modules without code.

use crate::action::{Action, ActionError, Approved};
use crate::endpoints::{EndpointAnswer, EndpointRequest};
use crate::health::Said;
use crate::migrate::Migrating;
use crate::package::Package;
use crate::view::{self, View};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::{Call, Company, Object, Session, Store, StoreError, TaskError, Unit};
use workflow::Problem;

/// An object that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The company.
    pub company: &'a str,
    /// The collection: `orders`.
    pub collection: &'a str,
    /// Who makes it.
    pub by: &'a str,
    /// What was sent.
    pub data: &'a Value,
}

/// An object ready to be stored.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its id, if the module chooses one; a new time-ordered one otherwise.
    pub id: Option<String>,
    /// What is kept: what was sent, completed.
    pub data: Value,
    /// Its first status.
    pub status: String,
    /// Its number. Taken from a series within the unit, so that it has no gap.
    pub number: Option<String>,
    /// The workflow that decides on it.
    pub workflow: Option<Workflow>,
}

/// An object that is about to be stored, for the first time or once more.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    /// The company.
    pub company: &'a str,
    /// The collection: `orders`.
    pub collection: &'a str,
    /// Who saves it.
    pub by: &'a str,
    /// The object as it is; nothing if it is new.
    pub before: Option<&'a Object>,
    /// What it is to be.
    pub data: &'a Value,
}

/// An object that was stored in this unit of work.
#[derive(Debug, Clone, Copy)]
pub struct Saved<'a> {
    /// The company.
    pub company: &'a str,
    /// Who has saved it.
    pub by: &'a str,
    /// The object as it was; nothing if it is new.
    pub before: Option<&'a Object>,
    /// The object as it is.
    pub after: &'a Object,
}

/// An event that the module has subscribed to.
#[derive(Debug, Clone, Copy)]
pub struct Consumed<'a> {
    /// The company.
    pub company: &'a str,
    /// The subscription's name in the manifest.
    pub subscription: &'a str,
    /// The event, as CloudEvents 1.0 says it in JSON.
    pub event: &'a Value,
}

/// A workflow to be started with an object.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// The definition's name.
    pub definition: String,
    /// What it starts with, under the object's own id, number and revision, which are added as `object`.
    pub input: Value,
}

/// A form of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What the form is for, for people.
    pub title: String,
    /// Its fields, from the top.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the answers.
    pub name: String,
    /// Its label.
    pub label: String,
    /// How it is filled in.
    pub kind: FieldKind,
    /// What it holds at first.
    pub value: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// A sentence of help.
    pub help: Option<String>,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A decimal, written as text.
    Decimal,
    /// A day, as `2026-11-23`.
    Date,
}

/// A form that was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// What the workflow gets as the form.
    pub form: Value,
    /// The object's new data, if the form changes it.
    pub revised: Option<Value>,
}

/// What a document is rendered from.
#[derive(Debug, Clone)]
pub struct Rendering<'a> {
    /// The company.
    pub company: &'a Company,
    /// The object.
    pub object: &'a Object,
    /// Objects that it names, by id: its supplier.
    pub related: &'a [Object],
    /// Who decided, oldest first.
    pub approvals: &'a [Approved],
    /// What its workflow has found out, as [`crate::variables`] gives it.
    pub variables: &'a Map<String, Value>,
    /// Whether everything is agreed. Otherwise the document says that it is a draft.
    pub is_final: bool,
}

/// A module: a package of files, and code where the files are not enough.
pub trait Module: Send + Sync {
    /// Its files.
    fn package(&self) -> &Package;

    /// Completes an object before it is stored. `Problems` refuses it. The schema has been checked unless
    /// [`Module::checks`] says that the code does it.
    fn prepare<'a>(&'a self, _unit: &'a mut Unit, draft: Draft<'a>) -> BoxFuture<'a, Result<Prepared, StoreError>> {
        let data = draft.data.clone();
        async { Ok(Prepared { id: None, data, status: "active".to_owned(), number: None, workflow: None }) }.boxed()
    }

    /// Computes what follows from an object's data alone, after the schema's own expressions. `prepare` and `before_save`
    /// come later, and may look around.
    fn compute<'a>(&'a self, _unit: &'a mut Unit, saving: &'a Saving<'a>) -> BoxFuture<'a, Result<Value, StoreError>> {
        async { Ok(saving.data.clone()) }.boxed()
    }

    /// What is wrong with an object that fits its schema.
    fn validate<'a>(
        &'a self,
        _unit: &'a mut Unit,
        _saving: &'a Saving<'a>,
    ) -> BoxFuture<'a, Result<Vec<Problem>, StoreError>> {
        async { Ok(Vec::new()) }.boxed()
    }

    /// The last word on what is stored, of every revision. `Problems` refuses it.
    fn before_save<'a>(
        &'a self,
        _unit: &'a mut Unit,
        saving: &'a Saving<'a>,
    ) -> BoxFuture<'a, Result<Value, StoreError>> {
        async { Ok(saving.data.clone()) }.boxed()
    }

    /// What follows from an object that was stored, in the same commit. An error undoes it.
    fn after_save<'a>(&'a self, _unit: &'a mut Unit, _saved: &'a Saved<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    /// The last word on a deletion. `Problems` refuses it.
    fn before_delete<'a>(
        &'a self,
        _unit: &'a mut Unit,
        _company: &'a str,
        _object: &'a Object,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    /// What a client would send for an object's data: without what the code has added. A patch is made of it.
    fn as_sent(&self, _collection: &str, data: &Value) -> Value {
        data.clone()
    }

    /// What is wrong with the settings of a company, as far as this module reads them; places are within the settings.
    fn settings_problems(&self, _settings: &Value) -> Vec<Problem> {
        Vec::new()
    }

    /// Whether the code checks drafts of this collection itself, with better sentences than the schema's.
    fn checks(&self, _collection: &str) -> bool {
        false
    }

    /// The ids of objects that this one names, with their collections: its supplier.
    fn related(&self, _object: &Object) -> Vec<(String, String)> {
        Vec::new()
    }

    /// What people are shown of an object: its plain fields, unless the code says otherwise.
    fn view(&self, object: &Object, _related: &[Object]) -> View {
        View { facts: view::plain_facts(&object.data), ..view::titled(object) }
    }

    /// What people outside the company are shown of it: nothing internal.
    fn outside_view(&self, object: &Object, _related: &[Object]) -> View {
        view::titled(object)
    }

    /// What changed from one revision's data to the next, a sentence each.
    fn changes(&self, _collection: &str, _before: &Value, _after: &Value) -> Vec<String> {
        Vec::new()
    }

    /// A form by name, filled with what the object holds.
    fn form(&self, _name: &str, _object: Option<&Object>) -> Option<Form> {
        None
    }

    /// Reads a form that was filled in on a page.
    fn fill(
        &self,
        _name: &str,
        _object: Option<&Object>,
        answers: &BTreeMap<String, String>,
    ) -> Result<Value, Vec<Problem>> {
        Ok(serde_json::json!(answers))
    }

    /// Checks a form, from a page or from the API, and says what becomes of the object.
    fn accept<'a>(
        &'a self,
        _unit: &'a mut Unit,
        _company: &'a str,
        _name: &'a str,
        _object: Option<&'a Object>,
        form: &'a Value,
    ) -> BoxFuture<'a, Result<Filled, StoreError>> {
        let form = form.clone();
        async { Ok(Filled { form, revised: None }) }.boxed()
    }

    /// Whether a form that is sent once more says what the first one said, of which `stored` was kept. `object` is as it is
    /// now. Nothing is changed, and in doubt they differ: then the sender is told that the first one stands.
    fn same_form(&self, _name: &str, _object: Option<&Object>, sent: &Value, stored: &Value) -> bool {
        sent == stored
    }

    /// A task within the commit: one of the manifest's `inline`.
    fn call<'a>(
        &'a self,
        _unit: &'a mut Unit,
        call: Call,
    ) -> BoxFuture<'a, Result<Result<Value, TaskError>, StoreError>> {
        async move { Ok(Err(TaskError::new("States.TaskFailed", format!("there is no code for {}", call.resource)))) }
            .boxed()
    }

    /// Answers a `GET` to one of the manifest's `endpoints`. Nothing can be changed.
    fn look<'a>(
        &'a self,
        _session: &'a mut Session,
        request: &'a EndpointRequest,
    ) -> BoxFuture<'a, Result<EndpointAnswer, StoreError>> {
        unanswered(request)
    }

    /// Answers any other request to one of the manifest's `endpoints`. A refusal undoes the unit.
    fn respond<'a>(
        &'a self,
        _unit: &'a mut Unit,
        request: &'a EndpointRequest,
    ) -> BoxFuture<'a, Result<EndpointAnswer, StoreError>> {
        unanswered(request)
    }

    /// What follows from an event that the manifest subscribes to, in the commit that moves the subscription on. An error
    /// undoes it, and the event is tried again later.
    fn on_event<'a>(&'a self, _unit: &'a mut Unit, _event: &'a Consumed<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    /// A task in a worker: one of the manifest's `actions`.
    fn act<'a>(&'a self, action: Action<'a>) -> BoxFuture<'a, Result<Value, ActionError>> {
        let cause = format!("there is no code for {}", action.resource);
        async move { Err(ActionError::give_up("States.TaskFailed", cause)) }.boxed()
    }

    /// What becomes of an object's data in another version of the module; or why nothing does, in a sentence. It depends on
    /// what it is given and on nothing else, so that it is the same when it is tried and when it is done.
    fn migrate<'a>(&'a self, _migrating: &'a Migrating<'a>) -> BoxFuture<'a, Result<Value, String>> {
        async { Err("the module has no code that migrates".to_owned()) }.boxed()
    }

    /// What the code says about its own health; nothing if it has no say in it.
    fn health<'a>(&'a self, _store: &'a Store, _company: &'a str) -> BoxFuture<'a, Option<Said>> {
        async { None }.boxed()
    }

    /// The document of an object, as it stands: the bytes of the file that the manifest names.
    fn render(&self, _rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        Err(ActionError::give_up("States.TaskFailed", "this object has no document"))
    }
}

/// A module that names an endpoint and does not answer it is not in order.
fn unanswered(request: &EndpointRequest) -> BoxFuture<'_, Result<EndpointAnswer, StoreError>> {
    let cause = format!("there is no code for {} {}", request.method, request.path);
    async move { Err(StoreError::Corrupt(cause)) }.boxed()
}

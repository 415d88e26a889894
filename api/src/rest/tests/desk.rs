//! A module for tests: requests that somebody decides on, and notes that nobody does.

use crate::rest::tests::app::Body;
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::{ActionError, Draft, Filled, Module, Package, Prepared, Rendering, Workflow};
use serde_json::{Value, json};
use store::{Object, StoreError, Unit};
use workflow::Problem;

const MANIFEST: &str = r#"
name: desk
version: 1.0.0
title: Desk
description: Requests and notes.
licence: Apache-2.0
permissions:
  - { name: desk.requests.create, title: Make requests, roles: [staff] }
  - { name: desk.requests.read, title: See requests, roles: [staff] }
  - { name: desk.notes.create, title: Write notes, roles: ["*"] }
  - { name: desk.notes.read, title: See notes, roles: ["*"] }
  - { name: desk.notes.change, title: Change notes, roles: [staff] }
objects:
  - collection: requests
    title: Request
    schema: request.json
    example: example.json
    create: desk.requests.create
    read: desk.requests.read
    document: document.txt
  - collection: notes
    title: Note
    schema: note.json
    create: desk.notes.create
    read: desk.notes.read
    update: desk.notes.change
    delete: desk.notes.change
    events: true
    singular: note
    attachments: true
workflows:
  - { name: desk/request, file: request.asl.json }
publishes: [desk.request.made]
"#;

const REQUEST: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object", "additionalProperties": false, "required": ["title", "amount"],
  "properties": {
    "title": { "type": "string", "minLength": 1, "maxLength": 40 },
    "amount": { "$ref": "#/$defs/decimal" },
    "due": { "type": "string", "format": "date" }
  },
  "$defs": { "decimal": { "type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,2})?$" } }
}"##;

const NOTE: &str = r#"{
  "type": "object", "required": ["text"],
  "properties": { "text": { "type": "string", "x-index": true }, "id": { "type": "string" } }
}"#;

const EXAMPLE: &str = r#"{ "title": "Two chairs", "amount": "120.00" }"#;

/// Anna and Ben are asked; one is enough. Then Cleo.
const DEFINITION: &str = r#"{
  "QueryLanguage": "JSONata", "StartAt": "Made",
  "States": {
    "Made": {
      "Type": "Task", "Resource": "event.publish", "Next": "First",
      "Arguments": { "type": "desk.request.made", "subject": "desk/requests/any", "data": { "n": 1 } }
    },
    "First": {
      "Type": "Approval", "Title": "Two chairs",
      "Groups": [{ "Name": "desk", "From": [{ "User": "anna" }, { "User": "ben" }], "Quorum": 1 }],
      "Decisions": [
        { "Name": "approve", "Outcome": "approved" },
        { "Name": "amend", "Outcome": "approved", "Form": "desk.amend" },
        { "Name": "reject", "Outcome": "rejected" }
      ],
      "CommentRequired": ["reject"],
      "Outcomes": { "approved": { "Next": "Second" }, "rejected": { "Next": "Refused" } }
    },
    "Second": {
      "Type": "Approval", "Title": "Two chairs, at last",
      "Groups": [{ "Name": "head", "From": [{ "User": "cleo" }], "Quorum": 1 }],
      "Outcomes": { "approved": { "Next": "Done" }, "rejected": { "Next": "Refused" } }
    },
    "Done": { "Type": "Succeed", "Output": { "done": true } },
    "Refused": { "Type": "Fail", "Error": "Refused", "Cause": "somebody said no" }
  }
}"#;

/// The module.
pub(super) struct Desk(Package);

impl Desk {
    pub(super) fn new() -> Self {
        let files =
            [("module.yaml", MANIFEST), ("request.json", REQUEST), ("note.json", NOTE), ("example.json", EXAMPLE)];
        Self(Package::of(files.into_iter().chain([("request.asl.json", DEFINITION)])))
    }
}

impl Module for Desk {
    fn package(&self) -> &Package {
        &self.0
    }

    fn prepare<'a>(&'a self, unit: &'a mut Unit, draft: Draft<'a>) -> BoxFuture<'a, Result<Prepared, StoreError>> {
        async move {
            let data = draft.data.clone();
            if data["text"] == "panic" {
                panic!("a module that panics");
            }
            if draft.collection == "notes" {
                let id = data["id"].as_str().map(str::to_owned);
                return Ok(Prepared { id, data, status: "active".to_owned(), number: None, workflow: None });
            }
            let number = Some(format!("R-{}", unit.next_number(draft.company, "requests").await?));
            let workflow =
                Some(Workflow { definition: "desk/request".to_owned(), input: json!({ "secret": "of the workflow" }) });
            Ok(Prepared { id: None, data, status: "submitted".to_owned(), number, workflow })
        }
        .boxed()
    }

    fn accept<'a>(
        &'a self,
        _unit: &'a mut Unit,
        _company: &'a str,
        _name: &'a str,
        _object: Option<&'a Object>,
        form: &'a Value,
    ) -> BoxFuture<'a, Result<Filled, StoreError>> {
        async move {
            match form["limit"].as_str() {
                Some(_) => Ok(Filled { form: form.clone(), revised: None }),
                None => Err(StoreError::Problems(vec![Problem::new("/limit", "missing", "is missing; add it")])),
            }
        }
        .boxed()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        match rendering.object.data["title"].as_str() {
            Some("unprintable") => Err(ActionError::give_up("Desk.Unprintable", "no letter fits")),
            Some("later") => Err(ActionError::retry("Desk.Busy", "the printer is busy")),
            title => {
                Ok(format!("DRAFT of {}, {} decided", title.unwrap_or_default(), rendering.approvals.len())
                    .into_bytes())
            }
        }
    }
}

/// A request that fits.
pub(super) fn request() -> Body {
    Body::Json(json!({ "title": "Two chairs", "amount": "120.00" }))
}

//! A module with one kind of object, a form and a document, and the workflow that the tests run.

use futures::FutureExt;
use futures::future::BoxFuture;
use modules::view::{Fact, View};
use modules::{ActionError, Field, FieldKind, Filled, Form, Module, Package, Rendering};
use serde_json::{Value, json};
use store::{Object, StoreError, Unit};
use workflow::Problem;

const MANIFEST: &str = "
name: notes
version: 1.0.0
title: Notes
description: Notes that somebody approves
licence: Apache-2.0
permissions:
  - {name: notes.create, title: Write notes, roles: [\"*\"]}
  - {name: notes.read, title: Read notes, roles: [\"*\"]}
objects:
  - {collection: notes, title: Note, schema: note.json, create: notes.create, read: notes.read, document: note.pdf, example: example.json}
workflows:
  - {name: notes/note, file: note.asl.json}
";

const EXAMPLE: &str = r#"{"words": "Anna's", "after": "NOTE_ID"}"#;

const WORKFLOW: &str = r#"{
  "QueryLanguage": "JSONata", "StartAt": "Read",
  "States": {
    "Read": {
      "Type": "Approval", "Title": "Read the note", "Subject": {"Type": "notes/notes", "Id": "n1"},
      "Groups": [{"Name": "readers", "From": [{"User": "anna"}, {"User": "bob"}, {"User": "eva"}], "Quorum": 1}],
      "CommentRequired": ["reject"], "ExpireAfter": "P30D",
      "Decisions": [
        {"Name": "approve", "Outcome": "approved"},
        {"Name": "reject", "Label": "Turn down", "Outcome": "rejected"},
        {"Name": "amend", "Form": "notes.amend", "Outcome": "amended"}
      ],
      "Outcomes": {
        "approved": {"Next": "Check"}, "rejected": {"Next": "Done"}, "expired": {"Next": "Done"},
        "amended": {"Next": "Read"}
      }
    },
    "Check": {
      "Type": "Approval", "Title": "Check the note", "Subject": {"Type": "notes/notes", "Id": "n1"},
      "Groups": [{"Name": "checkers", "From": [{"User": "carl"}]}],
      "Outcomes": {"approved": {"Next": "Done"}, "rejected": {"Next": "Read"}}
    },
    "Done": {"Type": "Succeed"}
  }
}"#;

pub(super) struct Notes(Package);

impl Notes {
    pub(super) fn new() -> Self {
        Self(Package::of([
            ("module.yaml", MANIFEST),
            ("note.json", "{}"),
            ("example.json", EXAMPLE),
            ("note.asl.json", WORKFLOW),
        ]))
    }
}

fn words(data: &Value) -> &str {
    data["words"].as_str().unwrap()
}

impl Module for Notes {
    fn package(&self) -> &Package {
        &self.0
    }

    fn view(&self, object: &Object, _related: &[Object]) -> View {
        let facts = vec![Fact::new("Words", words(&object.data))];
        View { title: format!("Note {}", object.id), facts, ..View::default() }
    }

    fn changes(&self, collection: &str, before: &Value, after: &Value) -> Vec<String> {
        vec![format!("{collection}: {} became {}.", words(before), words(after))]
    }

    fn form(&self, name: &str, object: Option<&Object>) -> Option<Form> {
        let value = words(&object?.data).to_owned();
        let field = Field {
            name: "words".to_owned(),
            label: "New words".to_owned(),
            kind: FieldKind::Text,
            value,
            required: true,
            help: None,
        };
        (name == "notes.amend").then(|| Form { title: "Amend".to_owned(), fields: vec![field] })
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
            if words(form).is_empty() {
                return Err(StoreError::Problems(vec![Problem::new("/words", "required", "must not be empty")]));
            }
            Ok(Filled { form: form.clone(), revised: Some(json!({ "words": words(form) })) })
        }
        .boxed()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        let kind = if rendering.is_final { "final" } else { "draft" };
        Ok(format!("%PDF {kind} {}", words(&rendering.object.data)).into_bytes())
    }
}

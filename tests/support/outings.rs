//! A module without code: everything that it does is declared.

use modules::{Module, Package};

const MANIFEST: &str = r#"
name: outings
version: 1.0.0
title: Outings
description: Projects, trips and who must agree to them.
licence: Apache-2.0
permissions:
  - { name: outings.projects.write, title: Keep projects, roles: [admin] }
  - { name: outings.trips.write, title: Plan trips, roles: ["*"] }
  - { name: outings.trips.read, title: See trips, roles: ["*"] }
  - { name: outings.trips.limit, title: Set the limit of a trip, roles: [cfo, admin] }
objects:
  - collection: projects
    title: Project
    schema: project.json
    create: outings.projects.write
    read: outings.trips.read
    update: outings.projects.write
    delete: outings.projects.write
    attachments: true
  - collection: trips
    title: Trip
    schema: trip.json
    example: trip.example.json
    singular: trip
    create: outings.trips.write
    read: outings.trips.read
    update: outings.trips.write
    delete: outings.trips.write
    events: [created, updated, deleted]
  - collection: receipts
    title: Receipt
    schema: receipt.json
    create: outings.trips.write
    read: outings.trips.read
    attachments: true
  - collection: requests
    title: Request
    schema: request.json
    create: outings.trips.write
    read: outings.trips.read
    update: outings.trips.write
workflows:
  - { name: outings/request, file: request.asl.json }
"#;

const PROJECT: &str = r#"{
  "type": "object", "additionalProperties": false, "required": ["code", "title"],
  "x-unique": [["owner", "no"]],
  "properties": {
    "code": { "type": "string", "minLength": 2, "x-unique": true, "x-index": true },
    "title": { "type": "string" },
    "owner": { "type": "string" },
    "no": { "type": "integer" }
  }
}"#;

const TRIP: &str = r#"{
  "type": "object", "additionalProperties": false, "required": ["to", "price", "currency", "total"],
  "properties": {
    "to": { "type": "string", "minLength": 1, "x-index": true },
    "project": { "type": "string", "x-ref": "projects", "x-index": true },
    "days": { "type": "integer", "minimum": 1, "x-index": true },
    "starts_at": { "type": "string", "format": "date-time", "x-index": true },
    "price": { "type": "string", "x-money": { "field": "currency" } },
    "currency": { "type": "string" },
    "total": { "type": "string", "x-index": "decimal", "x-computed": "{% $dec_mul($object.price, $exists($object.days) ? $string($object.days) : '1') %}" },
    "limit": { "type": "string", "x-guarded": "outings.trips.limit" },
    "private": { "type": "boolean", "x-index": true },
    "hotel": { "type": "object", "properties": { "city": { "type": "string", "x-index": true } } }
  }
}"#;

const RECEIPT: &str = r#"{
  "type": "object", "additionalProperties": false, "required": ["what"],
  "properties": {
    "what": { "type": "string" },
    "projects": { "type": "array", "items": { "type": "string", "x-ref": "projects" } },
    "amounts": { "type": "array", "items": { "type": "string", "x-money": { "currency": "EUR" } } }
  }
}"#;

const REQUEST: &str = r#"{
  "type": "object", "additionalProperties": false, "required": ["what"],
  "x-workflow": { "definition": "outings/request", "input": "{% { 'what': $object.what, 'by': $requester.id } %}", "status": "asked" },
  "properties": { "what": { "type": "string" } }
}"#;

const DEFINITION: &str = r#"{
  "QueryLanguage": "JSONata", "StartAt": "Begin",
  "States": {
    "Begin": {
      "Type": "Pass", "Next": "Ask",
      "Assign": { "object": "{% $states.input.object %}", "what": "{% $states.input.what %}", "by": "{% $states.input.by %}" }
    },
    "Ask": {
      "Type": "Approval", "Title": "{% $what %}",
      "Groups": [{ "Name": "boss", "From": [{ "ManagerOf": "{% $by %}" }], "Quorum": 1 }],
      "Subject": { "Type": "outings/requests", "Id": "{% $object.id %}" },
      "Outcomes": { "approved": { "Next": "Agreed" }, "rejected": { "Next": "Refused" } }
    },
    "Agreed": {
      "Type": "Task", "Resource": "object.set_status", "End": true,
      "Arguments": { "kind": "outings/requests", "id": "{% $object.id %}", "status": "agreed" }
    },
    "Refused": { "Type": "Fail", "Error": "Refused", "Cause": "the manager said no" }
  }
}"#;

const EXAMPLE: &str = r#"{ "to": "Oslo", "price": "120.00", "currency": "EUR", "days": 2 }"#;

/// The module.
pub(crate) struct Outings(Package);

impl Outings {
    pub(crate) fn new() -> Self {
        Self(Package::of([
            ("module.yaml", MANIFEST),
            ("project.json", PROJECT),
            ("trip.json", TRIP),
            ("trip.example.json", EXAMPLE),
            ("receipt.json", RECEIPT),
            ("request.json", REQUEST),
            ("request.asl.json", DEFINITION),
        ]))
    }
}

impl Module for Outings {
    fn package(&self) -> &Package {
        &self.0
    }
}

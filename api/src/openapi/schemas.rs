//! The shapes of what is answered and sent, apart from the modules' objects.

use serde_json::{Map, Value, json};

/// The schemas that every installation has.
pub(super) fn fixed() -> Map<String, Value> {
    let all = [
        ("Problem", problem()),
        ("Object", object()),
        ("Revision", revision()),
        ("RevisionPage", page("Revision", Some(json!({ "type": ["string", "null"] })))),
        ("Attachment", attachment()),
        ("AttachmentPage", page("Attachment", None)),
        ("Instance", instance()),
        ("WaitingFor", waiting_for()),
        ("OpenApproval", open_approval()),
        ("ClosedApproval", closed_approval()),
        ("Vote", vote()),
        ("HistoryEntry", history_entry()),
        ("HistoryPage", page("HistoryEntry", Some(json!({ "type": ["integer", "null"] })))),
        ("Decision", decision()),
        ("Decided", decided()),
        ("Handover", handover()),
        ("Cancellation", record(&["reason"], json!({ "reason": reason() }), true)),
        ("Signal", record(&["name"], json!({ "name": reason(), "data": anything("What it carries.") }), true)),
        ("TaskSuccess", record(&[], json!({ "output": anything("The result of the task.") }), true)),
        ("TaskFailure", record(&["error"], json!({ "error": reason(), "cause": text() }), true)),
        ("Taken", record(&["taken"], json!({ "taken": { "const": true } }), false)),
        ("Standing", record(&["instance", "version", "status", "state", "waiting_for"], standing(), false)),
        ("Effect", effect()),
        ("EffectPage", page("Effect", None)),
        ("Revived", record(&["id", "status"], json!({ "id": text(), "status": { "const": "ready" } }), false)),
        ("Event", event()),
        ("EventPage", page("Event", Some(json!({ "type": "integer" })))),
        ("Person", person()),
        ("PeoplePage", page("Person", None)),
        ("Me", me()),
        ("Readiness", readiness()),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn maybe_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe_time() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

fn list_of(schema: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{schema}") } })
}

fn anything(description: &str) -> Value {
    json!({ "description": description })
}

fn reason() -> Value {
    let most = workflow::MAX_COMMENT_CHARS;
    json!({ "type": "string", "minLength": 1, "maxLength": most, "description": "Why; it is kept in the history." })
}

/// An object. What is sent is closed: an unknown field is refused. What is answered may grow.
fn record(required: &[&str], properties: Value, closed: bool) -> Value {
    let mut schema = json!({ "type": "object", "required": required, "properties": properties });
    if closed {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn page(item: &str, next: Option<Value>) -> Value {
    match next {
        Some(next) => record(&["items", "next"], json!({ "items": list_of(item), "next": next }), false),
        None => record(&["items"], json!({ "items": list_of(item) }), false),
    }
}

fn problem() -> Value {
    let defect = json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "pointer": { "type": "string", "description": "Where in the body: a JSON pointer (RFC 6901)." },
            "parameter": { "type": "string", "description": "Which query parameter." },
            "code": text(),
            "message": { "type": "string", "description": "What, and how to mend it." },
            "line": whole(),
            "column": whole(),
        },
    });
    let mut schema = record(
        &["type", "title", "status", "detail", "code", "errors"],
        json!({
            "type": { "type": "string", "format": "uri", "description": "Made of the code." },
            "title": text(),
            "status": whole(),
            "detail": { "type": "string", "description": "What happened this time." },
            "code": { "type": "string", "description": "For programs; stable over releases." },
            "errors": { "type": "array", "items": defect },
            "request_id": { "type": ["string", "null"], "description": "As in the header X-Request-Id and in the log." },
        }),
        false,
    );
    schema["description"] = json!("A problem as RFC 9457 tells it.");
    schema["examples"] = json!([{
        "type": "urn:countersign:problem:invalid",
        "title": "The input has problems",
        "status": 422,
        "detail": "/lines/0/quantity: must be greater than 0",
        "code": "invalid",
        "errors": [{ "pointer": "/lines/0/quantity", "code": "range", "message": "must be greater than 0" }],
        "request_id": "7f3d2c1b9a8e4f60b1c2d3e4f5a6b7c8",
    }]);
    schema
}

fn object() -> Value {
    let approval = record(
        &["state", "since", "waiting_for"],
        json!({
            "state": text(),
            "since": time(),
            "waiting_for": { "type": "array", "items": text(), "description": "The names of those who can decide now." },
        }),
        false,
    );
    record(
        &["id", "kind", "revision", "status", "number", "instance", "created_at", "created_by", "updated_at", "data"],
        json!({
            "id": text(),
            "kind": { "type": "string", "description": "Module and collection." },
            "revision": whole(),
            "status": { "type": "string", "description": "A word of the module." },
            "number": maybe_text(),
            "instance": { "type": ["string", "null"], "description": "The workflow that decides on it." },
            "created_at": time(),
            "created_by": text(),
            "updated_at": time(),
            "data": { "type": "object" },
            "approval": approval,
        }),
        false,
    )
}

fn revision() -> Value {
    record(
        &["revision", "at", "by", "deleted", "data"],
        json!({
            "revision": whole(),
            "at": time(),
            "by": text(),
            "deleted": { "type": "boolean", "description": "With this revision it was deleted." },
            "data": { "type": "object", "description": "What it was then." },
        }),
        false,
    )
}

fn attachment() -> Value {
    record(
        &["name", "media_type", "length", "sha256", "at", "by"],
        json!({
            "name": text(), "media_type": text(), "length": whole(), "sha256": text(), "at": time(), "by": text(),
        }),
        false,
    )
}

fn instance() -> Value {
    let definition = record(&["name", "version"], json!({ "name": text(), "version": whole() }), false);
    let subject = json!({ "type": ["object", "null"], "properties": { "kind": text(), "id": text() } });
    let statuses = ["new", "running", "succeeded", "failed", "cancelled"];
    record(
        &["id", "definition", "version", "status", "state", "since", "waiting_for", "closed", "history"],
        json!({
            "id": text(),
            "definition": definition,
            "version": whole(),
            "status": { "type": "string", "enum": statuses },
            "state": maybe_text(),
            "since": maybe_time(),
            "started_at": maybe_time(),
            "requester": maybe_text(),
            "subject": subject,
            "next_due": { "type": ["string", "null"], "format": "date-time", "description": "When something happens \
                by itself: a reminder, an escalation, an expiry." },
            "waiting_for": list_of("WaitingFor"),
            "approval": { "anyOf": [{ "$ref": "#/components/schemas/OpenApproval" }, { "type": "null" }] },
            "closed": list_of("ClosedApproval"),
            "output": { "description": "If it succeeded." },
            "approvals": list_of("OpenApproval"),
            "error": { "type": "object", "properties": { "error": text(), "cause": text() } },
            "reason": { "type": "string", "description": "If it was cancelled." },
            "variables": { "type": "object", "description": "For the role admin." },
            "history": list_of("HistoryEntry"),
        }),
        false,
    )
}

fn waiting_for() -> Value {
    record(
        &["kind", "since"],
        json!({
            "kind": { "type": "string", "enum": ["person", "time", "task", "signal", "retry", "failed-effect"] },
            "state": text(),
            "since": time(),
            "activity": whole(),
            "person": text(),
            "name": text(),
            "group": text(),
            "why": { "type": "string", "description": "Why this person." },
            "decided": flag(),
            "until": time(),
            "resource": maybe_text(),
            "deadline": maybe_time(),
            "heartbeat_due": maybe_time(),
            "instance": { "type": ["string", "null"], "description": "The workflow that a task has started and waits for." },
            "signal": text(),
            "next_attempt_at": time(),
            "attempts": whole(),
            "effect": text(),
            "error": text(),
            "retry": { "type": "object", "description": "The request that has it tried again." },
        }),
        false,
    )
}

fn open_approval() -> Value {
    let choice = record(
        &["name", "comment_required"],
        json!({
            "name": text(), "label": maybe_text(), "outcome": text(), "form": maybe_text(), "comment_required": flag(),
        }),
        false,
    );
    let group =
        record(&["name", "quorum", "asked"], json!({ "name": text(), "quorum": whole(), "asked": whole() }), false);
    record(
        &["activity", "round", "title", "opened_at", "decisions", "groups", "votes"],
        json!({
            "activity": whole(),
            "round": whole(),
            "title": text(),
            "details": maybe_text(),
            "opened_at": time(),
            "subject": { "type": ["object", "null"] },
            "decisions": { "type": "array", "items": choice },
            "groups": { "type": "array", "items": group },
            "votes": list_of("Vote"),
            "excluded": { "type": "array", "items": { "type": "object" } },
        }),
        false,
    )
}

fn closed_approval() -> Value {
    record(
        &["state", "activity", "round", "outcome", "opened_at", "closed_at", "votes"],
        json!({
            "state": text(), "activity": whole(), "round": whole(), "title": text(), "outcome": text(),
            "by_escalation": flag(), "opened_at": time(), "closed_at": time(), "votes": list_of("Vote"),
        }),
        false,
    )
}

fn vote() -> Value {
    record(
        &["person", "name", "groups", "decision", "at", "why"],
        json!({
            "person": text(), "name": text(), "groups": texts(), "decision": text(), "at": time(),
            "comment": maybe_text(), "form": {}, "why": text(),
        }),
        false,
    )
}

fn history_entry() -> Value {
    let actor = record(
        &["kind"],
        json!({
            "kind": { "type": "string", "enum": ["system", "person"] },
            "id": text(),
            "name": maybe_text(),
            "through": { "type": "string", "enum": ["link", "token"] },
        }),
        false,
    );
    record(
        &["seq", "version", "at", "by", "type"],
        json!({
            "seq": whole(), "version": whole(), "at": time(), "by": actor, "type": text(), "name": text(), "error": text(),
            "cause": text(), "details": {}, "input": {}, "output": {},
        }),
        false,
    )
}

fn decision() -> Value {
    record(
        &["decision"],
        json!({
            "activity": { "type": ["integer", "null"], "minimum": 0 },
            "decision": { "type": "string", "minLength": 1, "description": "One of the approval's decisions." },
            "comment": { "type": ["string", "null"], "maxLength": workflow::MAX_COMMENT_CHARS },
            "form": { "description": "The form of the decision, if it has one." },
        }),
        true,
    )
}

fn standing() -> Value {
    json!({ "instance": text(), "version": whole(), "status": text(), "state": maybe_text(), "waiting_for": texts() })
}

fn decided() -> Value {
    let mut properties = standing();
    properties["activity"] = whole();
    properties["decision"] = text();
    properties["repeated"] =
        json!({ "type": "boolean", "description": "Nothing changed: the same decision was made before." });
    record(&["instance", "status", "activity", "decision", "repeated"], properties, false)
}

fn handover() -> Value {
    let person = || json!({ "type": "string", "minLength": 1, "description": "The id of a person." });
    record(
        &["from", "to", "reason"],
        json!({ "activity": whole(), "from": person(), "to": person(), "reason": reason() }),
        true,
    )
}

fn effect() -> Value {
    record(
        &["id", "instance", "version", "n", "status", "effect", "error", "attempts", "gave_up_at", "retry"],
        json!({
            "id": text(), "instance": text(), "version": whole(), "n": whole(), "status": { "const": "dead" },
            "effect": { "type": "object" }, "error": text(), "attempts": whole(), "gave_up_at": time(),
            "retry": { "type": "object" },
        }),
        false,
    )
}

fn event() -> Value {
    record(
        &["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "sequence", "data"],
        json!({
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "description": "For consumers that must not act twice." },
            "source": { "type": "string", "format": "uri-reference" },
            "type": text(),
            "subject": text(),
            "time": time(),
            "datacontenttype": { "const": "application/json" },
            "sequence": { "type": "string", "description": "Its place in the company's log; sorts like the number \
                that it is." },
            "data": {},
        }),
        false,
    )
}

fn person_fields() -> Value {
    json!({
        "id": text(), "name": text(), "roles": texts(), "manager": maybe_text(), "department": maybe_text(),
        "active": flag(), "email": text(),
    })
}

fn person() -> Value {
    record(&["id", "name", "roles", "active"], person_fields(), false)
}

fn me() -> Value {
    let mut properties = person_fields();
    properties["company"] = text();
    properties["permissions"] = texts();
    record(&["id", "name", "roles", "email", "company", "permissions"], properties, false)
}

fn readiness() -> Value {
    let check = || record(&["status"], json!({ "status": text(), "took_ms": whole(), "why": text() }), false);
    let mut file = check();
    file["description"] = json!("On SQLite: the file is the one that was opened, neither removed nor replaced.");
    let checks = record(&["read", "write"], json!({ "read": check(), "write": check(), "file": file }), false);
    let module = record(&["status"], json!({ "status": { "enum": ["ok", "degraded", "failing"] } }), false);
    let about = "How each module does on this node. One that fails leaves the node ready.";
    let modules = json!({ "type": "object", "description": about, "additionalProperties": module });
    record(&["status", "checks", "modules"], json!({ "status": text(), "checks": checks, "modules": modules }), false)
}

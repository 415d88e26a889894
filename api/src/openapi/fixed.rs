//! The paths that every installation has.

use super::parts::{answers_get, answers_post, content, done, ok, query, reference, takes};
use serde_json::{Map, Value, json};

/// The tags of these paths, with what they are about.
pub(super) const TAGS: [(&str, &str); 6] = [
    ("Workflows", "Instances: where they stand, whom or what they wait for, and what people do with them."),
    ("Effects", "What gave up and needs a hand."),
    ("Events", "What was published, as CloudEvents 1.0, from any place in the log."),
    ("People", "Who is in the company, and who is asking."),
    ("Modules", "What the company has installed, and changing it."),
    ("Service", "Health and description."),
];

/// Adds them.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let all = [
        ("/api/v1/{company}/instances/{id}", instance()),
        ("/api/v1/{company}/instances/{id}/history", history()),
        ("/api/v1/{company}/instances/{id}/decisions", decisions()),
        ("/api/v1/{company}/instances/{id}/reassign", reassign()),
        ("/api/v1/{company}/instances/{id}/cancel", cancel()),
        ("/api/v1/{company}/effects", effects()),
        ("/api/v1/{company}/effects/{instance}/{version}/{n}/retry", retry()),
        ("/api/v1/{company}/events", events()),
        ("/api/v1/{company}/people", people()),
        ("/api/v1/{company}/me", me()),
        ("/livez", live()),
        ("/readyz", ready()),
        ("/openapi.json", openapi()),
    ];
    paths.extend(all.map(|(path, item)| (path.to_owned(), item)));
}

fn instance() -> Value {
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": "read_instance",
            "tags": ["Workflows"],
            "summary": "Read an instance",
            "description": "Where it stands, why it waits, who decided, and its history. Needs the permission to \
                read the object that it is about.\n\nVariables, and what states and tasks were given and yielded, \
                are shown to the role admin only.",
            "responses": answers_get(ok("The instance.", "Instance")),
        },
    })
}

fn history() -> Value {
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": "read_instance_history",
            "tags": ["Workflows"],
            "summary": "Read the history of an instance",
            "parameters": takes(&["After", "Limit"]),
            "responses": answers_get(ok("A page, oldest first; next is the after of the next page.", "HistoryPage")),
        },
    })
}

fn decisions() -> Value {
    let description = "As the person of the token, who must be among those who are asked. The same decision sent \
        again, with the same comment and form, is answered with repeated: true; another one, or one on a closed \
        question, is refused with 409, which says what stands.\n\nName the activity, as waiting_for gives it: \
        without it the open question is meant. If the person has no seat in it, the same decision as the last one of \
        that person is answered with repeated: true, and any other with 403.";
    posted(
        "decide",
        "Decide",
        description,
        "Decision",
        done("The decision is recorded.", "Decided"),
        json!({ "decision": "approve", "activity": 3 }),
    )
}

fn reassign() -> Value {
    let description = "Gives the seat of one person to another. Needs the role admin, or the seat.";
    let example = json!({ "activity": 3, "from": "anna", "to": "ben", "reason": "Anna is away this week" });
    posted("reassign", "Hand over", description, "Handover", done("The seat is handed over.", "Standing"), example)
}

fn cancel() -> Value {
    let description = "Ends the instance; nobody is asked any more. Needs the role admin, or to be the requester. \
                       A change of modules is not cancelled.";
    posted(
        "cancel_instance",
        "Cancel",
        description,
        "Cancellation",
        done("The instance is cancelled.", "Standing"),
        json!({ "reason": "Not needed any more" }),
    )
}

/// A POST on an instance.
fn posted(id: &str, summary: &str, description: &str, schema: &str, good: Value, example: Value) -> Value {
    let mut body = content(&reference("schemas", schema));
    body["application/json"]["example"] = example;
    json!({
        "parameters": takes(&["Company", "Id"]),
        "post": {
            "operationId": id,
            "tags": ["Workflows"],
            "summary": summary,
            "description": description,
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(good),
        },
    })
}

fn effects() -> Value {
    let status = query(
        "status",
        "Only dead ones are listed; the others go on by themselves.",
        json!({ "type": "string", "enum": ["dead"], "default": "dead" }),
    );
    let filters: Vec<Value> = [status].into_iter().chain(takes(&["Limit"])).collect();
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_effects",
            "tags": ["Effects"],
            "summary": "List the effects that gave up",
            "description": "The latest first. Needs the role admin.",
            "parameters": filters,
            "responses": answers_get(ok("The effects.", "EffectPage")),
        },
    })
}

fn retry() -> Value {
    let about = "A part of the effect's id.";
    let part = |name: &str, schema: Value| json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema });
    let whole = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let own = [part("instance", json!({ "type": "string" })), part("version", whole()), part("n", whole())];
    let parameters: Vec<Value> = takes(&["Company"]).into_iter().chain(own).collect();
    json!({
        "parameters": parameters,
        "post": {
            "operationId": "retry_effect",
            "tags": ["Effects"],
            "summary": "Try an effect again",
            "description": "Takes no body. Needs the role admin.",
            "parameters": takes(&["IdempotencyKey"]),
            "responses": answers_post(done("It will be tried again at once.", "Revived")),
        },
    })
}

fn events() -> Value {
    let kind = query(
        "type",
        "A type of events, or a pattern with * at its end.",
        json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
    );
    let parameters: Vec<Value> = takes(&["After", "Limit"]).into_iter().chain([kind]).collect();
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_events",
            "tags": ["Events"],
            "summary": "Read events",
            "description": "Oldest first. Keep next and give it as after: nothing is missed and nothing comes twice. \
                Events about objects that the caller may not read are left out, and with type those of others; a page may \
                be empty although more come: go on until next stays.",
            "parameters": parameters,
            "responses": answers_get(ok("A page; next is the after of the next page.", "EventPage")),
        },
    })
}

fn people() -> Value {
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_people",
            "tags": ["People"],
            "summary": "List people",
            "description": "Everybody of the company. E-mail addresses are shown to the role admin only.",
            "responses": answers_get(ok("Everybody, by id.", "PeoplePage")),
        },
    })
}

fn me() -> Value {
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "me",
            "tags": ["People"],
            "summary": "Who am I?",
            "responses": answers_get(ok("The person behind the token, with what the roles permit.", "Me")),
        },
    })
}

fn live() -> Value {
    open(
        "live",
        "Is the process up?",
        json!({ "200": { "description": "It is.", "content": content(&json!({ "type": "object" })) } }),
    )
}

fn ready() -> Value {
    let checks = content(&reference("schemas", "Readiness"));
    let good = json!({
        "200": { "description": "A read and the writer answer, and the file of the database is in its place.", "content": checks },
        "503": { "description": "One of them fails, or does not answer within two seconds.", "content": checks },
    });
    open("ready", "Can it do its work?", good)
}

fn openapi() -> Value {
    open(
        "openapi",
        "This document",
        json!({ "200": { "description": "OpenAPI 3.1.", "content": content(&json!({ "type": "object" })) } }),
    )
}

/// A GET that needs no token.
fn open(id: &str, summary: &str, responses: Value) -> Value {
    json!({ "get": { "operationId": id, "tags": ["Service"], "summary": summary, "security": [], "responses": responses } })
}

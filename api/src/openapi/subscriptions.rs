//! The paths and shapes of subscriptions.

use super::parts::{answers_get, answers_post, content, done, ok, path_parameter, reference, takes};
use serde_json::{Map, Value, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let all = "/api/v1/{company}/modules/{name}/subscriptions";
    let one = format!("{all}/{{subscription}}");
    let after = field("after", "The place in the log behind which it begins.");
    let seq = field("seq", "The place of the event in the log.");
    let replay = change(
        "replay_events",
        "Deliver events once more",
        "From a place on; or pass over what lies before one. What is held of them is let go.",
        &after,
        true,
    );
    let retry = change("retry_events", "Try failed events again", "One, or all that were given up.", &seq, false);
    let skip = change("skip_event", "Pass over a failed event", "Later ones about the same subject go on.", &seq, true);
    paths.extend([
        (all.to_owned(), list()),
        (format!("{one}/replay"), replay),
        (format!("{one}/retry"), retry),
        (format!("{one}/skip"), skip),
    ]);
}

/// Adds the schemas.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let (text, whole) = (|| json!({ "type": "string" }), || json!({ "type": "integer", "minimum": 0 }));
    let time = || json!({ "type": "string", "format": "date-time" });
    let failure = json!({
        "type": "object",
        "required": ["seq", "subject", "status", "attempts"],
        "properties": {
            "seq": whole(),
            "subject": text(),
            "status": { "enum": ["ready", "waiting", "dead"], "description": "Tried again; behind another about the same subject; given up." },
            "attempts": whole(),
            "error": { "type": ["string", "null"] },
            "since": time(),
            "again_at": { "type": ["string", "null"], "format": "date-time" },
        },
    });
    let subscription = json!({
        "type": "object",
        "required": ["name", "state", "position", "end", "lag", "held", "dead", "failures"],
        "properties": {
            "name": text(),
            "type": { "type": ["string", "null"] },
            "filter": { "type": ["string", "null"] },
            "state": { "enum": ["active", "resting", "full"] },
            "position": whole(),
            "end": whole(),
            "lag": whole(),
            "moved_at": time(),
            "held": whole(),
            "dead": whole(),
            "failures": { "type": "array", "items": reference("schemas", "FailedEvent") },
        },
    });
    let page = json!({
        "type": "object",
        "required": ["items"],
        "properties": { "items": { "type": "array", "items": reference("schemas", "Subscription") } },
    });
    let all = [("FailedEvent", failure), ("Subscription", subscription), ("SubscriptionPage", page)];
    schemas.extend(all.map(|(name, schema)| (name.to_owned(), schema)));
}

fn named() -> Vec<Value> {
    let name = path_parameter("name", "The module.", json!({ "type": "string" }));
    takes(&["Company"]).into_iter().chain([name]).collect()
}

fn list() -> Value {
    json!({
        "parameters": named(),
        "get": {
            "operationId": "list_subscriptions",
            "tags": ["Modules"],
            "summary": "List what a module has subscribed to",
            "description": "How far each has come in the log of events, and what it could not handle. Needs the permission modules.manage.",
            "responses": answers_get(ok("The subscriptions, by name.", "SubscriptionPage")),
        },
    })
}

fn field(name: &str, description: &str) -> (String, Value) {
    (name.to_owned(), json!({ "type": "integer", "format": "int64", "minimum": 0, "description": description }))
}

fn change(id: &str, summary: &str, about: &str, (name, schema): &(String, Value), needed: bool) -> Value {
    let mut properties = Map::new();
    properties.insert(name.clone(), schema.clone());
    let required: Vec<&String> = needed.then_some(name).into_iter().collect();
    let wanted =
        json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties });
    let mut body = content(&wanted);
    body["application/json"]["example"] = json!({ name: 1 });
    let subscription = path_parameter("subscription", "The subscription.", json!({ "type": "string" }));
    json!({
        "parameters": named().into_iter().chain([subscription]).collect::<Vec<_>>(),
        "post": {
            "operationId": id,
            "tags": ["Modules"],
            "summary": summary,
            "description": format!("{about} Needs the permission modules.manage."),
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(done("The subscription as it stands.", "Subscription")),
        },
    })
}

//! What reaches a running instance from outside: signals, and the answers to tasks that wait for a token.

use super::parts::{answers_post, content, done, ok, reference, takes};
use serde_json::{Map, Value, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let all = [
        ("/api/v1/{company}/instances/{id}/signals", signals()),
        ("/api/v1/{company}/callbacks/{token}/success", success()),
        ("/api/v1/{company}/callbacks/{token}/failure", failure()),
        ("/api/v1/{company}/callbacks/{token}/heartbeat", heartbeat()),
    ];
    paths.extend(all.map(|(path, item)| (path.to_owned(), item)));
}

fn signals() -> Value {
    let description = "Goes to the first task signal.wait that waits for this name; until there is one it is kept, up to \
        100 of them. Needs the role admin, or to be the requester.";
    json!({
        "parameters": takes(&["Company", "Id"]),
        "post": {
            "operationId": "signal_instance",
            "tags": ["Workflows"],
            "summary": "Send a signal",
            "description": description,
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": body("Signal", json!({ "name": "goods-received", "data": { "pallets": 3 } })),
            "responses": answers_post(done("The signal was taken.", "Standing")),
        },
    })
}

fn success() -> Value {
    let example = json!({ "output": { "paid": true } });
    answered("succeed_task", "Say that the task is done", Some(body("TaskSuccess", example)))
}

fn failure() -> Value {
    let example = json!({ "error": "Bank.Refused", "cause": "The account is closed" });
    answered("fail_task", "Say that the task failed", Some(body("TaskFailure", example)))
}

fn heartbeat() -> Value {
    answered("heartbeat_task", "Say that the task is still at work", None)
}

fn answered(id: &str, summary: &str, body: Option<Value>) -> Value {
    let token = json!({
        "name": "token", "in": "path", "required": true, "schema": { "type": "string" },
        "description": "What $states.context.Task.Token held. Whoever has it may answer this task, so keep it secret.",
    });
    let parameters: Vec<Value> = takes(&["Company"]).into_iter().chain([token]).collect();
    let mut post = json!({
        "operationId": id,
        "tags": ["Workflows"],
        "summary": summary,
        "description": "For tasks whose resource ends in .waitForTaskToken. Needs no bearer token. 404 if nothing waits \
            for the token: it was answered, has run out of time, or never was.",
        "security": [],
        "responses": answers_post(ok("The workflow goes on.", "Taken")),
    });
    if let Some(body) = body {
        post["requestBody"] = body;
    }
    json!({ "parameters": parameters, "post": post })
}

fn body(schema: &str, example: Value) -> Value {
    let mut body = content(&reference("schemas", schema));
    body["application/json"]["example"] = example;
    json!({ "required": true, "content": body })
}

//! The pieces that paths are put together from: parameters, headers, answers.

use serde_json::{Map, Value, json};

/// The refusals that any call with a token may meet.
const ALWAYS: [&str; 5] = ["400", "401", "404", "500", "503"];
/// Those that a POST may meet besides.
const OF_POST: [&str; 6] = ["403", "408", "409", "413", "415", "422"];

/// Those that a change of an object may meet besides.
const OF_CHANGE: [&str; 2] = ["412", "428"];

/// A problem by status: its name among the components and when it is given.
const PROBLEMS: [(&str, &str, &str); 14] = [
    (
        "400",
        "BadRequest",
        "The request cannot be read: malformed JSON, an unknown query parameter, an unusable header.",
    ),
    ("401", "Unauthorized", "The token is missing or not valid in this company."),
    ("403", "Forbidden", "The caller lacks a permission, a role or a seat; the detail names it."),
    ("404", "NotFound", "There is no such thing in this company."),
    ("408", "Timeout", "The body came too slowly."),
    ("409", "Conflict", "It stands otherwise by now: already decided, over, or changed at the same moment."),
    ("412", "Outdated", "It is not at the revision that If-Match names."),
    ("413", "TooLarge", "The body is larger than 1 MiB."),
    ("415", "UnsupportedMediaType", "The body is not declared as JSON."),
    (
        "422",
        "Invalid",
        "The input has problems, all of them listed; or the Idempotency-Key belongs to another request.",
    ),
    ("428", "PreconditionRequired", "If-Match is missing."),
    ("429", "TooManyRequests", "The module has had as many requests as it may; Retry-After says when to ask again."),
    ("500", "Internal", "A fault of the service."),
    ("503", "Unavailable", "The database does not answer; Retry-After says when to try again."),
];

/// A reference among the components: `reference("schemas", "Problem")`.
pub(super) fn reference(section: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{section}/{name}") })
}

/// A JSON body of that schema.
pub(super) fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

/// The answers of a GET: the good ones, and the refusals.
pub(super) fn answers_get(good: Value) -> Value {
    answers(good, ["403"].iter().chain(&ALWAYS))
}

/// The answers of a POST.
pub(super) fn answers_post(good: Value) -> Value {
    answers(good, OF_POST.iter().chain(&ALWAYS))
}

/// The answers of a change of an object.
pub(super) fn answers_change(good: Value) -> Value {
    answers(good, OF_CHANGE.iter().chain(&OF_POST).chain(&ALWAYS))
}

/// The answers where a file is sent or taken away.
pub(super) fn answers_file(good: Value) -> Value {
    answers(good, ["403", "408", "409", "413"].iter().chain(&ALWAYS))
}

fn answers<'a>(good: Value, refusals: impl Iterator<Item = &'a &'a str>) -> Value {
    let mut all: Map<String, Value> = match good {
        Value::Object(good) => good,
        _ => Map::new(),
    };
    let mut refusals: Vec<&str> = refusals.copied().collect();
    refusals.sort_unstable();
    for status in refusals {
        if let Some((_, name, _)) = PROBLEMS.iter().find(|(known, ..)| *known == status) {
            all.insert(status.to_owned(), reference("responses", name));
        }
    }
    Value::Object(all)
}

/// A good answer without a body of its own worth an example.
pub(super) fn ok(description: &str, schema: &str) -> Value {
    json!({ "200": { "description": description, "content": content(&reference("schemas", schema)) } })
}

/// A good answer to a POST, which may be one that was given before.
pub(super) fn done(description: &str, schema: &str) -> Value {
    let headers = json!({ "Idempotency-Replayed": reference("headers", "IdempotencyReplayed") });
    json!({ "200": { "description": description, "headers": headers, "content": content(&reference("schemas", schema)) } })
}

/// `components.responses`: every problem.
pub(super) fn responses() -> Value {
    let response = |(status, name, description): &(&str, &str, &str)| {
        let schema = reference("schemas", "Problem");
        let mut response =
            json!({ "description": description, "content": { "application/problem+json": { "schema": schema } } });
        match *status {
            "401" => {
                response["headers"] =
                    json!({ "WWW-Authenticate": { "schema": { "type": "string" }, "description": "RFC 6750." } })
            }
            "429" => {
                let field = |about: &str| json!({ "schema": { "type": "string" }, "description": about });
                response["headers"] = json!({
                    "Retry-After": { "schema": { "type": "integer" }, "description": "In seconds." },
                    "RateLimit-Policy": field("The limit, as draft-ietf-httpapi-ratelimit-headers-10 has it."),
                    "RateLimit": field("How it stands. Other answers of modules have both fields too."),
                })
            }
            "503" => {
                response["headers"] =
                    json!({ "Retry-After": { "schema": { "type": "integer" }, "description": "In seconds." } })
            }
            _ => {}
        }
        ((*name).to_owned(), response)
    };
    Value::Object(PROBLEMS.iter().map(response).collect())
}

/// `components.headers`.
pub(super) fn headers() -> Value {
    json!({
        "IdempotencyReplayed": {
            "description": "Present if this is the answer of the first time.",
            "schema": { "type": "string", "const": "true" },
        },
        "ETag": { "description": "For If-None-Match, and for If-Match of what can be changed.", "schema": { "type": "string" } },
        "Location": { "description": "Where it is.", "schema": { "type": "string", "format": "uri-reference" } },
    })
}

/// `components.parameters`.
pub(super) fn parameters() -> Value {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 });
    let after = json!({ "type": "integer", "format": "int64", "minimum": 0, "default": 0 });
    json!({
        "Company": path_parameter("company", "The short name of the company that the token belongs to.", json!({ "type": "string" })),
        "Id": path_parameter("id", "The id.", json!({ "type": "string", "minLength": 1 })),
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same key with the same request gives the answer of the first time and changes \
                nothing twice. Take a new one, such as a UUID, for every new request.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": true,
            "description": "The ETag of the object that is changed, of which the revision counts; * for whichever it is.",
            "schema": { "type": "string", "pattern": r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"# },
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "An ETag: 304 if it is still the same.",
            "schema": { "type": "string" },
        },
        "Limit": query("limit", "How many entries a page has.", limit),
        "Cursor": query("cursor", "The next of the page before.", json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" })),
        "After": query("after", "Only what comes after this place.", after),
    })
}

/// A part of the path.
pub(super) fn path_parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

/// A query parameter.
pub(super) fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// References to parameters by name.
pub(super) fn takes(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| reference("parameters", name)).collect()
}

//! Problems as RFC 9457 tells them, and the one place that knows which error has which HTTP status.

use crate::rest::moment::rfc3339;
use crate::rest::request_id;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use store::StoreError;
use workflow::{Problem, Rejected};

/// The media type of every problem.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// The longest text of a problem. A schema's message may quote the whole input, which may be quoted many times over.
const MAX_TEXT_CHARS: usize = 500;
/// The most defects that are told of one input.
const MAX_ERRORS: usize = 100;
/// After how many seconds a client may ask again when the database did not answer.
const RETRY_AFTER_SECONDS: u64 = 5;

/// An answer that says what went wrong: `application/problem+json` of RFC 9457.
#[derive(Debug, Clone)]
pub struct ProblemDetails {
    /// The HTTP status.
    pub status: StatusCode,
    /// What, for programs; stable over releases. `type` is made of it.
    pub code: &'static str,
    /// What, for people; the same for every problem of this code.
    pub title: &'static str,
    /// What happened this time and how to mend it.
    pub detail: String,
    /// Every defect of the input: `{pointer | parameter, code, message}`.
    pub errors: Vec<Value>,
    /// Headers that belong to it, such as `WWW-Authenticate`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl ProblemDetails {
    /// A problem without a list of defects.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The request cannot be read", detail)
    }

    /// 400: a query parameter that is unknown or does not fit.
    pub fn parameter(name: &str, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let errors = vec![json!({ "parameter": name, "code": code, "message": message })];
        Self { errors, ..Self::bad_request(code, format!("the query parameter \"{name}\" {message}")) }
    }

    /// 400: several query parameters do not fit; each with its name, a code and what is wrong.
    pub fn parameters(wrong: &[(String, &'static str, String)]) -> Self {
        let error = |(name, code, message): &(String, &str, String)| json!({ "parameter": name, "code": code, "message": shortened(message) });
        let errors = wrong.iter().map(error).collect();
        let (name, code, message) = match wrong {
            [(name, code, message), ..] => (name.as_str(), *code, message.as_str()),
            [] => ("", "query", "cannot be read"),
        };
        Self { errors, ..Self::bad_request(code, format!("the query parameter \"{name}\" {message}")) }
    }

    /// 403: the caller lacks a right.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this", detail)
    }

    /// 404: there is no such thing, or the caller's company has none.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// 422: the input has these problems.
    pub fn invalid(problems: &[Problem]) -> Self {
        let detail = match problems {
            [] => "the input has problems".to_owned(),
            [only] => only.to_string(),
            // Whoever looked for them may have stopped here too.
            [first, ..] if problems.len() >= MAX_ERRORS => {
                format!("there are {MAX_ERRORS} problems or more, of which {MAX_ERRORS} are told; the first: {first}")
            }
            [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
        };
        let errors = problems.iter().take(MAX_ERRORS).map(defect).collect();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { errors, ..Self::new(status, "invalid", "The input has problems", detail) }
    }

    /// 500: a fault of ours. What it was stands in the log under the request's id, and nowhere else.
    pub fn internal() -> Self {
        let detail =
            "the fault is ours; nothing was changed. The operator finds the cause in the log by the request_id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong", detail)
    }

    /// 503: try again later.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment", detail)
            .with(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
    }

    /// 503 of a part of the service, while the rest goes on: try again in so many seconds.
    pub fn busy(code: &'static str, detail: impl Into<String>, after_seconds: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "Not available at the moment", detail)
            .with(header::RETRY_AFTER, HeaderValue::from(after_seconds))
    }

    /// 429: the module has had as many requests as it may.
    pub fn too_many(detail: impl Into<String>, after_seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail)
            .with(header::RETRY_AFTER, HeaderValue::from(after_seconds))
    }

    /// The same with a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The document, with the id of the request that is being answered.
    pub fn document(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), json!(format!("urn:countersign:problem:{}", self.code)));
        fields.insert("title".to_owned(), json!(self.title));
        fields.insert("status".to_owned(), json!(self.status.as_u16()));
        fields.insert("detail".to_owned(), json!(shortened(&self.detail)));
        fields.insert("code".to_owned(), json!(self.code));
        fields.insert("errors".to_owned(), json!(self.errors));
        fields.insert("request_id".to_owned(), json!(request_id::current()));
        Value::Object(fields)
    }
}

/// Marks an answer that says that the code of a module failed, for those who count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModuleFailed;

fn defect(problem: &Problem) -> Value {
    json!({ "pointer": problem.pointer, "code": problem.code, "message": shortened(&problem.message) })
}

/// The text, or its beginning.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
    }
}

impl IntoResponse for ProblemDetails {
    fn into_response(self) -> Response {
        let body = self.document().to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if self.errors.iter().any(|error| error["code"] == "module-failed") {
            response.extensions_mut().insert(ModuleFailed);
        }
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<StoreError> for ProblemDetails {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Rejected(rejected) => Self::from(rejected),
            StoreError::Problems(problems) => Self::invalid(&problems),
            StoreError::Missing { what, id } => Self::not_found(format!("there is no {what} \"{id}\"")),
            StoreError::Refused { code, sentence } => conflict(code, sentence),
            StoreError::Busy { code, sentence, after_seconds } => Self::busy(code, sentence, after_seconds),
            StoreError::KeyReused => key_reused(),
            StoreError::Conflict => {
                conflict("conflict", "somebody else changed this at the same moment; read it again and try again")
            }
            StoreError::Outdated(sentence) => {
                let title = "It is not what you have seen any more";
                Self::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", title, sentence)
            }
            StoreError::Guarded(problems) => guarded(&problems),
            StoreError::Unavailable(cause) => {
                tracing::error!(cause, "the database is not available");
                Self::unavailable("the database does not answer; send the request again with the same Idempotency-Key")
            }
            StoreError::Crashed(point) => Self::unavailable(format!("stopped at {point}")),
            StoreError::Corrupt(cause) => {
                tracing::error!(cause, "stored data cannot be read");
                Self::internal()
            }
        }
    }
}

fn guarded(problems: &[Problem]) -> ProblemDetails {
    let detail = problems.first().map(ToString::to_string).unwrap_or_default();
    let errors = problems.iter().take(MAX_ERRORS).map(defect).collect();
    ProblemDetails { code: "guarded", errors, ..ProblemDetails::forbidden(detail) }
}

fn key_reused() -> ProblemDetails {
    let detail = "this Idempotency-Key was used with another request; a new request needs a new key";
    ProblemDetails::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "The key belongs to another request",
        detail,
    )
}

fn conflict(code: &'static str, detail: impl Into<String>) -> ProblemDetails {
    ProblemDetails::new(StatusCode::CONFLICT, code, "It stands otherwise by now", detail)
}

impl From<Rejected> for ProblemDetails {
    fn from(rejected: Rejected) -> Self {
        let sentence = rejected.to_string();
        match rejected {
            Rejected::AlreadyStarted => conflict("already-started", sentence),
            Rejected::NotRunning { .. } => conflict("not-running", sentence),
            Rejected::NotDue => conflict("not-due", sentence),
            Rejected::Late { .. } => conflict("late", sentence),
            Rejected::AlreadyDecided { at, .. } => {
                conflict("already-decided", format!("{sentence} at {}", rfc3339(at)))
            }
            Rejected::Repeated { at, .. } => conflict("repeated", format!("{sentence} at {}", rfc3339(at))),
            Rejected::Decided { at, .. } | Rejected::Stands { at, .. } => {
                conflict("decided", format!("{sentence} (it was made at {})", rfc3339(at)))
            }
            Rejected::GivenAway { .. } => conflict("given-away", sentence),
            Rejected::AlreadyAsked { .. } => conflict("already-asked", sentence),
            Rejected::TooManySignals => conflict("too-many-signals", sentence),
            Rejected::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", sentence)
            }
            Rejected::NotAsked => Self { code: "not-asked", ..Self::forbidden(sentence) },
            Rejected::Excluded { .. } => Self { code: "excluded", ..Self::forbidden(sentence) },
            Rejected::UnknownDecision { .. } => field("/decision", "unknown-decision", sentence),
            Rejected::CommentRequired { .. } => field("/comment", "comment-required", sentence),
            Rejected::CommentTooLong { .. } => field("/comment", "comment-too-long", sentence),
            Rejected::FormRequired { .. } => field("/form", "form-required", sentence),
        }
    }
}

/// 422 because of one field of the body.
fn field(pointer: &str, code: &'static str, message: String) -> ProblemDetails {
    let problem = Problem::new(pointer, code, message.clone());
    ProblemDetails { code, detail: message, ..ProblemDetails::invalid(&[problem]) }
}

//! `/api/v1/{company}/{module}/-/...`: the requests that modules answer by themselves.
//!
//! No collection is called `-`, so these paths and those of objects never meet, whatever a later version brings.

use super::idempotency::{Answer, Answered, once};
use super::params::pairs;
use super::post::Post;
use crate::auth::{Authenticated, require, require_sight};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderValue, Method as HttpMethod, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{Answering, Caller, Catalogue, EndpointAnswer, EndpointRequest, Found, Installed, Method};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;

/// The longest part of a path and the longest text behind the question mark, in characters.
const MAX_TEXT_CHARS: usize = 200;
/// The most texts behind the question mark.
const MAX_QUERY: usize = 50;

/// Any method of any of them.
pub(crate) async fn answer(
    state: axum::extract::State<AppState>,
    request: Request,
) -> Result<Response, ProblemDetails> {
    let axum::extract::State(state) = state;
    let (mut parts, body) = request.into_parts();
    let Authenticated(by) = Authenticated::from_request_parts(&mut parts, &state).await?;
    let (module, path) = place(&parts.uri)?;
    let sought = Sought { method: method(&parts.method)?, module, path };
    let catalogue = state.catalogue(&by.company).await?;
    let (answering, parameters) = sought.found(&catalogue, &by)?;
    let (path, query) = (answering.endpoint.path.clone(), query(&parts.uri)?);
    let (method, at_ms) = (sought.method, state.store.now_ms());
    let asked = EndpointRequest { by, method, path, parameters, query, body: Value::Null, at_ms };
    if method == Method::Get {
        return shown(answering.look(&mut state.store.read().await?, &asked).await?);
    }
    let post = Post::from_request(Request::from_parts(parts, body), &state).await?;
    let asked = EndpointRequest { body: sent(&post, answering.endpoint.request.is_some())?, ..asked };
    let problems = answering.problems(&asked.body);
    if !problems.is_empty() {
        return Err(ProblemDetails::invalid(&problems));
    }
    Ok(done(&state, &post, sought, asked).await?.into_response())
}

/// What a request looks for.
#[derive(Clone)]
struct Sought {
    method: Method,
    module: String,
    path: Vec<String>,
}

impl Sought {
    /// The endpoint, if it may be used now and by this caller, with what stands for the names of its path.
    fn found<'c>(
        &self,
        catalogue: &'c Catalogue,
        by: &Caller,
    ) -> Result<(Answering<'c>, BTreeMap<String, String>), ProblemDetails> {
        usable(catalogue, &self.module)?;
        let (answering, parameters) = match catalogue.endpoint(&self.module, self.method, &self.path) {
            Found::Endpoint(answering, parameters) => (answering, parameters),
            Found::Methods(methods) => return Err(other_method(&methods)),
            Found::Nothing => return Err(nothing(&self.module)),
        };
        if self.method == Method::Get {
            require_sight(catalogue, by, &answering.endpoint.permission)?;
            return Ok((answering, parameters));
        }
        require(catalogue, by, &answering.endpoint.permission)?;
        match catalogue.refuses_new(&self.module) {
            Some(sentence) => Err(StoreError::refused("module-disabled", sentence).into()),
            None => Ok((answering, parameters)),
        }
    }

    /// The same once more, in the unit: another version of the module may have come since, with other rights and schemas.
    fn still<'c>(
        &self,
        catalogue: &'c Catalogue,
        asked: EndpointRequest,
    ) -> Result<(Answering<'c>, EndpointRequest), ProblemDetails> {
        let (answering, parameters) = self.found(catalogue, &asked.by)?;
        let problems = answering.problems(&asked.body);
        if !problems.is_empty() {
            return Err(ProblemDetails::invalid(&problems));
        }
        Ok((answering, EndpointRequest { path: answering.endpoint.path.clone(), parameters, ..asked }))
    }
}

/// In one unit, unless this request was answered before. A refusal undoes what the code did until then.
async fn done(
    state: &AppState,
    post: &Post,
    sought: Sought,
    asked: EndpointRequest,
) -> Result<Answered, ProblemDetails> {
    let refusal: Arc<Mutex<Option<ProblemDetails>>> = Arc::default();
    let (registry, kept, by) = (state.registry.clone(), refusal.clone(), asked.by.clone());
    let answered = once(state, &by, post, move |unit| {
        let (registry, kept, sought, asked) = (registry.clone(), kept.clone(), sought.clone(), asked.clone());
        Box::pin(async move {
            let refuse = |problem: ProblemDetails| {
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                StoreError::refused("module-refused", "the module refuses it")
            };
            let catalogue = registry.of(unit, &asked.by.company).await?;
            let (answering, asked) = sought.still(&catalogue, asked).map_err(refuse)?;
            let answer = registry.respond(unit, &answering, &asked).await?;
            if answer.is_refusal() {
                return Err(refuse(refused(answer)));
            }
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            Ok(Answer { status, body: answer.body })
        })
    });
    let answered = answered.await;
    match (answered, refusal.lock().unwrap_or_else(PoisonError::into_inner).take()) {
        (Err(_), Some(refusal)) => Err(refusal),
        (answered, _) => answered,
    }
}

/// The module, and the parts of the path behind the hyphen, each decoded by itself: a part may hold an encoded slash.
fn place(uri: &Uri) -> Result<(String, Vec<String>), ProblemDetails> {
    let parts: Option<Vec<String>> = uri.path().split('/').skip(4).map(decoded).collect();
    match parts.as_deref() {
        Some([module, hyphen, path @ ..]) if hyphen == "-" && !path.is_empty() => Ok((module.clone(), path.to_vec())),
        _ => Err(ProblemDetails::not_found("there is nothing at this address")),
    }
}

/// A part of a path (RFC 3986), unless it is too long, no text, or has control characters.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, _) => bytes.push(*byte),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let fits = text.chars().count() <= MAX_TEXT_CHARS && !text.chars().any(char::is_control);
    fits.then_some(text)
}

fn query(uri: &Uri) -> Result<BTreeMap<String, String>, ProblemDetails> {
    let mut query = BTreeMap::new();
    for (name, value) in pairs(uri)? {
        let fits = |text: &str| text.chars().count() <= MAX_TEXT_CHARS && !text.chars().any(char::is_control);
        if !fits(&name) || !fits(&value) {
            let message = format!("must have at most {MAX_TEXT_CHARS} characters, and none that cannot be seen");
            return Err(ProblemDetails::parameter(&name, "text", message));
        }
        if query.insert(name.clone(), value).is_some() {
            return Err(ProblemDetails::parameter(&name, "twice", "is given twice; give it once"));
        }
        if query.len() > MAX_QUERY {
            return Err(ProblemDetails::bad_request("query", format!("at most {MAX_QUERY} parameters are read")));
        }
    }
    Ok(query)
}

fn method(method: &HttpMethod) -> Result<Method, ProblemDetails> {
    match method.as_str() {
        "GET" | "HEAD" => Ok(Method::Get),
        "POST" => Ok(Method::Post),
        "PUT" => Ok(Method::Put),
        "PATCH" => Ok(Method::Patch),
        "DELETE" => Ok(Method::Delete),
        _ => Err(other_method(&[Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete])),
    }
}

fn other_method(methods: &[Method]) -> ProblemDetails {
    let mut allowed: Vec<&str> = methods.iter().map(|method| method.name()).collect();
    if methods.contains(&Method::Get) {
        allowed.push("HEAD");
    }
    let detail = format!("the endpoint answers to {}", allowed.join(", "));
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let problem = ProblemDetails::new(status, "method-not-allowed", "Another method is needed", detail);
    match HeaderValue::from_str(&allowed.join(",")) {
        Ok(allow) => problem.with(header::ALLOW, allow),
        Err(_) => problem,
    }
}

fn nothing(module: &str) -> ProblemDetails {
    ProblemDetails::not_found(format!("the module \"{module}\" has no such endpoint; see openapi.json of the company"))
}

fn usable(catalogue: &Catalogue, module: &str) -> Result<(), ProblemDetails> {
    if let Some(sentence) = catalogue.set_aside(module) {
        return Err(StoreError::refused("module-disabled", sentence).into());
    }
    match catalogue.module(module).and_then(Installed::broken) {
        Some(broken) => Err(StoreError::refused("module-broken", broken).into()),
        None => Ok(()),
    }
}

/// The body, where the manifest has a schema for one.
fn sent(post: &Post, is_wanted: bool) -> Result<Value, ProblemDetails> {
    if is_wanted {
        return post.json();
    }
    post.nothing().map(|()| Value::Null)
}

fn shown(answer: EndpointAnswer) -> Result<Response, ProblemDetails> {
    if answer.is_refusal() {
        return Err(refused(answer));
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    Ok(match status {
        StatusCode::NO_CONTENT => status.into_response(),
        _ => (status, Json(answer.body)).into_response(),
    })
}

/// A refusal as a problem: the sentence of the module, and its list of defects if it gives one.
fn refused(answer: EndpointAnswer) -> ProblemDetails {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.body.as_str().or_else(|| answer.body.get("detail").and_then(Value::as_str));
    let detail = text.unwrap_or("the module says no more about it").to_owned();
    let errors = answer.body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let problem = ProblemDetails::new(status, "module-refused", "The module refuses it", detail);
    ProblemDetails { errors: errors.into_iter().take(100).collect(), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Option<Vec<String>> {
        place(&path.parse().unwrap()).ok().map(|(_, path)| path)
    }

    #[test]
    fn each_part_of_a_path_is_decoded_by_itself() {
        assert_eq!(parts("/api/v1/acme/travel/-/trips/a%2Fb"), Some(vec!["trips".to_owned(), "a/b".to_owned()]));
        assert_eq!(parts("/api/v1/acme/travel/-/%C3%A4"), Some(vec!["ä".to_owned()]));
        for none in [
            "/api/v1/acme/travel/-",
            "/api/v1/acme/travel/-/%0A",
            "/api/v1/acme/travel/-/%FF",
            "/api/v1/acme/travel/-/%2",
        ] {
            assert_eq!(parts(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_asked_behind_the_question_mark_is_bounded() {
        let read = |text: &str| query(&format!("/x?{text}").parse().unwrap());
        assert_eq!(read("a=1&b=%20x").unwrap()["b"], " x");
        assert!(read("a=1&a=2").is_err() && read("a=%01").is_err() && read(&format!("a={}", "x".repeat(201))).is_err());
        let many: Vec<String> = (0..60).map(|n| format!("a{n}=1")).collect();
        assert!(read(&many.join("&")).is_err());
    }
}

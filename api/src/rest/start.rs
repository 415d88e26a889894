//! Starting an instance without an object: by an admin, or a program that is one.

use super::body::Body;
use super::deed::{refused, standing};
use super::idempotency::{Answer, once};
use super::params::Params;
use super::post::Post;
use super::reassign::person_of_field;
use crate::auth::{Authenticated, require_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::Caller;
use serde_json::{Value, json};
use store::{NewInstance, StoreError, Unit};

/// What is sent to start.
#[derive(Debug, Clone)]
struct Starting {
    definition: String,
    input: Value,
    requester: Option<String>,
}

/// `POST /api/v1/{company}/instances`
pub(crate) async fn start(
    State(app): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Response, ProblemDetails> {
    Params::none(&uri)?;
    require_admin(&caller)?;
    let starting = Starting::read(post.json()?)?;
    let by = caller.clone();
    let answered = once(&app, &caller, &post, move |unit| {
        let (by, starting) = (by.clone(), starting.clone());
        Box::pin(async move { begin(unit, &by, starting).await })
    });
    let answered = answered.await?;
    let made: Value = serde_json::from_str(answered.text()).unwrap_or_default();
    let id = made.get("instance").and_then(Value::as_str).unwrap_or_default();
    let location = HeaderValue::from_str(&format!("/api/v1/{}/instances/{id}", caller.company)).ok();
    Ok((location.map(|location| [(header::LOCATION, location)]), answered).into_response())
}

impl Starting {
    fn read(value: Value) -> Result<Self, ProblemDetails> {
        let mut body = Body::of(value)?;
        let definition = body.required("definition");
        let (input, requester) = (body.value("input"), body.text("requester"));
        body.finish()?;
        Ok(Self { definition, input: input.unwrap_or_else(|| json!({})), requester })
    }
}

async fn begin(unit: &mut Unit, by: &Caller, starting: Starting) -> Result<Answer, StoreError> {
    let Starting { definition, input, requester } = starting;
    if let Some(requester) = &requester {
        person_of_field(unit, &by.company, requester, "/requester").await?;
    }
    let new = NewInstance { company: by.company.clone(), definition, input, requester, subject: None };
    match unit.start(by.actor(), new).await {
        Ok(instance) => Ok(Answer { status: StatusCode::CREATED, body: standing(&instance) }),
        Err(StoreError::Missing { what: "definition", .. }) => Err(refused(
            "/definition",
            "unknown-definition",
            "is not the name of a definition of this company; see /definitions",
        )),
        Err(error) => Err(error),
    }
}

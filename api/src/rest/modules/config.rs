//! The configuration of a module: read it, set it, go back.

use crate::auth::{Authenticated, require_manage};
use crate::problem::ProblemDetails;
use crate::rest::body::Body;
use crate::rest::idempotency::{Answer, Answered, once};
use crate::rest::moment::rfc3339;
use crate::rest::params::{At, Params};
use crate::rest::post::Post;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use modules::Setting;
use serde_json::{Map, Value, json};
use workflow::Problem;

/// `GET /api/v1/{company}/modules/{name}/config`
pub(crate) async fn read(
    State(app): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let mut reader = app.store.read().await?;
    let mut shown = app.registry.shown_config(&mut reader, &caller.company, &name).await?;
    if let Some(Value::Array(versions)) = shown.get_mut("history") {
        versions.iter_mut().for_each(|version| version["at"] = json!(version["at"].as_i64().map(rfc3339)));
    }
    Ok(Json(shown))
}

/// `PUT /api/v1/{company}/modules/{name}/config`
pub(crate) async fn set(
    State(app): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let mut body = Body::of(post.json()?)?;
    let (config, before) = (body.value("config"), body.number("version"));
    body.finish()?;
    let setting = Setting { module: name, config: settings(config)?, before };
    let (registry, by) = (app.registry.clone(), caller.clone());
    let answered = once(&app, &caller, &post, move |unit| {
        let (registry, by, setting) = (registry.clone(), by.clone(), setting.clone());
        Box::pin(async move {
            let version = registry.set_config(unit, &by, &setting).await?;
            Ok(Answer { status: StatusCode::OK, body: json!({ "module": setting.module, "version": version }) })
        })
    });
    answered.await
}

fn settings(config: Option<Value>) -> Result<Map<String, Value>, ProblemDetails> {
    match config {
        Some(Value::Object(settings)) => Ok(settings),
        _ => Err(ProblemDetails::invalid(&[Problem::new("/config", "type", "must be an object of settings")])),
    }
}

/// `POST /api/v1/{company}/modules/{name}/config/rollback`
pub(crate) async fn roll_back(
    State(app): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let mut body = Body::of(post.json()?)?;
    let version = body.number("version");
    body.finish()?;
    let missing = || ProblemDetails::invalid(&[Problem::new("/version", "missing", "is missing; name the version")]);
    let version = version.ok_or_else(missing)?;
    let (registry, by) = (app.registry.clone(), caller.clone());
    let answered = once(&app, &caller, &post, move |unit| {
        let (registry, by, name) = (registry.clone(), by.clone(), name.clone());
        Box::pin(async move {
            let version = registry.roll_back_config(unit, &by, &name, version).await?;
            Ok(Answer { status: StatusCode::OK, body: json!({ "module": name, "version": version }) })
        })
    });
    answered.await
}

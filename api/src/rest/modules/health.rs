//! How a module does in a company, and what it takes there, as this node has counted.

use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::params::{At, Params};
use crate::state::AppState;
use crate::wellbeing;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};

/// `GET /api/v1/{company}/modules/{name}/health`
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let found = wellbeing::of_module(&state, &caller.company, &name).await?;
    let found = found.ok_or_else(|| missing(&name))?;
    Ok(Json(json!({ "module": name, "status": found.report.status, "checks": found.report.checks })))
}

/// `GET /api/v1/{company}/modules/{name}/usage`
pub(crate) async fn usage(
    State(state): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let found = wellbeing::of_module(&state, &caller.company, &name).await?;
    let found = found.ok_or_else(|| missing(&name))?;
    let mut usage = found.meter.usage(state.store.now_ms());
    usage["module"] = json!(name);
    usage["tasks"]["waiting"] = json!(found.waiting);
    usage["tasks"]["oldest_seconds"] = json!(found.oldest_ms.map(|ms| ms / 1_000));
    Ok(Json(usage))
}

fn missing(name: &str) -> ProblemDetails {
    ProblemDetails::not_found(format!("there is no module \"{name}\" that this company may use"))
}

//! What the code of a module has logged, and where it has failed.

use crate::auth::{Authenticated, require_manage};
use crate::problem::ProblemDetails;
use crate::rest::moment::rfc3339;
use crate::rest::params::{At, Params};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};
use store::LogLine;

/// `GET /api/v1/{company}/modules/{name}/logs?after=&limit=`
///
/// Without `after` the last lines. `next` is the `after` of the next call, also when nothing new is there.
pub(crate) async fn list(
    State(app): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let params = Params::read(&uri, &["after", "limit"])?;
    require_manage(&caller)?;
    let (after, limit) = (params.after()?, params.limit()?);
    let mut reader = app.store.read().await?;
    let lines = match params.text("after")? {
        Some(_) => reader.log_lines_after(&caller.company, &name, after, limit).await?,
        None => reader.last_log_lines(&caller.company, &name, limit).await?,
    };
    // Of a module that was taken out the lines are there still.
    let catalogue = app.registry.of(&mut reader, &caller.company).await?;
    let known = catalogue.all().iter().any(|(installed, _)| installed.manifest.name == name);
    if lines.is_empty() && !known {
        return Err(ProblemDetails::not_found(format!("there is no module \"{name}\" in this company")));
    }
    let next = lines.last().map_or(after, |line| line.n);
    let items: Vec<Value> = lines.into_iter().map(shown).collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

fn shown(line: LogLine) -> Value {
    let LogLine { n, at, level, text } = line;
    json!({ "n": n, "at": rfc3339(at), "level": level, "text": text })
}

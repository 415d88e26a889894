//! Who is in a company, and who is asking.

use super::params::Params;
use crate::auth::{Authenticated, is_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use modules::Catalogue;
use serde_json::{Value, json};
use store::Person;

/// `GET /api/v1/{company}/people`: everybody, by id. Addresses are shown to admins only.
pub(crate) async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let people = state.store.read().await?.people(&caller.company).await?;
    let items: Vec<Value> = people.iter().map(|person| entry(person, is_admin(&caller))).collect();
    Ok(Json(json!({ "items": items })))
}

/// `GET /api/v1/{company}/me`: the person behind the token, with the rights that the roles give.
pub(crate) async fn me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let catalogue = state.catalogue(&caller.company).await?;
    let mut document = entry(&caller.person, true);
    document["company"] = json!(caller.company);
    document["permissions"] = json!(permissions(&catalogue, &caller.person.roles));
    Ok(Json(document))
}

fn permissions<'a>(catalogue: &'a Catalogue, roles: &[String]) -> Vec<&'a str> {
    let all = catalogue.modules().iter().flat_map(|installed| &installed.manifest.permissions);
    all.map(|permission| permission.name.as_str()).filter(|name| catalogue.allows(roles, name)).collect()
}

fn entry(person: &Person, with_email: bool) -> Value {
    let mut entry = json!({
        "id": person.id,
        "name": person.name,
        "roles": person.roles,
        "manager": person.manager,
        "department": person.department,
        "active": person.active,
    });
    if with_email {
        entry["email"] = json!(person.email);
    }
    entry
}

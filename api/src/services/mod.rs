//! `GET /registry/services`: what can be reached here, in which version, and how it does.
//!
//! Paths are the same for all companies; versions are not. So a module is listed once for each version, with the companies
//! that have it. A person's token shows what that person's company has, the operator's what all have.

use crate::auth::Authenticated;
use crate::operator::Operator;
use crate::problem::ProblemDetails;
use crate::rest::params::Params;
use crate::state::AppState;
use crate::wellbeing;
use axum::extract::State;
use axum::http::Uri;
use axum::{Json, Router, routing::get};
use modules::{Catalogue, Manifest, Operation, Report, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Reader, StoreError};

/// So many companies are looked at.
const MOST: usize = 1_000;

/// `/registry/services`, and the same of one company.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/registry/services", get(list))
        .route("/api/v1/{company}/registry/services", get(list_of_company))
}

async fn list(_: Operator, State(state): State<AppState>, uri: Uri) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    let companies: Vec<String> = reader.companies().await?.into_iter().map(|company| company.id).collect();
    let truncated = companies.len() > MOST;
    let companies: Vec<String> = companies.into_iter().take(MOST).collect();
    let mut listed = services(&state, &mut reader, &companies).await?;
    listed["truncated"] = json!(truncated);
    Ok(Json(listed))
}

async fn list_of_company(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    Ok(Json(services(&state, &mut reader, &[caller.company]).await?))
}

/// A module in one version, as some companies have it.
struct Found {
    manifest: Manifest,
    companies: Vec<Value>,
    status: Status,
}

async fn services(state: &AppState, reader: &mut Reader, companies: &[String]) -> Result<Value, StoreError> {
    let mut found: BTreeMap<(String, String), Found> = BTreeMap::new();
    for company in companies {
        let catalogue = state.registry.of(reader, company).await?;
        let waiting = reader.waiting_tasks_of(company).await?;
        for well in wellbeing::of_catalogue(state, company, &catalogue, &waiting) {
            add(&mut found, &catalogue, company, &well.meter.limits, &well.report, &well.meter.key.module);
        }
    }
    let base = &state.settings.base_url;
    let own = json!({
        "name": "countersign",
        "version": env!("CARGO_PKG_VERSION"),
        "base_url": base,
        "base_path": "/",
        "endpoints": [],
        "health": "ok",
        "health_url": format!("{base}/readyz"),
    });
    let modules = found.into_values().map(|found| service(base, &found));
    let all: Vec<Value> = std::iter::once(own).chain(modules).collect();
    Ok(json!({ "services": all }))
}

fn add(
    found: &mut BTreeMap<(String, String), Found>,
    catalogue: &Catalogue,
    company: &str,
    limits: &modules::Limits,
    report: &Report,
    module: &str,
) {
    let Some(installed) = catalogue.module(module) else { return };
    let key = (module.to_owned(), installed.manifest.version.to_string());
    let of_company = json!({
        "company": company,
        "health": report.status,
        "requests_per_minute": limits.requests_per_minute,
    });
    let manifest = || installed.manifest.clone();
    let one =
        found.entry(key).or_insert_with(|| Found { manifest: manifest(), companies: Vec::new(), status: Status::Ok });
    one.status = one.status.max(report.status);
    one.companies.push(of_company);
}

fn service(base: &str, found: &Found) -> Value {
    let Found { manifest, companies, status } = found;
    json!({
        "name": manifest.name,
        "title": manifest.title,
        "version": manifest.version.to_string(),
        "base_url": base,
        "base_path": format!("/api/v1/{{company}}/{}", manifest.name),
        "endpoints": endpoints(manifest),
        "health": status,
        "companies": companies,
    })
}

fn endpoints(manifest: &Manifest) -> Vec<Value> {
    let each = manifest.objects.iter().flat_map(|object| {
        let base = format!("/api/v1/{{company}}/{}/{}", manifest.name, object.collection);
        let mut one = vec!["GET"];
        if object.permission(Operation::Update).is_some() {
            one.extend(["PUT", "PATCH"]);
        }
        if object.permission(Operation::Delete).is_some() {
            one.push("DELETE");
        }
        [
            json!({ "path": base, "methods": ["GET", "POST"] }),
            json!({ "path": format!("{base}/{{id}}"), "methods": one }),
        ]
    });
    each.chain(own_endpoints(manifest)).collect()
}

/// Those that the module's code answers: each path once, with its methods.
fn own_endpoints(manifest: &Manifest) -> impl Iterator<Item = Value> {
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for endpoint in &manifest.endpoints {
        paths.entry(&endpoint.path).or_default().push(endpoint.method.name());
    }
    let base = format!("/api/v1/{{company}}/{}/-", manifest.name);
    paths.into_iter().map(move |(path, methods)| json!({ "path": format!("{base}/{path}"), "methods": methods }))
}

//! Who asks a registry, and where a registry may lead.

use super::Author;
use crate::support::folder::Folder;
use crate::support::registry::{Door, LOGIN, Registry};
use anyhow::{Context, Result, ensure};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// `eva:open sesame`
const BASIC: &str = "Basic ZXZhOm9wZW4gc2VzYW1l";

/// Serves a router on loopback, as long as the test runs; its address.
async fn serve(router: Router) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[tokio::test]
async fn a_password_is_given_by_option_or_as_docker_has_noted_it() -> Result<()> {
    let (mut author, registry) = (Author::begin().await?, Registry::start(Door::Password).await?);
    let place = format!("oci://{}/acme/purchasing", registry.address);
    let package = author.package();
    let push = ["push", &package, &place, "--plain-http"];
    let said = author.refused(&push).await?;
    ensure!(said.contains("wants a name and a password: give --username"), "{said}");
    let named = [&push[..], &["--username", LOGIN.0]].concat();
    let said = author.refused(&named).await?;
    ensure!(said.contains("set COUNTERSIGN_REGISTRY_PASSWORD"), "{said}");
    author.program = author.program.with("COUNTERSIGN_REGISTRY_PASSWORD", "wrong");
    let said = author.refused(&named).await?;
    ensure!(said.contains("does not let this name and password into acme/purchasing: 401"), "{said}");
    ensure!(!said.contains("wrong"), "the password was printed: {said}");
    author.program = author.program.with("COUNTERSIGN_REGISTRY_PASSWORD", LOGIN.1);
    author.fine(&named).await?;

    let noted = json!({ "auths": { &registry.address: { "auth": "ZXZhOm9wZW4gc2VzYW1l" } } });
    std::fs::write(author.path("config.json"), noted.to_string())?;
    let folder = Folder::new()?;
    author.fine(&["pull", &place, "--plain-http", "-o", &folder.path().display().to_string()]).await?;
    ensure!(folder.path().join("purchasing-0.1.0.csmod").is_file());
    Ok(())
}

/// A question to a server that is none of a registry: its query, and who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    query: HashMap<String, String>,
    shown: Option<String>,
}

/// What such a server was asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Question>>>);

impl Asked {
    fn note(&self, query: HashMap<String, String>, headers: &HeaderMap) -> Option<String> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Question { query, shown: shown.clone() });
        shown
    }

    fn all(&self) -> Vec<Question> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn token(
    State(asked): State<Asked>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let shown = asked.note(query, &headers);
    match shown.as_deref() {
        Some(BASIC) => Json(json!({ "token": "granted" })).into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[tokio::test]
async fn a_token_is_fetched_from_where_the_registry_says() -> Result<()> {
    let asked = Asked::default();
    let tokens = serve(Router::new().route("/token", get(token)).with_state(asked.clone())).await?;
    let registry = Registry::start(Door::Token(format!("http://{tokens}/token"))).await?;
    let mut author = Author::begin().await?;
    let place = format!("oci://{}/acme/purchasing", registry.address);
    let package = author.package();
    let push = ["push", &package, &place, "--plain-http", "--username", LOGIN.0];
    author.program = author.program.with("COUNTERSIGN_REGISTRY_PASSWORD", "wrong");
    let said = author.refused(&push).await?;
    ensure!(said.contains(&format!("{tokens} gives none: 401")), "{said}");
    author.program = author.program.with("COUNTERSIGN_REGISTRY_PASSWORD", LOGIN.1);
    author.fine(&push).await?;
    let seen = asked.all();
    let Question { query, .. } = seen.last().context("a question")?;
    ensure!(query.get("service").is_some_and(|service| service == "tests"), "{query:?}");
    ensure!(query.get("scope").is_some_and(|scope| scope.contains("repository:acme/purchasing:")), "{query:?}");
    Ok(())
}

/// A registry that leads to where everybody could read along, to another host with what it was shown, or in a circle.
#[tokio::test]
async fn a_registry_leads_nowhere_that_is_less_safe() -> Result<()> {
    async fn other(State(asked): State<Asked>, headers: HeaderMap) -> StatusCode {
        asked.note(HashMap::new(), &headers);
        StatusCode::NOT_FOUND
    }
    let asked = Asked::default();
    let elsewhere = serve(Router::new().fallback(get(other)).with_state(asked.clone())).await?;
    let lead = |to: String| {
        move |headers: HeaderMap| async move {
            match headers.get(header::AUTHORIZATION) {
                None => {
                    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=x".to_owned())]).into_response()
                }
                Some(_) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
            }
        }
    };
    let router = Router::new()
        .route("/v2/a/manifests/open", get(lead("http://192.0.2.1/x".to_owned())))
        .route("/v2/a/manifests/other", get(lead(format!("http://{elsewhere}/x"))))
        .route("/v2/a/manifests/round", get(lead("/v2/a/manifests/round".to_owned())));
    let address = serve(router).await?;
    let author = Author::begin().await?;
    let noted = json!({ "auths": { &address: { "auth": "ZXZhOm9wZW4gc2VzYW1l" } } });
    std::fs::write(author.path("config.json"), noted.to_string())?;
    let said = author.pull_refused(&format!("oci://{address}/a:open")).await?;
    ensure!(said.contains("leads elsewhere") && said.contains("is not on this machine"), "{said}");
    let said = author.pull_refused(&format!("oci://{address}/a:other")).await?;
    ensure!(said.contains("no such package"), "{said}");
    let nobody = Question { query: HashMap::new(), shown: None };
    ensure!(asked.all() == [nobody], "another host was shown the password: {:?}", asked.all());
    let said = author.pull_refused(&format!("oci://{address}/a:round")).await?;
    ensure!(said.contains("leads on and on"), "{said}");
    Ok(())
}

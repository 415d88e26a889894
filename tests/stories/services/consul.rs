//! Registration in Consul. There is none here: a server of this story speaks the part of its HTTP API that is used, as its
//! documentation has it.

use crate::support::folder::Folder;
use anyhow::{Context, Result, ensure};
use api::connections::Limits;
use api::consul::ConsulAgent;
use api::service::{Operation, Part, Service, Start};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use axum::{Json, Router};
use modules::{Module, Registry};
use purchasing::Purchasing;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;

const TOKEN: &str = "5e6a1b3c-0000-4000-8000-000000000001";
/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Agent {
    services: Mutex<HashMap<String, Value>>,
    changed: Notify,
}

impl Agent {
    fn services(&self) -> std::sync::MutexGuard<'_, HashMap<String, Value>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next change, and what is there then.
    async fn changed(&self) -> Result<Vec<Value>> {
        timeout(PATIENCE, self.changed.notified()).await.context("nothing changes")?;
        Ok(self.services().values().cloned().collect())
    }
}

type Known = State<Arc<Agent>>;

fn may(headers: &HeaderMap) -> Result<(), StatusCode> {
    let is_known = headers.get("x-consul-token").is_some_and(|token| token == TOKEN);
    if is_known { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
}

async fn register(State(agent): Known, headers: HeaderMap, Json(service): Json<Value>) -> Result<(), StatusCode> {
    may(&headers)?;
    let name = service["Name"].as_str().ok_or(StatusCode::BAD_REQUEST)?;
    let id = service["ID"].as_str().unwrap_or(name).to_owned();
    agent.services().insert(id, service);
    agent.changed.notify_one();
    Ok(())
}

async fn read(State(agent): Known, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    may(&headers)?;
    agent.services().get(&id).cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn deregister(State(agent): Known, headers: HeaderMap, Path(id): Path<String>) -> Result<(), StatusCode> {
    may(&headers)?;
    agent.services().remove(&id).ok_or(StatusCode::NOT_FOUND)?;
    agent.changed.notify_one();
    Ok(())
}

async fn consul() -> Result<(Arc<Agent>, String)> {
    let agent = Arc::new(Agent::default());
    let app = Router::new()
        .route("/v1/agent/service/register", put(register))
        .route("/v1/agent/service/{id}", get(read))
        .route("/v1/agent/service/deregister/{id}", put(deregister))
        .with_state(agent.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((agent, url))
}

async fn service(folder: &Folder, consul: ConsulAgent) -> Result<Service> {
    Service::start(Start {
        listen: ([127, 0, 0, 1], 0).into(),
        base_url: None,
        database: format!("sqlite://{}", folder.path().join("countersign.db").display()),
        smtp: None,
        mail_from: "Countersign <no-reply@acme.example>".to_owned(),
        workers: 2,
        part: Part::Whole,
        archive: None,
        archive_after_days: None,
        drain: Duration::ZERO,
        limits: Limits::default(),
        operation: Operation { token: None, consul: Some(consul) },
        registry: Registry::new(vec![Box::new(Purchasing::new()?) as Box<dyn Module>])?,
    })
    .await
}

#[tokio::test]
async fn a_service_is_in_consul_for_as_long_as_it_runs() -> Result<()> {
    let (folder, (agent, url)) = (Folder::new()?, consul().await?);
    let consul = ConsulAgent { every: Duration::from_millis(20), ..ConsulAgent::at(url, Some(TOKEN.to_owned())) };
    let service = service(&folder, consul).await?;
    let known = agent.changed().await?;
    let [one] = known.as_slice() else { anyhow::bail!("{known:?}") };
    ensure!(
        one["Name"] == "countersign" && one["Address"] == "127.0.0.1" && one["Port"] == service.address.port(),
        "{one}"
    );
    let check = &one["Check"];
    ensure!(check["Interval"] == "10s" && check["DeregisterCriticalServiceAfter"].is_string(), "{one}");
    let health = reqwest::get(check["HTTP"].as_str().context("an address")?).await?;
    ensure!(health.status().is_success(), "what Consul asks is answered");
    // The agent has lost its data.
    agent.services().clear();
    ensure!(agent.changed().await? == known, "it is told once more");
    service.stop().await;
    ensure!(agent.changed().await?.is_empty(), "nobody is sent to what has stopped");
    Ok(())
}

#[tokio::test]
async fn an_agent_that_is_away_keeps_nobody_from_serving() -> Result<()> {
    let folder = Folder::new()?;
    // Nobody listens where somebody has just stopped to.
    let gone = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let service = service(&folder, ConsulAgent::at(format!("http://{gone}"), None)).await?;
    let ready = reqwest::get(format!("http://{}/readyz", service.address)).await?;
    ensure!(ready.status().is_success());
    service.stop().await;
    Ok(())
}

//! Registration in Consul, through the HTTP API of its agent: <https://developer.hashicorp.com/consul/api-docs/agent/service>.
//!
//! The agent forgets what it was told when its data is lost, and takes out what was critical for long. So it is asked again and
//! again whether it still knows the service, and told once more if it does not.

use crate::cli::https::{Answer, Https, Question};
use anyhow::{Context, Result, anyhow, bail, ensure};
use hyper::header::{CONTENT_TYPE, HeaderName};
use hyper::{Method, StatusCode};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// How often the agent is asked.
const EVERY: Duration = Duration::from_secs(10);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much of what it says is read, in bytes.
const MOST: usize = 65_536;
const TOKEN: HeaderName = HeaderName::from_static("x-consul-token");

/// Where the agent is.
#[derive(Clone)]
pub struct ConsulAgent {
    /// `http://127.0.0.1:8500`
    pub url: String,
    /// Its token, if it wants one.
    pub token: Option<String>,
    /// How often it is asked whether it still knows the service.
    pub every: Duration,
}

impl ConsulAgent {
    /// An agent at this address.
    #[must_use]
    pub fn at(url: impl Into<String>, token: Option<String>) -> Self {
        Self { url: url.into(), token, every: EVERY }
    }
}

impl std::fmt::Debug for ConsulAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsulAgent").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A service that is registered for as long as it runs.
pub(crate) struct Registration {
    agent: Agent,
    stop: watch::Sender<bool>,
    keeping: JoinHandle<()>,
}

impl Registration {
    /// Registers a service that listens there, and goes on until it is ended. An agent that does not answer is no reason not
    /// to serve: it is asked again.
    pub(crate) fn begin(agent: ConsulAgent, listens_at: SocketAddr) -> Result<Self> {
        let every = agent.every;
        let agent = Agent::of(agent, listens_at)?;
        let (stop, stopped) = watch::channel(false);
        let keeping = tokio::spawn(agent.clone().keep(every, stopped));
        Ok(Self { agent, stop, keeping })
    }

    /// Takes it out, so that nobody is sent here any more.
    pub(crate) async fn end(self) {
        // Nobody listens if the task has ended.
        let _ = self.stop.send(true);
        let _ = self.keeping.await;
        if let Err(error) = self.agent.deregister().await {
            tracing::warn!(error = format!("{error:#}"), "the service could not be taken out of Consul");
        }
    }
}

#[derive(Clone)]
struct Agent {
    https: Arc<Https>,
    base: Url,
    token: Option<String>,
    id: String,
    service: Value,
}

impl Agent {
    fn of(agent: ConsulAgent, listens_at: SocketAddr) -> Result<Self> {
        let ConsulAgent { url, token, .. } = agent;
        let base = Url::parse(&url);
        let base = base.with_context(|| format!("consul: {url} is no address such as http://127.0.0.1:8500"))?;
        ensure!(matches!(base.scheme(), "http" | "https"), "consul: {url} must begin with http:// or https://");
        let id = id(listens_at);
        let service = service(&id, listens_at);
        Ok(Self { https: Arc::new(Https::new(None)), base, token, id, service })
    }

    async fn keep(self, every: Duration, mut stopped: watch::Receiver<bool>) {
        let (mut is_away, mut is_told) = (false, false);
        loop {
            let looked = if is_told { self.look().await } else { self.register().await };
            match looked {
                Ok(()) => (is_away, is_told) = (false, true),
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(error = format!("{error:#}"), "Consul does not take the service; trying again");
                }
                Err(_) => {}
            }
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(every) => {}
            }
        }
    }

    /// Registers it unless the agent knows it.
    async fn look(&self) -> Result<()> {
        let known = self.ask(Method::GET, &format!("/v1/agent/service/{}", self.id), &Value::Null).await?;
        match known.status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => self.register().await,
            status => bail!("it answered {status} when it was asked for the service"),
        }
    }

    /// Registers it, whatever the agent knows of it: what an earlier life has told it may be wrong by now.
    async fn register(&self) -> Result<()> {
        self.tell("/v1/agent/service/register", &self.service).await?;
        tracing::info!(id = self.id, "registered in Consul");
        Ok(())
    }

    async fn deregister(&self) -> Result<()> {
        self.tell(&format!("/v1/agent/service/deregister/{}", self.id), &Value::Null).await
    }

    async fn tell(&self, path: &str, body: &Value) -> Result<()> {
        let answer = self.ask(Method::PUT, path, body).await?;
        let status = answer.status;
        if status.is_success() {
            return Ok(());
        }
        let said = answer.bytes(MOST, &ProgressBar::hidden()).await.unwrap_or_default();
        bail!("it answered {status}: {}", String::from_utf8_lossy(&said).chars().take(200).collect::<String>())
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Answer> {
        let mut question = Question::new(method, self.base.join(path)?);
        if let Some(token) = &self.token {
            question = question.with(TOKEN, token)?;
        }
        if !body.is_null() {
            question = question.with(CONTENT_TYPE, "application/json")?;
            question.body = body.to_string().into();
        }
        let bar = ProgressBar::hidden();
        let asked = tokio::time::timeout(PATIENCE, self.https.ask(question, &bar)).await;
        asked.map_err(|_| anyhow!("it does not answer within {} s", PATIENCE.as_secs()))?
    }
}

/// The same after a restart, so that nothing is left of the life before.
fn id(listens_at: SocketAddr) -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host: String = host.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let host = if host.is_empty() { "host".to_owned() } else { host };
    format!("countersign-{host}-{}", listens_at.port())
}

fn service(id: &str, listens_at: SocketAddr) -> Value {
    let everywhere = listens_at.ip().is_unspecified();
    let asked = if everywhere { SocketAddr::new(IpAddr::from([127, 0, 0, 1]), listens_at.port()) } else { listens_at };
    let mut service = json!({
        "ID": id,
        "Name": "countersign",
        "Port": listens_at.port(),
        "Meta": { "version": env!("CARGO_PKG_VERSION"), "services": "/registry/services" },
        "Check": {
            "Name": "readyz",
            "HTTP": format!("http://{asked}/readyz"),
            "Interval": "10s",
            "Timeout": "5s",
            "DeregisterCriticalServiceAfter": "30m",
        },
    });
    // Without an address Consul gives that of its agent.
    if !everywhere {
        service["Address"] = json!(listens_at.ip().to_string());
    }
    service
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_everywhere_has_the_address_of_its_agent() {
        let everywhere = service("c", "0.0.0.0:8080".parse().unwrap());
        assert!(everywhere.get("Address").is_none());
        assert_eq!(everywhere["Check"]["HTTP"], "http://127.0.0.1:8080/readyz");
        let one = service("c", "[2001:db8::1]:8080".parse().unwrap());
        assert_eq!((&one["Address"], &one["Port"]), (&json!("2001:db8::1"), &json!(8080)));
        assert_eq!(one["Check"]["HTTP"], "http://[2001:db8::1]:8080/readyz");
    }

    #[test]
    fn only_an_agent_with_an_address_is_asked_and_its_token_is_not_printed() {
        let agent = ConsulAgent::at("unix:///run/consul", Some("hunter2".to_owned()));
        assert!(!format!("{agent:?}").contains("hunter2"));
        assert!(Agent::of(agent, "127.0.0.1:1".parse().unwrap()).is_err());
    }
}

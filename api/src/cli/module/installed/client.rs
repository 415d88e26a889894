//! The REST API of a running service, as a command asks it.

use super::Service;
use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Method, Url};
use serde_json::Value;

/// What is sent.
#[derive(Clone)]
pub(super) enum Content {
    Nothing,
    Json(Value),
    Package(Vec<u8>),
}

/// A service, and a company of it.
pub(super) struct Client {
    http: reqwest::Client,
    company: Url,
    token: String,
}

impl Client {
    pub(super) fn of(service: &Service) -> Result<Self> {
        let Service { url, token, company, .. } = service;
        let base =
            Url::parse(url).with_context(|| format!("--url {url} is no address such as http://127.0.0.1:8080"))?;
        let company = base.join(&format!("/api/v1/{company}/")).with_context(|| format!("--company {company}"))?;
        if base.scheme() != "http" {
            bail!("--url {url}: this command speaks http only; run it where the service listens, or through a tunnel");
        }
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, company, token: token.clone() })
    }

    /// Asks, and gives the answer; what is refused is the error, in the words of the service.
    pub(super) async fn ask(&self, method: &str, path: &str, content: Content) -> Result<Value> {
        let url = self.company.join(path)?;
        let request = self.http.request(Method::from_bytes(method.as_bytes())?, url.clone()).bearer_auth(&self.token);
        let request = match content {
            Content::Nothing => request,
            Content::Json(body) => request.json(&body),
            Content::Package(bytes) => request.header("Content-Type", "application/octet-stream").body(bytes),
        };
        let response =
            request.send().await.with_context(|| format!("{url} does not answer; is the service running?"))?;
        let status = response.status();
        let text = response.text().await?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() { Ok(answer) } else { Err(refused(&answer, status.as_u16())) }
    }
}

/// Everything that is wrong, each with its place.
fn refused(problem: &Value, status: u16) -> anyhow::Error {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let errors = problem.get("errors").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<String> = errors
        .map(|error| match (error.get("file").and_then(Value::as_str), error.get("line"), error.get("column")) {
            (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}: {}", text(error, "message")),
            _ => format!("{} {}", text(error, "pointer"), text(error, "message")),
        })
        .collect();
    match (lines.is_empty(), text(problem, "detail")) {
        (false, _) => anyhow!("{}", lines.join("\n")),
        (true, detail) if detail.is_empty() => anyhow!("the service answered {status}"),
        (true, detail) => anyhow!("{detail}"),
    }
}

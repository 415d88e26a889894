//! The REST API of a running service, as a command asks it.

use super::Service;
use crate::cli::https::{Answer, Https, Question};
use anyhow::{Context, Result, anyhow, bail};
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use indicatif::ProgressBar;
use serde_json::Value;
use url::Url;

/// The longest answer that is read, in bytes: a list of everything there is, with much to spare.
const MOST: usize = 64 * 1_048_576;

/// What is sent.
#[derive(Clone)]
pub(super) enum Content {
    Nothing,
    Json(Value),
    Package(Vec<u8>),
}

/// A service, and a company of it.
pub(in crate::cli) struct Client {
    https: Https,
    company: Url,
    token: String,
}

impl Client {
    pub(in crate::cli) fn of(service: &Service) -> Result<Self> {
        let Service { url, token, company, ca, .. } = service;
        let base = Url::parse(url);
        let base = base.with_context(|| format!("--url {url} is no address such as https://approve.example.com"))?;
        let company = base.join(&format!("/api/v1/{company}/")).with_context(|| format!("--company {company}"))?;
        if !matches!(base.scheme(), "http" | "https") {
            bail!("--url {url} is no address such as https://approve.example.com");
        }
        Ok(Self { https: Https::new(ca.clone()), company, token: token.clone() })
    }

    /// Asks, and gives the answer as it comes in; what is refused is the error, in the words of the service.
    pub(in crate::cli) async fn open(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer> {
        let mut url = self.company.join(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let mut question = Question::new(Method::from_bytes(method.as_bytes())?, url)
            .with(AUTHORIZATION, &format!("Bearer {}", self.token))?;
        for (name, value) in headers {
            question = question.with(HeaderName::from_bytes(name.as_bytes())?, value)?;
        }
        question.body = body.unwrap_or_default().into();
        let bar = ProgressBar::hidden();
        let answer = self.https.ask(question, &bar).await?;
        let status = answer.status;
        if status.is_success() {
            return Ok(answer);
        }
        let answer: Value = serde_json::from_slice(&answer.bytes(MOST, &bar).await?).unwrap_or_default();
        Err(refused(&answer, status.as_u16()))
    }

    /// Asks, and gives the answer; what is refused is the error, in the words of the service.
    pub(super) async fn ask(&self, method: &str, path: &str, content: Content) -> Result<Value> {
        let mut question = Question::new(Method::from_bytes(method.as_bytes())?, self.company.join(path)?)
            .with(AUTHORIZATION, &format!("Bearer {}", self.token))?;
        match content {
            Content::Nothing => {}
            Content::Json(body) => {
                question = question.with(CONTENT_TYPE, "application/json")?;
                question.body = body.to_string().into();
            }
            Content::Package(bytes) => {
                question = question.with(CONTENT_TYPE, "application/octet-stream")?;
                question.body = bytes.into();
            }
        }
        let bar = ProgressBar::hidden();
        let answer = self.https.ask(question, &bar).await?;
        let status = answer.status;
        let text = answer.bytes(MOST, &bar).await?;
        let answer: Value = serde_json::from_slice(&text).unwrap_or_default();
        if status.is_success() { Ok(answer) } else { Err(refused(&answer, status.as_u16())) }
    }
}

/// Everything that is wrong, each with its place.
pub(in crate::cli) fn refused(problem: &Value, status: u16) -> anyhow::Error {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let errors = problem.get("errors").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<String> = errors
        .map(|error| match (error.get("file").and_then(Value::as_str), error.get("line"), error.get("column")) {
            (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}: {}", text(error, "message")),
            (None, Some(line), column) => {
                let column = column.map(|column| format!(", column {column}")).unwrap_or_default();
                format!("line {line}{column}: {} {}", text(error, "pointer"), text(error, "message"))
                    .replace(":  ", ": ")
            }
            _ => format!("{} {}", text(error, "pointer"), text(error, "message")),
        })
        .collect();
    match (lines.is_empty(), text(problem, "detail")) {
        (false, _) => anyhow!("{}", lines.join("\n")),
        (true, detail) if detail.is_empty() => anyhow!("the service answered {status}"),
        (true, detail) => anyhow!("{detail}"),
    }
}

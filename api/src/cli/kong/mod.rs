//! `kong`: what the gateway Kong is to know of a service.

mod file;
mod yaml;

use super::https::{Https, Question};
use super::output;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use hyper::Method;
use hyper::header::AUTHORIZATION;
use indicatif::ProgressBar;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;
use url::Url;

/// The longest list that is read, in bytes.
const MOST: usize = 64 * 1_048_576;

/// The gateway Kong
#[derive(Debug, Subcommand)]
pub(crate) enum KongCommand {
    /// Write a declarative configuration: a route for each module of each company, with JWT and a rate limit
    Export(ExportArgs),
}

/// What the export takes.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The running service that is asked, such as http://127.0.0.1:8080
    #[arg(long, env = "COUNTERSIGN_URL")]
    url: String,
    /// The operator token of the service, if it has one
    #[arg(long, env = "COUNTERSIGN_OPERATOR_TOKEN", hide_env_values = true)]
    operator_token: Option<String>,
    /// A file of PEM with the authority that has signed the service's certificate
    #[arg(long, env = "COUNTERSIGN_CA")]
    ca: Option<PathBuf>,
    /// Where Kong reaches the service; the same as --url if absent
    #[arg(long)]
    upstream: Option<String>,
    /// JSON in place of YAML; Kong reads both
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(command: KongCommand) -> Result<ExitCode> {
    let KongCommand::Export(args) = command;
    let listed = services(&args).await?;
    let document = file::document(&listed, args.upstream.as_deref().unwrap_or(&args.url));
    match args.json {
        true => output::line(serde_json::to_string_pretty(&document)?),
        false => output::line(yaml::written(&document).trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn services(args: &ExportArgs) -> Result<Value> {
    let base = Url::parse(&args.url);
    let base = base.with_context(|| format!("--url {} is no address such as http://127.0.0.1:8080", args.url))?;
    let url = base.join("/registry/services")?;
    let mut question = Question::new(Method::GET, url.clone());
    if let Some(token) = &args.operator_token {
        question = question.with(AUTHORIZATION, &format!("Bearer {token}"))?;
    }
    let bar = ProgressBar::hidden();
    let answer = Https::new(args.ca.clone()).ask(question, &bar).await?;
    let status = answer.status;
    let body: Value = serde_json::from_slice(&answer.bytes(MOST, &bar).await?).unwrap_or_default();
    if status.is_success() {
        return Ok(body);
    }
    bail!("{url} answered {status}: {}", body["detail"].as_str().unwrap_or("nothing that says why"))
}

//! `module events`: how far the subscriptions of a module have come, and how they go on.

use super::Service;
use super::client::{Client, Content};
use super::look::{items, text};
use crate::cli::output;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// The subscriptions of a module.
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    /// The module
    name: String,
    #[command(subcommand)]
    command: Option<EventsCommand>,
    #[command(flatten)]
    service: Service,
}

/// What is done with a subscription.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// Deliver the events behind a place in the log once more
    Replay {
        /// The subscription
        subscription: String,
        /// The place behind which it begins; 0 for the first event
        #[arg(long)]
        after: u64,
    },
    /// Try events again that were given up
    Retry {
        /// The subscription
        subscription: String,
        /// The place of the event in the log; all if absent
        #[arg(long)]
        seq: Option<u64>,
    },
    /// Pass over an event that cannot be handled
    Skip {
        /// The subscription
        subscription: String,
        /// The place of the event in the log
        #[arg(long)]
        seq: u64,
    },
}

pub(super) async fn run(args: &EventsArgs) -> anyhow::Result<ExitCode> {
    let EventsArgs { name, command, service } = args;
    let (client, base) = (Client::of(service)?, format!("modules/{name}/subscriptions"));
    let (path, body) = match command {
        None => {
            let answer = client.ask("GET", &base, Content::Nothing).await?;
            return Ok(show(&answer, items(&answer, "items"), service.json));
        }
        Some(EventsCommand::Replay { subscription, after }) => {
            (format!("{base}/{subscription}/replay"), json!({ "after": after }))
        }
        Some(EventsCommand::Retry { subscription, seq: Some(seq) }) => {
            (format!("{base}/{subscription}/retry"), json!({ "seq": seq }))
        }
        Some(EventsCommand::Retry { subscription, seq: None }) => (format!("{base}/{subscription}/retry"), json!({})),
        Some(EventsCommand::Skip { subscription, seq }) => {
            (format!("{base}/{subscription}/skip"), json!({ "seq": seq }))
        }
    };
    let answer = client.ask("POST", &path, Content::Json(body)).await?;
    Ok(show(&answer, [&answer].into_iter(), service.json))
}

fn show<'v>(answer: &Value, subscriptions: impl Iterator<Item = &'v Value>, json: bool) -> ExitCode {
    if json {
        output::json(answer);
        return ExitCode::SUCCESS;
    }
    for subscription in subscriptions {
        let (name, state) = (text(subscription, "name"), text(subscription, "state"));
        let (position, end, lag) = (&subscription["position"], &subscription["end"], &subscription["lag"]);
        let kind = subscription["type"].as_str().unwrap_or_default();
        output::line(format!("{name:<24} {state:<8} at {position} of {end}, {lag} behind  {kind}"));
        for failed in items(subscription, "failures") {
            let (seq, status, subject) = (&failed["seq"], text(failed, "status"), text(failed, "subject"));
            let error = failed["error"].as_str().unwrap_or("an earlier one about the same subject failed");
            output::line(format!("  {status} {seq} {subject}: {error} ({} attempts)", failed["attempts"]));
        }
    }
    ExitCode::SUCCESS
}

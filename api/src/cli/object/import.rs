//! `object import`

use super::{Format, ImportArgs};
use crate::cli::module::installed::client::{Client, refused};
use crate::cli::output;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::process::ExitCode;

pub(super) async fn import(args: &ImportArgs) -> Result<ExitCode> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let (client, key, json) = (Client::of(&args.service)?, key(args, &bytes), args.service.json);
    let flag = |wished: bool| if wished { "true" } else { "false" };
    let mut query = vec![
        ("format", Format::of(args.format, Some(&args.file)).name()),
        ("preview", flag(args.preview)),
        ("partial", flag(args.partial)),
    ];
    if let Some(field) = &args.key {
        query.extend([("mode", "upsert"), ("key", field.as_str())]);
    }
    let headers =
        [("Accept", "application/jsonl"), ("Content-Type", "application/octet-stream"), ("Idempotency-Key", &key)];
    let path = format!("{}/import", args.collection.0);
    let mut response = client.open("POST", &path, &query, &headers, Some(bytes)).await?;
    let (bar, mut lines) = (output::progress(0, "checking"), Lines::default());
    while let Some(part) = response.piece().await.context("the connection broke off; run it again, it goes on there")? {
        for line in lines.add(&part)? {
            show(&bar, &line);
        }
    }
    bar.finish_and_clear();
    let Some(last) = lines.last else { bail!("the service ended without an answer; run it again, it goes on there") };
    ended(args, &last, json)
}

/// Without a key in the rows a file would make its objects twice if it were sent twice: then the file itself is the key.
fn key(args: &ImportArgs, bytes: &[u8]) -> String {
    if args.key.is_some() || args.again || args.preview {
        return hex::encode(rand::random::<[u8; 16]>());
    }
    let hash = Sha256::new().chain_update(&args.collection.0).chain_update([0, u8::from(args.partial)]);
    hex::encode(hash.chain_update(bytes).finalize())
}

fn show(bar: &indicatif::ProgressBar, line: &Value) {
    let number = |name: &str| line.get(name).and_then(Value::as_u64);
    let (done, what) = match (number("imported"), number("checked")) {
        (Some(done), _) => (done, "importing"),
        (None, Some(done)) => (done, "checking"),
        (None, None) => return,
    };
    bar.set_length(number("rows").unwrap_or_default());
    bar.set_message(what);
    bar.set_position(done);
}

/// Lines that come in parts.
#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
    last: Option<Value>,
}

impl Lines {
    /// The lines that are whole with this part.
    fn add(&mut self, part: &[u8]) -> Result<Vec<Value>> {
        self.begun.extend_from_slice(part);
        let mut whole = Vec::new();
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            let line: Value = serde_json::from_slice(&line).context("the service answered what is no JSON")?;
            if line.get("status").is_some() {
                self.last = Some(line.clone());
            }
            whole.push(line);
        }
        Ok(whole)
    }
}

fn ended(args: &ImportArgs, last: &Value, json: bool) -> Result<ExitCode> {
    let (answer, status) = (&last["answer"], last["status"].as_u64().unwrap_or_default());
    let is_well = status == 200;
    if json {
        output::json(answer);
        return Ok(if is_well && answer["refused"] == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if !is_well {
        return Err(refused(answer, u16::try_from(status).unwrap_or_default()));
    }
    let file = args.file.display();
    for refusal in answer["refusals"].as_array().into_iter().flatten() {
        output::line(format!("{file}:{}", told(refusal)));
    }
    for name in answer["ignored"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        output::line(format!("{name}: is made by the service, and was not read"));
    }
    let count = |name: &str| answer[name].as_u64().unwrap_or_default();
    let would = if args.preview { "would be " } else { "" };
    let all = ["new", "changed", "same", "refused"].map(|name| format!("{} {name}", count(name))).join(", ");
    output::line(format!("{} rows: {would}{all}", count("rows")));
    if last["replayed"] == true {
        output::line("this file was imported before, and is not imported twice; --again imports it once more");
    }
    Ok(if count("refused") == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `4:2: /code is the same as in line 3; it must be another`
fn told(refusal: &Value) -> String {
    let text = |name: &str| refusal.get(name).and_then(Value::as_str).unwrap_or_default();
    let column = refusal["column"].as_u64().map(|column| format!("{column}:")).unwrap_or_default();
    let pointer = if text("pointer").is_empty() { String::new() } else { format!("{} ", text("pointer")) };
    format!("{}:{column} {pointer}{}", refusal["line"], text("message"))
}

//! Changing what is installed: plan, agreement, and the way to the end.

use super::client::{Client, Content};
use super::look::{items, text, texts};
use super::{How, Named, Running};
use crate::cli::module::oci::{self, Access};
use crate::cli::module::source;
use crate::cli::output;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How often it is looked how far the service has come.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn install(module: &str, access: &Access, how: &How) -> Result<ExitCode> {
    let content = content(Named::read(module), access, how).await?;
    make("POST", "modules", Running::Refuse, content, how).await
}

pub(super) async fn update(module: &str, access: &Access, how: &How) -> Result<ExitCode> {
    let content = content(Named::read(module), access, how).await?;
    let name = match &content {
        Content::Package(bytes) => modules::Package::from_archive(bytes)?.manifest()?.name,
        Content::Json(known) => text(known, "module").to_owned(),
        Content::Nothing => module.to_owned(),
    };
    make("POST", &format!("modules/{name}/update"), Running::Refuse, content, how).await
}

/// What is sent for a module. Whether a file is a package, the service says with all that is wrong.
async fn content(named: Named, access: &Access, how: &How) -> Result<Content> {
    Ok(match named {
        Named::File(path) => Content::Package(source::bytes(&path)?),
        Named::InRegistry(reference) => Content::Package(oci::fetch(&reference, access, how.service.ca.clone()).await?),
        Named::Known { module, version } => Content::Json(json!({ "module": module, "version": version })),
    })
}

pub(super) async fn simple(method: &str, path: &str, running: Running, how: &How) -> Result<ExitCode> {
    make(method, &format!("modules/{path}"), running, Content::Nothing, how).await
}

async fn make(method: &str, path: &str, running: Running, content: Content, how: &How) -> Result<ExitCode> {
    let client = Client::of(&how.service)?;
    let json = how.service.json;
    let query = format!("{path}?running={}", running.name());
    let planned = client.ask(method, &format!("{query}&plan=true"), content.clone()).await?;
    let plan = &planned["plan"];
    if how.plan {
        if json {
            output::json(plan)
        } else {
            show(plan)
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !json {
        show(plan);
    }
    refuse_unfit(plan)?;
    agree(plan, how)?;
    let begun = client.ask(method, &format!("{query}&consent={}", text(plan, "id")), content).await?;
    follow(&client, text(&begun, "instance"), text(plan, "title"), json).await
}

/// What would be done, a line each.
fn show(plan: &Value) {
    let told = |locked: &Value| match (text(locked, "version"), text(locked, "state")) {
        ("", _) => "not installed".to_owned(),
        (version, state) => format!("{version} {state}"),
    };
    for change in items(plan, "changes") {
        output::line(format!("{}: {} -> {}", text(change, "module"), told(&change["from"]), told(&change["to"])));
    }
    for difference in plan.get("differences").into_iter().flat_map(texts) {
        output::line(format!("  {difference}"));
    }
    data(plan);
    for consent in plan.get("consent").into_iter().flat_map(texts) {
        output::line(format!("! {consent}"));
    }
    match plan["running"].as_u64() {
        Some(running) if running > 0 => output::line(format!("  {running} of its workflows are under way")),
        _ => {}
    }
}

/// What becomes of objects, and those that do not fit.
fn data(plan: &Value) {
    for collection in items(plan, "data").flat_map(|change| items(change, "collections")) {
        let objects = collection["objects"].as_u64().unwrap_or_default();
        for difference in collection.get("differences").into_iter().flat_map(texts) {
            output::line(format!("  {difference}"));
        }
        output::line(format!("  {}: {objects} objects", text(collection, "kind")));
        let (tried, unchanged) = (collection["tried"].as_u64(), collection["unchanged"].as_u64());
        if let (Some(tried), Some(unchanged @ 1..)) = (tried, unchanged) {
            output::line(format!("    {unchanged} of {tried} go back to exactly what they were"));
        }
        for misfit in items(collection, "misfits") {
            output::line(format!("x {}: {} {}", text(misfit, "id"), text(misfit, "pointer"), text(misfit, "message")));
        }
    }
}

/// Refuses where objects do not fit: they are told already.
fn refuse_unfit(plan: &Value) -> Result<()> {
    let collections = items(plan, "data").flat_map(|change| items(change, "collections"));
    if collections.flat_map(|collection| items(collection, "misfits")).next().is_some() {
        bail!("the objects marked with x do not fit; nothing was changed");
    }
    Ok(())
}

/// Asks whoever sits there, if the plan asks for agreement.
fn agree(plan: &Value, how: &How) -> Result<()> {
    if how.yes || items(plan, "consent").next().is_none() {
        return Ok(());
    }
    if how.service.json || !std::io::stdin().is_terminal() {
        bail!("what is marked with ! needs a word; agree with --yes");
    }
    let mut err = std::io::stderr().lock();
    write!(err, "Agree to what is marked with ! (y/N)? ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { bail!("nothing was changed") }
}

/// Follows the instance to its end.
async fn follow(client: &Client, instance: &str, title: &str, json: bool) -> Result<ExitCode> {
    let bar = indicatif::ProgressBar::new_spinner();
    bar.enable_steady_tick(LOOK);
    let ended = loop {
        let now = client.ask("GET", &format!("instances/{instance}"), Content::Nothing).await?;
        if text(&now, "status") != "running" {
            break now;
        }
        bar.set_message(format!("{title}: {}{}", text(&now, "state"), progress(&now)));
        tokio::time::sleep(LOOK).await;
    };
    bar.finish_and_clear();
    let done = text(&ended, "status") == "succeeded";
    match (json, done) {
        (true, _) => output::json(&ended),
        (false, true) => output::line(format!("{title}: done")),
        (false, false) => bail!("{title}: {}", cause(&ended)),
    }
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `, 400 of 10000`, where objects are gone through.
fn progress(now: &Value) -> String {
    let of = |name: &str| now.pointer(&format!("/variables/progress/{name}")).and_then(Value::as_u64);
    match (of("made"), of("objects")) {
        (Some(made), Some(objects)) => format!(", {made} of {objects}"),
        _ => String::new(),
    }
}

fn cause(ended: &Value) -> String {
    let pointers = ["/cause", "/error/cause", "/failure/cause"];
    let told = pointers.iter().find_map(|pointer| ended.pointer(pointer)?.as_str());
    told.map_or_else(|| format!("it ended as {}", text(ended, "status")), str::to_owned)
}

//! Scenario files: one scenario, or a list of them. `Extends` names a file that says the rest.

use super::source;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::path::Path;
use workflow::rehearsal::{Scenario, extend};

/// How many files may extend each other.
const MAX_EXTENDS: usize = 8;

/// The scenarios of a file, named after it where they have no name.
pub(super) fn all(path: &Path) -> anyhow::Result<Vec<Scenario>> {
    let scenarios = documents(path)?.into_iter().map(|(place, document)| {
        let mut scenario = read(document).with_context(|| place.clone())?;
        if scenario.name.is_empty() {
            scenario.name = place;
        }
        Ok(scenario)
    });
    scenarios.collect()
}

/// The scenarios of a file as they are written, with what they extend, and what each is called if it has no name.
pub(in crate::cli) fn documents(path: &Path) -> anyhow::Result<Vec<(String, Value)>> {
    let listed = match source::json(path)? {
        Value::Array(list) => list,
        one => vec![one],
    };
    let count = listed.len();
    let documents = listed.into_iter().enumerate().map(|(n, document)| {
        let place = if count == 1 { source::name(path) } else { format!("{}, scenario {}", source::name(path), n + 1) };
        let document = extended(document, path, 0).with_context(|| place.clone())?;
        Ok((place, document))
    });
    documents.collect()
}

/// The one scenario of a file.
pub(super) fn one(path: &Path) -> anyhow::Result<Scenario> {
    let mut scenarios = all(path)?;
    ensure!(scenarios.len() == 1, "{} has {} scenarios; name a file with one", source::name(path), scenarios.len());
    scenarios.pop().context("there is no scenario")
}

pub(in crate::cli) fn read(document: Value) -> anyhow::Result<Scenario> {
    ensure!(document.get("Steps").is_none(), "it has Steps, and is played by countersign module test");
    Scenario::read(document).map_err(|message| anyhow::anyhow!("is not a scenario: {message}"))
}

/// A scenario with what it extends below it.
fn extended(mut document: Value, path: &Path, depth: usize) -> anyhow::Result<Value> {
    let named = document.as_object_mut().and_then(|fields| fields.shift_remove("Extends"));
    let Some(named) = named else { return Ok(document) };
    let name = named.as_str().context("Extends must be the path of a file")?;
    ensure!(depth < MAX_EXTENDS, "more than {MAX_EXTENDS} files extend each other; does {name} extend itself?");
    let base = path.parent().unwrap_or(Path::new("")).join(name);
    let mut whole = extended(source::json(&base)?, &base, depth + 1)?;
    extend(&mut whole, document);
    Ok(whole)
}

//! `countersign module test`: scenarios play a module's definitions alone, and the whole module in a service.

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::path::Path;

const PURCHASING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/purchasing");

const MANIFEST: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
    permissions: [{ name: travel.trips.use, title: Use trips, roles: [\"*\"] }]\n\
    objects: [{ collection: trips, title: Trip, schema: trip.json, create: travel.trips.use, read: travel.trips.use }]\n";
const SCHEMA: &str = r#"{ "type": "object", "required": ["to"], "properties": { "to": { "type": "string" } } }"#;

async fn test(folder: &Path, more: &[&str]) -> Result<Ended> {
    let folder = folder.display().to_string();
    let arguments: Vec<&str> = ["module", "test", &folder].into_iter().chain(more.iter().copied()).collect();
    Program::find()?.run(&arguments).await
}

/// A module without code, with one scenario.
fn travel(scenario: &str) -> Result<Folder> {
    let folder = Folder::new()?;
    let path = folder.path();
    std::fs::create_dir(path.join("scenarios"))?;
    for (file, text) in [("module.yaml", MANIFEST), ("trip.json", SCHEMA), ("scenarios/one.json", scenario)] {
        std::fs::write(path.join(file), text)?;
    }
    Ok(folder)
}

#[tokio::test]
async fn our_own_module_does_what_its_scenarios_say() -> Result<()> {
    let ended = test(Path::new(PURCHASING), &[]).await?;
    ensure!(
        ended.code == Some(0) && ended.out.ends_with("9 scenarios passed, 0 failed\n"),
        "{}{}",
        ended.out,
        ended.err
    );
    ensure!(ended.out.contains("✔ In a service: the order is numbered"), "{}", ended.out);
    Ok(())
}

#[tokio::test]
async fn a_module_without_code_is_played_in_a_service() -> Result<()> {
    let folder = travel(
        r#"{ "Name": "Trips have a destination", "Steps": [
            { "By": "eva", "Create": "trips", "Data": { "to": 1 }, "Expect": { "Problems": ["/to"] } },
            { "By": "eva", "Create": "trips", "Data": { "to": "Oslo" }, "As": "oslo" },
            { "By": "mira", "Send": { "Method": "GET", "Path": "travel/trips/$oslo" }, "Expect": { "Answer": 200, "Data": { "to": "Oslo" } } }
        ] }"#,
    )?;
    let ended = test(folder.path(), &[]).await?;
    ensure!(ended.code == Some(0) && ended.out.contains("1 scenario passed, 0 failed"), "{}{}", ended.out, ended.err);
    Ok(())
}

#[tokio::test]
async fn what_comes_otherwise_is_told_with_its_place() -> Result<()> {
    let folder = travel(
        r#"{ "Name": "Wrong", "Steps": [
            { "By": "eva", "Create": "trips", "Data": { "to": "Oslo" }, "Expect": { "Status": "approved", "Data": { "to": "Rome" } } }
        ] }"#,
    )?;
    let ended = test(folder.path(), &["--json"]).await?;
    ensure!(ended.code == Some(1), "{}{}", ended.out, ended.err);
    let results: Value = serde_json::from_str(&ended.out)?;
    let differences = &results[0]["differences"];
    let expected = serde_json::json!([
        { "field": "Steps/1/Expect/Status", "expected": "approved", "found": "active" },
        { "field": "Steps/1/Expect/Data/to", "expected": "Rome", "found": "Oslo" },
    ]);
    ensure!(*differences == expected, "{results}");
    Ok(())
}

#[tokio::test]
async fn a_scenario_that_cannot_be_meant_is_refused() -> Result<()> {
    let cases = [
        (r#"{ "Steps": [{ "By": "eva", "Crate": "trips" }] }"#, "unknown field `Crate`"),
        (
            r#"{ "Steps": [{ "By": "nobody", "Create": "trips", "Expect": { "Answer": 201 } }] }"#,
            "there is no person \"nobody\"",
        ),
        (r#"{ "Steps": [{ "Expect": { "Status": "x" } }] }"#, "no step before it has made an object"),
        (r#"{ "Name": "plain" }"#, "the module has no definitions; give the scenario Steps"),
    ];
    for (scenario, message) in cases {
        let ended = test(travel(scenario)?.path(), &[]).await?;
        ensure!(ended.code == Some(1) && ended.err.contains(message), "{scenario}: {}{}", ended.out, ended.err);
    }
    Ok(())
}

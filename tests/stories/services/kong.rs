//! The configuration for Kong. There is no Kong here: the file is checked against the fields that its documentation has, which
//! are written down in `kong.schema.json`, and unknown fields are wrong there as they are for Kong.

use super::super::lifecycle::travel::{installed, manifest, packed};
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

fn package() -> Result<Vec<u8>> {
    packed(&[
        ("module.yaml", format!("{}limits: {{ requests_per_minute: 600 }}\n", manifest("travel", "1.0.0", ""))),
        ("trip.json", "{ \"type\": \"object\" }".to_owned()),
        ("trip.asl.json", super::super::lifecycle::travel::WORKFLOW.to_owned()),
    ])
}

fn misfits(document: &Value) -> Result<Vec<String>> {
    let schema: Value = serde_json::from_str(include_str!("kong.schema.json"))?;
    let validator = jsonschema::draft202012::new(&schema)?;
    Ok(validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect())
}

stories! {
    async fn kong_is_told_each_module_with_its_limit(app: App) {
        installed(app, "/modules", &package()?).await?;
        let program = Program::find()?;
        let export = ["kong", "export", "--url", &app.base, "--upstream", "http://countersign.internal:8080/"];
        let text = program.must(&[&export[..], &["--json"]].concat()).await?;
        let document: Value = serde_json::from_str(&text)?;
        ensure!(misfits(&document)?.is_empty(), "{:?}\n{text}", misfits(&document)?);
        let service = &document["services"][0];
        ensure!(service["url"] == "http://countersign.internal:8080", "{service}");
        let routes = service["routes"].as_array().context("routes")?;
        let travel = routes.iter().find(|route| route["name"] == "acme.travel").context("the route of travel")?;
        ensure!(travel["paths"] == json!(["~/api/v1/acme/travel(/|$)"]) && travel["strip_path"] == false, "{travel}");
        let plugin = |name: &str| travel["plugins"].as_array().into_iter().flatten().find(|plugin| plugin["name"] == name);
        ensure!(plugin("rate-limiting").is_some_and(|plugin| plugin["config"]["minute"] == 600), "{travel}");
        ensure!(plugin("jwt").is_some_and(|plugin| plugin["config"]["claims_to_verify"] == json!(["exp"])), "{travel}");
        ensure!(routes.iter().any(|route| route["name"] == "acme.purchasing"), "{text}");
        // The same in YAML.
        let yaml = program.must(&export).await?;
        let (read, flaws) = modules::yaml::read(&yaml);
        ensure!(flaws.is_empty() && read.value == document, "{yaml}");
        Ok(())
    }
}

#[test]
fn what_kong_would_refuse_is_refused() -> Result<()> {
    let route = |route: Value| json!({ "_format_version": "3.0", "services": [{ "name": "a", "url": "http://a", "routes": [route] }] });
    ensure!(misfits(&route(json!({ "name": "r", "paths": ["/a"] })))?.is_empty());
    ensure!(!misfits(&route(json!({ "name": "r", "path": "/a" })))?.is_empty(), "a field that Kong does not know");
    ensure!(!misfits(&route(json!({ "name": "r", "paths": ["a"] })))?.is_empty(), "a path that begins with no slash");
    let plugin = json!({ "name": "r", "paths": ["/a"], "plugins": [{ "name": "rate-limiting", "config": { "policy": "local" } }] });
    ensure!(!misfits(&route(plugin))?.is_empty(), "a limit without a number");
    Ok(())
}

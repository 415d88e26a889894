//! The module that these stories install: trips, and a workflow that waits for a word.

use crate::support::App;
use anyhow::{Result, ensure};
use modules::Package;
use serde_json::{Value, json};

pub(crate) const WORKFLOW: &str = r#"{
  "Comment": "Waits until somebody says that the trip is over.",
  "StartAt": "UnderWay",
  "QueryLanguage": "JSONata",
  "States": {
    "UnderWay": { "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "back" }, "End": true }
  }
}"#;
const SCHEMA: &str = r#"{ "type": "object", "required": ["to"], "additionalProperties": false,
  "properties": { "to": { "type": "string", "title": "Destination" }, "days": { "type": "integer" } } }"#;

/// A package of files that are made up as the story goes.
pub(crate) fn packed(files: &[(&'static str, String)]) -> Result<Vec<u8>> {
    // A package of texts takes texts that live for ever, as those of the program do.
    let files = files.iter().map(|(path, text)| (*path, &*Box::leak(text.clone().into_boxed_str())));
    Ok(Package::of(files).to_archive()?)
}

/// The same of files that may be no text.
pub(crate) fn packed_bytes(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    Ok(Package::of_files(files).to_archive()?)
}

/// The manifest of a module that needs others: `requires` is a line of YAML, or empty.
pub(crate) fn manifest(name: &str, version: &str, requires: &str) -> String {
    format!(
        "name: {name}\nversion: {version}\ntitle: {name}\ndescription: A module of a story.\nlicence: MIT\n{requires}\
         permissions:\n  - {{ name: {name}.trips.create, title: Ask for trips, roles: [requester] }}\n  \
         - {{ name: {name}.trips.read, title: See trips, roles: [\"*\"] }}\n\
         objects:\n  - {{ collection: trips, title: Trip, schema: trip.json, create: {name}.trips.create, read: {name}.trips.read }}\n\
         workflows: [{{ name: {name}/trip, file: trip.asl.json }}]\n"
    )
}

/// The package of a module with trips.
pub(crate) fn package(name: &str, version: &str, requires: &str) -> Result<Vec<u8>> {
    packed(&[
        ("module.yaml", manifest(name, version, requires)),
        ("trip.json", SCHEMA.to_owned()),
        ("trip.asl.json", WORKFLOW.to_owned()),
    ])
}

/// A version whose workflow names code that nobody has, which shows when the new list is looked at as a whole.
pub(super) fn sick(version: &str) -> Result<Vec<u8>> {
    packed(&[
        ("module.yaml", manifest("travel", version, "")),
        ("trip.json", SCHEMA.to_owned()),
        ("trip.asl.json", WORKFLOW.replace("signal.wait", "fleet.reserve")),
    ])
}

/// Sends a package with the consent that its plan asks for; status and answer.
pub(super) async fn install(app: &App, path: &str, bytes: &[u8]) -> Result<(u16, Value)> {
    let (status, planned) = app.upload("ada", &format!("{path}?plan=true"), bytes, &[]).await?;
    ensure!(status == 200, "{status} {planned}");
    let id = planned["plan"]["id"].as_str().unwrap_or_default().to_owned();
    app.upload("ada", &format!("{path}?consent={id}"), bytes, &[]).await
}

/// The same, and everything that follows; the module must be there then.
pub(crate) async fn installed(app: &App, path: &str, bytes: &[u8]) -> Result<Value> {
    let (status, begun) = install(app, path, bytes).await?;
    ensure!(status == 202, "{status} {begun}");
    app.work().await?;
    let instance = begun["instance"].as_str().unwrap_or_default();
    let (_, ended) = app.call("ada", "GET", &format!("/instances/{instance}"), None).await?;
    ensure!(ended["status"] == "succeeded", "{ended}");
    Ok(begun)
}

/// A change without a package, agreed to, with everything that follows.
pub(crate) async fn change(app: &App, method: &str, path: &str) -> Result<Value> {
    let sep = if path.contains('?') { '&' } else { '?' };
    let (status, planned) = app.call("ada", method, &format!("{path}{sep}plan=true"), None).await?;
    ensure!(status == 200, "{status} {planned}");
    let id = planned["plan"]["id"].as_str().unwrap_or_default().to_owned();
    let (status, begun) = app.call("ada", method, &format!("{path}{sep}consent={id}"), None).await?;
    ensure!(status == 202, "{status} {begun}");
    app.work().await?;
    let instance = begun["instance"].as_str().unwrap_or_default();
    Ok(app.call("ada", "GET", &format!("/instances/{instance}"), None).await?.1)
}

/// What the list says of a module: version and state.
pub(crate) async fn standing(app: &App, name: &str) -> Result<Option<(String, String)>> {
    let (status, list) = app.call("eva", "GET", "/modules", None).await?;
    ensure!(status == 200, "{status} {list}");
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    let found = items.iter().find(|item| item["name"] == name);
    Ok(found.map(|item| (text(item, "version"), text(item, "state"))))
}

/// Makes a trip as Eva; status and answer.
pub(super) async fn trip(app: &App, module: &str) -> Result<(u16, Value)> {
    app.call("eva", "POST", &format!("/{module}/trips"), Some(&json!({ "to": "Oslo" }))).await
}

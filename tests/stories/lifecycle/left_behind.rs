//! Objects stay of the version that they were left as, whatever comes to count in between.

use super::migrations::{AFTER, BEFORE, MIGRATIONS, make, version};
use super::travel::{change, installed, packed, standing};
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const PLACE: &str = r#"{ "type": "object", "required": ["to"], "additionalProperties": false,
  "properties": { "to": { "type": "string" } } }"#;

/// A version of a module that has trips, which never change, and stays in the shape of that schema, if it has them.
fn with_stays(number: &str, stays: Option<&str>, migrated: Option<&str>) -> Result<Vec<u8>> {
    let collection = |name: &str| {
        format!(
            "  - {{ collection: {name}, title: {name}, schema: {name}.json, create: travel.all, read: travel.all }}\n"
        )
    };
    let migration = |version: &str| {
        format!(
            "migrations:\n  - version: {version}\n    collection: stays\n    up: \"{{% {{ 'destination': $object.to }} %}}\"\n    \
             down: \"{{% {{ 'to': $object.destination }} %}}\"\n"
        )
    };
    let manifest = format!(
        "name: travel\nversion: {number}\ntitle: Travel\ndescription: Trips and stays.\nlicence: MIT\npermissions:\n  \
         - {{ name: travel.all, title: Everything, roles: [\"*\"] }}\nobjects:\n{}{}{}",
        collection("trips"),
        stays.map(|_| collection("stays")).unwrap_or_default(),
        migrated.map(migration).unwrap_or_default(),
    );
    let mut files = vec![("module.yaml", manifest), ("trips.json", PLACE.to_owned())];
    files.extend(stays.map(|schema| ("stays.json", schema.to_owned())));
    packed(&files)
}

async fn stay(app: &App, data: Value) -> Result<String> {
    let (status, made) = app.call("eva", "POST", "/travel/stays", Some(&data)).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(format!("/travel/stays/{}", made["id"].as_str().context("an id")?))
}

/// Its data and its revision.
async fn read(app: &App, path: &str) -> Result<(Value, Value)> {
    let (status, found) = app.call("eva", "GET", path, None).await?;
    ensure!(status == 200, "{status} {found}");
    Ok((found["data"].clone(), found["revision"].clone()))
}

async fn rolled_back(app: &App) -> Result<()> {
    let ended = change(app, "POST", "/modules/travel/rollback").await?;
    ensure!(ended["status"] == "succeeded", "{ended}");
    Ok(())
}

stories! {
    async fn a_rollback_to_nothing_leaves_objects_that_the_next_version_migrates(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = format!("/travel/trips/{}", make(app, json!({ "to": "Oslo" })).await?);
        rolled_back(app).await?;
        ensure!(standing(app, "travel").await?.is_none());
        installed(app, "/modules", &version("1.1.0", AFTER, MIGRATIONS)?).await?;
        ensure!(read(app, &oslo).await? == (json!({ "destination": "Oslo" }), json!(2)));
        Ok(())
    }

    async fn what_was_migrated_before_a_rollback_to_nothing_is_not_migrated_again(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = format!("/travel/trips/{}", make(app, json!({ "to": "Oslo" })).await?);
        change(app, "DELETE", "/modules/travel").await?;
        let update = version("1.1.0", AFTER, MIGRATIONS)?;
        installed(app, "/modules", &update).await?;
        rolled_back(app).await?;
        ensure!(standing(app, "travel").await?.is_none());
        let (status, planned) = app.upload("ada", "/modules?plan=true", &update, &[]).await?;
        ensure!(status == 200 && planned["plan"]["data"] == json!([]), "{planned}");
        installed(app, "/modules", &update).await?;
        ensure!(read(app, &oslo).await? == (json!({ "destination": "Oslo" }), json!(2)));
        // Installed as it was first, they go back to what they were.
        change(app, "DELETE", "/modules/travel").await?;
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        ensure!(read(app, &oslo).await? == (json!({ "to": "Oslo" }), json!(3)));
        Ok(())
    }

    async fn a_collection_that_a_rollback_takes_away_comes_back_as_it_was(app: App) {
        installed(app, "/modules", &with_stays("1.0.0", None, None)?).await?;
        let trip = format!("/travel/trips/{}", make(app, json!({ "to": "Riga" })).await?);
        let update = with_stays("1.1.0", Some(&PLACE.replace("\"to\"", "\"destination\"")), Some("1.1.0"))?;
        installed(app, "/modules/travel/update", &update).await?;
        let oslo = stay(app, json!({ "destination": "Oslo" })).await?;
        rolled_back(app).await?;
        ensure!(app.call("eva", "GET", &oslo, None).await?.0 == 404);
        installed(app, "/modules/travel/update", &update).await?;
        ensure!(read(app, &oslo).await? == (json!({ "destination": "Oslo" }), json!(1)));
        ensure!(read(app, &trip).await?.0 == json!({ "to": "Riga" }));
        Ok(())
    }

    async fn a_collection_that_comes_back_is_migrated_from_the_version_that_had_it(app: App) {
        installed(app, "/modules", &with_stays("1.0.0", Some(PLACE), None)?).await?;
        let oslo = stay(app, json!({ "to": "Oslo" })).await?;
        installed(app, "/modules/travel/update", &with_stays("1.1.0", None, None)?).await?;
        let again = with_stays("1.2.0", Some(&PLACE.replace("\"to\"", "\"destination\"")), Some("1.1.0"))?;
        let (status, planned) = app.upload("ada", "/modules/travel/update?plan=true", &again, &[]).await?;
        let stays = planned["plan"]["data"].as_array().into_iter().flatten().find(|one| one["of"] == json!(["stays"]));
        let stays = stays.with_context(|| planned.to_string())?;
        ensure!(status == 200 && stays["from"]["version"] == "1.0.0" && stays["collections"][0]["tried"] == 1, "{planned}");
        installed(app, "/modules/travel/update", &again).await?;
        ensure!(read(app, &oslo).await? == (json!({ "destination": "Oslo" }), json!(2)));
        Ok(())
    }
}

//! Objects of one version become those of the next, and those of before when it is taken back.

use super::travel::{change, install, installed, packed, standing};
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// A version of the module: trips had `to`, and have `destination` from 1.1.0 on.
pub(super) fn version(number: &str, schema: &str, migrations: &str) -> Result<Vec<u8>> {
    let manifest = format!(
        "name: travel\nversion: {number}\ntitle: Travel\ndescription: A module of a story.\nlicence: MIT\npermissions:\n  \
         - {{ name: travel.trips.create, title: Ask for trips, roles: [requester] }}\n  \
         - {{ name: travel.trips.read, title: See trips, roles: [\"*\"] }}\nobjects:\n  \
         - {{ collection: trips, title: Trip, schema: trip.json, create: travel.trips.create, read: travel.trips.read, \
         update: travel.trips.create, delete: travel.trips.create, attachments: true }}\n{migrations}"
    );
    packed(&[
        ("module.yaml", manifest),
        ("trip.json", schema.to_owned()),
        (
            "to-destination.jsonata",
            "$merge([$sift($object, function($v, $k) { $k != 'to' }), { 'destination': $object.to }])\n".to_owned(),
        ),
    ])
}

pub(super) const BEFORE: &str = r#"{ "type": "object", "required": ["to"], "additionalProperties": false,
  "properties": { "to": { "type": "string" }, "days": { "type": "integer" }, "note": { "type": "string" } } }"#;
pub(super) const AFTER: &str = r#"{ "type": "object", "required": ["destination"], "additionalProperties": false,
  "properties": { "destination": { "type": "string", "x-index": true, "x-unique": true }, "days": { "type": "integer" },
    "hours": { "type": "integer", "x-computed": "{% $object.days * 24 %}" } } }"#;
pub(super) const MIGRATIONS: &str = "migrations:\n  - version: 1.1.0\n    collection: trips\n    up: to-destination.jsonata\n    \
    down: \"{% $merge([$sift($object, function($v, $k) { $not($k in ['destination', 'hours']) }), { 'to': $object.destination }]) %}\"\n";

pub(super) async fn make(app: &App, data: Value) -> Result<String> {
    let (status, made) = app.call("eva", "POST", "/travel/trips", Some(&data)).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(made["id"].as_str().context("an id")?.to_owned())
}

async fn read(app: &App, id: &str) -> Result<Value> {
    let (status, trip) = app.call("eva", "GET", &format!("/travel/trips/{id}"), None).await?;
    ensure!(status == 200, "{status} {trip}");
    Ok(trip)
}

async fn data_of(app: &App, id: &str) -> Result<Value> {
    Ok(read(app, id).await?["data"].clone())
}

async fn found(app: &App, query: &str) -> Result<usize> {
    let (status, list) = app.call("eva", "GET", &format!("/travel/trips?{query}"), None).await?;
    ensure!(status == 200, "{status} {list}");
    Ok(list["items"].as_array().map_or(0, Vec::len))
}

async fn nothing_is_staged(app: &App) -> Result<()> {
    let mut reader = app.store.read().await?;
    let free = reader.objects_not_staged("acme", "travel/trips", 10_000).await?.len() as u64;
    ensure!(free == reader.count_objects("acme", "travel/trips").await?, "only {free} objects are not staged");
    Ok(())
}

stories! {
    async fn objects_become_those_of_the_next_version_and_go_back(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = make(app, json!({ "to": "Oslo", "days": 3 })).await?;
        let rome = make(app, json!({ "to": "Rome" })).await?;
        let gone = make(app, json!({ "to": "Oslo", "days": 1 })).await?;
        let (status, _) = app.call_with("eva", "DELETE", &format!("/travel/trips/{gone}"), None, &[("If-Match", "*")]).await?;
        ensure!(status == 204, "{status}");
        let update = version("1.1.0", AFTER, MIGRATIONS)?;
        let (status, planned) = app.upload("ada", "/modules/travel/update?plan=true", &update, &[]).await?;
        let trips = &planned["plan"]["data"][0]["collections"][0];
        ensure!(status == 200 && trips["objects"] == 2 && trips["tried"] == 2 && trips["misfits"] == json!([]), "{planned}");
        let told = trips["differences"].to_string();
        for sentence in ["its objects are migrated to 1.1.0", "is found by destination", "no two have the same destination", "has no field to any more", "hours is computed anew"] {
            ensure!(told.contains(sentence), "{sentence}: {told}");
        }
        installed(app, "/modules/travel/update", &update).await?;
        let trip = read(app, &oslo).await?;
        ensure!(trip["data"] == json!({ "days": 3, "destination": "Oslo", "hours": 72 }) && trip["revision"] == 2, "{trip}");
        ensure!(found(app, "filter[destination]=Rome").await? == 1 && found(app, "sort=destination").await? == 2);
        let (_, revisions) = app.call("eva", "GET", &format!("/travel/trips/{oslo}/revisions"), None).await?;
        ensure!(revisions["items"][0]["by"] == "migration of travel to 1.1.0", "{revisions}");

        // One is changed and one is made since; the other goes back to exactly what it was.
        let (status, _) = app.call_with("eva", "PATCH", &format!("/travel/trips/{rome}"), Some(&json!({ "destination": "Roma" })), &[("If-Match", "*")]).await?;
        ensure!(status == 200, "{status}");
        let bern = make(app, json!({ "destination": "Bern", "days": 2 })).await?;
        let (_, planned) = app.call("ada", "POST", "/modules/travel/rollback?plan=true", None).await?;
        let trips = &planned["plan"]["data"][0]["collections"][0];
        ensure!(trips["tried"] == 3 && trips["unchanged"] == 1, "{planned}");
        let ended = change(app, "POST", "/modules/travel/rollback").await?;
        ensure!(ended["status"] == "succeeded", "{ended}");
        ensure!(standing(app, "travel").await?.is_some_and(|(version, _)| version == "1.0.0"));
        ensure!(data_of(app, &oslo).await? == json!({ "to": "Oslo", "days": 3 }));
        ensure!(data_of(app, &rome).await? == json!({ "to": "Roma" }));
        ensure!(data_of(app, &bern).await? == json!({ "to": "Bern", "days": 2 }));
        ensure!(read(app, &oslo).await?["revision"] == 3);
        // What was unique is not any more.
        make(app, json!({ "to": "Oslo" })).await?;
        nothing_is_staged(app).await
    }

    async fn what_does_not_fit_refuses_the_update_and_nothing_changes(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let one = make(app, json!({ "to": "Oslo" })).await?;
        let two = make(app, json!({ "to": "Oslo" })).await?;
        let noted = make(app, json!({ "to": "Bern", "note": "late" })).await?;
        let update = version("1.1.0", AFTER, MIGRATIONS)?;
        let (status, planned) = app.upload("ada", "/modules/travel/update?plan=true", &update, &[]).await?;
        let misfits = planned["plan"]["data"][0]["collections"][0]["misfits"].clone();
        ensure!(status == 200 && misfits.as_array().map(Vec::len) == Some(2), "{planned}");
        let told = misfits.to_string();
        ensure!(told.contains("is the same as that of") && told.contains(&one) && told.contains(&two), "{told}");
        ensure!(told.contains(&noted) && told.contains("/note") && told.contains("is not known; leave it out"), "{told}");
        let (status, refused) = install(app, "/modules/travel/update", &update).await?;
        ensure!(status == 422 && refused["code"] == "does-not-fit", "{status} {refused}");
        ensure!(refused["errors"].as_array().map(Vec::len) == Some(2), "{refused}");
        ensure!(standing(app, "travel").await?.is_some_and(|(version, _)| version == "1.0.0"));
        ensure!(data_of(app, &one).await? == json!({ "to": "Oslo" }));
        // A schema that is stricter without a migration is refused as well.
        let strict = version("1.1.0", &BEFORE.replace("\"required\": [\"to\"]", "\"required\": [\"to\", \"days\"]"), "")?;
        let (status, refused) = install(app, "/modules/travel/update", &strict).await?;
        ensure!(status == 422 && refused["errors"][0]["pointer"] == "/days", "{status} {refused}");
        Ok(())
    }

    /// More objects than are tried for the plan, so that the update itself finds it.
    async fn an_update_that_meets_what_does_not_fit_leaves_the_old_version(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        fill(app, 1_200).await?;
        app.pass(1_000).await?;
        let last = make(app, json!({ "to": "Bern", "note": "late" })).await?;
        let update = version("1.1.0", AFTER, MIGRATIONS)?;
        let (status, begun) = install(app, "/modules/travel/update", &update).await?;
        ensure!(status == 202, "{status} {begun}");
        app.work().await?;
        let path = format!("/instances/{}", begun["instance"].as_str().context("an instance")?);
        let (_, ended) = app.call("ada", "GET", &path, None).await?;
        let cause = ended["error"]["cause"].as_str().unwrap_or_default();
        ensure!(ended["error"]["error"] == "Module.RolledBack" && cause.contains(&last), "{ended}");
        ensure!(cause.contains("Module.DoesNotFit") && cause.ends_with("(undone: convert, stage)"), "{cause}");
        ensure!(standing(app, "travel").await?.is_some_and(|(version, _)| version == "1.0.0"));
        ensure!(data_of(app, &last).await? == json!({ "to": "Bern", "note": "late" }));
        nothing_is_staged(app).await
    }

    async fn there_is_no_way_back_where_the_migration_says_so(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = make(app, json!({ "to": "Oslo" })).await?;
        let only_up = "migrations:\n  - { version: 1.1.0, collection: trips, up: to-destination.jsonata, irreversible: the old name is forgotten }\n";
        let update = version("1.1.0", AFTER, only_up)?;
        let (status, refused) = app.upload("ada", "/modules/travel/update", &update, &[]).await?;
        let detail = refused["detail"].as_str().unwrap_or_default();
        ensure!(status == 409 && detail.contains("there is no way back: the old name is forgotten"), "{status} {refused}");
        installed(app, "/modules/travel/update", &update).await?;
        let bern = make(app, json!({ "destination": "Bern" })).await?;
        let (status, refused) = app.call("ada", "POST", "/modules/travel/rollback", None).await?;
        ensure!(status == 422 && refused.to_string().contains("the old name is forgotten") && refused.to_string().contains(&bern), "{status} {refused}");
        // Without it there is: nobody has changed the other.
        let (status, _) = app.call_with("eva", "DELETE", &format!("/travel/trips/{bern}"), None, &[("If-Match", "*")]).await?;
        ensure!(status == 204, "{status}");
        ensure!(change(app, "POST", "/modules/travel/rollback").await?["status"] == "succeeded");
        ensure!(data_of(app, &oslo).await? == json!({ "to": "Oslo" }));
        Ok(())
    }

    async fn what_was_taken_out_is_migrated_when_a_newer_version_comes(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = make(app, json!({ "to": "Oslo" })).await?;
        change(app, "DELETE", "/modules/travel").await?;
        installed(app, "/modules", &version("1.1.0", AFTER, MIGRATIONS)?).await?;
        ensure!(data_of(app, &oslo).await? == json!({ "destination": "Oslo" }));
        // And back through two versions, one after the other.
        let (index, again) = (AFTER.replace("\"x-unique\": true", "\"title\": \"To\""), version("1.2.0", AFTER, MIGRATIONS)?);
        installed(app, "/modules/travel/update", &again).await?;
        installed(app, "/modules/travel/update", &version("1.3.0", &index, MIGRATIONS)?).await?;
        for _ in 0..2 {
            ensure!(change(app, "POST", "/modules/travel/rollback").await?["status"] == "succeeded");
        }
        ensure!(standing(app, "travel").await?.is_some_and(|(version, _)| version == "1.1.0"));
        ensure!(found(app, "filter[destination]=Oslo").await? == 1);
        Ok(())
    }
}

/// Many trips, made as nobody waits for each.
pub(super) async fn fill(app: &App, count: usize) -> Result<()> {
    use futures::FutureExt;
    use store::NewObject;
    for first in (0..count).step_by(100) {
        let work = app.store.write(move |unit| {
            async move {
                for n in first..(first + 100).min(count) {
                    let data = json!({ "to": format!("Town {n}"), "days": n });
                    let (kind, id) = ("travel/trips".to_owned(), unit.new_id());
                    let new =
                        NewObject { kind, id, status: "active".to_owned(), number: None, data, by: "eva".to_owned() };
                    unit.insert_object("acme", &new).await?;
                }
                Ok(())
            }
            .boxed()
        });
        work.await?;
    }
    Ok(())
}

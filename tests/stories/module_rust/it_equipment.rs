//! IT equipment, as a company has it: the module of `definitions/it-equipment` is tested by its own scenarios, packed, installed, used,
//! brought to a next version, taken back and taken out.

use super::super::lifecycle::travel::{change, installed, standing};
use super::building::{SDK, author, packed};
use crate::stories::module_commands::copy;
use crate::support::folder::Folder;
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs::{create_dir_all, read_to_string, write};
use std::path::Path;
use std::sync::OnceLock;

const DEFINITIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions");
const UP: &str = "$merge([$sift($object, function($v, $k) { $k != 'reason' }), { 'purpose': $object.reason }])";
const DOWN: &str = "$merge([$sift($object, function($v, $k) { $k != 'purpose' }), { 'reason': $object.purpose }])";
const MIGRATION: &str = "migrations:\n  - { version: 0.2.0, collection: requests, up: migrations/up.jsonata, \
                         down: migrations/down.jsonata, example: migrations/request-0.1.0.json }\n";

/// The packages of the version that is here and of the next one.
#[derive(Clone)]
struct Packages {
    now: Vec<u8>,
    next: Vec<u8>,
}

/// Both packages, built and tested once for both databases.
fn packages() -> Result<Packages> {
    static MADE: OnceLock<std::result::Result<Packages, String>> = OnceLock::new();
    MADE.get_or_init(|| make().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn make() -> Result<Packages> {
    let parent = Folder::new()?;
    let folder = parent.path().join("it-equipment");
    copy(&Path::new(DEFINITIONS).join("it-equipment"), &folder)?;
    edited(&folder.join("code/Cargo.toml"), |text| text.replace("../../../modules/sdk", SDK))?;
    author(&folder.join("code"), Path::new("cargo"), &["test", "--quiet"])?;
    let now = tested(&folder)?;
    make_next(&folder)?;
    Ok(Packages { now, next: tested(&folder)? })
}

/// The package of a folder whose scenarios pass.
fn tested(folder: &Path) -> Result<Vec<u8>> {
    let said = author(folder, Program::find()?.path(), &["module", "test"])?;
    ensure!(said.ends_with("11 scenarios passed, 0 failed\n"), "{said}");
    packed(folder)
}

/// The next version: the reason of a request is called its purpose.
fn make_next(folder: &Path) -> Result<()> {
    create_dir_all(folder.join("migrations"))?;
    std::fs::copy(folder.join("examples/request.json"), folder.join("migrations/request-0.1.0.json"))?;
    write(folder.join("migrations/up.jsonata"), UP)?;
    write(folder.join("migrations/down.jsonata"), DOWN)?;
    let renamed =
        ["schemas/request.json", "examples/request.json", "request.asl.json", "scenarios/shared/request.json"];
    for file in renamed.into_iter().chain(["scenarios/service/request.json", "scenarios/service/dear.json"]) {
        edited(&folder.join(file), |text| {
            text.replace("\"reason\"", "\"purpose\"").replace("$wanted.reason", "$wanted.purpose")
        })?;
    }
    edited(&folder.join("module.yaml"), |text| {
        text.replace("version: 0.1.0\ntitle", "version: 0.2.0\ntitle") + MIGRATION
    })
}

fn edited(file: &Path, edit: impl Fn(String) -> String) -> Result<()> {
    let before = read_to_string(file)?;
    let after = edit(before.clone());
    ensure!(before != after, "{} is as it was", file.display());
    Ok(write(file, after)?)
}

/// Makes an object, and does what follows; its id.
async fn made(app: &App, by: &str, path: &str, data: &Value) -> Result<String> {
    let (status, made) = app.call(by, "POST", path, Some(data)).await?;
    ensure!(status == 201, "{path}: {status} {made}");
    app.work().await?;
    Ok(made["id"].as_str().context("no id")?.to_owned())
}

async fn read(app: &App, path: &str) -> Result<Value> {
    let (status, found) = app.call("eva", "GET", path, None).await?;
    ensure!(status == 200, "{path}: {status} {found}");
    Ok(found)
}

async fn laptop(app: &App, tag: &str) -> Result<String> {
    let data = json!({ "tag": tag, "kind": "laptop", "name": "Laptop", "price": "1340.00", "currency": "EUR",
        "bought_on": "2026-01-31", "warranty_months": 1 });
    made(app, "ada", "/it-equipment/assets", &data).await
}

async fn request(app: &App) -> Result<String> {
    let data = json!({ "kind": "laptop", "reason": "Travel", "price": "1400.00", "currency": "EUR" });
    made(app, "eva", "/it-equipment/requests", &data).await
}

stories! {
    async fn equipment_is_asked_for_and_given_across_versions(app: App) {
        let packages = packages()?;
        installed(app, "/modules", &packages.now).await?;
        let first = laptop(app, "it-0001").await?;
        let given = request(app).await?;
        app.approve("mira").await?;
        let (asked, asset) = (read(app, &format!("/it-equipment/requests/{given}")).await?, read(app, &format!("/it-equipment/assets/{first}")).await?);
        ensure!(asked["status"] == "fulfilled" && asked["data"]["asset"] == first.as_str(), "{asked}");
        ensure!(asset["status"] == "assigned" && asset["data"]["held_by"] == "eva", "{asset}");
        let warranty = read(app, &format!("/it-equipment/-/assets/{first}/warranty")).await?;
        ensure!(warranty == json!({ "tag": "IT-0001", "warranty_until": "2026-02-28", "days_left": 0 }), "{warranty}");

        let under_way = request(app).await?;
        installed(app, "/modules/it-equipment/update", &packages.next).await?;
        for id in [&given, &under_way] {
            let asked = read(app, &format!("/it-equipment/requests/{id}")).await?;
            ensure!(asked["data"]["purpose"] == "Travel" && asked["data"].get("reason").is_none(), "{asked}");
        }
        app.approve("mira").await?;
        let waiting = read(app, &format!("/it-equipment/requests/{under_way}")).await?;
        ensure!(waiting["status"] == "waiting", "{waiting}");
        let second = laptop(app, "it-0002").await?;
        app.approve("ada").await?;

        let ended = change(app, "POST", "/modules/it-equipment/rollback").await?;
        ensure!(ended["status"] == "succeeded", "{ended}");
        for (id, asset) in [(&given, &first), (&under_way, &second)] {
            let asked = read(app, &format!("/it-equipment/requests/{id}")).await?;
            ensure!(asked["data"]["reason"] == "Travel" && asked["status"] == "fulfilled", "{asked}");
            ensure!(asked["data"]["asset"] == asset.as_str() && asked["data"].get("purpose").is_none(), "{asked}");
        }
        let ended = change(app, "DELETE", "/modules/it-equipment").await?;
        ensure!(ended["status"] == "succeeded" && standing(app, "it-equipment").await?.is_none(), "{ended}");
        Ok(())
    }

    async fn what_the_store_receives_becomes_assets_once(app: App) {
        let inventory = modules::Package::read(&Path::new(DEFINITIONS).join("inventory"))?.to_archive()?;
        installed(app, "/modules", &inventory).await?;
        installed(app, "/modules", &packages()?.now).await?;
        let model = json!({ "sku": "LAP-14", "kind": "laptop", "name": "Laptop", "price": "1340.00", "currency": "EUR", "warranty_months": 36 });
        made(app, "ada", "/it-equipment/models", &model).await?;
        let item = |sku: &str| json!({ "sku": sku, "name": sku, "unit": "C62" });
        let laptops = made(app, "ada", "/inventory/items", &item("LAP-14")).await?;
        let screws = made(app, "ada", "/inventory/items", &item("SCREWS")).await?;
        let lines = json!([{ "item": laptops, "quantity": "2" }, { "item": screws, "quantity": "500" }]);
        let expected = made(app, "ada", "/inventory/expected-receipts", &json!({ "order": "2027-1", "lines": lines })).await?;
        let receipt = json!({ "expected": expected, "received_on": "2027-01-14", "lines": lines });
        made(app, "ada", "/inventory/receipts", &receipt).await?;
        let again = json!({ "after": 0 });
        let (status, answer) =
            app.call("ada", "POST", "/modules/it-equipment/subscriptions/received/replay", Some(&again)).await?;
        ensure!(status == 200, "{status} {answer}");
        app.work().await?;
        let assets = read(app, "/it-equipment/assets?filter[kind]=laptop").await?;
        let assets = assets["items"].as_array().cloned().unwrap_or_default();
        let fresh = |asset: &Value| asset["status"] == "in-stock" && asset["data"]["warranty_until"] == "2030-01-14";
        ensure!(assets.len() == 2 && assets.iter().all(fresh), "{assets:?}");
        Ok(())
    }
}

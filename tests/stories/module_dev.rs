//! `countersign module dev`: a demo with the module, which follows every change of its folder.

use crate::support::folder::Folder;
use crate::support::process::{Process, Program};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const MANIFEST: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
    permissions: [{ name: travel.trips.use, title: Use trips, roles: [\"*\"] }]\n\
    objects: [{ collection: trips, title: Trip, schema: trip.json, create: travel.trips.use, read: travel.trips.use }]\n";
/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(30);

/// A module that is being written.
struct Author {
    folder: Folder,
    process: Process,
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Author {
    async fn begin() -> Result<Self> {
        let folder = Folder::new()?;
        std::fs::write(folder.path().join("module.yaml"), MANIFEST)?;
        std::fs::write(folder.path().join("trip.json"), schema(&["to"]))?;
        let path = folder.path().display().to_string();
        let process = Program::find()?.start(&["module", "dev", &path, "--port", "0", "--json"])?;
        let first = line(&process, 0, PATIENCE).await?;
        let text = |pointer: &str| first.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let base = text("/base_url").with_context(|| format!("{first}"))?;
        let token = text("/tokens/eva").with_context(|| format!("{first}"))?;
        Ok(Self { folder, process, base, token, http: reqwest::Client::new() })
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        Ok(std::fs::write(self.folder.path().join(file), text)?)
    }

    /// What it says about the change that was just made. How long that took is printed: a second is the goal.
    async fn says(&self, before: usize) -> Result<Value> {
        let begun = Instant::now();
        let said = line(&self.process, before, PATIENCE).await?;
        println!("told after {:?}, of which {} ms to serve it", begun.elapsed(), said["ms"]);
        Ok(said)
    }

    fn said(&self) -> usize {
        self.process.out().lines().count()
    }

    async fn make(&self, trip: &Value) -> Result<(u16, Value)> {
        let request =
            self.http.post(format!("{}/api/v1/acme/travel/trips", self.base)).bearer_auth(&self.token).json(trip);
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    async fn get(&self, path: &str) -> Result<String> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.text().await?)
    }
}

fn schema(required: &[&str]) -> String {
    json!({ "type": "object", "required": required, "properties": { "to": { "type": "string" } } }).to_string()
}

/// The line of that number, as JSON, when it is there.
async fn line(process: &Process, number: usize, patience: Duration) -> Result<Value> {
    let until = Instant::now() + patience;
    loop {
        if let Some(line) = process.out().lines().nth(number) {
            return Ok(serde_json::from_str(line)?);
        }
        ensure!(Instant::now() < until, "nothing within {patience:?}: {}{}", process.out(), process.err());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_change_is_served_and_nothing_is_lost() -> Result<()> {
    let author = Author::begin().await?;
    let (status, oslo) = author.make(&json!({ "to": "Oslo" })).await?;
    ensure!(status == 201, "{oslo}");
    let before = author.said();
    author.write("trip.json", &schema(&["to", "days"]))?;
    let said = author.says(before).await?;
    ensure!(said["reloaded"] == "travel 1.0.0", "{said}");
    let (status, refused) = author.make(&json!({ "to": "Rome" })).await?;
    ensure!(status == 422 && refused["detail"].as_str().is_some_and(|detail| detail.contains("days")), "{refused}");
    let kept = author.get(&format!("/api/v1/acme/travel/trips/{}", oslo["id"].as_str().unwrap_or_default())).await?;
    ensure!(kept.contains("Oslo"), "{kept}");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_told_there_and_on_the_page_and_the_state_before_goes_on() -> Result<()> {
    let author = Author::begin().await?;
    ensure!(author.get("/dev").await?.contains("travel 1.0.0"));
    let before = author.said();
    author.write(
        "module.yaml",
        &MANIFEST.replace("version: 1.0.0", "version: one").replace("title: Trip", "titel: Trip"),
    )?;
    let said = author.says(before).await?;
    let problems = said["problems"].as_array().map(Vec::len).unwrap_or_default();
    ensure!(problems == 3, "{said}");
    let page = author.get("/dev").await?;
    ensure!(page.contains("module.yaml:2:1") && page.contains("titel"), "{page}");
    let (status, made) = author.make(&json!({ "to": "Oslo" })).await?;
    ensure!(status == 201, "{made}");
    let before = author.said();
    author.write("module.yaml", &MANIFEST.replace("version: 1.0.0", "version: 1.0.1"))?;
    let said = author.says(before).await?;
    ensure!(said["reloaded"] == "travel 1.0.1" && author.get("/dev").await?.contains("Fine"), "{said}");
    Ok(())
}

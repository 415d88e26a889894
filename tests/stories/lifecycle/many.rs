//! Many modules, and many nodes.

use super::travel::{change, installed, package};
use crate::support::{App, Database};
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use modules::{Caller, Creating, Module, Registry};
use purchasing::Purchasing;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{LockedModule, ModuleState, NewGeneration, NewPackage, Options, Store};

/// How many modules a company has.
const MANY: usize = 200;
/// How long a start may take with them, and how long others may take to see a change.
const START: Duration = Duration::from_secs(1);
const SEEN: Duration = Duration::from_secs(2);

fn registry() -> Result<Registry> {
    Ok(Registry::new(vec![Box::new(Purchasing::new()?) as Box<dyn Module>])?)
}

async fn fill(store: &Store) -> Result<()> {
    let mut packages = Vec::new();
    for n in 0..MANY {
        let bytes = package(&format!("m{n}"), "1.0.0", "")?;
        let (manifest, document) = modules::Package::from_archive(&bytes)?.manifest_and_document()?;
        let manifest = (manifest.name, document.to_string());
        packages.push(NewPackage { module: manifest.0, version: "1.0.0".to_owned(), manifest: manifest.1, bytes });
    }
    let work = store.write(move |unit| {
        let packages = packages.clone();
        async move {
            let mut modules = Vec::new();
            for package in &packages {
                let sha256 = Some(unit.put_package("acme", package, "ada").await?);
                let (module, version) = (package.module.clone(), package.version.clone());
                modules.push(LockedModule { module, version, sha256, state: ModuleState::Enabled });
            }
            let (reason, made_by) = ("many".to_owned(), "ada".to_owned());
            let new = NewGeneration { previous: 0, modules, reason, made_by };
            let number = unit.stage_generation("acme", &new).await?;
            unit.point_to_generation("acme", 0, number).await
        }
        .boxed()
    });
    Ok(work.await?)
}

/// Memory of this process, which is that of other stories too.
fn resident_mib() -> u64 {
    let said = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    said.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) / 256
}

async fn many(database: Database, name: &str) -> Result<()> {
    let app = App::on(database).await?;
    fill(&app.store).await?;
    let (registry, begun) = (registry()?, Instant::now());
    let catalogue = registry.of(&mut app.store.read().await?, "acme").await?;
    let known = begun.elapsed();
    ensure!(catalogue.modules().len() == MANY, "{} modules", catalogue.modules().len());
    let begun = Instant::now();
    let (first, _) = catalogue.object_type("m77", "trips").context("a collection")?;
    ensure!(first.broken().is_none() && first.object_schema("trips").is_some());
    let used = begun.elapsed();
    println!("{name}: {MANY} modules known after {known:?}, the first use of one {used:?}");
    ensure!(known < START, "{known:?}");
    println!("{name}: {} MiB with {MANY} modules", resident_mib());
    // What nobody uses is let go, not from under those who do, and is there again when it is needed.
    ensure!(registry.packages_read() == (MANY, 1), "{:?}", registry.packages_read());
    ensure!(registry.let_go_of_idle(1, MANY) == 0, "it has just been used");
    ensure!(registry.let_go_of_idle(1, MANY) == 1 && registry.packages_read() == (MANY, 0));
    ensure!(first.object_schema("trips").is_some());
    let catalogue = registry.of(&mut app.store.read().await?, "acme").await?;
    let uses = |n: usize| {
        catalogue.object_type(&format!("m{n}"), "trips").is_some_and(|(used, _)| used.object_schema("trips").is_some())
    };
    ensure!((0..MANY).all(uses) && registry.packages_read() == (MANY, MANY));
    println!("{name}: {} MiB with all of them read", resident_mib());
    ensure!(registry.let_go_of_idle(100, 10) == MANY - 10 && registry.packages_read() == (MANY, 10));
    app.finish().await
}

#[tokio::test]
async fn two_hundred_modules_are_known_within_a_second_on_sqlite() -> Result<()> {
    many(Database::sqlite()?, "SQLite").await
}

#[tokio::test]
async fn two_hundred_modules_are_known_within_a_second_on_postgres() -> Result<()> {
    many(Database::postgres().await?, "PostgreSQL").await
}

/// Another node, with everything of its own in memory; whether it hears the bell or has to look.
async fn another_node(listens: bool) -> Result<()> {
    let app = App::on(Database::postgres().await?).await?;
    let other = registry()?;
    let options = Options { inline: Arc::new(other.clone()), ..Options::default() };
    let store = Store::open(app.url(), options).await?;
    if listens {
        store.listen();
        while !store.wakes().hear_others() {
            tokio::task::yield_now().await;
        }
    }
    let has = async |store: &Store| -> Result<bool> {
        Ok(other.of(&mut store.read().await?, "acme").await?.module("travel").is_some())
    };
    ensure!(!has(&store).await?);
    installed(&app, "/modules", &package("travel", "1.0.0", "")?).await?;
    let begun = Instant::now();
    while !has(&store).await? {
        ensure!(begun.elapsed() < SEEN, "it is not seen after {SEEN:?}");
        tokio::task::yield_now().await;
    }
    println!("another node that listens: {listens}: seen after {:?}", begun.elapsed());
    store.close().await;
    app.finish().await
}

/// A node that knows the list of before and has heard of nothing writes nothing under it.
#[tokio::test]
async fn a_node_that_has_heard_nothing_writes_under_the_list_that_counts() -> Result<()> {
    let app = App::on(Database::postgres().await?).await?;
    let other = registry()?;
    let options = Options { inline: Arc::new(other.clone()), ..Options::default() };
    let store = Store::open(app.url(), options).await?;
    installed(&app, "/modules", &package("travel", "1.0.0", "")?).await?;
    let mut reader = store.read().await?;
    let person = reader.person("acme", "eva").await?.context("eva")?;
    let caller = Caller { company: "acme".to_owned(), person, through: workflow::Channel::Token };
    for (way, refused) in [("disable", true), ("enable", false), ("disable", true)] {
        // What it knows is of this moment, and would be taken for granted for a second.
        other.of(&mut reader, "acme").await?;
        ensure!(change(&app, "POST", &format!("/modules/travel/{way}")).await?["status"] == "succeeded");
        let (registry, caller) = (other.clone(), caller.clone());
        let made = store.write(move |unit| {
            let (registry, caller) = (registry.clone(), caller.clone());
            let (module, collection) = ("travel".to_owned(), "trips".to_owned());
            async move {
                let data = serde_json::json!({ "to": "Oslo" });
                registry.create(unit, &caller, &Creating { module, collection, data }).await
            }
            .boxed()
        });
        let made = made.await;
        ensure!(made.is_err() == refused, "after {way}: {made:?}");
    }
    drop(reader);
    store.close().await;
    app.finish().await
}

#[tokio::test]
async fn a_node_that_hears_of_it_sees_a_change_within_two_seconds() -> Result<()> {
    another_node(true).await
}

#[tokio::test]
async fn a_node_that_hears_nothing_sees_a_change_within_two_seconds() -> Result<()> {
    another_node(false).await
}

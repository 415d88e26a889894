//! How long a package with many collections takes to install, and many objects take to be migrated. The figures are printed;
//! what is asserted is that all is done.

use super::migrations::{AFTER, BEFORE, MIGRATIONS, fill, version};
use super::travel::{change, installed, packed, standing};
use crate::support::{App, Database};
use anyhow::{Result, ensure};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How many objects are migrated, unless `COUNTERSIGN_TEST_MANY` says otherwise.
const MANY: usize = 2_000;
const COLLECTIONS: usize = 100;
/// What the installation of a package with so many collections may take.
const INSTALLED: Duration = Duration::from_secs(5);

fn many() -> usize {
    std::env::var("COUNTERSIGN_TEST_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(MANY)
}

async fn migrate_many(database: Database, name: &str) -> Result<()> {
    let (app, many) = (App::on(database).await?, many());
    installed(&app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
    fill(&app, many).await?;
    let begun = Instant::now();
    installed(&app, "/modules/travel/update", &version("1.1.0", AFTER, MIGRATIONS)?).await?;
    let up = begun.elapsed();
    let begun = Instant::now();
    ensure!(change(&app, "POST", "/modules/travel/rollback").await?["status"] == "succeeded");
    println!("{name}: {many} objects migrated within {up:?}, and back within {:?}", begun.elapsed());
    ensure!(standing(&app, "travel").await?.is_some_and(|(version, _)| version == "1.0.0"));
    let objects = app.store.read().await?.objects_after("acme", "travel/trips", None, 10).await?;
    ensure!(objects.iter().all(|object| object.revision == 3 && object.data["to"].is_string()), "{objects:?}");
    app.finish().await
}

#[tokio::test]
async fn many_objects_are_migrated_on_sqlite() -> Result<()> {
    migrate_many(Database::sqlite()?, "SQLite").await
}

#[tokio::test]
async fn many_objects_are_migrated_on_postgres() -> Result<()> {
    migrate_many(Database::postgres().await?, "PostgreSQL").await
}

/// A package of a hundred collections, each with a schema of its own.
fn wide() -> Result<Vec<u8>> {
    let mut manifest = "name: wide\nversion: 1.0.0\ntitle: Wide\ndescription: Many kinds of objects.\nlicence: MIT\n\
                        permissions:\n  - { name: wide.all, title: Everything, roles: [\"*\"] }\nobjects:\n"
        .to_owned();
    let mut files = Vec::new();
    for n in 0..COLLECTIONS {
        let schema: &'static str = format!("schemas/kind{n}.json").leak();
        writeln!(
            manifest,
            "  - {{ collection: kind{n}, title: Kind {n}, schema: {schema}, create: wide.all, read: wide.all }}"
        )?;
        files.push((schema, BEFORE.to_owned()));
    }
    files.push(("module.yaml", manifest));
    packed(&files)
}

async fn install_wide(database: Database, name: &str) -> Result<()> {
    let (app, package) = (App::on(database).await?, wide()?);
    let begun = Instant::now();
    installed(&app, "/modules", &package).await?;
    let took = begun.elapsed();
    println!("{name}: a package of {COLLECTIONS} collections installed within {took:?}");
    ensure!(took < INSTALLED, "{took:?}");
    app.finish().await
}

#[tokio::test]
async fn a_package_of_a_hundred_collections_is_installed_in_time_on_sqlite() -> Result<()> {
    install_wide(Database::sqlite()?, "SQLite").await
}

#[tokio::test]
async fn a_package_of_a_hundred_collections_is_installed_in_time_on_postgres() -> Result<()> {
    install_wide(Database::postgres().await?, "PostgreSQL").await
}

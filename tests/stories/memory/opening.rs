//! Opening what was written before, and what cannot be opened.

use super::house::{decide, numbers, open, take_number};
use super::{House, memories};
use crate::support::Database;
use crate::support::folder::Folder;
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};
use store::{Options, Store, StoreError};

memories! {
    async fn what_was_written_is_there_when_it_is_opened_again(house: House) {
        let id = house.start("vote").await?.id;
        decide(&house.store, &id, "p0").await?;
        take_number(&house.store, false).await?;
        house.store.close().await;
        house.store = open(&house.database.url, &house.clock).await?;
        ensure!(numbers(&mut house.reader().await?).await? == [1]);
        ensure!(take_number(&house.store, false).await? == 2);
        for person in ["p1", "p2"] {
            decide(&house.store, &id, person).await?;
        }
        ensure!(house.instance(&id).await?.status_name() == "succeeded");
        Ok(())
    }

    async fn a_schema_is_brought_up_to_date_once(house: House) {
        ensure!(Store::migrate(&house.database.url).await? == 0);
        ensure!(Store::migrate(&house.database.url).await? == 0);
        Ok(())
    }

    /// While nodes are replaced one after the other, the older program works on what the newer one has added to.
    async fn a_schema_that_knows_more_is_worked_on(house: House) {
        newer_schema(house).await?;
        ensure!(Store::migrate(&house.database.url).await? == 0);
        let store = open(&house.database.url, &house.clock).await?;
        let id = house.start("vote").await?.id;
        decide(&store, &id, "p0").await?;
        store.close().await;
        Ok(())
    }

    /// Once something was taken away, programs that need it are refused, and told what to do.
    async fn a_schema_that_has_lost_something_is_refused(house: House) {
        newer_schema(house).await?;
        house.sql("INSERT INTO setting (company, name, value) VALUES ('', 'oldest_schema', '99')").await?;
        let error = refused(&house.database.url).await?;
        ensure!(error.contains("migration 99") && error.contains("start a newer one"), "{error}");
        house.sql("UPDATE setting SET value = '1' WHERE name = 'oldest_schema'").await?;
        open(&house.database.url, &house.clock).await?.close().await;
        Ok(())
    }
}

/// What a newer program leaves behind.
async fn newer_schema(house: &House) -> Result<()> {
    house.sql("ALTER TABLE instance ADD COLUMN colour TEXT").await?;
    let checksum = if house.is_sqlite() { "x'00'" } else { "'\\x00'" };
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)";
    house.sql(&format!("{sql} VALUES (99, 'colours', true, {checksum}, 0)")).await
}

/// Nodes that start together on an empty database share the work.
async fn started_together(database: Database) -> Result<()> {
    let (one, two) = tokio::join!(Store::migrate(&database.url), Store::migrate(&database.url));
    ensure!(one? + two? >= 1);
    ensure!(Store::migrate(&database.url).await? == 0);
    database.remove().await
}

#[tokio::test]
async fn nodes_may_start_together_on_sqlite() -> Result<()> {
    started_together(Database::sqlite()?).await
}

#[tokio::test]
async fn nodes_may_start_together_on_postgres() -> Result<()> {
    started_together(Database::postgres().await?).await
}

/// Says why the URL cannot be opened, soon and without the password.
async fn refused(url: &str) -> Result<String> {
    let begun = Instant::now();
    let answer = Store::open(url, Options::default()).await.map(|_| ());
    ensure!(begun.elapsed() < Duration::from_secs(5), "{url}: {:?}", begun.elapsed());
    let Err(error @ StoreError::Unavailable(_)) = answer else { anyhow::bail!("{url}: {answer:?}") };
    let told = format!("{error} {error:?}");
    ensure!(!told.contains("s3cret"), "{told}");
    Ok(error.to_string())
}

#[tokio::test]
async fn a_url_that_is_not_one_is_refused() -> Result<()> {
    for url in ["", "mysql://root:s3cret@localhost/x", "/var/lib/store.db", "SQLITE://x"] {
        ensure!(refused(url).await?.contains("must start with sqlite:// or postgres://"), "{url}");
    }
    for url in ["sqlite://", "sqlite://:memory:"] {
        ensure!(refused(url).await?.contains("must name a file"), "{url}");
    }
    let told = refused("postgres://root:s3cret@localhost:notaport/x").await?;
    ensure!(told.contains("not a PostgreSQL URL"), "{told}");
    Ok(())
}

/// Nobody listens on port 1.
#[tokio::test]
async fn a_postgres_that_is_away_is_named() -> Result<()> {
    let told = refused("postgres://root:s3cret@127.0.0.1:1/x").await?;
    ensure!(told.contains("127.0.0.1:1"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() -> Result<()> {
    // A file where the folder should be: nobody can write there, not even root.
    let folder = Folder::new()?;
    let file = folder.path().join("file");
    std::fs::write(&file, "x")?;
    for path in [file.join("store.db"), folder.path().join("gone").join("store.db"), folder.path().to_owned()] {
        let told = refused(&format!("sqlite://{}", path.display())).await?;
        ensure!(told.contains(&path.display().to_string()), "{told}");
    }
    let no_database = folder.path().join("note.txt");
    std::fs::write(&no_database, "this is a note and not a database, however long it may be. ".repeat(20))?;
    let told = refused(&format!("sqlite://{}", no_database.display())).await?;
    ensure!(told.contains("not a database"), "{told}");
    Ok(())
}

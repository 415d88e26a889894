//! Finished instances move into files, and can be read there as before.

use super::house::{decide, open_with};
use super::{House, memories};
use crate::support::folder::Folder;
use anyhow::{Result, ensure};
use futures::FutureExt;
use serde_json::json;
use std::sync::Arc;
use store::{Archive, Company, Crash, Options, Store, StoreError};
use workflow::{Actor, EventKind, Rejected};

const DAY: i64 = 86_400_000;

/// The same database, with an archive in this folder.
async fn with_archive(house: &House, folder: &Folder, crash: Crash) -> Result<Store> {
    let archive = Some(Archive::folder(folder.path())?);
    let options = Options { clock: house.clock.clone(), crash: Arc::new(crash), archive, ..Options::default() };
    Ok(open_with(&house.database.url, options).await?)
}

/// The company, which the archive goes by.
async fn found(house: &House) -> Result<()> {
    let work = house.store.write(|unit| {
        let company = Company { id: "acme".to_owned(), name: "Acme".to_owned(), settings: json!({}) };
        async move { unit.put_company(&company).await }.boxed()
    });
    Ok(work.await?)
}

/// An instance on which everybody has decided, with its mails behind it.
async fn finished(house: &House) -> Result<String> {
    found(house).await?;
    let id = house.start("vote").await?.id;
    for person in ["p0", "p1", "p2"] {
        decide(&house.store, &id, person).await?;
    }
    house.sql("UPDATE effect SET status = 'done'").await?;
    Ok(id)
}

memories! {
    /// What is over and old enough is moved, what runs stays, and both are told as before.
    async fn what_is_over_is_moved_and_stays_readable(house: House) {
        let (old, runs) = (finished(&house).await?, house.start("vote").await?.id);
        let before = house.reader().await?.transitions("acme", &old).await?;
        let instance = house.instance(&old).await?;
        let folder = Folder::new()?;
        let store = with_archive(&house, &folder, Crash::never()).await?;
        house.clock.pass(100 * DAY);
        let young = finished(&house).await?;
        let run = store.archive_ended(house.clock_ms() - 90 * DAY, |_| {}).await?;
        ensure!((run.instances, run.files) == (1, 1) && run.bytes > 0, "{run:?}");
        ensure!(store.archive_ended(house.clock_ms() - 90 * DAY, |_| {}).await?.instances == 0, "once is enough");
        let mut reader = store.read().await?;
        ensure!(reader.instance("acme", &old).await?.0 == instance, "the instance is the same");
        ensure!(reader.transitions("acme", &old).await? == before, "its history is the same");
        ensure!(reader.count_instances().await? == 2, "{young} and {runs} stay");
        drop(reader);
        let gone = house.reader().await?.instance("acme", &old).await;
        ensure!(matches!(gone, Err(StoreError::Unavailable(_))), "without an archive it says what is missing");
        store.close().await;
        Ok(())
    }

    /// Nothing moves what is over, wherever it is kept.
    async fn an_archived_instance_is_over(house: House) {
        let id = finished(&house).await?;
        let folder = Folder::new()?;
        let store = with_archive(&house, &folder, Crash::never()).await?;
        house.clock.pass(DAY);
        store.archive_ended(house.clock_ms(), |_| {}).await?;
        let late = decide(&store, &id, "p0").await;
        ensure!(matches!(late, Err(StoreError::Rejected(Rejected::Repeated { .. }))), "{late:?}");
        let asked = id.clone();
        let cancelled = store.write(move |unit| {
            let (id, kind) = (asked.clone(), EventKind::Cancelled { reason: "late".to_owned() });
            async move { unit.advance("acme", &id, Actor::System, kind).await.map(|_| ()) }.boxed()
        });
        let cancelled = cancelled.await;
        ensure!(matches!(cancelled, Err(StoreError::Rejected(Rejected::NotRunning { .. }))), "{cancelled:?}");
        store.close().await;
        Ok(())
    }

    /// What gave up waits for a person, so its instance stays where the person looks.
    async fn an_instance_with_something_left_to_do_stays(house: House) {
        let id = finished(&house).await?;
        house.sql("UPDATE effect SET status = 'dead', error = 'Mail.Rejected', ended_at = 1 WHERE n = 0").await?;
        let folder = Folder::new()?;
        let store = with_archive(&house, &folder, Crash::never()).await?;
        house.clock.pass(DAY);
        ensure!(store.archive_ended(house.clock_ms(), |_| {}).await?.instances == 0, "{id} is moved");
        store.close().await;
        Ok(())
    }

    /// A crash between file and commit, and at every point of the commit, loses and doubles nothing.
    async fn a_crash_at_any_point_loses_nothing(house: House) {
        let id = finished(&house).await?;
        let instance = house.instance(&id).await?;
        house.clock.pass(DAY);
        let folder = Folder::new()?;
        for point in 1.. {
            let store = with_archive(&house, &folder, Crash::at(point)).await?;
            let moved = store.archive_ended(house.clock_ms(), |_| {}).await;
            store.close().await;
            let store = with_archive(&house, &folder, Crash::never()).await?;
            ensure!(store.read().await?.instance("acme", &id).await?.0 == instance, "lost at point {point}");
            store.close().await;
            if moved.is_ok() {
                anyhow::ensure!(point > 4, "only {point} points were passed");
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whoever changes a file is found out.
    async fn a_changed_file_is_refused(house: House) {
        let id = finished(&house).await?;
        let folder = Folder::new()?;
        let store = with_archive(&house, &folder, Crash::never()).await?;
        house.clock.pass(DAY);
        store.archive_ended(house.clock_ms(), |_| {}).await?;
        for file in std::fs::read_dir(folder.path().join("acme"))? {
            let path = file?.path();
            let text = std::fs::read_to_string(&path)?;
            std::fs::write(&path, text.replace("approve", "reject!"))?;
        }
        let read = store.read().await?.instance("acme", &id).await;
        ensure!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
        store.close().await;
        Ok(())
    }
}

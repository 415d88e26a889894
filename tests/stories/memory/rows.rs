//! Series, objects, mails, files, settings.

use super::house::{numbers, take_number};
use super::{House, memories};
use anyhow::{Context, ensure};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::{Value, json};
use store::{ListQuery, NewDocument, NewObject, Object, Store, StoreError};

const KIND: &str = "test/things";

async fn insert(store: &Store, id: &str, number: Option<&str>) -> Result<Object, StoreError> {
    let (kind, status, by) = (KIND.to_owned(), "new".to_owned(), "p0".to_owned());
    let data = json!({ "of": id });
    let new = NewObject { kind, id: id.to_owned(), status, number: number.map(str::to_owned), data, by };
    let work = store.write(move |unit| {
        let new = new.clone();
        async move { unit.insert_object("acme", &new).await }.boxed()
    });
    work.await
}

async fn revise(store: &Store, object: &Object, data: Value) -> Result<Object, StoreError> {
    let changed = Object { data, ..object.clone() };
    let work = store.write(move |unit| {
        let changed = changed.clone();
        async move { unit.revise_object("acme", &changed, "p1").await }.boxed()
    });
    work.await
}

fn ids(objects: &[Object]) -> Vec<&str> {
    objects.iter().map(|object| object.id.as_str()).collect()
}

memories! {
    /// Also when two nodes take numbers and some of their units fail.
    async fn numbers_have_no_gaps(house: House) {
        let other = house.second().await?;
        let takers = (0..120).map(|n| take_number(if n % 2 == 0 { &house.store } else { &other }, n % 5 == 0));
        let answers = join_all(takers).await;
        let mut taken: Vec<i64> = answers.into_iter().filter_map(Result::ok).collect();
        taken.sort_unstable();
        ensure!(taken == (1..=96).collect::<Vec<_>>(), "{taken:?}");
        ensure!(numbers(&mut house.reader().await?).await? == taken, "the log is in the order of the numbers");
        Ok(())
    }

    async fn an_id_or_number_that_is_taken_is_a_conflict(house: House) {
        insert(&house.store, "one", Some("N-1")).await?;
        for (id, number) in [("one", None), ("one", Some("N-2")), ("two", Some("N-1"))] {
            let again = insert(&house.store, id, number).await;
            ensure!(matches!(again, Err(StoreError::Conflict)), "{id} {number:?}: {again:?}");
        }
        insert(&house.store, "two", Some("N-2")).await?;
        insert(&house.store, "three", None).await?;
        insert(&house.store, "four", None).await?;
        Ok(())
    }

    async fn the_slower_revision_is_a_conflict_and_every_revision_is_kept(house: House) {
        let first = insert(&house.store, "one", Some("N-1")).await?;
        house.clock.pass(60_000);
        let second = revise(&house.store, &first, json!({ "price": "2" })).await?;
        ensure!((second.revision, second.updated_at - second.created_at) == (2, 60_000));
        let late = revise(&house.store, &first, json!({ "price": "3" })).await;
        ensure!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
        let mut reader = house.reader().await?;
        ensure!(reader.object("acme", KIND, "one").await? == second);
        ensure!(reader.object_at_revision("acme", KIND, "one", 1).await? == Some(json!({ "of": "one" })));
        ensure!(reader.object_at_revision("acme", KIND, "one", 2).await? == Some(json!({ "price": "2" })));
        ensure!(reader.object_at_revision("acme", KIND, "one", 3).await?.is_none());
        ensure!(matches!(reader.object("other", KIND, "one").await, Err(StoreError::Missing { .. })));
        Ok(())
    }

    async fn objects_are_listed_page_by_page(house: House) {
        for n in 0..25 {
            insert(&house.store, &format!("id-{n:02}"), None).await?;
        }
        let sent = house.store.write(|unit| async move {
            for n in (0..25).step_by(3) {
                unit.set_object_status("acme", KIND, &format!("id-{n:02}"), "sent").await?;
            }
            Ok(())
        }.boxed());
        sent.await?;
        let mut reader = house.reader().await?;
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = reader.objects("acme", KIND, &ListQuery { status: None, before, limit: 10 }).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.id.clone());
            seen.extend(page.iter().map(|object| object.id.clone()));
        }
        ensure!(seen == (0..25).rev().map(|n| format!("id-{n:02}")).collect::<Vec<_>>(), "{seen:?}");
        let query = |before: Option<&str>| {
            ListQuery { status: Some("sent".to_owned()), before: before.map(str::to_owned), limit: 4 }
        };
        let first = reader.objects("acme", KIND, &query(None)).await?;
        ensure!(ids(&first) == ["id-24", "id-21", "id-18", "id-15"], "{:?}", ids(&first));
        let next = reader.objects("acme", KIND, &query(Some("id-15"))).await?;
        ensure!(ids(&next) == ["id-12", "id-09", "id-06", "id-03"], "{:?}", ids(&next));
        ensure!(reader.objects("other", KIND, &query(None)).await?.is_empty());
        Ok(())
    }

    /// Rates are found by their day: the latest that is not after it.
    async fn the_last_object_between_two_keys(house: House) {
        for id in ["USD/2026-01-01", "USD/2026-02-01", "USD/2026-03-01", "ZAR/2026-02-15"] {
            insert(&house.store, id, None).await?;
        }
        let mut reader = house.reader().await?;
        for (to, expected) in [("2026-02-20", Some("USD/2026-02-01")), ("2026-02-01", Some("USD/2026-02-01")), ("2025-12-31", None)] {
            let found = reader.last_object_between("acme", KIND, "USD/", &format!("USD/{to}")).await?;
            ensure!(found.as_ref().map(|object| object.id.as_str()) == expected, "{to}: {found:?}");
        }
        Ok(())
    }

    async fn the_same_mail_and_the_same_bytes_are_kept_once(house: House) {
        let put = |text: &'static str, revision| house.store.write(move |unit| async move {
            unit.put_mail("acme", "<1@acme>", "p0@acme.example", &json!({ "text": text })).await?;
            let (company, kind, object) = ("acme".to_owned(), KIND.to_owned(), "one".to_owned());
            let (name, media_type) = ("order.pdf".to_owned(), "application/pdf".to_owned());
            let bytes = vec![0, 159, 146, 150];
            unit.put_document(&NewDocument { company, kind, object, name, revision, media_type, bytes }).await
        }.boxed());
        let (first, second) = (put("first", 1).await?, put("second", 2).await?);
        ensure!(first.sha256 == second.sha256);
        let mut reader = house.reader().await?;
        let mails = reader.mails(10).await?;
        ensure!(mails.len() == 1 && mails.iter().all(|mail| mail.body["text"] == "first"), "{mails:?}");
        let latest = reader.latest_document("acme", KIND, "one", "order.pdf").await?.context("the document")?;
        ensure!(latest.revision == 2);
        ensure!(reader.blob("acme", &latest.sha256).await? == [0, 159, 146, 150]);
        ensure!(matches!(reader.blob("other", &latest.sha256).await, Err(StoreError::Missing { .. })));
        Ok(())
    }

    /// Whoever is first makes it; all others read it.
    async fn a_setting_is_made_once(house: House) {
        let other = house.second().await?;
        let ask = |store: Store, n: i32| async move {
            store.write(move |unit| async move { unit.setting_or("key", format!("value {n}")).await }.boxed()).await
        };
        let (one, two) = tokio::join!(ask(house.store.clone(), 1), ask(other.clone(), 2));
        let (one, two, three) = (one?, two?, ask(house.store.clone(), 3).await?);
        ensure!(one == two && two == three, "{one}, {two}, {three}");
        Ok(())
    }
}

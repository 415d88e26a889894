//! Group commit: all that waits is committed at once, and each unit stands or falls alone.

use super::house::{numbers, take_number};
use super::{House, memories};
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::json;
use store::{NewObject, Store, StoreError};

fn thing(id: &str, number: Option<&str>) -> NewObject {
    let (kind, status, by) = ("test/things".to_owned(), "new".to_owned(), "p0".to_owned());
    NewObject { kind, id: id.to_owned(), status, number: number.map(str::to_owned), data: json!({}), by }
}

/// Stores an object, goes on although its number is taken, and says that all is well.
async fn careless(store: &Store) -> Result<(), StoreError> {
    let work = store.write(|unit| {
        async move {
            unit.put_mail("acme", "careless", "p0", &json!({})).await?;
            // What a module should not do: the number is taken, and it does not care.
            let _ = unit.insert_object("acme", &thing("careless", Some("N-1"))).await;
            Ok(())
        }
        .boxed()
    });
    work.await
}

memories! {
    /// Each answer comes after the commit: whoever has a number finds it in the log.
    async fn two_hundred_at_once_are_all_kept(house: House) {
        let tasks = (0..200).map(|_| {
            let store = house.store.clone();
            tokio::spawn(async move {
                let number = take_number(&store, false).await?;
                let known = numbers(&mut store.read().await?).await?;
                ensure!(known.contains(&number), "{number} was answered before it was committed");
                Ok(number)
            })
        });
        let mut taken = Vec::new();
        for task in join_all(tasks).await {
            taken.push(task??);
        }
        taken.sort_unstable();
        ensure!(taken == (1..=200).collect::<Vec<_>>(), "{taken:?}");
        Ok(())
    }

    async fn a_unit_that_fails_is_undone_alone(house: House) {
        let answers = join_all((0..200).map(|n| take_number(&house.store, n % 7 == 3))).await;
        let failed = answers.iter().filter(|answer| matches!(answer, Err(StoreError::KeyReused))).count();
        let mut taken: Vec<i64> = answers.into_iter().filter_map(Result::ok).collect();
        taken.sort_unstable();
        ensure!(failed == (0..200).filter(|n| n % 7 == 3).count(), "{failed}");
        ensure!(taken == (1..=i64::try_from(200 - failed)?).collect::<Vec<_>>(), "no number is lost: {taken:?}");
        ensure!(numbers(&mut house.reader().await?).await?.len() == 200 - failed);
        Ok(())
    }

    /// A caller that goes away leaves a unit that is done wholly or not at all, and a writer that goes on.
    async fn a_caller_may_go_away(house: House) {
        for _ in 0..50 {
            let store = house.store.clone();
            let caller = tokio::spawn(async move { take_number(&store, false).await });
            tokio::task::yield_now().await;
            caller.abort();
            // Whether it was faster or not: it will not send anything any more.
            let _ = caller.await;
        }
        let last = take_number(&house.store, false).await?;
        let known = numbers(&mut house.reader().await?).await?;
        ensure!(known == (1..=last).collect::<Vec<_>>(), "{last}: {known:?}");
        Ok(())
    }

    /// A panic before the future, and one between two statements.
    async fn a_panic_undoes_one_unit_and_nobody_else(house: House) {
        let panics = |late: bool| house.store.write(move |unit| {
            assert!(late, "the test asked for this panic");
            async move {
                unit.next_number("acme", "orders").await?;
                assert!(!late, "the test asked for this panic");
                Ok(())
            }
            .boxed()
        });
        let (before, early, between, late, after) = tokio::join!(
            take_number(&house.store, false), panics(false), take_number(&house.store, false), panics(true),
            take_number(&house.store, false),
        );
        for panicked in [early, late] {
            ensure!(matches!(&panicked, Err(StoreError::Corrupt(why)) if why.contains("panicked")), "{panicked:?}");
        }
        ensure!((before?, between?, after?) == (1, 2, 3));
        ensure!(take_number(&house.store, false).await? == 4, "the writer goes on");
        Ok(())
    }

    /// A unit that goes on after a statement has failed must not take its neighbours with it.
    async fn a_careless_unit_harms_only_itself(house: House) {
        let first = house.store.write(|unit| async move {
            unit.insert_object("acme", &thing("first", Some("N-1"))).await.map(|_| ())
        }.boxed());
        first.await?;
        let (before, careless, after) =
            tokio::join!(take_number(&house.store, false), careless(&house.store), take_number(&house.store, false));
        ensure!((before?, after?) == (1, 2));
        let kept = house.reader().await?.mails(10).await?.len();
        ensure!(kept == usize::from(careless.is_ok()), "{careless:?}, but {kept} mails");
        Ok(())
    }

    async fn a_unit_that_only_reads_is_answered_too(house: House) {
        let person = house.store.write(|unit| async move { unit.person("acme", "p1").await }.boxed()).await?;
        ensure!(person.context("the person")?.name == "Person p1");
        Ok(())
    }
}

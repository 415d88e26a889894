//! Versions of definitions, and a clock that is set back.

use super::house::START;
use super::{House, memories};
use crate::support::{days, hours};
use anyhow::ensure;
use futures::FutureExt;
use serde_json::{Value, json};
use store::{Claimed, Store, StoreError};
use workflow::{Actor, EventKind, Instance};

fn waits(seconds: u32) -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Wait",
        "States": { "Wait": { "Type": "Wait", "Seconds": seconds, "Next": "Done" }, "Done": { "Type": "Succeed" } }
    })
}

async fn come_due(store: &Store, id: &str) -> Result<Instance, StoreError> {
    let id = id.to_owned();
    let work = store.write(move |unit| {
        let id = id.clone();
        async move { unit.advance("acme", &id, Actor::System, EventKind::DeadlineReached).await }.boxed()
    });
    work.await
}

async fn claim(store: &Store) -> Result<Vec<Claimed>, StoreError> {
    store.write(|unit| async move { unit.claim_effects(100, 1_000).await }.boxed()).await
}

memories! {
    async fn the_same_text_is_one_version(house: House) {
        ensure!(house.save("wait", &waits(1)).await? == 1);
        ensure!(house.save("wait", &waits(1)).await? == 1, "the same text");
        ensure!(house.save("wait", &waits(2)).await? == 2);
        ensure!(house.save("wait", &waits(1)).await? == 3, "an older text again is a new version");
        let latest = house.reader().await?.latest_definition("acme", "wait").await?.reference;
        ensure!(latest.version == 3, "{latest}");
        let missing = house.reader().await?.latest_definition("other", "wait").await;
        ensure!(matches!(missing, Err(StoreError::Missing { .. })));
        Ok(())
    }

    async fn a_definition_is_refused_with_all_its_problems(house: House) {
        let wrong = json!({
            "StartAt": "Nowhere", "Surplus": true,
            "States": { "A": { "Type": "Pass", "Next": "Gone" }, "B": { "Type": "Unheard" } }
        });
        let refused = house.store.write(move |unit| {
            let wrong = wrong.clone();
            async move { unit.save_definition("acme", "wrong", &wrong).await }.boxed()
        }).await;
        let Err(StoreError::Problems(problems)) = refused else { anyhow::bail!("{refused:?}") };
        let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        ensure!(problems.len() >= 3 && ["Nowhere", "Gone", "Unheard"].iter().all(|name| told.contains(name)), "{told}");
        ensure!(house.reader().await?.latest_definition("acme", "wrong").await.is_err());
        Ok(())
    }

    async fn an_instance_keeps_its_version(house: House) {
        house.save("wait", &waits(10)).await?;
        let old = house.start("wait").await?;
        house.save("wait", &waits(99_999)).await?;
        let new = house.start("wait").await?;
        ensure!((old.definition.version, new.definition.version) == (1, 2));
        house.clock.pass(10_000);
        ensure!(come_due(&house.store, &old.id).await?.status_name() == "succeeded");
        let early = come_due(&house.store, &new.id).await;
        ensure!(matches!(early, Err(StoreError::Rejected(_))), "{early:?}");
        Ok(())
    }

    /// Deadlines come due when the clock reaches them, effects are due at once, and the history goes forward.
    async fn a_clock_that_is_set_back_does_no_harm(house: House) {
        house.people(1).await?;
        let id = house.start("vote").await?.id;
        ensure!(!claim(&house.store).await?.is_empty());
        house.clock.pass(-hours(1));
        let reassigned = EventKind::Reassigned {
            activity: 1, from: "p0".to_owned(), reason: "away".to_owned(),
            to: workflow::Candidate { person: "p9".to_owned(), name: "Nine".to_owned(), why: workflow::Why::Named },
        };
        let (instance, given) = (id.clone(), reassigned);
        let give = house.store.write(move |unit| {
            let (instance, given) = (instance.clone(), given.clone());
            async move { unit.advance("acme", &instance, Actor::System, given).await }.boxed()
        });
        give.await?;
        let asked = claim(&house.store).await?;
        ensure!(!asked.is_empty(), "what an event causes is due at once, by whatever clock");
        let mut reader = house.reader().await?;
        ensure!(reader.due_instances(START, 10).await?.is_empty());
        house.clock.pass(hours(1) + days(1));
        let due = reader.due_instances(START + days(1), 10).await?;
        ensure!(due == [("acme".to_owned(), id.clone())], "{due:?}");
        let late = come_due(&house.store, &id).await?;
        ensure!(late.status_name() == "failed", "{}", late.status_name());
        let times: Vec<i64> = reader.transitions("acme", &id).await?.iter().map(|transition| transition.event.at).collect();
        ensure!(times.is_sorted() && times.first() == Some(&START), "{times:?}");
        Ok(())
    }
}

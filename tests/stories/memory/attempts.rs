//! Parts of a unit that fail alone, and units that are only tried.

use super::house::{numbers, start, take_number};
use super::{House, memories};
use anyhow::{Result, ensure};
use futures::FutureExt;
use futures::future::{join_all, try_join};
use serde_json::json;
use store::{NewInstance, Store, StoreError, Unit};
use workflow::Actor;

/// Starts an instance, whose rows are held back, and takes a number, which is written at once.
async fn begin_work(unit: &mut Unit, fails: bool) -> Result<String, StoreError> {
    let new = NewInstance {
        company: "acme".to_owned(),
        definition: "work".to_owned(),
        input: json!({}),
        requester: None,
        subject: None,
    };
    let id = unit.start(Actor::System, new).await?.id;
    let number = unit.next_number("acme", "orders").await?;
    unit.publish("acme", "taken", &number.to_string(), &json!({})).await?;
    if fails { Err(StoreError::KeyReused) } else { Ok(id) }
}

/// Six parts of which every second fails; the instances of the others.
async fn by_turns(unit: &mut Unit) -> Result<Vec<String>, StoreError> {
    let mut kept = Vec::new();
    for turn in 0..6 {
        let attempt = unit.begin_attempt().await?;
        let done = begin_work(unit, turn % 2 == 1).await;
        match unit.end_attempt(attempt, done).await? {
            Ok(id) => kept.push(id),
            Err(StoreError::KeyReused) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(kept)
}

async fn take_turns(store: &Store) -> Result<Vec<String>, StoreError> {
    store.write(|unit| by_turns(unit).boxed()).await
}

async fn count(house: &House) -> Result<usize> {
    Ok(numbers(&mut house.reader().await?).await?.len())
}

memories! {
    /// What fails leaves nothing, and takes nothing of what came before it or comes after it, in its unit or beside it.
    async fn a_part_that_fails_takes_nothing_with_it(house: House) {
        let kept = take_turns(&house.store).await?;
        ensure!(kept.len() == 3 && count(house).await? == 3);
        let units = join_all((0..5).map(|n| {
            let store = house.store.clone();
            async move { if n % 2 == 0 { take_turns(&store).await.map(|kept| kept.len()) } else { start(&store, "vote").await.map(|_| 1) } }
        }));
        let units: Vec<usize> = units.await.into_iter().collect::<Result<_, _>>()?;
        ensure!(units == [3, 1, 3, 1, 3] && count(house).await? == 12, "{units:?}");
        for id in kept {
            ensure!(house.instance(&id).await?.running().is_some());
        }
        Ok(())
    }

    /// A unit that is only tried answers what would have come of it, and leaves nothing, also among others.
    async fn a_rehearsal_leaves_nothing(house: House) {
        let before = house.reader().await?.dump().await?;
        let tried = house.store.rehearse(|unit| by_turns(unit).boxed()).await?;
        ensure!(tried.len() == 3 && house.reader().await?.dump().await? == before);
        let beside = (0..4).map(|_| try_join(take_number(&house.store, false), house.store.rehearse(|unit| by_turns(unit).boxed())));
        let done: Vec<_> = join_all(beside).await.into_iter().collect::<Result<_, StoreError>>()?;
        ensure!(done.iter().all(|(_, tried)| tried.len() == 3));
        ensure!(numbers(&mut house.reader().await?).await? == [1, 2, 3, 4]);
        Ok(())
    }
}

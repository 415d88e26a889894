//! Code that takes much time in commits: every unit has steps of its own, and none pays for its neighbours.

use super::{House, memories};
use anyhow::{Result, ensure};
use futures::FutureExt;
use futures::future::join_all;
use store::{Store, StoreError};

/// A unit whose code takes all the steps that it has; what it had at first and at last.
async fn take_all(store: &Store) -> Result<(u64, u64), StoreError> {
    let work = store.write(|unit| {
        async move {
            unit.begin_code()?;
            let first = unit.code_steps_left();
            unit.spend_code_steps(first);
            // The same unit may call code again, which has nothing left to run with.
            unit.begin_code()?;
            Ok((first, unit.code_steps_left()))
        }
        .boxed()
    });
    work.await
}

memories! {
    async fn units_whose_code_takes_much_each_have_all_of_their_steps(house: House) {
        let taken = join_all((0..12).map(|_| take_all(&house.store))).await;
        let taken = taken.into_iter().collect::<Result<Vec<_>, _>>()?;
        ensure!(taken.iter().all(|(first, last)| *first >= 20_000_000 && *last == 0), "{taken:?}");
        ensure!(taken.iter().all(|(first, _)| *first == taken[0].0), "{taken:?}");
        Ok(())
    }
}

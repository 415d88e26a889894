//! Instances that are read ahead of the units that move them.
//!
//! While somebody's token is looked up, the instance that the request is about can be read beside it, so that the writer
//! need not cross to the database for it: everybody waits for the writer. By the time the unit runs somebody else may
//! have moved the instance; what this process has committed since is known, and then the unit reads for itself. What
//! another process has committed is met by the fence: its transition has taken the version.
//!
//! On SQLite only. On PostgreSQL the server, not the writer's thread, is what has most to do, and many small queries in
//! place of one made two nodes a third slower.

use crate::backend::Dialect;
use crate::error::StoreError;
use crate::handle::{Reader, Store};
use crate::instances::Loaded;
use crate::ledger::Place;
use crate::together::Question;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many instances are remembered before the older half is forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// An instance as it was when a request came.
#[derive(Clone)]
pub struct Ahead {
    pub(crate) loaded: Arc<Loaded>,
    /// All commits up to this number were seen.
    pub(crate) as_of: u64,
}

impl std::fmt::Debug for Ahead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ahead({} at {})", self.loaded.instance.id, self.loaded.instance.version)
    }
}

impl Store {
    /// Reads an instance for the unit that is about it. Nothing if it is not there or cannot be read, which the unit will
    /// tell, nor where it is better read by the unit.
    pub async fn read_ahead(&self, company: &str, id: &str) -> Option<Ahead> {
        if self.dialect() == Dialect::Postgres {
            return None;
        }
        self.together().instances.answer(self, (company.to_owned(), id.to_owned())).await.ok().flatten()
    }
}

impl Question for Place {
    type Answer = Ahead;

    fn ask<'a>(
        store: &'a Store,
        reader: &'a mut Reader,
        places: &'a BTreeSet<&'a Self>,
    ) -> BoxFuture<'a, Result<BTreeMap<Self, Ahead>, StoreError>> {
        async move {
            // Before the query begins: what is committed meanwhile may be seen or not.
            let as_of = store.commits().load(Ordering::Acquire);
            let read = reader.read_all(places).await?.into_iter();
            Ok(read.map(|(place, loaded)| (place, Ahead { loaded, as_of })).collect())
        }
        .boxed()
    }
}

/// Which instances the latest commits have moved. Kept by the writer, who counts its commits for all to see.
pub(crate) struct Moved {
    commits: Arc<AtomicU64>,
    /// What was read before this commit cannot be judged any more.
    since: u64,
    /// The last commit that moved each.
    latest: HashMap<Place, u64>,
    /// The same, of those that were not moved again since there were many.
    earlier: HashMap<Place, u64>,
    /// The commit after which what is now `earlier` was full.
    turned: u64,
}

impl Moved {
    pub(crate) fn counting(commits: Arc<AtomicU64>) -> Self {
        let now = commits.load(Ordering::Acquire);
        Self { commits, since: now, latest: HashMap::new(), earlier: HashMap::new(), turned: now }
    }

    /// After a commit.
    pub(crate) fn note(&mut self, places: impl IntoIterator<Item = Place>) {
        let number = self.commits.load(Ordering::Acquire) + 1;
        self.latest.extend(places.into_iter().map(|place| (place, number)));
        if self.latest.len() >= MAX_REMEMBERED {
            self.earlier = std::mem::take(&mut self.latest);
            (self.since, self.turned) = (self.turned, number);
        }
        self.commits.store(number, Ordering::Release);
    }

    /// After a commit that moved nobody knows what.
    pub(crate) fn forget(&mut self) {
        self.note([]);
        *self = Self::counting(self.commits.clone());
    }

    /// Whether nothing that this process has committed has moved the instance since that commit.
    pub(crate) fn allows(&self, as_of: u64, place: &Place) -> bool {
        let moved = self.latest.get(place).or_else(|| self.earlier.get(place));
        as_of >= self.since && moved.is_none_or(|moved| *moved <= as_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str) -> Place {
        ("acme".to_owned(), id.to_owned())
    }

    #[test]
    fn what_was_moved_since_is_not_taken_as_it_was_read() {
        let mut moved = Moved::counting(Arc::default());
        moved.note([place("a")]);
        assert!(!moved.allows(0, &place("a")));
        assert!(moved.allows(0, &place("b")) && moved.allows(1, &place("a")));
        moved.note([place("b")]);
        assert!(moved.allows(1, &place("a")) && !moved.allows(1, &place("b")));
    }

    #[test]
    fn nothing_that_is_older_than_what_is_remembered_is_taken() {
        let mut moved = Moved::counting(Arc::default());
        moved.note([place("a")]);
        let many = |round: usize| (0..MAX_REMEMBERED).map(move |n| place(&format!("{round}/{n}")));
        moved.note(many(1));
        assert!(moved.allows(1, &place("a")) && !moved.allows(1, &place("1/7")));
        moved.note(many(2));
        // The first commits are forgotten, so what was read before the second cannot be judged.
        assert!(!moved.allows(1, &place("b")));
        assert!(moved.allows(2, &place("a")) && moved.allows(2, &place("1/7")) && !moved.allows(2, &place("2/7")));
        moved.forget();
        assert!(!moved.allows(3, &place("a")) && moved.allows(4, &place("a")));
    }
}

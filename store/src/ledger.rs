//! What a transaction of the writer knows and has not written yet.
//!
//! Units are run one after the other, but their rows are written together: each crossing to the database costs more than
//! the rows themselves. Until then the ledger is what the next unit reads, so an instance is loaded once a transaction,
//! and a unit that fails is undone by dropping its layer. The ledger never outlives its transaction, so what other
//! processes commit is seen by the next.

use crate::backend::{Arg, Row};
use crate::code_steps::CodeSteps;
use crate::error::StoreError;
use crate::instances::Loaded;
use crate::rows::{EffectRow, InstanceRow, Rows, TransitionRow};
use crate::tables::{meets_ledger, only_reads};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Company and id. In this order rows are locked, on every node.
pub(crate) type Place = (String, String);

/// An instance as it is now, and the version that the database has.
#[derive(Clone)]
struct Known {
    loaded: Arc<Loaded>,
    stored: Option<u64>,
}

impl Known {
    fn is_dirty(&self) -> bool {
        self.stored != Some(self.loaded.instance.version)
    }
}

/// What some units have read and would write.
#[derive(Default)]
struct Layer {
    instances: BTreeMap<Place, Known>,
    transitions: Vec<TransitionRow>,
    effects: Vec<EffectRow>,
}

impl Layer {
    // Every change of an instance is a transition.
    fn is_dirty(&self) -> bool {
        !self.transitions.is_empty()
    }
}

/// What was known at a moment.
pub(crate) struct Mark {
    finished: BTreeMap<Place, Known>,
    own: BTreeMap<Place, Known>,
}

/// A query of other tables.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) sql: &'static str,
    pub(crate) args: Vec<Arg>,
}

/// The longest answer that is kept.
const MAX_ROWS: usize = 16;

/// The ledger of a session. Empty for readers.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Whether anything is remembered. A reader may live for long while others write.
    remembers: bool,
    /// Of the units of this transaction that have finished.
    finished: Layer,
    /// Of the unit that runs now.
    own: Layer,
    /// What other tables have said since something was last written to them.
    answers: HashMap<Asked, Vec<Row>>,
    /// Whether the unit that runs now has written to the database, so that dropping its layer does not undo it.
    pub(crate) wrote: bool,
    /// Whether a statement has failed in a way that the transaction may not survive.
    pub(crate) broken: bool,
    /// Whether instances are locked before they are read: somebody else was faster before.
    pub(crate) locking: bool,
    pub(crate) bells: Bells,
    pub(crate) code_steps: CodeSteps,
    /// How many objects modules have made and changed by themselves in the unit that runs now.
    pub(crate) own_objects: usize,
    /// Which lists of modules count, by company: nobody changes them until the transaction ends.
    pub(crate) held_lists: HashMap<String, u64>,
    /// The instances whose rows were written.
    pub(crate) moved: Vec<Place>,
    /// Whether rows of instances were written in another way than through the ledger.
    pub(crate) rewrote: bool,
}

/// The bells that are to be rung after the commit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bells {
    /// There may be effects to perform.
    pub(crate) effects: bool,
    /// There may be an earlier deadline.
    pub(crate) deadlines: bool,
    /// What some company has installed, or how it is set up, is another.
    pub(crate) installed: bool,
    /// There are events to deliver.
    pub(crate) events: bool,
}

impl Bells {
    /// All of them, for who may have missed some.
    pub(crate) const ALL: Self = Self { effects: true, deadlines: true, installed: true, events: true };

    /// Whether one of them rings.
    pub(crate) fn ring(self) -> bool {
        self.effects || self.deadlines || self.installed || self.events
    }
}

impl Ledger {
    /// Whether it is that of a writer.
    pub(crate) fn is_of_writer(&self) -> bool {
        self.remembers
    }

    /// The ledger of a writer, which is told of the end of every transaction.
    pub(crate) fn of_writer() -> Self {
        Self { remembers: true, ..Self::default() }
    }

    /// Forgets everything, at the end of a transaction.
    pub(crate) fn clear(&mut self) {
        *self = Self { remembers: self.remembers, locking: self.locking, ..Self::default() };
    }

    /// Whether the database does not know all yet.
    pub(crate) fn is_dirty(&self) -> bool {
        self.finished.is_dirty() || self.own.is_dirty()
    }

    /// An instance, if it was loaded or changed in this transaction.
    pub(crate) fn known(&self, company: &str, id: &str) -> Option<Arc<Loaded>> {
        self.find(&place(company, id)).map(|known| known.loaded.clone())
    }

    fn find(&self, place: &Place) -> Option<&Known> {
        self.own.instances.get(place).or_else(|| self.finished.instances.get(place))
    }

    /// Whether the answer to a query is kept: units of the same moment ask for the same definitions and people.
    pub(crate) fn keeps(&self, sql: &str) -> bool {
        self.remembers && only_reads(sql) && !meets_ledger(sql)
    }

    /// What was answered before.
    pub(crate) fn answer(&self, asked: &Asked) -> Option<Vec<Row>> {
        self.answers.get(asked).cloned()
    }

    /// Keeps an answer that is not too long.
    pub(crate) fn keep_answer(&mut self, asked: Asked, rows: &[Row]) {
        if rows.len() <= MAX_ROWS {
            self.answers.insert(asked, rows.to_vec());
        }
    }

    /// The unit that runs now writes to other tables.
    pub(crate) fn begin_writing(&mut self) {
        self.wrote = true;
        self.answers.clear();
    }

    /// Keeps an instance that was loaded.
    pub(crate) fn remember(&mut self, loaded: &Arc<Loaded>) {
        if self.remembers {
            let stored = Some(loaded.instance.version);
            // It stays what it is when the unit that asked for it is undone.
            self.finished.instances.insert(place_of(loaded), Known { loaded: loaded.clone(), stored });
        }
    }

    /// Takes what a unit would write: an instance that was at version `before`, and the rows that made it what it is.
    ///
    /// `Conflict` if the unit itself has moved the instance meanwhile, by a task that is part of the commit.
    pub(crate) fn record(
        &mut self,
        before: Option<u64>,
        loaded: Arc<Loaded>,
        transitions: Vec<TransitionRow>,
        effects: Vec<EffectRow>,
    ) -> Result<(), StoreError> {
        let place = place_of(&loaded);
        let known = self.find(&place);
        if known.map(|known| known.loaded.instance.version) != before {
            return Err(StoreError::Conflict);
        }
        let stored = known.and_then(|known| known.stored);
        self.own.instances.insert(place, Known { loaded, stored });
        self.own.transitions.extend(transitions);
        self.own.effects.extend(effects);
        Ok(())
    }

    /// The unit that runs now has finished, and another begins.
    pub(crate) fn keep(&mut self) {
        let Layer { instances, transitions, effects } = std::mem::take(&mut self.own);
        self.finished.instances.extend(instances);
        self.finished.transitions.extend(transitions);
        self.finished.effects.extend(effects);
        self.wrote = false;
        self.own_objects = 0;
        self.code_steps.next_unit();
    }

    /// The unit that runs now is undone, and another begins.
    pub(crate) fn undo(&mut self) {
        self.own = Layer::default();
        // What was locked since the unit began is free again.
        self.held_lists.clear();
        self.wrote = false;
        self.own_objects = 0;
        self.code_steps.next_unit();
    }

    /// Forgets what was loaded, once nothing is held back: it may be what made a unit too slow.
    pub(crate) fn forget(&mut self) {
        let (bells, moved, rewrote, code_steps) =
            (self.bells, std::mem::take(&mut self.moved), self.rewrote, self.code_steps);
        self.clear();
        (self.bells, self.moved, self.rewrote, self.code_steps) = (bells, moved, rewrote, code_steps);
        self.code_steps.next_unit();
    }

    /// What is known now, at a moment at which nothing is held back.
    pub(crate) fn mark(&self) -> Mark {
        Mark { finished: self.finished.instances.clone(), own: self.own.instances.clone() }
    }

    /// Back to what was known, because the database was taken back to that moment.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.finished = Layer { instances: mark.finished, ..Layer::default() };
        self.own = Layer { instances: mark.own, ..Layer::default() };
        self.answers.clear();
        self.broken = false;
    }

    /// Everything that is not written, which counts as written from now on.
    pub(crate) fn take(&mut self) -> Rows {
        self.wrote |= self.own.is_dirty();
        let mut rows = Rows::default();
        for layer in [&mut self.finished, &mut self.own] {
            rows.transitions.append(&mut layer.transitions);
            rows.effects.append(&mut layer.effects);
        }
        let Self { finished, own, moved, .. } = self;
        // What the unit that runs now made of an instance is newer than what was left to it.
        let left = finished.instances.iter_mut().filter(|(place, _)| !own.instances.contains_key(*place));
        let left: Vec<&mut Known> = left.map(|(_, known)| known).collect();
        for known in left.into_iter().chain(own.instances.values_mut()).filter(|known| known.is_dirty()) {
            rows.instances.push(InstanceRow { loaded: known.loaded.clone(), stored: known.stored });
            moved.push(place_of(&known.loaded));
            known.stored = Some(known.loaded.instance.version);
        }
        self.bells.effects |= !rows.effects.is_empty();
        self.bells.deadlines |= rows.have_deadline();
        rows
    }
}

fn place(company: &str, id: &str) -> Place {
    (company.to_owned(), id.to_owned())
}

pub(crate) fn place_of(loaded: &Loaded) -> Place {
    place(&loaded.instance.company, &loaded.instance.id)
}

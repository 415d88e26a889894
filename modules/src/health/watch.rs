//! The meters of a node, and the places of its workers.

use super::Thresholds;
use super::circuit::Admitted;
use super::durations::Durations;
use super::meter::{Meter, Part, Probe};
use super::report::{Check, Report, Status};
use super::window::Limit;
use crate::installed::Installed;
use crate::limits::LimitLayers;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many workers a node is taken to have until it says so.
const USUAL_WORKERS: usize = 16;

/// A module in a company.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The company.
    pub company: String,
    /// The module.
    pub module: String,
}

/// All meters of a node. There is one for each module that a company has and uses, and no more: names that nobody has
/// installed take no place.
#[derive(Debug)]
pub struct Watch {
    layers: LimitLayers,
    workers: AtomicUsize,
    meters: Mutex<BTreeMap<Key, Arc<Meter>>>,
    /// Those with tasks in hand, or whose tasks are left alone: few, and looked at before every claim.
    busy: Mutex<BTreeSet<Key>>,
    effects: Mutex<BTreeMap<(&'static str, &'static str), Durations>>,
    freed: Notify,
}

impl Default for Watch {
    fn default() -> Self {
        Self::new(LimitLayers::default())
    }
}

impl Watch {
    pub(crate) fn new(layers: LimitLayers) -> Self {
        let workers = AtomicUsize::new(USUAL_WORKERS);
        let (meters, busy, effects, freed) = (Mutex::default(), Mutex::default(), Mutex::default(), Notify::new());
        Self { layers, workers, meters, busy, effects, freed }
    }

    /// How many workers this node has, of which modules have their share.
    pub fn has_workers(&self, workers: usize) {
        self.workers.store(workers, Ordering::SeqCst);
    }

    fn meters(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Meter>>> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<Key>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The meter of a module that a company has. Another version of it begins anew: what failed may have been mended.
    pub fn meter(&self, company: &str, installed: &Installed) -> Arc<Meter> {
        let key = Key { company: company.to_owned(), module: installed.manifest.name.clone() };
        let version = version(installed);
        let mut meters = self.meters();
        if let Some(meter) = meters.get(&key).filter(|meter| meter.version == version) {
            return meter.clone();
        }
        let (limits, thresholds) =
            (self.layers.limits(&installed.manifest), Thresholds::of(&installed.manifest.health));
        let meter = Arc::new(Meter::new(key.clone(), version, limits, thresholds));
        meters.insert(key, meter.clone());
        meter
    }

    /// Every meter, by company and module.
    pub fn all(&self) -> Vec<Arc<Meter>> {
        self.meters().values().cloned().collect()
    }

    /// The meter of a module, if it did something since this node started.
    pub fn known(&self, company: &str, module: &str) -> Option<Arc<Meter>> {
        self.meters().get(&Key { company: company.to_owned(), module: module.to_owned() }).cloned()
    }

    /// A place for a task of this module, unless it has its share already or its tasks are left alone.
    pub fn enter_task(self: &Arc<Self>, meter: &Arc<Meter>, now_ms: i64) -> Option<Slot> {
        let mut inner = meter.inner();
        if inner.in_hand >= meter.limits.slots(self.workers.load(Ordering::SeqCst)) {
            drop(inner);
            meter.hit(Limit::Queue, now_ms);
            return None;
        }
        let probe = match inner.tasks.enter(now_ms).ok()? {
            Admitted::Plainly => None,
            Admitted::AsProbe => Some(Probe { meter: meter.clone(), part: Part::Tasks }),
        };
        inner.in_hand += 1;
        drop(inner);
        self.busy().insert(meter.key.clone());
        Some(Slot { watch: self.clone(), meter: meter.clone(), probe })
    }

    /// The modules whose tasks are not to be claimed now, and when that is over for the first of those that are left
    /// alone, in milliseconds since 1970. Those that have their share ring [`Watch::freed`].
    pub fn shut(&self, now_ms: i64) -> (Vec<Key>, Option<i64>) {
        let workers = self.workers.load(Ordering::SeqCst);
        let (mut shut, mut next, mut idle) = (Vec::new(), None::<i64>, Vec::new());
        for key in self.busy().iter() {
            let Some(meter) = self.known(&key.company, &key.module) else {
                idle.push(key.clone());
                continue;
            };
            let inner = meter.inner();
            let until = inner.tasks.shut_until(now_ms);
            if until.is_some() || inner.in_hand >= meter.limits.slots(workers) {
                shut.push(key.clone());
                next = next.into_iter().chain(until.filter(|until| *until < i64::MAX)).min();
            } else if inner.in_hand == 0 && !inner.tasks.is_open() {
                idle.push(key.clone());
            }
        }
        let mut busy = self.busy();
        idle.iter().for_each(|key| _ = busy.remove(key));
        (shut, next)
    }

    /// How a module does, of whose tasks the oldest that is not done is so old, in milliseconds.
    pub fn report(&self, meter: &Meter, installed: &Installed, oldest_task_ms: Option<i64>, now_ms: i64) -> Report {
        let report = meter.report(oldest_task_ms, now_ms);
        match installed.known_broken() {
            Some(why) => report.with(Check { name: "files", status: Status::Failing, message: why.to_owned() }),
            None => report,
        }
    }

    /// An effect of that kind was performed, whoever's it is.
    pub fn performed(&self, kind: &'static str, ended: &'static str, took: Duration) {
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        effects.entry((kind, ended)).or_default().add(took);
    }

    /// What was performed, by kind and how it ended.
    pub fn effects(&self) -> BTreeMap<(&'static str, &'static str), Durations> {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Resolves when a place of a module has become free.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Leaves out the modules that a company does not have any more.
    pub(crate) fn keep_only(&self, company: &str, modules: &BTreeSet<&str>) {
        self.meters().retain(|key, _| key.company != company || modules.contains(key.module.as_str()));
    }
}

fn version(installed: &Installed) -> String {
    match &installed.sha256 {
        Some(sha256) => format!("{} {sha256}", installed.manifest.version),
        None => installed.manifest.version.to_string(),
    }
}

/// A place of a task among the workers; free again when it is dropped.
#[derive(Debug)]
pub struct Slot {
    watch: Arc<Watch>,
    meter: Arc<Meter>,
    /// Dropped with the place: a probe that nobody has told of is over then.
    #[expect(dead_code, reason = "it is there to be dropped")]
    probe: Option<Probe>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.meter.inner();
        inner.in_hand = inner.in_hand.saturating_sub(1);
        drop(inner);
        self.watch.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::meter::{Admission, Called};
    use crate::limits::Limits;

    fn watch(share: u8, workers: usize) -> (Arc<Watch>, Arc<Meter>) {
        let watch = Arc::new(Watch::default());
        watch.has_workers(workers);
        let key = Key { company: "acme".to_owned(), module: "travel".to_owned() };
        let limits = Limits { queue_share: share, ..Limits::default() };
        let thresholds = Thresholds { isolate_after: 2, ..Thresholds::default() };
        let meter = Arc::new(Meter::new(key.clone(), "1".to_owned(), limits, thresholds));
        watch.meters().insert(key, meter.clone());
        (watch, meter)
    }

    #[test]
    fn a_module_has_its_share_of_the_workers_and_no_more() {
        let (watch, meter) = watch(50, 4);
        let (one, two) = (watch.enter_task(&meter, 0).unwrap(), watch.enter_task(&meter, 0).unwrap());
        assert!(watch.enter_task(&meter, 0).is_none());
        assert_eq!(watch.shut(0), (vec![meter.key.clone()], None));
        assert_eq!(meter.totals().hits(Limit::Queue), 1);
        drop(one);
        assert_eq!(watch.shut(0), (Vec::new(), None));
        drop(two);
        assert_eq!((watch.shut(0).0.len(), watch.busy().len(), meter.tasks_in_hand()), (0, 0, 0));
    }

    #[test]
    fn tasks_that_fail_are_left_alone_until_one_of_them_succeeds() {
        let (watch, meter) = watch(100, 4);
        let fail = |now| {
            let slot = watch.enter_task(&meter, now).unwrap();
            meter.task_ended(Called::Badly, Duration::ZERO, now);
            drop(slot);
        };
        fail(0);
        fail(1);
        assert!(watch.enter_task(&meter, 2).is_none());
        assert_eq!(watch.shut(2), (vec![meter.key.clone()], Some(5_001)));
        assert_eq!(watch.shut(5_001).0.len(), 0);
        let probe = watch.enter_task(&meter, 5_001).unwrap();
        assert!(watch.enter_task(&meter, 5_001).is_none(), "one at a time");
        assert_eq!(watch.shut(5_001), (vec![meter.key.clone()], None));
        // Nobody waits for this one any more: the next is the probe.
        drop(probe);
        let probe = watch.enter_task(&meter, 5_001).unwrap();
        meter.task_ended(Called::Well, Duration::ZERO, 5_002);
        let _another = watch.enter_task(&meter, 5_002).unwrap();
        drop(probe);
        assert!(meter.isolated(Part::Tasks).is_none());
    }

    #[test]
    fn hooks_are_left_alone_by_themselves() {
        let (watch, meter) = watch(100, 4);
        meter.hook_ended(Called::Badly, 0);
        meter.hook_ended(Called::Badly, 0);
        assert!(matches!(meter.enter_hooks(1), Admission::ShutUntil(5_000)));
        assert!(watch.enter_task(&meter, 1).is_some());
        let Admission::Open(Some(probe)) = meter.enter_hooks(5_000) else { panic!("a probe") };
        meter.hook_ended(Called::Badly, 5_000);
        drop(probe);
        assert!(matches!(meter.enter_hooks(5_001), Admission::ShutUntil(15_000)));
    }
}

//! The tree of branches: what stands below a branch, and the way to each.

use crate::instance::{Activity, Branch, ItemLane, Items, Lane};
use serde_json::{Map, Value};

impl Branch {
    /// A branch that is about to enter a state.
    pub(crate) fn at(state: impl Into<String>, at: i64, input: Value) -> Self {
        Self {
            state: state.into(),
            entered_at: at,
            input,
            variables: Map::new(),
            retries: Vec::new(),
            activity: Activity::Moving,
        }
    }

    /// What stands in the place of a branch that is taken out of the tree.
    pub(crate) fn nowhere() -> Self {
        Self::at("", 0, Value::Null)
    }

    /// This branch and every one below it, from the left.
    pub fn all(&self) -> Vec<&Branch> {
        let mut found = vec![self];
        let mut next = 0;
        // The children of each go right behind it, so the order is that of the tree.
        while let Some(branch) = found.get(next).copied() {
            next += 1;
            found.splice(next..next, branch.activity.below().into_iter().map(|(_, child)| child));
        }
        found
    }

    /// The way to the first branch for which `wanted` holds: the place of a lane at each level.
    pub(crate) fn way_to(&self, wanted: &mut dyn FnMut(&Branch) -> bool) -> Option<Vec<usize>> {
        if wanted(self) {
            return Some(Vec::new());
        }
        self.activity.below().into_iter().find_map(|(lane, child)| {
            let mut way = child.way_to(wanted)?;
            way.insert(0, lane);
            Some(way)
        })
    }
}

impl Activity {
    /// The open lanes below, each with its place.
    pub(crate) fn below(&self) -> Vec<(usize, &Branch)> {
        match self {
            Self::Branches { lanes } => lanes.iter().enumerate().filter_map(open).collect(),
            Self::Items(items) => items.lanes.iter().map(|lane| &lane.branch).enumerate().collect(),
            _ => Vec::new(),
        }
    }

    fn lane(&mut self, place: usize) -> Option<&mut Branch> {
        match self {
            Self::Branches { lanes } => match lanes.get_mut(place)? {
                Lane::Open(branch) => Some(branch),
                Lane::Done { .. } => None,
            },
            Self::Items(items) => Some(&mut items.lanes.get_mut(place)?.branch),
            _ => None,
        }
    }

    /// Takes the branch of a lane out; a hole stays until [`Self::put`].
    pub(crate) fn take(&mut self, place: usize) -> Option<Branch> {
        self.lane(place).map(|branch| std::mem::replace(branch, Branch::nowhere()))
    }

    /// Puts a branch back that was taken out.
    pub(crate) fn put(&mut self, place: usize, branch: Branch) {
        if let Some(hole) = self.lane(place) {
            *hole = branch;
        }
    }

    /// The number of the task, signal or approval that is waited for.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::Task { activity, .. } | Self::Signal { activity, .. } => Some(*activity),
            Self::Approvers(open) | Self::Decision(open) => Some(open.activity),
            _ => None,
        }
    }
}

fn open((place, lane): (usize, &Lane)) -> Option<(usize, &Branch)> {
    match lane {
        Lane::Open(branch) => Some((place, branch)),
        Lane::Done { .. } => None,
    }
}

impl Items {
    /// Nothing has begun yet.
    pub(crate) fn of(items: Vec<Value>, concurrency: usize, tolerated: usize) -> Self {
        Self { items, begun: 0, concurrency, tolerated, failed: 0, lanes: Vec::new(), outputs: Vec::new() }
    }

    /// The place of the item whose turn it is, if it may begin now.
    pub(crate) fn turn(&self) -> Option<usize> {
        (self.begun < self.items.len() && self.lanes.len() < self.concurrency).then_some(self.begun)
    }

    /// Begins an iteration; the place of its lane.
    pub(crate) fn begin(&mut self, branch: Branch) -> usize {
        self.lanes.push(ItemLane { item: self.begun, branch });
        self.begun += 1;
        self.lanes.len() - 1
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_done(&self) -> bool {
        self.begun == self.items.len() && self.lanes.is_empty()
    }

    /// What has come of the items, in their order.
    pub(crate) fn results(&mut self) -> Vec<Value> {
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.sort_by_key(|output| output.item);
        outputs.into_iter().map(|output| output.output).collect()
    }
}

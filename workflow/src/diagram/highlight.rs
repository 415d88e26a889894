//! How an instance went through its definition.

use crate::history::Entry;
use std::collections::BTreeSet;

/// What a diagram shows of an instance. The default shows the definition alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Highlight {
    /// The states that were entered.
    pub entered: BTreeSet<String>,
    /// The states that it stands in.
    pub current: BTreeSet<String>,
    /// The state that an error ended it in.
    pub failed: Option<String>,
    /// The states that it left well.
    pub finished: BTreeSet<String>,
    /// Where it went from where.
    pub moves: BTreeSet<Move>,
}

/// A way from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The state that it left; nothing where a machine begins.
    pub from: String,
    /// The state that it entered.
    pub to: String,
    /// Whether an error led there.
    pub caught: bool,
}

impl Highlight {
    /// The way that a history tells of.
    pub fn of(entries: &[Entry]) -> Self {
        let mut found = Self::default();
        let mut open: Vec<&str> = Vec::new();
        let mut left: Option<(&str, bool)> = None;
        let mut failing = false;
        for entry in entries {
            match (ending(&entry.kind), entry.name.as_deref()) {
                (Ending::Entered, Some(name)) => {
                    found.moves.extend(left.take().map(|(from, caught)| Move::new(from, name, caught)));
                    found.entered.insert(name.to_owned());
                    open.push(name);
                }
                (Ending::Exited, Some(name)) => {
                    if let Some(place) = open.iter().rposition(|open| *open == name) {
                        open.remove(place);
                    }
                    found.finished.extend((!failing).then(|| name.to_owned()));
                    left = Some((name, failing));
                }
                (Ending::Over, _) => {
                    found.failed =
                        open.last().filter(|_| entry.kind != "ExecutionSucceeded").map(|name| (*name).to_owned());
                    open.clear();
                }
                // A branch begins at its first state, wherever another one has ended.
                _ => left = None,
            }
            failing = entry.error.is_some() || entry.kind.ends_with("StateFailed");
        }
        found.current = open.into_iter().map(str::to_owned).collect();
        found
    }

    /// Whether it went this way. The first state of a machine is entered from nowhere, and the last leads nowhere.
    pub(super) fn took(&self, way: &Move) -> bool {
        self.moves.contains(way)
            || (way.from.is_empty() && self.entered.contains(&way.to))
            || (way.to.is_empty() && self.finished.contains(&way.from))
    }

    /// Whether it shows an instance at all.
    pub(super) fn is_empty(&self) -> bool {
        self.entered.is_empty()
    }
}

impl Move {
    pub(super) fn new(from: &str, to: &str, caught: bool) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), caught }
    }
}

enum Ending {
    Entered,
    Exited,
    Over,
    Other,
}

fn ending(kind: &str) -> Ending {
    match kind {
        "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" => Ending::Over,
        kind if kind.ends_with("StateEntered") => Ending::Entered,
        kind if kind.ends_with("StateExited") => Ending::Exited,
        _ => Ending::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(kinds: &[(&str, &str)]) -> Vec<Entry> {
        kinds.iter().map(|(kind, name)| Entry::of(*kind, name)).collect()
    }

    #[test]
    fn the_way_and_the_place_are_read_from_the_history() {
        let history = entries(&[
            ("ExecutionStarted", ""),
            ("PassStateEntered", "A"),
            ("PassStateExited", "A"),
            ("ParallelStateEntered", "P"),
            ("TaskStateEntered", "T"),
            ("PassStateEntered", "U"),
        ]);
        let found = Highlight::of(&history);
        assert_eq!(found.moves, BTreeSet::from([Move::new("A", "P", false)]));
        assert_eq!(found.current, ["P", "T", "U"].map(str::to_owned).into());
        assert_eq!(found.failed, None);
        let ways = [("", "U"), ("A", ""), ("T", "")].map(|(from, to)| found.took(&Move::new(from, to, false)));
        assert_eq!(ways, [true, true, false]);
    }

    #[test]
    fn what_an_error_led_to_is_told_from_the_usual_way() {
        let mut history = entries(&[
            ("TaskStateEntered", "T"),
            ("TaskFailed", ""),
            ("TaskStateExited", "T"),
            ("PassStateEntered", "P"),
        ]);
        assert!(Highlight::of(&history).moves.contains(&Move::new("T", "P", false)));
        history[1].error = Some("Mail.Rejected".to_owned());
        assert!(Highlight::of(&history).moves.contains(&Move::new("T", "P", true)));
    }

    #[test]
    fn an_error_ends_it_where_it_stood() {
        let history = entries(&[("TaskStateEntered", "T"), ("ExecutionFailed", "")]);
        let found = Highlight::of(&history);
        assert_eq!((found.failed.as_deref(), found.current.len(), found.entered.len()), (Some("T"), 0, 1));
    }
}

//! What a diagram shows: the states of a machine, what is said about each, and what leads where.

use super::condition::condition;
use super::state;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The deepest nesting that is drawn; more is refused in a definition anyway.
const MAX_DEPTH: usize = 16;

/// The definition, a branch, or what is done for each item.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// A state, or one of the two dots that begin and end a machine.
#[derive(Debug)]
pub(super) struct Node {
    /// The state's name; empty for a dot.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// What is said about it, line by line.
    pub(super) lines: Vec<String>,
    /// The machines that it holds.
    pub(super) inner: Vec<Machine>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    State(Type),
}

/// The type of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Approval,
    Parallel,
    Map,
    /// One that does not exist.
    Unknown,
}

/// What leads from one node to another, by place. Several ways between the same two are one edge.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) labels: Vec<String>,
    /// Whether an error leads there.
    pub(super) catch: bool,
}

impl Machine {
    /// The machine of a document, from its start on; what nothing leads to comes last.
    pub(super) fn read(document: &Value) -> Self {
        Self::within(document, 0)
    }

    fn within(document: &Value, depth: usize) -> Self {
        let empty = Map::new();
        let states = document.get("States").and_then(Value::as_object).unwrap_or(&empty);
        let start = document.get("StartAt").and_then(Value::as_str).unwrap_or_default();
        let names = reached(states, start);
        let mut machine = Self { nodes: vec![Node::dot(Kind::Start)], edges: Vec::new() };
        machine.nodes.extend(names.iter().map(|name| Node::read(name, &states[*name], depth)));
        let places: HashMap<&str, usize> = names.iter().copied().zip(1..).collect();
        places.get(start).into_iter().for_each(|first| machine.lead(0, *first, String::new(), false));
        for (name, from) in names.iter().zip(1..) {
            for Way { to, label, catch } in ways(&states[*name]) {
                let to = places.get(to).copied();
                to.into_iter().for_each(|to| machine.lead(from, to, label.clone(), catch));
            }
        }
        machine.end(states, &names);
        machine
    }

    fn lead(&mut self, from: usize, to: usize, label: String, catch: bool) {
        let known = self.edges.iter_mut().find(|edge| (edge.from, edge.to, edge.catch) == (from, to, catch));
        match known {
            Some(edge) => edge.labels.push(label),
            None => self.edges.push(Edge { from, to, labels: vec![label], catch }),
        }
    }

    /// Leads every state with `End` to one dot.
    fn end(&mut self, states: &Map<String, Value>, names: &[&str]) {
        let last = self.nodes.len();
        let ends = |name: &&str| states[*name].get("End").is_some_and(|end| end == true);
        let ending: Vec<usize> = names.iter().zip(1..).filter(|(name, _)| ends(name)).map(|(_, place)| place).collect();
        if !ending.is_empty() {
            self.nodes.push(Node::dot(Kind::End));
        }
        ending.into_iter().for_each(|from| self.lead(from, last, String::new(), false));
    }
}

impl Node {
    fn dot(kind: Kind) -> Self {
        Self { name: String::new(), kind, lines: Vec::new(), inner: Vec::new() }
    }

    fn read(name: &str, state: &Value, depth: usize) -> Self {
        let kind = state.get("Type").and_then(Value::as_str).map_or(Type::Unknown, Type::named);
        let documents = if depth < MAX_DEPTH { machines_of(state) } else { Vec::new() };
        let inner = documents.into_iter().map(|document| Machine::within(document, depth + 1)).collect();
        Self { name: name.to_owned(), kind: Kind::State(kind), lines: state::lines(kind, state), inner }
    }
}

fn machines_of(state: &Value) -> Vec<&Value> {
    let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
    branches.chain(["ItemProcessor", "Iterator"].iter().filter_map(|field| state.get(*field))).collect()
}

/// The names of all states, those that can be reached first, in the order in which a reader meets them.
fn reached<'a>(states: &'a Map<String, Value>, start: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let begin = states.keys().filter(|name| *name == start);
    for name in begin.chain(states.keys()) {
        let mut next = found.len();
        if known.insert(name.as_str()) {
            found.push(name);
        }
        while let Some(name) = found.get(next).copied() {
            let targets = ways(&states[name]).into_iter().filter_map(|way| states.get_key_value(way.to));
            found.extend(targets.map(|(name, _)| name.as_str()).filter(|name| known.insert(*name)));
            next += 1;
        }
    }
    found
}

/// A way out of a state.
struct Way<'a> {
    to: &'a str,
    label: String,
    catch: bool,
}

/// Everything that leads out of a state: the usual way first, errors last.
fn ways(state: &Value) -> Vec<Way<'_>> {
    let mut found = Vec::new();
    found.extend(target(state, "Next").map(|to| Way { to, label: String::new(), catch: false }));
    for (outcome, route) in state.get("Outcomes").and_then(Value::as_object).into_iter().flatten() {
        found.extend(target(route, "Next").map(|to| Way { to, label: outcome.clone(), catch: false }));
    }
    for rule in list(state, "Choices") {
        found.extend(target(rule, "Next").map(|to| Way { to, label: condition(rule), catch: false }));
    }
    found.extend(target(state, "Default").map(|to| Way { to, label: "otherwise".to_owned(), catch: false }));
    for rule in list(state, "Catch") {
        found.extend(target(rule, "Next").map(|to| Way { to, label: errors(rule), catch: true }));
    }
    found
}

fn target<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn list<'a>(state: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    state.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn errors(rule: &Value) -> String {
    let names: Vec<&str> = list(rule, "ErrorEquals").filter_map(Value::as_str).collect();
    match names.as_slice() {
        ["States.ALL"] => "any error".to_owned(),
        names => names.join(", "),
    }
}

impl Type {
    fn named(name: &str) -> Self {
        match name {
            "Pass" => Self::Pass,
            "Task" => Self::Task,
            "Choice" => Self::Choice,
            "Wait" => Self::Wait,
            "Succeed" => Self::Succeed,
            "Fail" => Self::Fail,
            "Approval" => Self::Approval,
            "Parallel" => Self::Parallel,
            "Map" => Self::Map,
            _ => Self::Unknown,
        }
    }
}

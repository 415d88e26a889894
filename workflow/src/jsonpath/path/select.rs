//! Following a query through a document.

use super::query::{Query, Root, Segment, Selector, Slice};
use crate::jsonpath::PathError;
use crate::jsonpath::run::Run;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What a query finds.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Found<'a> {
    /// There is one place that it can lead to, and nothing is there.
    Nothing,
    /// What is at the one place.
    One(Cow<'a, Value>),
    /// Everything that it leads to, in the order of the document.
    Many(Vec<Cow<'a, Value>>),
}

impl<'a> Found<'a> {
    /// The value, the list as an array, without copying what need not be copied.
    pub(in super::super) fn into_cow(self, run: &Run<'_>) -> Result<Option<Cow<'a, Value>>, PathError> {
        Ok(match self {
            Self::Nothing => None,
            Self::One(value) => Some(value),
            Self::Many(values) => {
                values.iter().try_for_each(|value| run.charge(value))?;
                Some(Cow::Owned(Value::Array(values.into_iter().map(Cow::into_owned).collect())))
            }
        })
    }

    /// The value, copied.
    pub(in super::super) fn into_value(self, run: &Run<'_>) -> Result<Option<Value>, PathError> {
        if let Self::One(value) = &self {
            run.charge(value)?;
        }
        Ok(self.into_cow(run)?.map(Cow::into_owned))
    }
}

impl Query {
    /// What the query finds. `item` is what `@` stands for.
    pub(in super::super) fn find<'a>(&self, run: &Run<'a>, item: Option<&'a Value>) -> Result<Found<'a>, PathError> {
        let mut nodes: Vec<&'a Value> = self.start(run, item).into_iter().collect();
        for segment in &self.segments {
            nodes = segment.from(&nodes, run)?;
        }
        let mut found = match &self.fields {
            Some(names) => picked(&nodes, names, run)?,
            None => nodes.into_iter().map(Cow::Borrowed).collect(),
        };
        if !self.is_definite() {
            return Ok(Found::Many(found));
        }
        Ok(found.pop().map_or(Found::Nothing, Found::One))
    }

    fn start<'a>(&self, run: &Run<'a>, item: Option<&'a Value>) -> Option<&'a Value> {
        match &self.root {
            Root::Document => Some(run.view.document),
            Root::Context => Some(run.view.context.value()),
            Root::Variable(name) => run.view.variables.get(name),
            Root::Item => item,
        }
    }
}

/// Of each object, the named fields that it has.
fn picked<'a>(nodes: &[&'a Value], names: &[String], run: &Run<'_>) -> Result<Vec<Cow<'a, Value>>, PathError> {
    let mut found = Vec::new();
    for fields in nodes.iter().filter_map(|node| node.as_object()) {
        let mut part = Map::new();
        for (name, value) in names.iter().filter_map(|name| fields.get_key_value(name)) {
            run.charge(value)?;
            part.insert(name.clone(), value.clone());
        }
        found.push(Cow::Owned(Value::Object(part)));
    }
    Ok(found)
}

impl Segment {
    fn from<'a>(&self, nodes: &[&'a Value], run: &Run<'a>) -> Result<Vec<&'a Value>, PathError> {
        let mut found = Vec::new();
        for node in nodes {
            if self.descends {
                self.descend(node, run, &mut found)?;
            } else {
                self.selector.select(node, false, run, &mut found)?;
            }
        }
        Ok(found)
    }

    /// Takes the step from a node and from everything below it. A stack instead of recursion: a document may be deep.
    fn descend<'a>(&self, top: &'a Value, run: &Run<'a>, found: &mut Vec<&'a Value>) -> Result<(), PathError> {
        let mut waiting = vec![top];
        while let Some(node) = waiting.pop() {
            run.visit()?;
            self.selector.select(node, true, run, found)?;
            match node {
                Value::Array(items) => waiting.extend(items.iter().rev()),
                Value::Object(fields) => waiting.extend(fields.values().rev()),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Selector {
    /// Adds what the step leads to from one node. `descends` is whether the step is one of `..`.
    fn select<'a>(
        &self,
        node: &'a Value,
        descends: bool,
        run: &Run<'a>,
        found: &mut Vec<&'a Value>,
    ) -> Result<(), PathError> {
        let add = |value: &'a Value| {
            found.push(value);
            run.visit()
        };
        match (self, node) {
            (Self::Name(name), Value::Object(fields)) => fields.get(name).map_or(Ok(()), add),
            (Self::Names(names), Value::Object(fields)) => {
                names.iter().filter_map(|name| fields.get(name)).try_for_each(add)
            }
            (Self::Index(index), Value::Array(items)) => item(items, *index).map_or(Ok(()), add),
            (Self::Indices(indices), Value::Array(items)) => {
                indices.iter().filter_map(|index| item(items, *index)).try_for_each(add)
            }
            (Self::Slice(slice), Value::Array(items)) => slice.of(items).try_for_each(add),
            (Self::All, Value::Array(items)) => items.iter().try_for_each(add),
            (Self::All, Value::Object(fields)) => fields.values().try_for_each(add),
            (Self::Filter(filter), Value::Array(items)) => filter.select(items.iter(), run, add),
            // Jayway's library asks an object itself; of `..` it is asked already as a child of what is above.
            (Self::Filter(filter), Value::Object(fields)) if descends => filter.select(fields.values(), run, add),
            (Self::Filter(filter), Value::Object(_)) => filter.select(std::iter::once(node), run, add),
            _ => Ok(()),
        }
    }
}

fn item(items: &[Value], index: i64) -> Option<&Value> {
    items.get(usize::try_from(from_start(items, index)).ok()?)
}

/// An index counted from the start; below 0 if it lies before it.
fn from_start(items: &[Value], index: i64) -> i64 {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if index < 0 { index.saturating_add(length) } else { index }
}

impl Slice {
    fn of(self, items: &[Value]) -> impl Iterator<Item = &Value> {
        let place = |index: i64| usize::try_from(from_start(items, index).max(0)).unwrap_or(usize::MAX);
        let start = self.start.map_or(0, place);
        let end = self.end.map_or(items.len(), place);
        items.iter().take(end).skip(start).step_by(self.step)
    }
}

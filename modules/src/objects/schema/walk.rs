//! A walk through a schema: which fields an object has, and which of our keywords stand where.

use super::path::FieldPath;
use crate::json_schema::{every, referred};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use workflow::definition::below;

/// One of our keywords at a field.
#[derive(Debug, Clone)]
pub(super) struct Found<'s> {
    pub(super) path: FieldPath,
    pub(super) keyword: &'s str,
    pub(super) value: &'s Value,
    /// Where it stands in the schema.
    pub(super) pointer: String,
}

/// What is known of a field.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) types: BTreeSet<String>,
    pub(super) format: Option<String>,
    pub(super) is_read_only: bool,
    /// Whether it says which fields stand in it.
    pub(super) has_fields: bool,
    /// Whether no other fields may.
    pub(super) is_closed: bool,
    /// In which order fields are met.
    pub(super) place: usize,
}

/// The most parts that are looked at: parts that use each other twice over would multiply without bound.
pub(super) const MOST_PARTS: usize = 10_000;

/// What a walk has met.
#[derive(Debug, Default)]
pub(super) struct Walk<'s> {
    pub(super) found: Vec<Found<'s>>,
    pub(super) shapes: BTreeMap<FieldPath, Shape>,
    /// The parts of the schema that describe a field, by their pointers.
    seen: BTreeSet<String>,
    /// How many parts were looked at, each as often as it is used.
    pub(super) parts: usize,
}

impl<'s> Walk<'s> {
    pub(super) fn through(root: &'s Value) -> Self {
        let mut walk = Self::default();
        walk.part(root, root, String::new(), &FieldPath::default(), &mut Vec::new());
        walk
    }

    fn part(&mut self, root: &'s Value, part: &'s Value, pointer: String, path: &FieldPath, way: &mut Vec<String>) {
        let Value::Object(keywords) = part else { return };
        // A part that is met within itself describes fields without end; the first of them will do.
        if way.contains(&pointer) || self.parts > MOST_PARTS {
            return;
        }
        self.parts += 1;
        way.push(pointer.clone());
        self.note(keywords, &pointer, path);
        if let Some((target, part)) = referred(root, keywords) {
            self.part(root, part, target, path, way);
        }
        for (n, part) in keywords.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.part(root, part, below(&below(&pointer, "allOf"), n), path, way);
        }
        for (name, part) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.part(root, part, below(&below(&pointer, "properties"), name), &path.field(name), way);
        }
        if let Some(part) = keywords.get("items") {
            self.part(root, part, below(&pointer, "items"), &path.each(), way);
        }
        way.pop();
    }

    fn note(&mut self, keywords: &'s Map<String, Value>, pointer: &str, path: &FieldPath) {
        self.seen.insert(pointer.to_owned());
        let place = self.shapes.len();
        let shape = self.shapes.entry(path.clone()).or_insert_with(|| Shape { place, ..Shape::default() });
        let has =
            |keyword: &str| keywords.get(keyword).and_then(Value::as_object).is_some_and(|named| !named.is_empty());
        shape.has_fields |= has("properties");
        shape.is_closed |=
            keywords.get("additionalProperties") == Some(&Value::Bool(false)) && !has("patternProperties");
        match keywords.get("type") {
            Some(Value::String(one)) => _ = shape.types.insert(one.clone()),
            Some(Value::Array(several)) => {
                shape.types.extend(several.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
        if let Some(format) = keywords.get("format").and_then(Value::as_str) {
            shape.format = Some(format.to_owned());
        }
        shape.is_read_only |= keywords.get("readOnly") == Some(&Value::Bool(true));
        for (keyword, value) in ours(keywords) {
            let pointer = below(pointer, keyword);
            self.found.push(Found { path: path.clone(), keyword, value, pointer });
        }
    }

    /// Our keywords at places that describe no field of their own: in an alternative, or in a part that nothing uses.
    pub(super) fn stray(&self, root: &'s Value) -> Vec<(String, &'s str)> {
        let mut stray = Vec::new();
        every(root, String::new(), &mut |pointer, keywords| {
            if !self.seen.contains(pointer) {
                stray.extend(ours(keywords).map(|(keyword, _)| (below(pointer, keyword), keyword)));
            }
        });
        stray
    }
}

fn ours(keywords: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    keywords.iter().filter(|(name, _)| name.starts_with("x-")).map(|(name, value)| (name.as_str(), value))
}

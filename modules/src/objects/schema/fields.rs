//! The fields that a schema describes, for whoever lays objects out in columns.

use super::walk::{Shape, Walk};
use serde_json::Value;
use std::collections::BTreeSet;

/// A field that is in no list.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    /// The names on the way to it; none of the object itself.
    pub(crate) path: Vec<String>,
    /// What its value may be, as far as the schema says so at the field itself. Empty if it does not.
    pub(crate) types: BTreeSet<String>,
    /// Whether it is always a group of fields, of which some are described.
    pub(crate) is_group: bool,
    /// Whether no other fields may stand in it.
    pub(crate) is_closed: bool,
}

pub(super) fn described(document: &Value) -> Vec<Described> {
    let walk = Walk::through(document);
    let mut fields: Vec<_> = walk.shapes.iter().filter_map(|(path, shape)| Some((path.names()?, shape))).collect();
    fields.sort_by_key(|(_, shape)| shape.place);
    let described = |(path, shape): (Vec<&str>, &Shape)| Described {
        path: path.into_iter().map(str::to_owned).collect(),
        types: shape.types.clone(),
        is_group: is_group(shape),
        is_closed: shape.is_closed,
    };
    fields.into_iter().map(described).collect()
}

fn is_group(shape: &Shape) -> bool {
    shape.has_fields && shape.types.len() == 1 && shape.types.contains("object")
}

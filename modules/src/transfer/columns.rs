//! How objects of a kind are laid out in columns: one for every field that the schema describes, under its path
//! (`address.city`), and one, `*`, for all that has no column of its own, as JSON. So nothing is lost, whatever a schema
//! leaves open and whatever older schemas have left in objects.

use super::cell::{self, Types};
use crate::objects::schema::ObjectSchema;
use serde_json::{Map, Value};
use workflow::definition::below;
use workflow::nearest;

/// The column of all that has no column of its own.
pub(super) const REST: &str = "*";

/// A column of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub(super) path: Vec<String>,
    pub(super) types: Types,
}

impl Column {
    /// What stands above it.
    pub(super) fn name(&self) -> String {
        self.path.join(".")
    }

    /// Where its field stands in an object.
    pub(super) fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |pointer, name| below(&pointer, name))
    }

    /// The value of an object that stands in it.
    pub(super) fn value<'v>(&self, data: &'v Value) -> Option<&'v Value> {
        self.path.iter().try_fold(data, |value, name| value.as_object()?.get(name))
    }
}

/// The columns of a kind of objects, in the order of its schema.
pub(super) fn columns(schema: &ObjectSchema) -> Vec<Column> {
    let described = schema.fields.iter().filter(|field| !field.is_group && !field.path.is_empty());
    let fits =
        described.filter(|field| field.path.iter().all(|name| is_nameable(name)) && is_in_groups(schema, &field.path));
    let columns = fits.map(|field| Column { path: field.path.clone(), types: field.types.clone() });
    columns.filter(|column| !is_ours(&column.name())).collect()
}

/// Whether whatever a field stands in is always a group.
fn is_in_groups(schema: &ObjectSchema, path: &[String]) -> bool {
    (1..path.len()).all(|end| schema.fields.iter().any(|field| field.is_group && path.get(..end) == Some(&field.path)))
}

/// A name that can be part of a path, and that no spreadsheet takes for a formula.
fn is_nameable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '\0']) && cell::shown(name) == name
}

/// What the table itself says.
pub(super) fn is_ours(name: &str) -> bool {
    name == REST || name.starts_with('$')
}

/// The column that a name stands for.
///
/// # Errors
/// Why there is none, and what would be one.
pub(super) fn named(schema: &ObjectSchema, name: &str) -> Result<Column, String> {
    let known = columns(schema);
    if let Some(column) = known.iter().find(|column| column.name() == name) {
        return Ok(column.clone());
    }
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    let parent = path.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default();
    let field = |path: &[String]| schema.fields.iter().find(|field| field.path == path);
    if let Some(group) = field(&path).filter(|field| field.is_group && !field.path.is_empty()) {
        let inner = known.iter().find(|column| column.path.starts_with(&group.path)).map(Column::name);
        let inner = inner.map(|name| format!(", such as {name}")).unwrap_or_default();
        return Err(format!("is a group of fields; make a column of each of them{inner}"));
    }
    // An open group takes what nobody has described, under any name that is one.
    let is_open =
        field(&parent).is_some_and(|parent| parent.is_group && !parent.is_closed) && is_in_groups(schema, &path);
    if is_open && path.iter().all(|name| is_nameable(name)) && field(&path).is_none() {
        return Ok(Column { path, types: Types::new() });
    }
    let names: Vec<String> = known.iter().map(Column::name).collect();
    Err(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("is no field of these objects; did you mean \"{near}\"?"),
        None => format!("is no field of these objects; use some of: {}", names.join(", ")),
    })
}

/// What of an object stands in none of these columns.
pub(super) fn rest(data: &Value, columns: &[Column]) -> Option<Value> {
    let ways: Vec<(&[String], &Types)> = columns.iter().map(|column| (column.path.as_slice(), &column.types)).collect();
    left(data, &ways)
}

fn left(value: &Value, ways: &[(&[String], &Types)]) -> Option<Value> {
    if let Some((_, types)) = ways.iter().find(|(way, _)| way.is_empty()) {
        return cell::written(value, types).is_none().then(|| value.clone());
    }
    let Value::Object(fields) = value else { return Some(value.clone()) };
    if fields.is_empty() || ways.is_empty() {
        return Some(value.clone());
    }
    let kept: Map<String, Value> = fields
        .iter()
        .filter_map(|(name, value)| {
            let below = ways
                .iter()
                .filter_map(|(way, types)| Some((way.split_first().filter(|(first, _)| *first == name)?.1, *types)));
            Some((name.clone(), left(value, &below.collect::<Vec<_>>())?))
        })
        .collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

/// Puts a value where a field stands, or takes away what is there. A group that is left empty goes with it.
pub(super) fn put(data: &mut Value, path: &[String], value: Option<Value>) {
    let Some((name, below)) = path.split_first() else {
        *data = value.unwrap_or(Value::Null);
        return;
    };
    if !data.is_object() {
        if value.is_none() {
            return;
        }
        *data = Value::Object(Map::new());
    }
    let Value::Object(fields) = data else { return };
    match (below, value) {
        ([], Some(value)) => _ = fields.insert(name.clone(), value),
        ([], None) => _ = fields.shift_remove(name),
        (below, Some(value)) => put(fields.entry(name.clone()).or_insert(Value::Null), below, Some(value)),
        (below, None) => {
            let Some(group) = fields.get_mut(name) else { return };
            let was_empty = group.as_object().is_some_and(Map::is_empty);
            put(group, below, None);
            if !was_empty && group.as_object().is_some_and(Map::is_empty) {
                fields.shift_remove(name);
            }
        }
    }
}

/// Lays a document over another: groups field by field, everything else as it is.
pub(super) fn lay(over: &Value, data: &mut Value) {
    match (over, data) {
        (Value::Object(over), Value::Object(fields)) => {
            for (name, value) in over {
                match fields.get_mut(name) {
                    Some(there) => lay(value, there),
                    None => _ = fields.insert(name.clone(), value.clone()),
                }
            }
        }
        (over, data) => *data = over.clone(),
    }
}

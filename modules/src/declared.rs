//! A module without code: everything that its package declares works, and nothing else is promised.

use crate::manifest::{Manifest, ObjectType};
use crate::module::Module;
use crate::package::{Package, PackageError};
use crate::view::{Column, Fact, Table, View};
use serde_json::{Map, Value};
use std::collections::HashMap;
use store::Object;

/// The most facts and rows that people are shown; the object itself has the rest.
const MOST: usize = 40;

/// A package as a module. People are shown of its objects what their schemas say: each field under its `title`.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    package: Package,
    name: String,
    kinds: HashMap<String, Kind>,
}

/// What is known of a collection.
#[derive(Debug)]
struct Kind {
    title: String,
    fields: Map<String, Value>,
}

impl Declared {
    /// A package that needs no code. One that names actions or inline tasks is refused, because nothing would do them.
    pub(crate) fn without_code(package: Package, manifest: &Manifest) -> Result<Self, PackageError> {
        if let Some(resource) = manifest.actions.iter().chain(&manifest.inline).next() {
            let Manifest { name, .. } = manifest;
            let message = format!("{name} names the action {resource}, and its package has no code to do it");
            let remedy = "name its code under code, or leave it out of actions and inline";
            return Err(PackageError::Code(format!("{message}; {remedy}")));
        }
        if let Some(endpoint) = manifest.endpoints.first() {
            let Manifest { name, .. } = manifest;
            let message = format!("{name} has the endpoint {}, and its package has no code to answer", endpoint.path);
            return Err(PackageError::Code(format!("{message}; name its code under code, or leave out endpoints")));
        }
        if let Some(subscription) = manifest.consumes.iter().find(|subscription| subscription.calls_code()) {
            let (module, name) = (&manifest.name, &subscription.name);
            let message = format!("{module} is to hear of \"{name}\", and its package has no code to do it");
            return Err(PackageError::Code(format!("{message}; name a workflow under start, or its code under code")));
        }
        Ok(Self::of(package, manifest))
    }

    /// The same of a package that was checked before.
    pub(crate) fn of(package: Package, manifest: &Manifest) -> Self {
        let kinds = manifest.objects.iter().map(|object| (object.collection.clone(), Kind::of(&package, object)));
        Self { kinds: kinds.collect(), name: manifest.name.clone(), package }
    }

    fn kind(&self, kind: &str) -> Option<&Kind> {
        let (module, collection) = kind.split_once('/')?;
        if module == self.name { self.kinds.get(collection) } else { None }
    }
}

impl Module for Declared {
    fn package(&self) -> &Package {
        &self.package
    }

    fn view(&self, object: &Object, _related: &[Object]) -> View {
        match self.kind(&object.kind) {
            Some(kind) => kind.view(object),
            None => View { title: object.id.clone(), ..View::default() },
        }
    }
}

impl Kind {
    fn of(package: &Package, object: &ObjectType) -> Self {
        let mut schema = package.json(&object.schema).unwrap_or_default();
        let fields = match schema.get_mut("properties").map(Value::take) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Self { title: object.title.clone(), fields }
    }

    fn view(&self, object: &Object) -> View {
        let name = object.number.as_ref().unwrap_or(&object.id);
        let shown = self.fields.iter().filter_map(|(name, schema)| {
            let value = object.data.get(name).and_then(told)?;
            Some(Fact::new(title(name, schema), value))
        });
        let table = self.fields.iter().find_map(|(name, schema)| table(schema, object.data.get(name)?.as_array()?));
        View { title: format!("{} {name}", self.title), facts: shown.take(MOST).collect(), table, ..View::default() }
    }
}

/// The label of a field.
fn title(name: &str, schema: &Value) -> String {
    schema.get("title").and_then(Value::as_str).unwrap_or(name).to_owned()
}

/// A value that fits in a line: lists and documents do not.
fn told(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A list of documents as rows, each of their fields a column.
fn table(schema: &Value, items: &[Value]) -> Option<Table> {
    let fields = schema.pointer("/items/properties")?.as_object()?;
    let column = |(name, field): (&String, &Value)| {
        let kind = field.get("type").and_then(Value::as_str);
        Column { title: title(name, field), numeric: matches!(kind, Some("integer" | "number")) }
    };
    let cell = |item: &Value, name: &String| item.get(name).and_then(told).unwrap_or_default();
    let rows = items.iter().take(MOST).map(|item| fields.keys().map(|name| cell(item, name)).collect());
    Some(Table { columns: fields.iter().map(column).collect(), rows: rows.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installed::module_of;
    use serde_json::json;

    const MANIFEST: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
        permissions: [{ name: travel.trips.read, title: See trips, roles: [\"*\"] }]\n\
        objects: [{ collection: trips, title: Trip, schema: trip.json, create: travel.trips.read, read: travel.trips.read }]\n";
    const SCHEMA: &str = r#"{ "type": "object", "properties": {
        "to": { "type": "string", "title": "Destination" }, "days": { "type": "integer" }, "paid": { "type": "boolean" },
        "legs": { "type": "array", "items": { "type": "object", "properties": {
            "from": { "type": "string", "title": "From" }, "km": { "type": "integer" } } } } } }"#;

    fn object(data: Value) -> Object {
        Object {
            kind: "travel/trips".to_owned(),
            id: "0190".to_owned(),
            revision: 1,
            status: "active".to_owned(),
            number: None,
            instance: None,
            data,
            created_at: 0,
            created_by: "eva".to_owned(),
            updated_at: 0,
        }
    }

    #[test]
    fn people_are_shown_what_the_schema_names() {
        let module = module_of(Package::of([("module.yaml", MANIFEST), ("trip.json", SCHEMA)])).unwrap();
        let data = json!({ "to": "Oslo", "days": 3, "paid": false, "legs": [{ "from": "Bergen", "km": 463 }, {}] });
        let view = module.view(&object(data), &[]);
        let facts: Vec<(&str, &str)> =
            view.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_str())).collect();
        assert_eq!(
            (view.title.as_str(), facts),
            ("Trip 0190", vec![("Destination", "Oslo"), ("days", "3"), ("paid", "no")])
        );
        let table = view.table.unwrap();
        let heads: Vec<(&str, bool)> =
            table.columns.iter().map(|column| (column.title.as_str(), column.numeric)).collect();
        assert_eq!(heads, [("From", false), ("km", true)]);
        assert_eq!(table.rows, [["Bergen", "463"], ["", ""]]);
    }

    #[test]
    fn what_needs_code_is_refused() {
        let manifest = format!("{MANIFEST}actions: [travel.book]\n");
        let package = Package::of([("trip.json", SCHEMA)]).with("module.yaml", &manifest);
        let error = module_of(package).err().unwrap().to_string();
        assert_eq!(
            error,
            "travel names the action travel.book, and its package has no code to do it; name its code under code, or leave it out of actions and inline"
        );
    }
}

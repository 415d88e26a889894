//! The fields of a JSON Schema as a flat list that people read: `lines[].price`, its type, its rules.

use super::{Field, resolved};
use serde_json::Value;

/// How deep fields are followed: a schema may name itself.
const MAX_DEPTH: usize = 6;
/// The most fields of one list.
const MAX_FIELDS: usize = 200;

/// A schema with everything that it refers to or is made of, the nearest first: what it says itself counts more.
struct Shape<'a> {
    document: &'a Value,
    layers: Vec<&'a Value>,
}

/// The fields of an object, and of the objects in it.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    Shape::of(document, schema).collect("", 0, &mut found);
    found.truncate(MAX_FIELDS);
    found
}

/// One value, without what is in it.
pub(super) fn field(document: &Value, name: &str, schema: &Value, required: bool) -> Field {
    let shape = Shape::of(document, schema);
    Field {
        name: name.to_owned(),
        place: String::new(),
        kind: shape.kind(0),
        required,
        rules: shape.rules(),
        description: shape.text("description"),
    }
}

impl<'a> Shape<'a> {
    fn of(document: &'a Value, schema: &'a Value) -> Self {
        let mut shape = Self { document, layers: Vec::new() };
        shape.add(schema, 0);
        shape
    }

    fn add(&mut self, schema: &'a Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        self.layers.push(schema);
        let target = resolved(self.document, schema);
        if !std::ptr::eq(target, schema) {
            self.add(target, depth + 1);
        }
        for part in list(schema, "allOf").iter().chain(choices(schema)) {
            self.add(part, depth + 1);
        }
    }

    /// What the nearest layer says.
    fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.layers.iter().find_map(|layer| layer.get(keyword))
    }

    fn text(&self, keyword: &str) -> String {
        self.get(keyword).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn collect(&self, prefix: &str, depth: usize, found: &mut Vec<Field>) {
        if depth > MAX_DEPTH || found.len() > MAX_FIELDS {
            return;
        }
        let required: Vec<&str> =
            self.layers.iter().flat_map(|layer| list(layer, "required")).filter_map(Value::as_str).collect();
        let properties = self.layers.iter().filter_map(|layer| layer.get("properties")?.as_object()).flatten();
        for (name, schema) in properties {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if found.iter().all(|known| known.name != path) {
                found.push(field(self.document, &path, schema, required.contains(&name.as_str())));
                Self::of(self.document, schema).collect_below(&path, depth + 1, found);
            }
        }
    }

    /// The fields in a field: its own, or those of its entries.
    fn collect_below(&self, path: &str, depth: usize, found: &mut Vec<Field>) {
        match self.get("items") {
            Some(items) => Self::of(self.document, items).collect(&format!("{path}[]"), depth, found),
            None => self.collect(path, depth, found),
        }
    }

    /// `string`, `date-time`, `list of strings`, `object or null`.
    fn kind(&self, depth: usize) -> String {
        let names: Vec<&str> = match self.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let nullable =
            self.layers.iter().flat_map(|layer| list(layer, "anyOf")).any(is_null) || names.contains(&"null");
        let kind = match (names.iter().find(|name| **name != "null"), self.get("items"), self.get("format")) {
            (Some(&"array"), Some(items), _) if depth < MAX_DEPTH => {
                format!("list of {}", plural(&Self::of(self.document, items).kind(depth + 1)))
            }
            (Some(&"array"), _, _) => "list".to_owned(),
            (_, _, Some(Value::String(format))) => format.clone(),
            (Some(name), _, _) => (*name).to_owned(),
            (None, _, _) if self.get("properties").is_some() => "object".to_owned(),
            (None, _, _) => "any value".to_owned(),
        };
        if nullable { format!("{kind} or null") } else { kind }
    }

    /// What a value must keep to, beside its type.
    fn rules(&self) -> Vec<String> {
        let lengths = between(self.get("minLength"), self.get("maxLength"), "characters");
        let entries = between(self.get("minItems"), self.get("maxItems"), "entries");
        let range = between(self.get("minimum"), self.get("maximum"), "");
        let values = self.get("enum").and_then(Value::as_array).map(|values| format!("one of {}", listed(values)));
        let exact = self.get("const").map(|value| format!("always {}", plain(value)));
        let pattern = self.get("pattern").map(|pattern| format!("fits {}", plain(pattern)));
        let default = self.get("default").map(|value| format!("{} if absent", plain(value)));
        let all = [lengths, entries, range, values, exact, pattern, self.either(), default];
        all.into_iter().flatten().collect()
    }

    /// `either percent or amount`: branches that do nothing but require a field each.
    fn either(&self) -> Option<String> {
        let branches = self.layers.iter().map(|layer| list(layer, "oneOf")).find(|branches| !branches.is_empty())?;
        let names = branches.iter().map(|branch| list(branch, "required").first()?.as_str());
        let names: Option<Vec<&str>> = names.collect();
        names.map(|names| format!("either {}", names.join(" or ")))
    }
}

/// The branches of a choice that say more than that a value may be null or must have a field.
fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    let branches = list(schema, "anyOf").iter().chain(list(schema, "oneOf"));
    branches.filter(|branch| !is_null(branch) && (branch.get("$ref").is_some() || branch.get("type").is_some()))
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn list<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn between(least: Option<&Value>, most: Option<&Value>, unit: &str) -> Option<String> {
    let told = match (least, most) {
        (None, None) => return None,
        (Some(least), Some(most)) if least == most => format!("exactly {least} {unit}"),
        (Some(least), Some(most)) => format!("{least} to {most} {unit}"),
        (Some(least), None) => format!("at least {least} {unit}"),
        (None, Some(most)) => format!("at most {most} {unit}"),
    };
    Some(told.trim_end().to_owned())
}

fn plural(kind: &str) -> String {
    match kind {
        "string" | "object" | "integer" | "number" | "date" => format!("{kind}s"),
        other => other.to_owned(),
    }
}

fn listed(values: &[Value]) -> String {
    values.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `name: kind, required; rules`
    fn told(document: &Value, schema: &Value) -> Vec<String> {
        let line = |field: Field| {
            let required = if field.required { ", required" } else { "" };
            let rules: String = field.rules.iter().map(|rule| format!("; {rule}")).collect();
            format!("{}: {}{required}{rules}", field.name, field.kind)
        };
        fields(document, schema).into_iter().map(line).collect()
    }

    #[test]
    fn fields_are_listed_with_their_places_types_and_rules() {
        let schema = json!({
            "type": "object", "required": ["lines"],
            "properties": {
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "lines": {"type": "array", "minItems": 1, "maxItems": 500, "items": {
                    "required": ["price"],
                    "properties": {"price": {"$ref": "#/decimal"}, "tags": {"type": "array", "items": {"type": "string"}}}
                }},
                "by": {"type": ["string", "null"], "format": "date-time"},
                "size": {"enum": ["S", "L"], "type": "string", "default": "S"},
                "count": {"type": "integer", "minimum": 0},
            }
        });
        let document = json!({"decimal": {"type": "string", "maxLength": 20, "description": "As text."}});
        let expected = [
            "currency: string; fits ^[A-Z]{3}$",
            "lines: list of objects, required; 1 to 500 entries",
            "lines[].price: string, required; at most 20 characters",
            "lines[].tags: list of strings",
            "by: date-time or null",
            "size: string; one of S, L; S if absent",
            "count: integer; at least 0",
        ];
        assert_eq!(told(&document, &schema), expected);
    }

    #[test]
    fn what_a_schema_is_made_of_counts_and_what_it_says_itself_counts_more() {
        let document = json!({"base": {
            "required": ["a"],
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        }});
        let schema = json!({"properties": {
            "whole": {"allOf": [{"$ref": "#/base"}], "properties": {"b": {"type": "integer"}}},
            "maybe": {"anyOf": [{"$ref": "#/base"}, {"type": "null"}], "description": "Mine."},
        }});
        let expected = [
            "whole: object; either a or b",
            "whole.b: integer",
            "whole.a: string, required",
            "maybe: object or null; either a or b",
            "maybe.a: string, required",
            "maybe.b: string",
        ];
        assert_eq!(told(&document, &schema), expected);
        assert_eq!(fields(&document, &schema)[3].description, "Mine.");
    }

    #[test]
    fn a_schema_that_names_itself_ends() {
        let document = json!({"tree": {"properties": {
            "left": {"$ref": "#/tree"}, "right": {"$ref": "#/tree"}, "all": {"type": "array", "items": {"$ref": "#/tree"}},
        }}, "loop": {"$ref": "#/loop"}});
        assert!(fields(&document, &json!({"$ref": "#/tree"})).len() <= MAX_FIELDS);
        assert!(fields(&document, &json!({"$ref": "#/loop"})).is_empty());
    }
}

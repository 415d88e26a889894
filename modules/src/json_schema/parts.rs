//! The parts of a schema: where they stand, and which of them are about the same value.

use serde_json::{Map, Value};
use workflow::definition::below;

/// Keywords whose value is a schema for the same value.
const IN_PLACE: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
/// Keywords whose members are schemas under names that somebody chose.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
/// Keywords that hold data, in which nothing is a keyword.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// Where a local `$ref` leads: its JSON pointer and what stands there.
pub(crate) fn referred<'s>(root: &'s Value, keywords: &Map<String, Value>) -> Option<(String, &'s Value)> {
    let target = keywords.get("$ref")?.as_str()?.strip_prefix('#')?;
    Some((target.to_owned(), root.pointer(target)?))
}

/// Every part of a schema with its pointer.
pub(crate) fn every<'s>(part: &'s Value, pointer: String, visit: &mut dyn FnMut(&str, &'s Map<String, Value>)) {
    match part {
        Value::Object(keywords) => {
            visit(&pointer, keywords);
            for (keyword, value) in keywords.iter().filter(|(keyword, _)| is_of_schemas(keyword)) {
                let place = below(&pointer, keyword);
                match value {
                    Value::Object(named) if NAMED.contains(&keyword.as_str()) => {
                        named.iter().for_each(|(name, part)| every(part, below(&place, name), visit));
                    }
                    value => every(value, place, visit),
                }
            }
        }
        Value::Array(parts) => {
            parts.iter().enumerate().for_each(|(n, part)| every(part, below(&pointer, n), visit));
        }
        _ => {}
    }
}

fn is_of_schemas(keyword: &str) -> bool {
    !DATA.contains(&keyword) && !keyword.starts_with("x-")
}

/// The parts that are about the same value as `keywords`, by their pointers.
pub(super) fn in_place<'s>(
    root: &'s Value,
    pointer: &str,
    keywords: &'s Map<String, Value>,
) -> Vec<(String, &'s Value)> {
    let mut parts: Vec<(String, &Value)> = referred(root, keywords).into_iter().collect();
    for keyword in IN_PLACE {
        let place = below(pointer, keyword);
        match keywords.get(keyword) {
            Some(Value::Array(several)) => {
                parts.extend(several.iter().enumerate().map(|(n, part)| (below(&place, n), part)));
            }
            Some(part) => parts.push((place, part)),
            None => {}
        }
    }
    let dependent = keywords.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten();
    let place = below(pointer, "dependentSchemas");
    parts.extend(dependent.map(|(name, part)| (below(&place, name), part)));
    parts
}

//! What a schema may refer to: its own parts, and none of them to itself without end.

use super::Flaw;
use super::parts::{every, in_place};
use serde_json::Value;
use std::collections::BTreeSet;
use workflow::definition::below;

/// References that lead out of the file, or nowhere, or round in circles.
pub(super) fn flaws(root: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    every(root, String::new(), &mut |pointer, keywords| {
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(target) = keywords.get(keyword) {
                flaws.extend(misled(root, below(pointer, keyword), keyword, target));
            }
        }
        if keywords.contains_key("$id") && !pointer.is_empty() {
            let message = "a part of a schema with an $id of its own is not read";
            flaws.push(Flaw::at(below(pointer, "$id"), message, "leave it out, and refer to the part by its place"));
        }
    });
    if flaws.is_empty() {
        flaws.extend(circles(root));
    }
    flaws
}

fn misled(root: &Value, pointer: String, keyword: &str, target: &Value) -> Option<Flaw> {
    if keyword != "$ref" {
        return Some(Flaw::at(pointer, format!("{keyword} is not read"), "refer to one part with $ref"));
    }
    let target = target.as_str().unwrap_or_default();
    let Some(place) = target.strip_prefix('#') else {
        let message = format!("\"{target}\" leads out of this file");
        return Some(Flaw::at(
            pointer,
            message,
            "put what it needs under $defs of this file, and refer to #/$defs/NAME",
        ));
    };
    if place.contains('%') {
        // Whoever reads it as an address would go to another part than the one that was looked at here.
        let message = format!("\"{target}\" is written with %");
        return Some(Flaw::at(pointer, message, "write the name of the part as it stands in this file"));
    }
    if root.pointer(place).is_some() {
        return None;
    }
    let message = format!("\"{target}\" leads nowhere");
    Some(Flaw::at(pointer, message, "refer to a part of this file by its place: #/$defs/NAME"))
}

/// Parts that say of a value that it is as they say themselves, which a reader would follow for ever.
fn circles(root: &Value) -> Vec<Flaw> {
    let (mut done, mut flaws) = (BTreeSet::new(), Vec::new());
    every(root, String::new(), &mut |pointer, _| {
        follow(root, pointer.to_owned(), &mut Vec::new(), &mut done, &mut flaws);
    });
    flaws
}

fn follow(root: &Value, pointer: String, way: &mut Vec<String>, done: &mut BTreeSet<String>, flaws: &mut Vec<Flaw>) {
    if way.contains(&pointer) {
        let message = "this part of the schema refers to itself without end";
        flaws.push(Flaw::at(pointer, message, "let it refer to itself only below properties or items"));
        return;
    }
    let Some(Value::Object(keywords)) = root.pointer(&pointer) else { return };
    if !done.contains(&pointer) {
        way.push(pointer.clone());
        for (next, _) in in_place(root, &pointer, keywords) {
            follow(root, next, way, done, flaws);
        }
        way.pop();
        done.insert(pointer);
    }
}

//! JSON written as YAML that people read. Texts are in double quotes always, which JSON and YAML 1.2 read alike.

use serde_json::Value;

/// The document.
pub(super) fn written(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                indent(depth, text);
                text.push_str(&format!("{}:", Value::String(name.clone())));
                below(field, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(depth, text);
                text.push('-');
                below(item, depth, text);
            }
        }
        plain => {
            indent(depth, text);
            text.push_str(&format!("{plain}\n"));
        }
    }
}

/// What comes after a name or a hyphen: on the same line, or deeper on lines of its own.
fn below(value: &Value, depth: usize, text: &mut String) {
    let is_empty =
        value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    if (value.is_object() || value.is_array()) && !is_empty {
        text.push('\n');
        block(value, depth + 1, text);
    } else {
        text.push_str(&format!(" {value}\n"));
    }
}

fn indent(depth: usize, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let document = json!({ "a": [1, "no", { "b: c": [], "d": null }], "e": { "f": "~/x(/|$)\n\"" }, "g": {} });
        let text = written(&document);
        assert!(
            text.starts_with("\"a\":\n  - 1\n  - \"no\"\n  -\n    \"b: c\": []\n    \"d\": null\n\"e\":\n"),
            "{text}"
        );
        let (read, flaws) = modules::yaml::read(&text);
        assert!(flaws.is_empty(), "{text}");
        assert_eq!(read.value, document, "{text}");
    }
}

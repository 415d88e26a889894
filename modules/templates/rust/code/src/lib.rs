//! The code of the module __module__. `countersign module test` builds and plays it; `cargo test` here tests it alone.

use countersign_module::{export, Compute, Problem, Result, Saving, Validate, Value};

struct Code;

// What is named here is called.
export!(Code: Compute, Validate);

impl Compute for Code {
    /// Texts are stored without the white space around them.
    fn compute(saving: &Saving) -> Result<Value> {
        let mut data = saving.data.clone();
        for value in data.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
            if let Value::String(text) = value {
                *text = text.trim().to_owned();
            }
        }
        Ok(data)
    }
}

impl Validate for Code {
    fn validate(saving: &Saving) -> Vec<Problem> {
        let fields = saving.data.as_object().into_iter().flatten();
        let shouted = fields.filter(|(_, value)| value.as_str().is_some_and(is_shouted));
        shouted.map(|(name, _)| Problem::at(format!("/{name}"), "is written in capital letters only")).collect()
    }
}

/// Short texts may be abbreviations.
fn is_shouted(text: &str) -> bool {
    let letters = || text.chars().filter(|letter| letter.is_alphabetic());
    letters().count() > 5 && letters().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_trimmed() {
        let saving = Saving::new("__objects__", "eva", json!({ "a": " Oslo ", "n": 3 }));
        assert_eq!(Code::compute(&saving), Ok(json!({ "a": "Oslo", "n": 3 })));
    }

    #[test]
    fn nobody_shouts() {
        let saving = Saving::new("__objects__", "eva", json!({ "a": "THREE DAYS", "b": "EUR", "c": "Three days" }));
        let places: Vec<String> = Code::validate(&saving).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(places, ["/a"]);
    }
}

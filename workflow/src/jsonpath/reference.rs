//! Reference paths: the one place where a result is put.

use super::error::shown;
use super::path::{Path, Root, Selector};
use super::run::depth;
use super::values::kind;
use super::{PathError, PathProblem, limits};
use serde_json::{Map, Value};

/// A path to exactly one place of a document: `$`, `$.a.b`, `$['a']`, `$.a[0]`.
#[derive(Debug, Clone)]
pub struct ReferencePath {
    source: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Field(String),
    Index(usize),
}

impl ReferencePath {
    /// Reads a reference path.
    ///
    /// # Errors
    /// A sentence that says what cannot stand in a reference path, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        let path = Path::parse(text)?;
        let wrong = |what: &str| PathProblem::unreadable("reference path", text, what);
        match &path.query().root {
            Root::Variable(_) => return Err(wrong("a result is put into the document; use Assign to set a variable")),
            Root::Context => return Err(wrong("the context object cannot be changed; start with $")),
            _ => {}
        }
        let steps =
            path.query().segments.iter().map(|segment| if segment.descends { None } else { step(&segment.selector) });
        let steps = steps.collect::<Option<Vec<_>>>().filter(|_| path.query().has_no_fields());
        let steps =
            steps.ok_or_else(|| wrong("it may hold names and indices from 0 on, and must lead to one place"))?;
        if steps.len() > limits::VALUE_DEPTH {
            return Err(wrong(&format!("it has more than {} steps", limits::VALUE_DEPTH)));
        }
        Ok(Self { source: text.to_owned(), steps })
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The document with `value` put at the place. What is there is replaced; missing objects on the way are created.
    ///
    /// # Errors
    /// `States.ResultPathMatchFailure` when something else than an object is on the way, or an array has no such item;
    /// `States.DataLimitExceeded` when the value would be nested too deeply.
    pub fn put(&self, mut document: Value, value: Value) -> Result<Value, PathError> {
        depth(&value, limits::VALUE_DEPTH - self.steps.len()).ok_or_else(PathError::too_deep)?;
        let mut at = &mut document;
        for step in &self.steps {
            at = step.enter(at).map_err(|what| self.mismatch(&what))?;
        }
        *at = value;
        Ok(document)
    }

    fn mismatch(&self, what: &str) -> PathError {
        let source = shown(&self.source);
        PathError::result_path(format!("The result cannot be put at '{source}': {what}."))
    }
}

fn step(selector: &Selector) -> Option<Step> {
    match selector {
        Selector::Name(name) => Some(Step::Field(name.clone())),
        Selector::Index(index) => usize::try_from(*index).ok().map(Step::Index),
        _ => None,
    }
}

impl Step {
    fn enter<'v>(&self, at: &'v mut Value) -> Result<&'v mut Value, String> {
        match (self, at) {
            (Self::Field(name), Value::Object(fields)) => {
                Ok(fields.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new())))
            }
            (Self::Field(name), other) => {
                Err(format!("the field {} needs an object, but there is {}", shown(name), kind(other)))
            }
            (Self::Index(index), Value::Array(items)) => {
                let length = items.len();
                items.get_mut(*index).ok_or_else(|| format!("the array has {length} items, and none at {index}"))
            }
            (Self::Index(index), other) => {
                Err(format!("the index {index} needs an array, but there is {}", kind(other)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn put(path: &str, document: Value, value: Value) -> Result<Value, PathError> {
        ReferencePath::parse(path).unwrap().put(document, value)
    }

    #[test]
    fn a_result_replaces_what_is_at_its_place() {
        for (path, document, expected) in [
            ("$", json!({"a": 1}), json!("new")),
            ("$", json!([]), json!("new")),
            ("$.a", json!({"a": 1, "b": 2}), json!({"a": "new", "b": 2})),
            ("$['a']", json!({"a": {"x": 1}}), json!({"a": "new"})),
            ("$.a.b.c", json!({}), json!({"a": {"b": {"c": "new"}}})),
            ("$.a.b", json!({"a": {"x": 1}}), json!({"a": {"x": 1, "b": "new"}})),
            ("$.a[1]", json!({"a": [1, 2, 3]}), json!({"a": [1, "new", 3]})),
            ("$[0].x", json!([{}]), json!([{"x": "new"}])),
            ("$.delivery-partner", json!({}), json!({"delivery-partner": "new"})),
        ] {
            assert_eq!(put(path, document, json!("new")), Ok(expected), "{path}");
        }
    }

    #[test]
    fn a_result_that_has_no_place_fails() {
        for (path, document) in [
            ("$.a", json!([1])),
            ("$.a", json!(null)),
            ("$.a", json!("text")),
            ("$.a.b", json!({"a": 1})),
            ("$.a.b", json!({"a": null})),
            ("$.a[0]", json!({"a": []})),
            ("$.a[0]", json!({"a": {}})),
            ("$.a[0]", json!({})),
        ] {
            let problem = put(path, document, json!(1)).unwrap_err();
            assert_eq!(problem.error, "States.ResultPathMatchFailure", "{path}");
        }
        let problem = put("$.a.b", json!({"a": 7}), json!(1)).unwrap_err();
        assert_eq!(
            problem.cause,
            "The result cannot be put at '$.a.b': the field b needs an object, but there is a number."
        );
    }

    #[test]
    fn what_may_lead_to_many_places_is_no_reference_path() {
        for path in
            ["$.*", "$..a", "$.a[0,1]", "$[1:2]", "$['a','b']", "$[?(@.a)]", "$[-1]", "$$", "$$.a", "$x", "", "a"]
        {
            assert!(ReferencePath::parse(path).is_err(), "{path}");
        }
        let deep = format!("${}", ".a".repeat(101));
        assert!(ReferencePath::parse(&deep).is_err());
        assert_eq!(
            ReferencePath::parse("$x.a").unwrap_err().to_string(),
            "The reference path '$x.a' cannot be read: a result is put into the document; use Assign to set a variable."
        );
    }

    #[test]
    fn a_result_is_not_buried_too_deeply() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(put("$.a.b", json!({}), nested(98)).is_ok());
        assert_eq!(put("$.a.b", json!({}), nested(99)), Err(PathError::too_deep()));
    }
}

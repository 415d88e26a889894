//! Reading a JSON object field by field: every field that is wrong, missing or unknown becomes a problem.

use super::problem::{Problem, below};
use crate::expression::{Expression, Template};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Where problems, and what warnings need, are gathered while a document is read.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: RefCell<Vec<Problem>>,
    expressions: RefCell<BTreeMap<String, Expression>>,
    assigned: RefCell<BTreeSet<String>>,
}

impl Problems {
    pub(super) fn add(&self, pointer: impl Into<String>, code: &str, message: impl Into<String>) {
        self.found.borrow_mut().push(Problem::new(pointer, code, message));
    }

    /// Whether something at or below a place has a problem, so that conclusions from it would be wrong.
    pub(super) fn touch(&self, pointer: &str) -> bool {
        let below = |problem: &Problem| {
            problem.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.found.borrow().iter().any(below)
    }

    pub(super) fn saw_expression(&self, pointer: String, expression: &Expression) {
        self.expressions.borrow_mut().insert(pointer, expression.clone());
    }

    pub(super) fn saw_assignment(&self, name: &str) {
        self.assigned.borrow_mut().insert(name.to_owned());
    }

    /// What an author should change although the document can be used.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        super::warnings::of(&self.expressions.borrow(), &self.assigned.borrow())
    }

    /// Everything that was found, each problem once: what `ApprovalDefaults` holds is read for every approval.
    pub(super) fn into_vec(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        let mut seen = std::collections::HashSet::new();
        found.retain(|problem| seen.insert(problem.clone()));
        found
    }
}

/// A JSON object that is being read. What nobody asked for by the time of [`Fields::finish`] is unknown.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    pub(super) pointer: String,
    pub(super) problems: &'a Problems,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// Reads `value` as an object, or says that it is none.
    pub(super) fn of(value: &'a Value, pointer: String, problems: &'a Problems) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self { map, pointer, problems, asked: RefCell::default() }),
            other => {
                problems.add(pointer, "type", format!("must be an object, not {}", kind(other)));
                None
            }
        }
    }

    pub(super) fn at(&self, name: &str) -> String {
        below(&self.pointer, name)
    }

    pub(super) fn wrong(&self, name: &str, code: &str, message: impl Into<String>) {
        self.problems.add(self.at(name), code, message);
    }

    /// Whether the field is there, whatever it holds.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// The raw value, if the field is there.
    pub(super) fn get(&self, name: &'static str) -> Option<&'a Value> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&name) {
            asked.push(name);
        }
        self.map.get(name)
    }

    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => self.not(name, "a text", other),
        }
    }

    pub(super) fn required_text(&self, name: &'static str) -> Option<String> {
        self.require(name);
        self.text(name)
    }

    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            other => self.not(name, "true or false", other),
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, name: &'static str, min: u64, max: u64) -> Option<u64> {
        let value = self.get(name)?;
        match value.as_u64().filter(|number| (min..=max).contains(number)) {
            Some(number) => Some(number),
            None => self.not(name, &format!("a whole number from {min} to {max}"), value),
        }
    }

    /// A list and the pointer of each of its items.
    pub(super) fn list(&self, name: &'static str) -> Option<Vec<(String, &'a Value)>> {
        match self.get(name)? {
            Value::Array(items) => {
                Some(items.iter().enumerate().map(|(n, item)| (below(&self.at(name), n), item)).collect())
            }
            other => self.not(name, "a list", other),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &'static str) -> Option<Vec<String>> {
        let items = self.list(name)?;
        let texts: Vec<String> = items.iter().filter_map(|(_, item)| item.as_str().map(str::to_owned)).collect();
        for (pointer, item) in items.iter().filter(|(_, item)| !item.is_string()) {
            self.problems.add(pointer, "type", format!("must be a text, not {}", kind(item)));
        }
        Some(texts)
    }

    /// An ISO 8601 duration in milliseconds.
    pub(super) fn duration_ms(&self, name: &'static str) -> Option<i64> {
        let text = self.text(name)?;
        match super::parse_duration(&text) {
            Ok(duration) => Some(duration),
            Err(message) => {
                self.wrong(name, "duration", message);
                None
            }
        }
    }

    /// A value in which texts of the form `{% ... %}` are expressions.
    pub(super) fn template(&self, name: &'static str) -> Option<Template> {
        let value = self.get(name)?;
        template_at(value, &self.at(name), self.problems)
    }

    /// A text that must be an expression.
    pub(super) fn expression(&self, name: &'static str) -> Option<Expression> {
        let text = self.text(name)?;
        expression_at(&text, self.at(name), self.problems, || {
            format!("must be an expression: write \"{{% {text} %}}\"")
        })
    }

    pub(super) fn object(&self, name: &'static str) -> Option<Fields<'a>> {
        Fields::of(self.get(name)?, self.at(name), self.problems)
    }

    /// Says so if the field is not there.
    pub(super) fn require(&self, name: &str) {
        if !self.has(name) {
            self.missing(name);
        }
    }

    pub(super) fn missing(&self, name: &str) {
        self.wrong(name, "required", format!("{name} is missing; add it"));
    }

    /// Names and values of an object whose keys are free.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.map.iter()
    }

    /// Reports every field that was never asked for.
    pub(super) fn finish(self) {
        self.finish_but(&[], "");
    }

    /// The same, with another sentence for some names.
    pub(super) fn finish_but(self, others: &[&str], instead: &str) {
        let asked = self.asked.borrow();
        for name in self.map.keys().filter(|name| !asked.contains(&name.as_str())) {
            if others.contains(&name.as_str()) {
                self.wrong(name, "other-language", format!("{name} {instead}"));
                continue;
            }
            let known = asked.join(", ");
            self.wrong(name, "unknown-field", format!("{name} is not a field here; remove it, or use one of: {known}"));
        }
    }

    fn not<T>(&self, name: &str, wanted: &str, got: &Value) -> Option<T> {
        self.wrong(name, "type", format!("must be {wanted}, not {}", kind(got)));
        None
    }
}

/// Compiles a template, reporting each bad expression at its own place.
pub(super) fn template_at(value: &Value, pointer: &str, problems: &Problems) -> Option<Template> {
    match Template::parse(value) {
        Ok(template) => {
            for (place, expression) in template.expressions() {
                problems.saw_expression(format!("{pointer}{place}"), expression);
            }
            Some(template)
        }
        Err(found) => {
            for problem in found {
                problems.add(format!("{pointer}{}", problem.pointer), "expression", problem.message);
            }
            None
        }
    }
}

/// Compiles a text that must be an expression; `otherwise` says how to make it one.
pub(super) fn expression_at(
    text: &str,
    pointer: String,
    problems: &Problems,
    otherwise: impl FnOnce() -> String,
) -> Option<Expression> {
    match inner(text).map(Expression::parse) {
        Some(Ok(expression)) => {
            problems.saw_expression(pointer, &expression);
            Some(expression)
        }
        Some(Err(error)) => {
            problems.add(pointer, "expression", error.to_string());
            None
        }
        None => {
            problems.add(pointer, "expression", otherwise());
            None
        }
    }
}

/// The source between `{%` and `%}`.
fn inner(text: &str) -> Option<&str> {
    text.trim().strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "true or false".into(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text \"{}\"", text.chars().take(40).collect::<String>()),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

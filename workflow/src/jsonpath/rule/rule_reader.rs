//! Reading a rule: every problem at once, each with its place and a remedy.

use super::comparator::{Comparator, Kind, Relation, With};
use super::pattern::Pattern;
use super::{Condition, Rule, timestamp};
use crate::expression::TemplateProblem;
use crate::jsonpath::limits;
use crate::jsonpath::path::Path;
use crate::jsonpath::payload::Place;
use crate::jsonpath::values::kind;
use crate::near::suggestion;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Every comparator (states-language.net, "Data-test expression").
const COMPARATORS: [&str; 39] = [
    "BooleanEquals",
    "BooleanEqualsPath",
    "IsBoolean",
    "IsNull",
    "IsNumeric",
    "IsPresent",
    "IsString",
    "IsTimestamp",
    "NumericEquals",
    "NumericEqualsPath",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericGreaterThanEqualsPath",
    "NumericGreaterThanPath",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericLessThanEqualsPath",
    "NumericLessThanPath",
    "StringEquals",
    "StringEqualsPath",
    "StringGreaterThan",
    "StringGreaterThanEquals",
    "StringGreaterThanEqualsPath",
    "StringGreaterThanPath",
    "StringLessThan",
    "StringLessThanEquals",
    "StringLessThanEqualsPath",
    "StringLessThanPath",
    "StringMatches",
    "TimestampEquals",
    "TimestampEqualsPath",
    "TimestampGreaterThan",
    "TimestampGreaterThanEquals",
    "TimestampGreaterThanEqualsPath",
    "TimestampGreaterThanPath",
    "TimestampLessThan",
    "TimestampLessThanEquals",
    "TimestampLessThanEqualsPath",
    "TimestampLessThanPath",
];

const CONNECTIVES: [&str; 3] = ["And", "Or", "Not"];

/// Reads a rule.
pub(super) fn rule(fields: &Map<String, Value>) -> Result<Rule, Vec<TemplateProblem>> {
    let mut reading = Reading::default();
    match reading.condition(fields) {
        Some(condition) if reading.problems.is_empty() => {
            Ok(Rule { condition: Arc::new(condition), doubts: reading.doubts })
        }
        _ => Err(reading.problems),
    }
}

/// Where the reader stands, and what it has found. A part with a problem reads as `None`, so that the others are read too.
#[derive(Default)]
struct Reading {
    place: Place,
    problems: Vec<TemplateProblem>,
    doubts: Vec<TemplateProblem>,
}

impl Reading {
    fn problem(&mut self, message: impl Into<String>) {
        self.problems.push(self.place.problem(message.into()));
    }

    fn inside<T>(&mut self, token: impl std::fmt::Display, read: impl FnOnce(&mut Self) -> T) -> T {
        self.place.enter(token);
        let result = read(self);
        self.place.leave();
        result
    }

    fn condition(&mut self, fields: &Map<String, Value>) -> Option<Condition> {
        if self.place.is_too_deep() {
            self.problem(format!("it is nested more than {} levels deep.", limits::VALUE_DEPTH));
            return None;
        }
        let all_known = self.check_names(fields);
        let tests: Vec<&str> = fields.keys().map(String::as_str).filter(|name| is_test(name)).collect();
        match tests[..] {
            [name] if CONNECTIVES.contains(&name) => self.connective(name, fields),
            [name] => self.test(name, fields),
            // An unknown name is most likely the test.
            [] if !all_known => None,
            [] => {
                self.problem(
                    "nothing is tested; add Variable and a comparator such as StringEquals, or And, Or or Not.",
                );
                None
            }
            _ => {
                self.problem(format!("{} stand in one rule; keep one, or join rules with And.", tests.join(", ")));
                None
            }
        }
    }

    /// Reports unknown names; whether there are none.
    fn check_names(&mut self, fields: &Map<String, Value>) -> bool {
        let known = |name: &str| is_test(name) || matches!(name, "Variable" | "Comment");
        for name in fields.keys().filter(|name| !known(name)) {
            let message = match name.as_str() {
                "Next" | "Assign" | "Output" => {
                    format!("{name} belongs to the whole rule; move it out of the inner one.")
                }
                _ => {
                    let names = COMPARATORS.into_iter().chain(CONNECTIVES).chain(["Variable"]);
                    format!("{name} is not a field here; {}.", suggestion(name, names))
                }
            };
            self.inside(name, |reading| reading.problem(message));
        }
        fields.keys().all(|name| known(name))
    }

    fn connective(&mut self, name: &str, fields: &Map<String, Value>) -> Option<Condition> {
        if fields.contains_key("Variable") {
            let remedy = format!("Variable does not go with {name}; move it into the rules that {name} joins.");
            self.inside("Variable", |reading| reading.problem(remedy));
        }
        let value = fields.get(name)?;
        match name {
            "Not" => self.inside(name, |reading| reading.nested(value)).map(|part| Condition::Not(Box::new(part))),
            "And" => self.inside(name, |reading| reading.list(value)).map(Condition::And),
            _ => self.inside(name, |reading| reading.list(value)).map(Condition::Or),
        }
    }

    fn nested(&mut self, value: &Value) -> Option<Condition> {
        match value {
            Value::Object(fields) => self.condition(fields),
            other => {
                self.problem(format!("must be a rule, which is an object, not {}.", kind(other)));
                None
            }
        }
    }

    fn list(&mut self, value: &Value) -> Option<Vec<Condition>> {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
            self.problem("must be a list of one or more rules.");
            return None;
        };
        let read = items.iter().enumerate().map(|(at, item)| self.inside(at, |reading| reading.nested(item)));
        // All are read, also after one with a problem.
        read.collect::<Vec<_>>().into_iter().collect()
    }

    fn test(&mut self, name: &str, fields: &Map<String, Value>) -> Option<Condition> {
        let variable = match fields.get("Variable") {
            Some(value) => self.inside("Variable", |reading| reading.path(value)),
            None => {
                self.problem("Variable is missing; add the path of what is tested.");
                None
            }
        };
        let value = fields.get(name)?;
        let comparator = self.inside(name, |reading| reading.comparator(name, value));
        Some(Condition::Test { variable: variable?, comparator: comparator? })
    }

    fn path(&mut self, value: &Value) -> Option<Path> {
        let Value::String(text) = value else {
            self.problem(format!("must be a path such as \"$.amount\", not {}.", kind(value)));
            return None;
        };
        Path::parse(text).map_err(|problem| self.problem(problem.message)).ok()
    }

    fn comparator(&mut self, name: &str, value: &Value) -> Option<Comparator> {
        if let Some(tested) = name.strip_prefix("Is") {
            let wanted = self.literal(Kind::Boolean, value)?.as_bool()?;
            return Some(
                tested_kind(tested).map_or(Comparator::IsPresent(wanted), |kind| Comparator::Is(kind, wanted)),
            );
        }
        if name == "StringMatches" {
            let text = self.literal(Kind::Text, value)?;
            return Some(Comparator::Matches(Pattern::read(text.as_str()?)));
        }
        let (relation, is_path) = match name.strip_suffix("Path") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (kind, relation) = compared(relation)?;
        let with = if is_path { With::Path(self.path(value)?) } else { With::Literal(self.literal(kind, value)?) };
        Some(Comparator::Compare { kind, relation, with })
    }

    fn literal(&mut self, wanted: Kind, value: &Value) -> Option<Value> {
        let (has, what) = match wanted {
            Kind::Null => (value.is_null(), "null"),
            Kind::Boolean => (value.is_boolean(), "true or false"),
            Kind::Number => (value.is_number(), "a number"),
            Kind::Text => (value.is_string(), "a text"),
            Kind::Timestamp => (value.is_string(), "a timestamp such as \"2016-03-14T01:59:00Z\""),
        };
        if !has {
            let is_path = value.as_str().is_some_and(|text| text.starts_with('$'));
            let remedy = if is_path { "; for a path, use the comparator that ends in Path" } else { "" };
            self.problem(format!("must be {what}, not {}{remedy}.", kind(value)));
            return None;
        }
        self.doubt_timestamp(wanted, value);
        Some(value.clone())
    }

    /// Step Functions has run rules with texts that are no timestamps, so they are not refused; they never hold.
    fn doubt_timestamp(&mut self, wanted: Kind, value: &Value) {
        if wanted == Kind::Timestamp && value.as_str().and_then(timestamp::read).is_none() {
            let message =
                format!("{value} is not a timestamp, so this never holds; write it like \"2016-03-14T01:59:00Z\".");
            self.doubts.push(self.place.problem(message));
        }
    }
}

fn is_test(name: &str) -> bool {
    COMPARATORS.contains(&name) || CONNECTIVES.contains(&name)
}

/// What a comparator that starts with `Is` tests; nothing for `IsPresent`.
fn tested_kind(name: &str) -> Option<Kind> {
    Some(match name {
        "Null" => Kind::Null,
        "Numeric" => Kind::Number,
        "String" => Kind::Text,
        "Boolean" => Kind::Boolean,
        "Timestamp" => Kind::Timestamp,
        _ => return None,
    })
}

fn compared(name: &str) -> Option<(Kind, Relation)> {
    const KINDS: [(&str, Kind); 4] =
        [("String", Kind::Text), ("Numeric", Kind::Number), ("Boolean", Kind::Boolean), ("Timestamp", Kind::Timestamp)];
    let (relation, kind) = KINDS.into_iter().find_map(|(prefix, kind)| Some((name.strip_prefix(prefix)?, kind)))?;
    let relation = match relation {
        "Equals" => Relation::Equals,
        "LessThan" => Relation::LessThan,
        "GreaterThan" => Relation::GreaterThan,
        "LessThanEquals" => Relation::LessThanEquals,
        "GreaterThanEquals" => Relation::GreaterThanEquals,
        _ => return None,
    };
    Some((kind, relation))
}

//! Whether an item passes a filter.

use super::query::{Filter, Operand, Relation};
use crate::jsonpath::PathError;
use crate::jsonpath::limits;
use crate::jsonpath::path::Found;
use crate::jsonpath::run::Run;
use crate::jsonpath::values::{all, any, compare, same};
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

impl Filter {
    /// Hands on the items that pass.
    pub(super) fn select<'a>(
        &self,
        items: impl Iterator<Item = &'a Value>,
        run: &Run<'a>,
        mut add: impl FnMut(&'a Value) -> Result<(), PathError>,
    ) -> Result<(), PathError> {
        for item in items {
            if self.holds(item, run)? {
                add(item)?;
            }
        }
        Ok(())
    }

    fn holds<'a>(&self, item: &'a Value, run: &Run<'a>) -> Result<bool, PathError> {
        run.visit()?;
        match self {
            Self::All(parts) => all(parts.iter(), |part| part.holds(item, run)),
            Self::Any(parts) => any(parts.iter(), |part| part.holds(item, run)),
            Self::Not(part) => part.holds(item, run).map(|holds| !holds),
            Self::Exists(query) => Ok(match query.find(run, Some(item))? {
                Found::Nothing => false,
                Found::One(_) => true,
                Found::Many(found) => !found.is_empty(),
            }),
            Self::Compare { left, relation, right } => {
                let (left, right) = (left.value(item, run)?, right.value(item, run)?);
                relation.holds(left.as_deref(), right.as_deref(), run)
            }
            Self::Matches { text, pattern } => matches(text.value(item, run)?.as_deref(), pattern, run),
            Self::OneOf { item: wanted, values } => match wanted.value(item, run)? {
                Some(wanted) => any(values.iter(), |value| same(&wanted, value, run)),
                None => Ok(false),
            },
        }
    }
}

impl Operand {
    fn value<'v, 'a: 'v>(&'v self, item: &'a Value, run: &Run<'a>) -> Result<Option<Cow<'v, Value>>, PathError> {
        match self {
            Self::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Self::Query(query) => query.find(run, Some(item))?.into_cow(run),
        }
    }
}

impl Relation {
    /// Values of different kinds are neither equal nor in any order.
    fn holds(self, left: Option<&Value>, right: Option<&Value>, run: &Run<'_>) -> Result<bool, PathError> {
        Ok(match self {
            Self::Equal => equal(left, right, run)?,
            Self::NotEqual => !equal(left, right, run)?,
            Self::Less => order(left, right) == Some(Ordering::Less),
            Self::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
            Self::Greater => order(left, right) == Some(Ordering::Greater),
            Self::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        })
    }
}

fn equal(left: Option<&Value>, right: Option<&Value>, run: &Run<'_>) -> Result<bool, PathError> {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right, run),
        (left, right) => Ok(left.is_none() && right.is_none()),
    }
}

fn order(left: Option<&Value>, right: Option<&Value>) -> Option<Ordering> {
    match (left?, right?) {
        (Value::Number(left), Value::Number(right)) => compare(left, right),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// A number is matched as it is written.
fn matches(value: Option<&Value>, pattern: &Regex, run: &Run<'_>) -> Result<bool, PathError> {
    let text = match value {
        Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
        Some(Value::Number(number)) => Cow::Owned(number.to_string()),
        _ => return Ok(false),
    };
    run.take(text.len().saturating_mul(limits::REGEX_FACTOR))?;
    Ok(pattern.is_match(&text))
}

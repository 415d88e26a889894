//! The comparators of `Choice`: 39 names, which are made of what is compared, how, and with what.

use super::pattern::Pattern;
use super::timestamp;
use crate::jsonpath::PathError;
use crate::jsonpath::path::Path;
use crate::jsonpath::run::Run;
use crate::jsonpath::values::compare;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A comparator with what it compares with.
#[derive(Debug)]
pub(super) enum Comparator {
    IsPresent(bool),
    Is(Kind, bool),
    Compare { kind: Kind, relation: Relation, with: With },
    Matches(Pattern),
}

/// What a value is tested for, or compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Text,
    Number,
    Boolean,
    Timestamp,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

#[derive(Debug)]
pub(super) enum With {
    Literal(Value),
    Path(Path),
}

impl Comparator {
    /// Whether a value passes. A value of another kind than the comparator's passes no comparison.
    pub(super) fn holds(&self, value: &Value, run: &Run<'_>) -> Result<bool, PathError> {
        Ok(match self {
            Self::IsPresent(wanted) => *wanted,
            Self::Is(kind, wanted) => kind.has(value) == *wanted,
            Self::Matches(pattern) => value.as_str().is_some_and(|text| pattern.matches(text)),
            Self::Compare { kind, relation, with } => {
                let other = with.value(run)?;
                kind.order(value, &other).is_some_and(|order| relation.holds(order))
            }
        })
    }

    /// The path of what is compared with.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Compare { with: With::Path(path), .. } => Some(path),
            _ => None,
        }
    }
}

impl With {
    fn value<'v, 'a: 'v>(&'v self, run: &Run<'a>) -> Result<Cow<'v, Value>, PathError> {
        match self {
            Self::Literal(value) => Ok(Cow::Borrowed(value)),
            Self::Path(path) => super::value(path, run),
        }
    }
}

impl Kind {
    /// Whether a value is of this kind.
    pub(super) fn has(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => value.as_str().and_then(timestamp::read).is_some(),
        }
    }

    fn order(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::Null => None,
            Self::Text => Some(left.as_str()?.cmp(right.as_str()?)),
            Self::Number => compare(left.as_number()?, right.as_number()?),
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Timestamp => Some(timestamp::read(left.as_str()?)?.cmp(&timestamp::read(right.as_str()?)?)),
        }
    }
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::GreaterThan => order.is_gt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}

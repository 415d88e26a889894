//! The rules of `Choice`.

mod comparator;
mod pattern;
mod rule_reader;
mod timestamp;

use super::error::shown;
use super::path::{Found, Path};
use super::run::Run;
use super::values::{all, any};
use super::{PathError, View};
use crate::expression::TemplateProblem;
use comparator::Comparator;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// A condition: a test of a variable, or `And`, `Or` and `Not` of conditions.
#[derive(Debug, Clone)]
pub struct Rule {
    condition: Arc<Condition>,
    doubts: Vec<TemplateProblem>,
}

#[derive(Debug)]
enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Test { variable: Path, comparator: Comparator },
}

impl Rule {
    /// Reads a rule without the fields that say what follows from it (`Next`, `Assign`, `Output`).
    ///
    /// # Errors
    /// All problems, each with its pointer relative to the rule.
    pub fn parse(value: &Map<String, Value>) -> Result<Self, Vec<TemplateProblem>> {
        rule_reader::rule(value)
    }

    /// Whether the rule holds. What decides first decides: `And` ends at the first rule that does not hold, `Or` at the
    /// first that does, so `IsPresent` can stand before the test of what may be missing.
    ///
    /// # Errors
    /// `States.Runtime` when something is compared that is not there.
    pub fn holds(&self, view: &View<'_>) -> Result<bool, PathError> {
        self.condition.holds(&Run::new(view))
    }

    /// What an author should look at although the rule can be used: comparisons that can never hold.
    pub fn doubts(&self) -> &[TemplateProblem] {
        &self.doubts
    }

    /// The names of the variables that are read, in the order of the document.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.condition.collect_variables(&mut names);
        names
    }
}

impl Condition {
    fn holds(&self, run: &Run<'_>) -> Result<bool, PathError> {
        match self {
            Self::And(parts) => all(parts.iter(), |part| part.holds(run)),
            Self::Or(parts) => any(parts.iter(), |part| part.holds(run)),
            Self::Not(part) => part.holds(run).map(|holds| !holds),
            // A path that may lead to many places gives a list, and a list is there even if it is empty.
            Self::Test { variable, comparator: Comparator::IsPresent(wanted) } => {
                Ok((variable.find(run)? != Found::Nothing) == *wanted)
            }
            Self::Test { variable, comparator } => comparator.holds(value(variable, run)?.as_ref(), run),
        }
    }

    fn collect_variables<'r>(&'r self, names: &mut Vec<&'r str>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect_variables(names)),
            Self::Not(part) => part.collect_variables(names),
            Self::Test { variable, comparator } => {
                names.extend(variable.variables());
                names.extend(comparator.path().into_iter().flat_map(Path::variables));
            }
        }
    }
}

/// What a path of a rule leads to. The sentence is the one of Step Functions.
fn value<'a>(path: &Path, run: &Run<'a>) -> Result<Cow<'a, Value>, PathError> {
    path.find(run)?.into_cow(run)?.ok_or_else(|| {
        let source = shown(path.source());
        PathError::runtime(format!(
            "Invalid path '{source}': The choice state's condition path references an invalid value."
        ))
    })
}

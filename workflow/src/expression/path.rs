//! Pure paths: `$states.input.order.total`, `$po.lines[0].price`. They are answered from the original document, so an
//! integer beyond 2^53 survives, and no conversion is paid for.

use super::walk;
use super::{STATES, Scope};
use jsonata_core::ast::{AstNode, PathStep, Stage, UnaryOp};
use serde_json::Value;

/// A path of a variable, field names and constant indices.
#[derive(Debug, Clone)]
pub(super) struct PurePath {
    variable: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Field(String),
    Index(i64),
}

/// What a walk along a pure path finds.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// The value.
    Value(&'a Value),
    /// Undefined.
    Nothing,
    /// An array where JSONata maps or flattens: the engine must answer.
    Mapping,
}

impl PurePath {
    /// The path, if the expression is nothing else.
    pub(super) fn of(ast: &AstNode) -> Option<Self> {
        if let AstNode::Variable(name) = ast {
            return (!name.is_empty()).then(|| Self { variable: name.clone(), steps: Vec::new() });
        }
        let AstNode::Path { steps } = ast else { return None };
        let (first, rest) = steps.split_first()?;
        let AstNode::Variable(name) = &first.node else { return None };
        if name.is_empty() || steps.iter().any(walk::is_tuple) {
            return None;
        }
        let mut path = Self { variable: name.clone(), steps: Vec::new() };
        path.add_indices(first)?;
        for step in rest {
            let AstNode::Name(field) = &step.node else { return None };
            path.steps.push(Step::Field(field.clone()));
            path.add_indices(step)?;
        }
        Some(path)
    }

    fn add_indices(&mut self, step: &PathStep) -> Option<()> {
        for stage in &step.stages {
            let Stage::Filter(filter) = stage else { return None };
            self.steps.push(Step::Index(constant_index(filter)?));
        }
        Some(())
    }

    /// Where the path begins, and the steps from there. A field of `$states` is asked for by itself, so that the others need
    /// not be put together.
    fn start<'a>(&self, scope: &Scope<'a>) -> (Option<&'a Value>, &[Step]) {
        match self.steps.split_first() {
            Some((Step::Field(name), rest)) if self.variable == STATES => (scope.states.field(name), rest),
            _ => (scope.get(&self.variable), &self.steps),
        }
    }

    /// Follows the path.
    pub(super) fn walk<'a>(&self, scope: &Scope<'a>) -> Found<'a> {
        let (start, steps) = self.start(scope);
        let Some(mut at) = start else { return Found::Nothing };
        for step in steps {
            match step.from(at) {
                Found::Value(next) => at = next,
                other => return other,
            }
        }
        Found::Value(at)
    }
}

impl Step {
    fn from<'a>(&self, at: &'a Value) -> Found<'a> {
        match (self, at) {
            (Self::Field(_), Value::Array(_)) => Found::Mapping,
            (Self::Field(name), _) => at.get(name).map_or(Found::Nothing, Found::Value),
            (Self::Index(index), Value::Array(items)) => match item(items, *index) {
                None => Found::Nothing,
                // The engine flattens an array inside an array here.
                Some(Value::Array(_)) => Found::Mapping,
                Some(found) => Found::Value(found),
            },
            // A single value is a sequence of one.
            (Self::Index(0 | -1), _) => Found::Value(at),
            (Self::Index(_), _) => Found::Nothing,
        }
    }
}

fn item(items: &[Value], index: i64) -> Option<&Value> {
    let from_start = if index < 0 { i64::try_from(items.len()).ok()?.checked_add(index)? } else { index };
    items.get(usize::try_from(from_start).ok()?)
}

fn constant_index(filter: &AstNode) -> Option<i64> {
    // An index this small is exact as a float and never overflows when it is counted from the end.
    const MOST: f64 = 1e9;
    match filter {
        AstNode::Number(number) if number.fract() == 0.0 && (0.0..MOST).contains(number) => Some(*number as i64),
        AstNode::Unary { op: UnaryOp::Negate, operand } => constant_index(operand).map(|index| -index),
        _ => None,
    }
}

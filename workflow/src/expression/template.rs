//! JSON with expressions in it: `Arguments`, `Output`, `Assign` and their like.

use super::{Expression, ExpressionError, Moment, Scope, error, limits};
use crate::size;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// A JSON value in which every string of the form `{% ... %}`, at any depth, is an expression.
///
/// Only whole strings count, and only values: a key is never an expression (states-language.net, "JSONata expressions").
#[derive(Debug, Clone)]
pub struct Template(Arc<Node>);

#[derive(Debug)]
enum Node {
    /// Holds no expression.
    Plain(Value),
    Expression {
        expression: Expression,
        pointer: String,
    },
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// An expression of a template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Where: a JSON pointer (RFC 6901) relative to the template.
    pub pointer: String,
    /// What is wrong, as a sentence.
    pub message: String,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

impl Template {
    /// Compiles every expression in `value`.
    ///
    /// # Errors
    /// All expressions that cannot be read, and values that are nested too deeply.
    pub fn parse(value: &Value) -> Result<Self, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let node = Node::read(value, &mut Place::default(), &mut problems);
        if problems.is_empty() { Ok(Self(Arc::new(node))) } else { Err(problems) }
    }

    /// The value with every expression replaced by its result.
    ///
    /// # Errors
    /// What an expression fails with; [`ExpressionError::Undefined`], with the pointer of the field, when one returns
    /// nothing; [`ExpressionError::TooLarge`] when the whole is longer than a result may be.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, ExpressionError> {
        let value = self.0.evaluate(scope)?;
        if size::is_payload(&value) {
            return Ok(value);
        }
        let limit = format!("the whole value is longer than {} bytes of JSON", limits::PAYLOAD_BYTES);
        Err(ExpressionError::TooLarge { expression: "{% ... %}".to_owned(), limit })
    }

    /// Every expression with its pointer, in document order.
    pub fn expressions(&self) -> Vec<(&str, &Expression)> {
        let mut found = Vec::new();
        self.0.collect(&mut found);
        found
    }
}

/// The source of an expression between `{%` and `%}`; `None` for any other string.
fn expression_in(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

impl Node {
    fn read(value: &Value, place: &mut Place, problems: &mut Vec<TemplateProblem>) -> Self {
        if place.is_too_deep() {
            problems.push(place.problem(format!("it is nested more than {} levels deep.", limits::VALUE_DEPTH)));
            return Self::Plain(Value::Null);
        }
        match value {
            Value::String(text) => Self::read_text(text, place, problems),
            Value::Array(items) => {
                let numbered = items.iter().enumerate();
                let nodes = numbered.map(|(at, item)| place.inside(at, |place| Self::read(item, place, problems)));
                Self::array(nodes.collect())
            }
            Value::Object(fields) => {
                let nodes = fields.iter().map(|(name, field)| {
                    (name.clone(), place.inside(name, |place| Self::read(field, place, problems)))
                });
                Self::object(nodes.collect())
            }
            plain => Self::Plain(plain.clone()),
        }
    }

    fn read_text(text: &str, place: &Place, problems: &mut Vec<TemplateProblem>) -> Self {
        let Some(source) = expression_in(text) else { return Self::Plain(Value::String(text.to_owned())) };
        match Expression::parse(source) {
            Ok(expression) => Self::Expression { expression, pointer: place.pointer() },
            Err(problem) => {
                problems.push(place.problem(problem.to_string()));
                Self::Plain(Value::Null)
            }
        }
    }

    /// Arrays and objects without expressions are kept as they are, so that evaluating them is one copy.
    fn array(nodes: Vec<Self>) -> Self {
        if !nodes.iter().all(Self::is_plain) {
            return Self::Array(nodes);
        }
        Self::Plain(Value::Array(nodes.into_iter().filter_map(Self::into_plain).collect()))
    }

    fn object(nodes: Vec<(String, Self)>) -> Self {
        if !nodes.iter().all(|(_, node)| node.is_plain()) {
            return Self::Object(nodes);
        }
        let fields = nodes.into_iter().filter_map(|(name, node)| Some((name, node.into_plain()?)));
        Self::Plain(Value::Object(fields.collect()))
    }

    fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    fn into_plain(self) -> Option<Value> {
        if let Self::Plain(value) = self { Some(value) } else { None }
    }

    fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, ExpressionError> {
        match self {
            Self::Plain(value) => Ok(value.clone()),
            Self::Expression { expression, pointer } => {
                let undefined = || ExpressionError::Undefined {
                    expression: error::shown(expression.source()),
                    field: pointer.clone(),
                };
                let scope = Scope { moment: moment_at(pointer, scope.moment), ..*scope };
                expression.evaluate(&scope)?.ok_or_else(undefined)
            }
            Self::Array(nodes) => {
                nodes.iter().map(|node| node.evaluate(scope)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(nodes) => {
                let fields = nodes.iter().map(|(name, node)| Ok((name.clone(), node.evaluate(scope)?)));
                fields.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
        }
    }

    fn collect<'a>(&'a self, found: &mut Vec<(&'a str, &'a Expression)>) {
        match self {
            Self::Plain(_) => {}
            Self::Expression { expression, pointer } => found.push((pointer, expression)),
            Self::Array(nodes) => nodes.iter().for_each(|node| node.collect(found)),
            Self::Object(nodes) => nodes.iter().for_each(|(_, node)| node.collect(found)),
        }
    }
}

/// The same time and other chance for each place of a template: two `$uuid()` in one value must not be equal.
fn moment_at(pointer: &str, moment: Moment) -> Moment {
    // FNV-1a.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    Moment { seed: pointer.bytes().fold(moment.seed, mix), ..moment }
}

/// Where the reader stands in the value.
#[derive(Default)]
struct Place(Vec<String>);

impl Place {
    fn inside<T>(&mut self, token: impl fmt::Display, read: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(token.to_string().replace('~', "~0").replace('/', "~1"));
        let result = read(self);
        self.0.pop();
        result
    }

    fn pointer(&self) -> String {
        self.0.iter().map(|token| format!("/{token}")).collect()
    }

    fn is_too_deep(&self) -> bool {
        self.0.len() > limits::VALUE_DEPTH
    }

    fn problem(&self, message: String) -> TemplateProblem {
        TemplateProblem { pointer: self.pointer(), message }
    }
}

//! Payload templates: JSON with sources in it.

use super::run::{Run, bounded};
use super::source::Source;
use super::{PathError, View, limits};
use crate::expression::TemplateProblem;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// `Parameters`, `ResultSelector`, `ItemSelector` and `Assign`: a JSON value in which every field with a name that ends in
/// `.$`, at any depth, is a source. Everything else is copied.
#[derive(Debug, Clone)]
pub struct Payload(Arc<Node>);

#[derive(Debug)]
enum Node {
    /// Holds no source.
    Plain(Value),
    Source {
        /// The name with `.$`, for errors.
        field: String,
        source: Source,
    },
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Payload {
    /// Reads every source in `value`.
    ///
    /// # Errors
    /// All sources that cannot be read, names that two fields give, and values that are nested too deeply.
    pub fn parse(value: &Value) -> Result<Self, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let node = Node::read(value, &mut Place::default(), &mut problems);
        if problems.is_empty() { Ok(Self(Arc::new(node))) } else { Err(problems) }
    }

    /// The value with every source replaced by what it gives, under its name without `.$`.
    ///
    /// # Errors
    /// What a source fails with; `States.DataLimitExceeded` when the whole is larger than a payload may be.
    pub fn evaluate(&self, view: &View<'_>) -> Result<Value, PathError> {
        bounded(self.0.evaluate(&Run::new(view))?)
    }

    /// Every source with the pointer (RFC 6901) of its field, in the order of the document.
    pub fn sources(&self) -> Vec<(String, &Source)> {
        let mut found = Vec::new();
        self.0.collect(&mut Place::default(), &mut found);
        found
    }

    /// The names of the variables that are read, in the order of the document.
    pub fn variables(&self) -> Vec<&str> {
        self.sources().into_iter().flat_map(|(_, source)| source.variables()).collect()
    }
}

impl Node {
    fn read(value: &Value, place: &mut Place, problems: &mut Vec<TemplateProblem>) -> Self {
        if place.is_too_deep() {
            problems.push(place.problem(format!("it is nested more than {} levels deep.", limits::VALUE_DEPTH)));
            return Self::Plain(Value::Null);
        }
        match value {
            Value::Array(items) => {
                let numbered = items.iter().enumerate();
                let nodes = numbered.map(|(at, item)| place.inside(at, |place| Self::read(item, place, problems)));
                Self::array(nodes.collect())
            }
            Value::Object(fields) => {
                let nodes = fields.iter().map(|field| Self::read_field(fields, field, place, problems));
                Self::object(nodes.collect())
            }
            plain => Self::Plain(plain.clone()),
        }
    }

    fn read_field(
        fields: &Map<String, Value>,
        (field, value): (&String, &Value),
        place: &mut Place,
        problems: &mut Vec<TemplateProblem>,
    ) -> (String, Self) {
        place.inside(field, |place| {
            let Some(name) = field.strip_suffix(".$") else {
                return (field.clone(), Self::read(value, place, problems));
            };
            if fields.contains_key(name) {
                problems.push(place.problem(format!("{name} is there as well; keep one of the two.")));
            }
            (name.to_owned(), Self::read_source(field, value, place, problems))
        })
    }

    fn read_source(field: &str, value: &Value, place: &Place, problems: &mut Vec<TemplateProblem>) -> Self {
        let source = match value {
            Value::String(text) => Source::parse(text).map_err(|problem| problem.message),
            _ => Err(
                "a field with a name that ends in .$ holds a path or a call as a text; write one, or remove the .$."
                    .to_owned(),
            ),
        };
        match source {
            Ok(source) => Self::Source { field: field.to_owned(), source },
            Err(message) => {
                problems.push(place.problem(message));
                Self::Plain(Value::Null)
            }
        }
    }

    /// Arrays and objects without sources are kept as they are, so that evaluating them is one copy.
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

    fn evaluate(&self, run: &Run<'_>) -> Result<Value, PathError> {
        match self {
            Self::Plain(value) => Ok(value.clone()),
            Self::Source { field, source } => source.value(run, field),
            Self::Array(nodes) => {
                nodes.iter().map(|node| node.evaluate(run)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(nodes) => {
                let fields = nodes.iter().map(|(name, node)| Ok((name.clone(), node.evaluate(run)?)));
                fields.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
        }
    }

    fn collect<'n>(&'n self, place: &mut Place, found: &mut Vec<(String, &'n Source)>) {
        match self {
            Self::Plain(_) => {}
            Self::Source { source, .. } => found.push((format!("{}.$", place.pointer()), source)),
            Self::Array(nodes) => {
                let numbered = nodes.iter().enumerate();
                numbered.for_each(|(at, node)| place.inside(at, |place| node.collect(place, found)));
            }
            Self::Object(nodes) => {
                nodes.iter().for_each(|(name, node)| place.inside(name, |place| node.collect(place, found)));
            }
        }
    }
}

/// Where the reader stands in the value.
#[derive(Default)]
pub(super) struct Place(Vec<String>);

impl Place {
    fn inside<T>(&mut self, token: impl fmt::Display, read: impl FnOnce(&mut Self) -> T) -> T {
        self.enter(token);
        let result = read(self);
        self.leave();
        result
    }

    pub(super) fn enter(&mut self, token: impl fmt::Display) {
        self.0.push(token.to_string().replace('~', "~0").replace('/', "~1"));
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    fn pointer(&self) -> String {
        self.0.iter().map(|token| format!("/{token}")).collect()
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.0.len() > limits::VALUE_DEPTH
    }

    pub(super) fn problem(&self, message: String) -> TemplateProblem {
        TemplateProblem { pointer: self.pointer(), message }
    }
}

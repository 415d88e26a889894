//! What a path is made of.

use regex::Regex;
use serde_json::Value;

/// A start and the steps from there.
#[derive(Debug, Clone)]
pub(in super::super) struct Query {
    pub(in super::super) root: Root,
    pub(in super::super) segments: Vec<Segment>,
    /// `['a', 'b']` at the end: of each object that is found, these fields.
    pub(super) fields: Option<Vec<String>>,
}

/// Where a query starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Root {
    /// `$`
    Document,
    /// `$$`
    Context,
    /// `$name`
    Variable(String),
    /// `@`: what a filter looks at.
    Item,
}

/// One step.
#[derive(Debug, Clone)]
pub(in super::super) struct Segment {
    /// `..`: the step is taken from everything below as well.
    pub(in super::super) descends: bool,
    pub(in super::super) selector: Selector,
}

/// Where a step leads.
#[derive(Debug, Clone)]
pub(in super::super) enum Selector {
    Name(String),
    Names(Vec<String>),
    /// Counted from the end if negative.
    Index(i64),
    Indices(Vec<i64>),
    Slice(Slice),
    All,
    Filter(Filter),
}

/// `[start:end:step]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    /// Above 0.
    pub(super) step: usize,
}

/// A condition on an item.
#[derive(Debug, Clone)]
pub(in super::super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// The query finds something.
    Exists(Query),
    Compare {
        left: Operand,
        relation: Relation,
        right: Operand,
    },
    /// The whole text matches.
    Matches {
        text: Operand,
        pattern: Regex,
    },
    /// One of the values is equal.
    OneOf {
        item: Operand,
        values: Vec<Value>,
    },
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(in super::super) enum Operand {
    Literal(Value),
    Query(Query),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Query {
    /// Whether there is one place at most that the query can lead to.
    pub(in super::super) fn is_definite(&self) -> bool {
        self.segments
            .iter()
            .all(|segment| !segment.descends && matches!(segment.selector, Selector::Name(_) | Selector::Index(_)))
    }

    /// Whether the query hands on what it finds as it is, and not some fields of it.
    pub(in super::super) fn has_no_fields(&self) -> bool {
        self.fields.is_none()
    }

    pub(super) fn collect_variables<'q>(&'q self, names: &mut Vec<&'q str>) {
        if let Root::Variable(name) = &self.root {
            names.push(name);
        }
        for segment in &self.segments {
            if let Selector::Filter(filter) = &segment.selector {
                filter.collect_variables(names);
            }
        }
    }
}

impl Filter {
    fn collect_variables<'q>(&'q self, names: &mut Vec<&'q str>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect_variables(names)),
            Self::Not(part) => part.collect_variables(names),
            Self::Exists(query) => query.collect_variables(names),
            Self::Compare { left, right, .. } => {
                left.collect_variables(names);
                right.collect_variables(names);
            }
            Self::Matches { text: operand, .. } | Self::OneOf { item: operand, .. } => {
                operand.collect_variables(names);
            }
        }
    }
}

impl Operand {
    fn collect_variables<'q>(&'q self, names: &mut Vec<&'q str>) {
        if let Self::Query(query) = self {
            query.collect_variables(names);
        }
    }
}

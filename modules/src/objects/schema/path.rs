//! Where a field stands in an object.

use serde_json::Value;
use std::fmt;
use workflow::definition::below;

/// The way from an object to a field: through names, and through every item of lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Field(String),
    Each,
}

impl FieldPath {
    /// A path of names alone: `address.city`.
    pub(crate) fn dotted(text: &str) -> Self {
        Self(text.split('.').map(|name| Step::Field(name.to_owned())).collect())
    }

    pub(crate) fn field(&self, name: &str) -> Self {
        self.with(Step::Field(name.to_owned()))
    }

    pub(crate) fn each(&self) -> Self {
        self.with(Step::Each)
    }

    fn with(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The object or list in which it stands.
    pub(crate) fn parent(&self) -> Self {
        let mut steps = self.0.clone();
        steps.pop();
        Self(steps)
    }

    /// Whether it is the object itself.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object has at most one of it.
    pub(crate) fn is_single(&self) -> bool {
        !self.0.contains(&Step::Each)
    }

    /// The name of a field of the object itself.
    pub(crate) fn top(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Step::Field(name)] => Some(name),
            _ => None,
        }
    }

    /// The names on the way, where there is no list in it.
    pub(crate) fn names(&self) -> Option<Vec<&str>> {
        self.0.iter().map(Step::name).collect()
    }

    /// The value, where there is at most one.
    pub(crate) fn value<'v>(&self, data: &'v Value) -> Option<&'v Value> {
        self.values(data).into_iter().next().map(|(_, value)| value)
    }

    /// Every value, with its JSON pointer.
    pub(crate) fn values<'v>(&self, data: &'v Value) -> Vec<(String, &'v Value)> {
        let mut found = vec![(String::new(), data)];
        for step in &self.0 {
            found = found.into_iter().flat_map(|(pointer, value)| step.take(&pointer, value)).collect();
        }
        found
    }

    /// The JSON pointer, where there is at most one.
    pub(crate) fn pointer(&self) -> String {
        self.0.iter().fold(String::new(), |pointer, step| match step {
            Step::Field(name) => below(&pointer, name),
            Step::Each => pointer,
        })
    }
}

impl Step {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Each => None,
        }
    }

    fn take<'v>(&self, pointer: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
        match (self, value) {
            (Self::Field(name), Value::Object(fields)) => {
                fields.get(name).map(|value| (below(pointer, name), value)).into_iter().collect()
            }
            (Self::Each, Value::Array(items)) => {
                items.iter().enumerate().map(|(n, item)| (below(pointer, n), item)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// `lines[].price`
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Each => f.write_str("[]")?,
                Step::Field(name) if n == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

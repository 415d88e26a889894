//! What a manifest says of a kind of objects: which operations it offers, and which changes it publishes.

use super::{Manifest, ObjectType};
use crate::objects::schema::Around;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What becomes of an object, as its events name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectChange {
    /// It is there.
    Created,
    /// It is another.
    Updated,
    /// It is gone.
    Deleted,
}

impl ObjectChange {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// Its word at the end of a type of events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// Which changes are published: `true`, or a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ObjectEvents {
    /// All or none.
    Every(bool),
    /// These.
    Some(Vec<ObjectChange>),
}

impl Default for ObjectEvents {
    fn default() -> Self {
        Self::Every(false)
    }
}

impl ObjectEvents {
    fn has(&self, change: ObjectChange) -> bool {
        match self {
            Self::Every(every) => *every,
            Self::Some(some) => some.contains(&change),
        }
    }
}

/// What somebody does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Makes one.
    Create,
    /// Looks at one, or at many.
    Read,
    /// Changes one.
    Update,
    /// Deletes one.
    Delete,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

impl ObjectType {
    /// The permission that an operation needs; nothing where it is not offered.
    #[must_use]
    pub fn permission(&self, operation: Operation) -> Option<&str> {
        match operation {
            Operation::Create => Some(&self.create),
            Operation::Read => Some(&self.read),
            Operation::Update => self.update.as_deref(),
            Operation::Delete => self.delete.as_deref(),
        }
    }

    /// The type of the event that tells of a change, if it is published: `travel.trip.created`.
    #[must_use]
    pub fn event(&self, module: &str, change: ObjectChange) -> Option<String> {
        let one = self.singular.as_deref().unwrap_or(&self.collection);
        self.events.has(change).then(|| format!("{module}.{one}.{}", change.word()))
    }
}

impl Manifest {
    /// Hands the names that a schema may use to whoever reads it.
    pub(crate) fn with_names<T>(&self, read: impl FnOnce(&Around<'_>) -> T) -> T {
        let collections: Vec<&str> = self.objects.iter().map(|object| object.collection.as_str()).collect();
        let permissions: Vec<&str> = self.permissions.iter().map(|permission| permission.name.as_str()).collect();
        let workflows: Vec<&str> = self.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
        read(&Around {
            module: &self.name,
            collections: &collections,
            permissions: &permissions,
            workflows: &workflows,
        })
    }
}

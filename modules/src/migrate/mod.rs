//! Migrations: objects of one version of a module made into those of another, and back.
//!
//! A migration depends on the object alone, so it can be tried for a plan, done in a worker while the old version still
//! serves, and done once more for what was changed meanwhile.

mod conversion;
mod differences;
mod migration;
mod misfit;
mod origin;
mod tried;

pub(crate) use conversion::{Conversion, Sides};
pub(crate) use migration::{Flawed, Migration, read_all};
pub use misfit::Misfit;
pub(crate) use misfit::clash;
pub(crate) use origin::{direct, original};
pub(crate) use tried::Tried;

use serde_json::Value;

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// To a newer version.
    Up,
    /// Back to an older one.
    Down,
}

impl Way {
    /// `up`
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// An object that code is to migrate.
#[derive(Debug, Clone, Copy)]
pub struct Migrating<'a> {
    /// The collection: `orders`.
    pub collection: &'a str,
    /// The version whose object it is.
    pub from: &'a str,
    /// The version whose object it is to be.
    pub to: &'a str,
    /// Which way that is.
    pub way: Way,
    /// The object's data.
    pub data: &'a Value,
}

//! `module.yaml`: what a module is called, what it needs and what it brings.

mod check;
mod claims;
mod consumes;
mod endpoints;
mod files;
mod form;
mod health;
mod limits;
mod migrations;
mod names;
mod object;
mod publishes;
#[cfg(test)]
mod tests;

pub(crate) use check::check;
pub(crate) use consumes::EVENT;
pub use consumes::{Begins, Consumes};
pub use endpoints::{Endpoint, Method};
pub use form::SCHEMA as MANIFEST_SCHEMA;
pub use health::DeclaredHealth;
pub use limits::DeclaredLimits;
pub use migrations::DeclaredMigration;
pub use object::{ObjectChange, ObjectEvents, Operation};
pub use publishes::Published;

use semver::{Version, VersionReq};
use serde::Deserialize;
use std::fmt;

/// The manifest of a module.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name, part of every path: `purchasing`.
    pub name: String,
    /// Its semantic version.
    pub version: Version,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// SPDX expression.
    pub licence: String,
    /// What it needs.
    #[serde(default)]
    pub requires: Requires,
    /// The rights that its endpoints name.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// The business objects it brings.
    #[serde(default)]
    pub objects: Vec<ObjectType>,
    /// The definitions it brings.
    #[serde(default)]
    pub workflows: Vec<WorkflowFile>,
    /// The resources that its code performs in a worker.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The resources that its code performs within the commit.
    #[serde(default)]
    pub inline: Vec<String>,
    /// The types of events it publishes.
    #[serde(default)]
    pub publishes: Vec<Published>,
    /// The events of others that it hears of.
    #[serde(default)]
    pub consumes: Vec<Consumes>,
    /// The mails it writes.
    #[serde(default)]
    pub mails: Vec<Template>,
    /// The JSON Schema of its configuration.
    pub config: Option<String>,
    /// The requests that its code answers.
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
    /// Its code as WebAssembly; none if it has none or is compiled in.
    pub code: Option<CodeFile>,
    /// How objects of versions before become those of this one, in the order of versions.
    #[serde(default)]
    pub migrations: Vec<DeclaredMigration>,
    /// How much it may take.
    #[serde(default)]
    pub limits: DeclaredLimits,
    /// When it counts as unwell.
    #[serde(default)]
    pub health: DeclaredHealth,
}

/// Code that comes with the package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeFile {
    /// The file with the WebAssembly.
    pub file: String,
    /// The folder of the crate that it is built from, by its author.
    pub build: Option<String>,
    /// What it may ask for.
    #[serde(default)]
    pub asks: Vec<Ask>,
    /// How much memory a call may take, in MiB; 16 if absent.
    pub memory_mib: Option<u16>,
    /// How many steps a call may take; 10 million if absent. About an instruction each.
    pub steps: Option<u64>,
}

/// What code may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// To read, make and change objects of the module.
    Objects,
    /// To publish the events that the manifest names.
    Events,
    /// To read its configuration in the company, without secrets.
    Config,
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Objects => "objects",
            Self::Events => "events",
            Self::Config => "config",
        })
    }
}

impl Manifest {
    /// What its package file is called: `travel-1.0.0.csmod`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{}.csmod", self.name, self.version)
    }
}

/// What a module needs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// The versions of Countersign it runs on.
    pub countersign: Option<VersionReq>,
    /// The modules that it cannot do without.
    #[serde(default)]
    pub modules: Vec<Requirement>,
    /// Services, such as `smtp`.
    #[serde(default)]
    pub services: Vec<String>,
}

/// A module that another one needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its name.
    pub name: String,
    /// The versions of it that will do.
    pub version: VersionReq,
}

/// A right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Its name: `purchasing.orders.create`.
    pub name: String,
    /// What it allows, for people.
    pub title: String,
    /// The roles that have it unless a company says otherwise. `*` is everybody of the company.
    pub roles: Vec<String>,
}

/// A kind of business object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectType {
    /// Its name in paths: `orders`.
    pub collection: String,
    /// One of it, for people: `Purchase order`.
    pub title: String,
    /// The file with its JSON Schema (2020-12).
    pub schema: String,
    /// An example for the API's documentation, a JSON file.
    pub example: Option<String>,
    /// The right to make one.
    pub create: String,
    /// The right to see them.
    pub read: String,
    /// The right to change one. Without it they cannot be changed over the API.
    pub update: Option<String>,
    /// The right to delete one. Without it they cannot be deleted over the API.
    pub delete: Option<String>,
    /// The file name under which its document is offered: `document.pdf`.
    pub document: Option<String>,
    /// One of it in the names of events: `order`. The collection's name if absent.
    pub singular: Option<String>,
    /// Which changes are published as events.
    #[serde(default)]
    pub events: ObjectEvents,
    /// Whether people may attach files.
    #[serde(default)]
    pub attachments: bool,
    /// Whether one may be changed and deleted while its workflow runs.
    #[serde(default)]
    pub changes_while_running: bool,
}

/// A definition that comes with the module.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowFile {
    /// Its name: `purchasing/order`.
    pub name: String,
    /// Its file.
    pub file: String,
}

/// A mail that the module writes: `FILE.subject.txt`, `FILE.txt` and `FILE.html`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name for `mail.send`: `purchasing/order`.
    pub name: String,
    /// The path of its files without their endings.
    pub file: String,
}

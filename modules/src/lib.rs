//! What can be installed: manifests, business objects and the registry of modules.
//!
//! A module is a package of files (manifest, schemas, definitions, templates) and, if it needs any, code behind the
//! trait [`Module`]. The [`Registry`] knows what each company has installed, which is its [`Catalogue`]; nobody above or below
//! knows a module by name.

mod action;
mod builtin;
mod catalogue;
mod config;
mod decide;
mod declared;
mod endpoints;
mod events;
mod finding;
mod health;
mod idle;
mod installed;
mod json_schema;
mod lifecycle;
mod limits;
mod manifest;
mod migrate;
mod module;
mod objects;
mod package;
mod registry;
mod repeat;
mod resolve;
mod sandboxed;
pub mod scaffold;
pub mod signature;
pub mod strict;
pub mod text;
pub mod transfer;
mod trust;
pub mod view;
pub mod yaml;

pub use action::{Action, ActionError, Approved, variables};
pub use decide::{Answers, Decided, Deciding};
pub use endpoints::{Answering, EndpointAnswer, EndpointRequest, Found};
pub use events::{Delivered, Looked, cloud_event, rfc3339};
pub use finding::Finding;
pub use manifest::{
    Begins, Consumes, DeclaredHealth, DeclaredLimits, DeclaredMigration, Endpoint, MANIFEST_SCHEMA, Manifest, Method,
    ObjectChange, ObjectEvents, ObjectType, Operation, Permission, Published, Requirement, Requires, Template,
    WorkflowFile,
};
pub use migrate::{Migrating, Misfit, Way};
pub use module::{
    Consumed, Draft, Field, FieldKind, Filled, Form, Module, Prepared, Rendering, Saved, Saving, Workflow,
};
pub use objects::schema::{Currency, FieldPath, Flaw, Index, IndexKind, Keywords, ObjectSchema, Reference, Starts};
pub use objects::{Caller, Changing, Collection, Creating, Seen, Target, merge_patch};
pub use package::{MAX_ARCHIVE_BYTES, Package, PackageError};
/// What a module works with: modules build on this package and on `workflow`, not on the store itself.
pub use store::{
    Authority, Call, Company, NewDocument, NewObject, Object, OwnCall, OwnChange, OwnDeed, Person, Store, StoreError,
    TaskError, Unit,
};

pub use catalogue::Catalogue;
pub use config::{ConfigLayers, Rotated, SecretsKey, Setting, is_unclear_variable, rotate_secrets};
pub use health::{
    Admission, BOUNDS_MS, Called, Check, Durations, Key, Limit, Meter, Part, Probe, Report, Said, Slot, Status,
    Thresholds, Totals, Watch,
};
pub use installed::{Installed, module_of};
pub use lifecycle::{
    Beginning, Begun, Change, ChangeKind, Changed, CollectionChange, DataChange, Offered, Plan, RunningWorkflows,
    act_on_lifecycle, is_change, is_lifecycle_action,
};
pub use limits::{LimitLayers, Limits, Quota};
pub use registry::Registry;
pub use trust::{Publisher, Required, Trust};

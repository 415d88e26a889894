//! The memory: one store, on SQLite and PostgreSQL, with durable group commit.
//!
//! [`Store::write`] runs a unit of work; the units that wait at a moment are committed together, and each is answered
//! only after its commit is durable. Inside a unit, [`Unit::start`] and [`Unit::advance`] move instances: load, step,
//! commit. Everything else here is rows and their queries, one file a subject.

mod advance;
mod ahead;
mod archive;
mod attempt;
mod backend;
mod batch;
mod blobs;
mod check;
mod checkpoints;
mod children;
mod claims;
mod clock;
mod code_steps;
mod company;
mod crash;
mod definitions;
mod due;
mod dump;
mod effects;
mod error;
mod events;
mod flush;
mod generations;
#[path = "store.rs"]
mod handle;
mod idempotency;
mod inline;
mod instances;
mod job;
mod leases;
mod ledger;
mod lifecycle;
mod links;
mod listening;
mod mailbox;
mod module_config;
mod module_log;
mod objects;
mod package_signers;
mod packages;
mod people;
mod postgres;
mod raw;
mod relay;
mod rows;
mod schema;
mod series;
mod sqlite;
mod subscriptions;
mod tables;
mod together;

mod tokens;
mod unit;
mod waiting;
mod writer;

pub use advance::NewInstance;
pub use ahead::Ahead;
pub use archive::{Archive, ArchiveRun};
pub use attempt::Attempt;
pub use blobs::{Document, NewDocument};
pub use check::{CheckReport, Violation};
pub use claims::Except;
pub use clock::{Clock, ManualClock, SystemClock};
pub use company::Company;
pub use crash::{CRASH_POINTS, Crash};
pub use definitions::{SavedDefinition, StoredDefinition};
pub use effects::{Claimed, DeadEffect, EffectKey, Verdict};
pub use error::StoreError;
pub use events::{EventTypes, PublishedEvent};
pub use generations::{Generation, LockedModule, ModuleState, NewGeneration};
pub use handle::{About, Options, Reader, Store, Wakes};
pub use idempotency::{Remembered, RequestKey};
pub use inline::{Call, Inline, InlineResources, NoInline, OwnCall, OwnChange, OwnDeed, TaskError};
pub use instances::StoredTransition;
pub use lifecycle::Operation;
pub use links::{Link, LinkToken};
pub use mailbox::StoredMail;
pub use module_config::{ConfigPlace, PlacedConfig, StoredConfig};
pub use module_log::{KEPT_LOG_LINES, LogLevel, LogLine};
pub use objects::{
    Attachment, Bound, Clash, FieldFilter, Found, KeyOf, LeftBehind, ListQuery, NOTHING, NewAttachment, NewObject,
    Object, ObjectKeys, ObjectSearch, Origin, Place, Revision, SortBy, StagedObject, flag_key, number_key, text_key,
    time_key,
};
pub use package_signers::PackageSigner;
pub use packages::{KnownPackage, NewPackage, StoredPackage};
pub use people::{Authority, Department, Person};
pub use raw::{RawRows, RawTimes, write_raw};
pub use subscriptions::{
    HeldEvent, HeldStatus, MAX_HELD, NewHeldEvent, Subscription, SubscriptionKey, SubscriptionState,
};
pub use unit::{Session, Unit};
pub use waiting::Waiting;

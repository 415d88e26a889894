//! The pure core, told from outside: definitions, transitions, approvals, and a model that the core is compared with.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that meets the unexpected stops where it happened"
)]

mod again;
mod approvals;
mod defects;
mod documentation;
mod escalations;
mod hostile;
mod lanes;
mod model;
mod outside;
mod people;
mod plain;
mod recorded;
mod reference;
mod rehearsals;
mod room;
mod small_world;
mod specification;
mod states;
mod stored;
mod walks;
mod warnings;
mod world;

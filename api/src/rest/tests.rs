//! The REST interface from outside: requests in, answers out, on a real store.

mod access;
mod app;
mod bad_input;
mod creation;
mod decisions;
mod described;
mod desk;
mod envelope;
mod instances;
mod listing;
mod operations;
mod outside;

pub(crate) use app::registry;

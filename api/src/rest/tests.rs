//! The REST interface from outside: requests in, answers out, on a real store.

mod access;
mod app;
mod bad_input;
mod creation;
mod decisions;
mod definitions;
mod described;
mod desk;
mod envelope;
mod instances;
mod listing;
mod operations;
mod outside;
mod start;

pub(crate) use app::registry;

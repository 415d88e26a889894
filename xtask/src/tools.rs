//! What the tests need from outside: found where it is, installed or started where that is possible, or explained.

mod apt;
pub(crate) mod browser;
mod cluster;
mod debian_rust;
pub(crate) mod poppler;
pub(crate) mod postgres;
pub(crate) mod registry;
pub(crate) mod schemathesis;
pub(crate) mod wasm;

pub(crate) use browser::Browser;
pub(crate) use postgres::Postgres;

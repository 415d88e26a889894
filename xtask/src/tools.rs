//! What the tests need from outside: found where it is, installed or started where that is possible, or explained.

mod apt;
pub(crate) mod browser;
mod cluster;
pub(crate) mod poppler;
pub(crate) mod postgres;

pub(crate) use browser::Browser;
pub(crate) use postgres::Postgres;

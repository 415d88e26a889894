//! Purchasing: suppliers, purchase orders, totals, currencies and the order document.
//!
//! The package of files is in `definitions/purchasing`; [`Purchasing`] is its code. It is built only on what every
//! module has.

pub mod currency;
pub mod document;
pub mod money;
pub mod order;
pub mod rates;
pub mod rounding;
pub mod totals;

mod convert;
mod fonts;
mod forms;
mod limits;
mod module;
mod prepare;
mod printing;
mod reader;
mod record;
mod supplier;
mod views;

pub use module::Purchasing;

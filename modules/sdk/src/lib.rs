//! The code of a Countersign module in Rust.
//!
//! A module's code is WebAssembly without rights of its own: it is given a document, answers with one, and asks the host for
//! what its manifest says that it asks for. This crate has a trait for each hook, the host's functions in [`host`], and a
//! host for tests in [`testing`], so that `cargo test` needs neither WebAssembly nor a service.
//!
//! ```
//! use countersign_module::{export, host, AfterSave, Compute, Problem, Result, Saved, Saving, Validate};
//! use serde::Deserialize;
//! use serde_json::{json, Value};
//!
//! struct Travel;
//!
//! // What is exported is what is called. A hook that is implemented and not named here, or the other way round, is an error
//! // of the compiler.
//! export!(Travel: Compute, Validate, AfterSave);
//!
//! #[derive(Deserialize)]
//! struct Trip {
//!     days: u32,
//!     daily_rate: u32,
//! }
//!
//! impl Compute for Travel {
//!     fn compute(trip: &Saving) -> Result<Value> {
//!         let Trip { days, daily_rate } = trip.read()?;
//!         let mut data = trip.data.clone();
//!         data["allowance"] = json!(days * daily_rate);
//!         Ok(data)
//!     }
//! }
//!
//! impl Validate for Travel {
//!     fn validate(trip: &Saving) -> Vec<Problem> {
//!         match trip.data["days"].as_u64() {
//!             Some(days) if days > 30 => vec![Problem::at("/days", "a trip has at most 30 days")],
//!             _ => Vec::new(),
//!         }
//!     }
//! }
//!
//! impl AfterSave for Travel {
//!     fn after_save(saved: &Saved) -> Result<()> {
//!         let trip = &saved.after;
//!         host::publish("travel.trip.kept", &format!("travel/trips/{}", trip.id), &json!({ "by": saved.by }))?;
//!         Ok(())
//!     }
//! }
//!
//! // In a test:
//! use countersign_module::testing::Host;
//! let trip = Saving::new("trips", "eva", json!({ "days": 3, "daily_rate": 28 }));
//! assert_eq!(Travel::compute(&trip).unwrap()["allowance"], 84);
//! let (_, host) = Host::new().run(|| Travel::after_save(&Saved::new("eva", "1", trip.data.clone())).unwrap());
//! assert_eq!(host.published()[0].kind, "travel.trip.kept");
//! ```
//!
//! Build it with `cargo build --release --target wasm32-unknown-unknown`, as a `cdylib`; `countersign module pack` does so by
//! itself if the manifest names the crate under `code.build`.
//!
//! Code that answers with a [`Failure`] refuses what it was given: the caller is told the sentence with 422. Code that panics
//! has failed: the caller is told its sentence with the module's name (`module-failed`), and after some failures in a row the
//! code is left alone for a while. Either way nothing of what the code did stays. Every call has an instance of its own, so what a `static` holds is gone
//! afterwards.

mod answers;
mod export;
mod given;
mod hooks;
pub mod host;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
#[cfg(test)]
mod tests;

#[doc(hidden)]
pub mod abi;

pub use answers::{Answer, Failure, Health, Problem, Result, TaskError};
pub use given::{Consumed, Event, Migration, Object, Request, Saved, Saving, Task};
pub use hooks::{Act, AfterSave, BeforeSave, Compute, Exported, HealthCheck, Migrate, OnEvent, Respond, Validate};
pub use serde_json::Value;

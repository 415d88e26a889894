//! Benchmarks of the service, each beside the raw limit measured in the same run.

mod decisions;
mod disk;
mod http;
mod table;

pub use decisions::{Plan, run};

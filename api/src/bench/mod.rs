//! Benchmarks of the service, each beside the raw limit measured in the same run.

mod decisions;
mod disk;
mod http;
mod table;
mod timers;

pub use decisions::{Plan, run};
pub use timers::{TimersPlan, run_timers};

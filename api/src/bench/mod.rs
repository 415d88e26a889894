//! Benchmarks of the service, each beside the raw limit measured in the same run.

mod core;
mod decisions;
mod disk;
mod engine;
mod house;
mod http;
mod prefill;
mod rounds;
mod table;
mod timers;

pub use self::core::{Core, core};
pub use decisions::{Decisions, decisions};
pub use engine::{Engine, engine};
pub use house::Place;
pub use timers::{TimersPlan, run_timers};

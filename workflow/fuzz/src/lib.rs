//! What is done with each input. A target panics where the core breaks a promise; refusing an input is none.

mod case;
pub mod chance;
mod definition;
mod events;
mod expression;
mod paths;
mod play;
pub mod seeds;

/// Tries one input.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: [(&str, Target); 4] =
    [("definition", definition), ("expression", expression), ("paths", paths), ("events", events)];

pub use definition::definition;
pub use events::events;
pub use expression::expression;
pub use paths::paths;

//! What the memory promises, told of the package `store` itself: on both databases, one body and two tests.

mod ahead;
mod archive;
mod attempts;
mod children;
mod claims;
mod code_steps;
mod commits;
mod deadlines;
mod definitions;
mod fence;
mod house;
mod locked;
mod losses;
mod opening;
mod rows;
mod secrets;
mod tampering;
mod wakes;

use house::{House, memories};

//! What the memory promises, told of the package `store` itself: on both databases, one body and two tests.

mod archive;
mod children;
mod claims;
mod commits;
mod definitions;
mod fence;
mod house;
mod losses;
mod opening;
mod rows;
mod secrets;
mod tampering;

use house::{House, memories};

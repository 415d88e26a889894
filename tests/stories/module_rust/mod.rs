//! Code in Rust: a crate beside the manifest, which the author's commands build, and the endpoints that it answers.

mod building;
mod endpoints;
mod it_equipment;

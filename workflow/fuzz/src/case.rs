//! The definitions from bytes that the test with the second interpreter uses.

#[expect(dead_code, reason = "the answers of tasks come from the script of events")]
#[path = "../../tests/interpreter/generator.rs"]
mod generator;

pub(crate) use generator::Case;

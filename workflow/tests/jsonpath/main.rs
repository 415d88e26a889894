//! The JSONPath mode, checked against what Step Functions has recorded.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets the unexpected stops where it happened")]

mod machine;
mod recorded;

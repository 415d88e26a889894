//! What code can reach outside itself.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

/// Who answers the code while it runs.
pub trait Host: Send {
    /// The time in milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Random bytes.
    fn chance(&mut self, bytes: &mut [u8]);

    /// How many steps there are left for this call, if fewer than the code may take.
    fn steps_left(&self) -> u64 {
        u64::MAX
    }

    /// Hears how many steps a call has taken, whatever became of it.
    fn spend(&mut self, _steps: u64) {}

    /// Takes what the code tells its operator.
    fn log(&mut self, line: &str);

    /// Answers a question: a document, or an `Err` that ends the call, for what is not the code's fault. What the code may not
    /// have is an answer like others, `{"error": "..."}`.
    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>>;
}

/// A host that has nothing: for code that only computes. Its time stands still and its chance is always the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Host for Nobody {
    fn now_ms(&self) -> i64 {
        0
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn log(&mut self, _line: &str) {}

    fn ask(&mut self, _question: Value) -> BoxFuture<'_, Result<Value, String>> {
        async { Ok(json!({ "error": "nothing can be asked for here" })) }.boxed()
    }
}

//! What code says about its own health.

use crate::health::{Said, Status};
use sandbox::Failure;
use serde::Deserialize;
use serde_json::Value;

/// The longest sentence that is kept.
const MAX_CHARS: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    status: Status,
    #[serde(default)]
    detail: String,
}

/// Its word. Code that cannot say how it does, does not do well.
pub(super) fn said(answer: Result<Value, Failure>, at_ms: i64) -> Said {
    let failing = |detail: String| Word { status: Status::Failing, detail };
    let word = match answer.map(serde_json::from_value::<Word>) {
        Ok(Ok(word)) => word,
        Ok(Err(error)) => failing(format!("what its code says is not as agreed: {error}")),
        Err(failure) => failing(failure.to_string()),
    };
    Said { status: word.status, message: word.detail.chars().take(MAX_CHARS).collect(), at_ms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_that_is_none_is_a_bad_one() {
        let well = said(Ok(json!({ "status": "degraded", "detail": "the bank is slow" })), 7);
        assert_eq!(well, Said { status: Status::Degraded, message: "the bank is slow".to_owned(), at_ms: 7 });
        for answer in [Ok(json!({ "status": "fine" })), Ok(json!([])), Err(Failure::TooDeep)] {
            assert_eq!(said(answer, 0).status, Status::Failing);
        }
    }
}

//! Text that may be a definition.

use crate::play::Play;
use serde_json::{Value, json};
use workflow::{Definition, EventKind};

/// The most events that a definition is played for: it may go on for ever.
const EVENTS: usize = 60;

/// Reads the definition. Problems have a place; a definition without problems can be played.
pub fn definition(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Definition::parse_text(&text) {
        Ok(definition) => play(&definition),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            let document: Option<Value> = serde_json::from_str(&text).ok();
            for problem in problems {
                assert!(!problem.message.is_empty() && !problem.code.is_empty(), "a problem without words");
                let at = problem.pointer.rsplit_once('/').map_or("", |(owner, _)| owner);
                let found = document.as_ref().is_none_or(|document| document.pointer(at).is_some());
                assert!(found, "{} is not a place of the document", problem.pointer);
            }
        }
    }
}

fn play(definition: &Definition) {
    let mut play = Play::new(definition);
    play.take(EventKind::started(json!({ "a": 1, "c": [{ "n": 0 }], "d": { "e": true } }), Some("rita".into())));
    for n in 0..EVENTS {
        let activity = u64::try_from(n).unwrap_or_default() + 1;
        play.take(EventKind::TaskSucceeded { activity, output: json!({ "a": n }) });
        play.deadline();
    }
    play.finish();
}

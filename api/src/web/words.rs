//! What the pages say of decisions, outcomes and reasons.

use crate::pages::parts::Tone;
use workflow::definition::{Approval, Decision};

/// A decision in the past tense, as it continues "You ...", and how it is marked.
pub(super) fn decided(rule: Option<&Approval>, decision: &str) -> (String, Tone) {
    match rule.and_then(|rule| rule.decision(decision)) {
        Some(decision) => (active(decision), tone(&decision.outcome)),
        None => (format!("chose \u{201c}{decision}\u{201d}"), Tone::Neutral),
    }
}

fn active(decision: &Decision) -> String {
    match decision.outcome.as_str() {
        "withdrawn" => "withdrew".to_owned(),
        outcome if is_regular(outcome) => outcome.to_owned(),
        _ => format!("chose \u{201c}{}\u{201d}", label(decision)),
    }
}

/// An outcome as it continues "This request was ...".
pub(super) fn passive(outcome: &str) -> String {
    if is_regular(outcome) { outcome.to_owned() } else { "answered".to_owned() }
}

/// Past tense and participle are the same word of one piece: approved, rejected, resubmitted.
fn is_regular(outcome: &str) -> bool {
    outcome.ends_with("ed") && outcome.len() > 3 && outcome.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// How an outcome is marked.
pub(super) fn tone(outcome: &str) -> Tone {
    match outcome {
        "approved" => Tone::Good,
        "rejected" | "expired" => Tone::Bad,
        _ => Tone::Neutral,
    }
}

/// What a button says.
pub(super) fn label(decision: &Decision) -> String {
    decision.label.clone().unwrap_or_else(|| {
        let words = decision.name.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    })
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// A size for people: `840 bytes`, `84 kB`, `1.2 MB`.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_become_words() {
        assert_eq!(passive("approved"), "approved");
        assert_eq!(passive("retry"), "answered");
        assert_eq!(passive("by_hand"), "answered");
    }

    #[test]
    fn sizes_are_for_people() {
        assert_eq!([size(999), size(83_001), size(1_250_000)], ["999 bytes", "84 kB", "1.2 MB"]);
    }
}

//! What is said about a state, below its name.

use super::graph::Type;
use super::people::groups;
use super::text::bare;
use serde_json::Value;

/// The lines of a state: its type with what it does, and who is asked.
pub(super) fn lines(kind: Type, state: &Value) -> Vec<String> {
    let text = |field: &str| state.get(field).and_then(Value::as_str).map(bare).filter(|text| !text.is_empty());
    match kind {
        Type::Task => vec![text("Resource").unwrap_or("Task").to_owned()],
        Type::Approval => groups(state),
        Type::Wait => vec![wait(state)],
        Type::Fail => vec![text("Error").or(text("ErrorPath")).unwrap_or("Fail").to_owned()],
        Type::Map => vec![items(state)],
        Type::Pass | Type::Choice | Type::Succeed | Type::Parallel | Type::Unknown => Vec::new(),
    }
}

fn wait(state: &Value) -> String {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| bare(text).to_owned());
    let field = |names: [&str; 2]| names.iter().find_map(|name| state.get(*name)).map(shown);
    match (field(["Seconds", "SecondsPath"]), field(["Timestamp", "TimestampPath"])) {
        (Some(seconds), _) => format!("{seconds} s"),
        (None, Some(time)) => format!("until {time}"),
        (None, None) => "Wait".to_owned(),
    }
}

fn items(state: &Value) -> String {
    let of = ["Items", "ItemsPath"].iter().find_map(|field| state.get(*field)?.as_str());
    let items = of.map_or("for every item".to_owned(), |of| format!("for every item of {}", bare(of)));
    match state.get("MaxConcurrency").and_then(Value::as_u64).filter(|most| *most > 0) {
        Some(most) => format!("{items}, {most} at once"),
        None => items,
    }
}

impl Type {
    /// The name of the type, as it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Task => "Task",
            Self::Choice => "Choice",
            Self::Wait => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
            Self::Approval => "Approval",
            Self::Parallel => "Parallel",
            Self::Map => "Map",
            Self::Unknown => "Unknown",
        }
    }
}

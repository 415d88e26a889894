//! Who is asked, in a line for each group.

use super::text::bare;
use serde_json::Value;

/// The most groups that are listed.
const MAX_GROUPS: usize = 4;

/// The groups of an approval: `2 of authority finance`.
pub(super) fn groups(state: &Value) -> Vec<String> {
    let groups: Vec<&Value> = state.get("Groups").and_then(Value::as_array).into_iter().flatten().collect();
    let mut lines: Vec<String> = groups.iter().take(MAX_GROUPS).map(|group| line(group)).collect();
    if groups.len() > MAX_GROUPS {
        lines.push(format!("and {} more", groups.len() - MAX_GROUPS));
    }
    lines
}

fn line(group: &Value) -> String {
    let from = group.get("From").and_then(Value::as_array).into_iter().flatten();
    let people: Vec<String> = from.filter_map(source).collect();
    format!("{}{}", quorum(group.get("Quorum")), people.join(", "))
}

/// One is what people expect, so it is not said.
fn quorum(quorum: Option<&Value>) -> String {
    match quorum {
        Some(Value::String(share)) if share == "All" => "all of ".to_owned(),
        Some(Value::String(share)) => format!("{share} of "),
        Some(Value::Number(count)) if count.as_u64() != Some(1) => format!("{count} of "),
        _ => String::new(),
    }
}

fn source(source: &Value) -> Option<String> {
    let words = [
        ("User", ""),
        ("Role", "role "),
        ("ManagerOf", "manager of "),
        ("HeadOf", "head of "),
        ("Matrix", "authority "),
        ("Expr", ""),
    ];
    let found = words.iter().find_map(|(field, words)| Some((source.get(*field)?, *words)));
    found.map(|(value, words)| {
        format!("{words}{}", value.as_str().map_or_else(|| value.to_string(), |text| bare(text).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_say_who_and_how_many() {
        let state = json!({ "Groups": [
            { "Name": "a", "From": [{ "Matrix": "finance" }], "Quorum": 2 },
            { "Name": "b", "From": [{ "HeadOf": "{% $po.department %}" }, { "User": "eva" }], "Quorum": 1 },
            { "Name": "c", "From": [{ "Role": "legal" }], "Quorum": "All" },
            { "Name": "d", "From": [{ "ManagerOf": "{% $requester.id %}" }], "Quorum": "50%" },
            { "Name": "e", "From": [] },
        ] });
        let expected = [
            "2 of authority finance",
            "head of $po.department, eva",
            "all of role legal",
            "50% of manager of $requester.id",
            "and 1 more",
        ];
        assert_eq!(groups(&state), expected);
    }
}

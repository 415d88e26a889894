//! Conditions of a `Choice` in a line.

use super::text::bare;
use serde_json::Value;

/// How comparisons of JSONPath end, and the signs for them. Longer names come first.
const RELATIONS: [(&str, &str); 6] = [
    ("LessThanEquals", "≤"),
    ("GreaterThanEquals", "≥"),
    ("LessThan", "<"),
    ("GreaterThan", ">"),
    ("Equals", "="),
    ("Matches", "like"),
];

/// Comparisons of amounts, and the signs for them.
const AMOUNTS: [(&str, &str); 5] =
    [("$dec_lte(", "≤"), ("$dec_gte(", "≥"), ("$dec_lt(", "<"), ("$dec_gt(", ">"), ("$dec_eq(", "=")];

/// The condition of a rule, in either language.
pub(super) fn condition(rule: &Value) -> String {
    match rule.get("Condition") {
        Some(Value::String(text)) => amounts(bare(text)),
        Some(other) => other.to_string(),
        None => comparison(rule),
    }
}

/// `$dec_lte($base, $limit)` as `$base ≤ $limit`, if that is all.
fn amounts(text: &str) -> String {
    let found = AMOUNTS.iter().find_map(|(call, sign)| {
        let (left, right) = text.strip_prefix(call)?.strip_suffix(')')?.split_once(',')?;
        let simple = !left.contains('(') && !right.contains(['(', ')', ',']);
        simple.then(|| format!("{} {sign} {}", left.trim(), right.trim()))
    });
    found.unwrap_or_else(|| text.to_owned())
}

/// A rule of JSONPath: `And`, `Or`, `Not`, or a variable and a comparison.
fn comparison(rule: &Value) -> String {
    let several = |field: &str, word: &str| {
        let parts = rule.get(field)?.as_array()?.iter().map(comparison);
        Some(parts.collect::<Vec<_>>().join(word))
    };
    if let Some(whole) = several("And", " and ").or_else(|| several("Or", " or ")) {
        return whole;
    }
    if let Some(part) = rule.get("Not") {
        return format!("not ({})", comparison(part));
    }
    let variable = rule.get("Variable").and_then(Value::as_str).unwrap_or_default();
    let compared = rule.as_object().into_iter().flatten().find_map(|(name, with)| compared(name, with));
    format!("{variable} {}", compared.unwrap_or_default())
}

fn compared(name: &str, with: &Value) -> Option<String> {
    let with_text = with.as_str().map_or_else(|| with.to_string(), str::to_owned);
    if let Some(what) = name.strip_prefix("Is") {
        let not = if with == &Value::Bool(false) { "not " } else { "" };
        return Some(format!("is {not}{}", what.to_lowercase()));
    }
    let name = name.strip_suffix("Path").unwrap_or(name);
    let (_, sign) = RELATIONS.iter().find(|(ending, _)| name.ends_with(ending))?;
    Some(format!("{sign} {with_text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_read_like_sentences() {
        for (rule, expected) in [
            (json!({ "Condition": "{% $dec_lte($base, $limits.managerOnly) %}" }), "$base ≤ $limits.managerOnly"),
            (json!({ "Condition": "{% $dec_lt($f(1), 2) and $a %}" }), "$dec_lt($f(1), 2) and $a"),
            (json!({ "Condition": true }), "true"),
            (json!({ "Variable": "$.a", "NumericLessThanEquals": 5 }), "$.a ≤ 5"),
            (json!({ "Variable": "$.a", "StringEqualsPath": "$.b" }), "$.a = $.b"),
            (json!({ "Variable": "$.a", "IsPresent": false }), "$.a is not present"),
            (
                json!({ "And": [{ "Variable": "$.a", "StringMatches": "x*" }, { "Not": { "Variable": "$.b", "BooleanEquals": true } }] }),
                "$.a like x* and not ($.b = true)",
            ),
            (json!({}), " "),
        ] {
            assert_eq!(condition(&rule), expected);
        }
    }
}

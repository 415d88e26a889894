//! One `Approval` as two plain states.

use super::APPROVAL_RESOURCE;
use super::names::Names;
use super::states_variable::{refers_to, renamed};
use serde_json::{Map, Value, json};

/// The fields of an `Approval` that a `Task` has too. Everything else describes the question and goes into `Arguments`.
const KEPT: [&str; 4] = ["Comment", "QueryLanguage", "Assign", "Catch"];

/// The two states that an approval becomes, by name.
pub(super) fn rewrite(
    name: &str,
    mut fields: Map<String, Value>,
    defaults: &Map<String, Value>,
    names: &mut Names,
) -> [(String, Value); 2] {
    fields.shift_remove("Type");
    let outcomes = fields.shift_remove("Outcomes").unwrap_or_default();
    let kept: Map<String, Value> = KEPT.iter().filter_map(|name| fields.shift_remove_entry(*name)).collect();
    for (name, value) in defaults {
        fields.entry(name).or_insert_with(|| value.clone());
    }
    let choice = names.outcome_of(name);
    let language = kept.get("QueryLanguage").cloned();
    let input = keeps_input(&outcomes).then(|| names.input_of(&choice));
    let task = task(name, fields, kept, &choice, input.as_deref());
    let choice_state = choice_of(outcomes, language, input.as_deref());
    [(name.to_owned(), task), (choice, choice_state)]
}

fn task(name: &str, question: Map<String, Value>, kept: Map<String, Value>, next: &str, input: Option<&str>) -> Value {
    let mut task = Map::new();
    task.insert("Type".to_owned(), json!("Task"));
    task.extend(kept);
    task.insert("Resource".to_owned(), json!(APPROVAL_RESOURCE));
    task.insert("Arguments".to_owned(), json!({ "approval": question, "state": name }));
    task.insert("Output".to_owned(), json!("{% $states.result %}"));
    task.insert("Next".to_owned(), json!(next));
    if let (Some(variable), Value::Object(assign)) = (input, task.entry("Assign").or_insert_with(|| json!({}))) {
        assign.insert(variable.to_owned(), json!("{% $states.input %}"));
    }
    if task.get("Assign").is_some_and(|assign| assign == &json!({})) {
        task.shift_remove("Assign");
    }
    Value::Object(task)
}

/// Whether a route uses the input of the approval: the input of the `Choice` is the answer of the people.
fn keeps_input(outcomes: &Value) -> bool {
    outcomes.as_object().into_iter().flatten().any(|(_, route)| refers_to(route, "input"))
}

fn choice_of(outcomes: Value, language: Option<Value>, input: Option<&str>) -> Value {
    let routes = match outcomes {
        Value::Object(routes) => routes,
        _ => Map::new(),
    };
    let rules: Vec<Value> = routes.into_iter().map(|(outcome, route)| rule(&outcome, route, input)).collect();
    let mut choice = Map::new();
    choice.insert("Type".to_owned(), json!("Choice"));
    choice.extend(language.map(|language| ("QueryLanguage".to_owned(), language)));
    choice.insert("Choices".to_owned(), Value::Array(rules));
    Value::Object(choice)
}

fn rule(outcome: &str, route: Value, input: Option<&str>) -> Value {
    let mut rule = Map::new();
    rule.insert("Condition".to_owned(), json!(format!("{{% $states.input.outcome = {} %}}", literal(outcome))));
    if let Value::Object(fields) = route {
        for (name, value) in fields {
            rule.insert(name, renamed(value, input));
        }
    }
    Value::Object(rule)
}

/// A text as JSONata writes it. It has no escape for the quote that is commonly used, so other texts take the other one.
fn literal(text: &str) -> String {
    let simple = text.chars().all(|letter| letter != '\'' && letter != '\\' && !letter.is_control());
    if simple { format!("'{text}'") } else { Value::from(text).to_string() }
}

//! `docs/definitions.md`: every JSON block is a definition, states of one, or a scenario, and is accepted.

use serde_json::{Map, Value, json};
use workflow::Definition;
use workflow::rehearsal::Scenario;

const PAGE: &str = include_str!("../../../docs/definitions.md");

fn blocks() -> Vec<Value> {
    let blocks = PAGE.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

/// States as a definition; where they lead to a state that is not shown, there is one.
fn definition_of(states: &Value) -> Value {
    let mut states: Map<String, Value> = states.as_object().unwrap().clone();
    let start = states.keys().next().unwrap().clone();
    states.entry("End").or_insert(json!({ "Type": "Succeed" }));
    states.insert(
        "Begin".into(),
        json!({ "Type": "Choice", "Default": "End", "Choices": [{ "Condition": true, "Next": start }] }),
    );
    json!({ "QueryLanguage": "JSONata", "StartAt": "Begin", "States": states })
}

#[test]
fn every_example_is_accepted() {
    let blocks = blocks();
    assert!(blocks.len() >= 6, "examples are gone");
    for block in &blocks {
        let fields = block.as_object().unwrap();
        if fields.contains_key("Expect") {
            Scenario::read(block.clone()).unwrap();
            continue;
        }
        let whole = if fields.contains_key("StartAt") { block.clone() } else { definition_of(block) };
        if let Err(problems) = Definition::parse(&whole) {
            panic!("{problems:#?}\n{block:#}");
        }
    }
}

#[test]
fn the_scenario_is_one_of_the_first_definition() {
    let blocks = blocks();
    let definition = Definition::parse(&blocks[0]).unwrap();
    let scenario = blocks.iter().find(|block| block.get("Expect").is_some()).unwrap();
    assert_eq!(Scenario::read(scenario.clone()).unwrap().run(&definition), []);
}

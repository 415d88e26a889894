//! What a definition warns of although it can be used.

use serde_json::json;
use workflow::Definition;

#[test]
fn variables_that_no_state_assigns_and_amounts_in_floating_point_are_warned_of() {
    let document = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": { "Type": "Pass", "Assign": { "requester": "{% $states.input.r %}", "total": "0" }, "Next": "B" },
        "B": { "Type": "Choice", "Default": "C", "Choices": [
            { "Condition": "{% $requestor.id = 'x' %}", "Next": "C" },
            { "Condition": "{% $total > 100 %}", "Next": "C" },
            { "Condition": "{% $nowhere %}", "Next": "C" }] },
        "C": { "Type": "Pass", "Output": ["{% $map([1], $string) %}",
            "{% ($f := function($v) { $v + 1 }; $map([1], $f)) %}", "{% $sum([1]) + $count($requester) %}"], "End": true }
    } });
    let definition = Definition::parse(&document).unwrap();
    let found: Vec<String> =
        definition.warnings().iter().map(|warning| format!("{} {warning}", warning.code)).collect();
    let amount = "`>` compares the amount `total` as a floating point number, which is not exact; \
                  write $dec_gt($total, \"100\")";
    assert_eq!(
        found,
        [
            "unknown-variable /States/B/Choices/0/Condition: no state assigns $requestor; did you mean $requester?"
                .to_owned(),
            format!("expression-warning /States/B/Choices/1/Condition: {amount}"),
            "unknown-variable /States/B/Choices/2/Condition: no state assigns $nowhere; set it in an Assign, or remove it"
                .to_owned(),
        ]
    );
}

#[test]
fn the_definition_of_purchasing_warns_of_nothing() {
    let text = include_str!("../../../definitions/purchasing/order.asl.json");
    assert_eq!(Definition::parse_text(text).unwrap().warnings(), []);
}

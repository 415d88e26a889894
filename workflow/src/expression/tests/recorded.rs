//! What the recorded executions of Step Functions show about expressions. The executions themselves are replayed by the
//! conformance test; these are the rules taken from them.

use super::*;

fn with_input(input: Value, source: &str) -> Result<Option<Value>, ExpressionError> {
    let (states, variables) = (json!({"input": input, "context": {}}), Map::new());
    Expression::parse(source)?.evaluate(&Scope::new(&states, &variables, MOMENT))
}

#[test]
fn partition_range_and_parse_answer_as_recorded() {
    let input = |first: Value, second: Value| json!({"fst": first, "snd": second});
    let partition = "$partition($states.input.fst, $states.input.snd)";
    for (array, size, expected) in [
        (json!([0]), 1, json!([[0]])),
        (json!([0]), 5, json!([[0]])),
        (json!([0, 1]), 3, json!([[0, 1]])),
        (json!([0, 1, 2]), 1, json!([[0], [1], [2]])),
        (json!([0, 1, 2]), 2, json!([[0, 1], [2]])),
        (json!([0, 1, 2, 3]), 4, json!([[0, 1, 2, 3]])),
    ] {
        assert_eq!(with_input(input(array, json!(size)), partition), Ok(Some(expected)));
    }
    let range = |end, step| {
        with_input(json!({"e": end, "s": step}), "$range($states.input.e - 9, $states.input.e, $states.input.s)")
    };
    assert_eq!(range(9, 3), Ok(Some(json!([0, 3, 6, 9]))));
    // A sequence of one is the one.
    assert_eq!(with_input(json!({}), "$range(1, 9, 9)"), Ok(Some(json!(1))));
    assert_eq!(with_input(json!("\"HelloWorld\""), "$parse($states.input)"), Ok(Some(json!("HelloWorld"))));
    assert_eq!(with_input(json!("[1, 2]"), "$parse($states.input)"), Ok(Some(json!([1, 2]))));
}

#[test]
fn conditions_answer_as_recorded() {
    let choice = "$states.input.value >= 20 and $states.input.value < 30";
    for (value, expected) in [(19, false), (20, true), (29, true), (30, false)] {
        assert_eq!(with_input(json!({"value": value}), choice), Ok(Some(json!(expected))), "{value}");
    }
    assert_eq!(with_input(json!({"type": "Private"}), "$not($states.input.type = 'Private')"), Ok(Some(json!(false))));
    assert_eq!(with_input(json!({}), "$contains(\"hello$world\", /^hello\\$/)"), Ok(Some(json!(true))));
}

#[test]
fn arrays_of_one_and_none_from_a_document_stay_arrays() {
    assert_eq!(with_input(json!({"items": [1]}), "$states.input.items"), Ok(Some(json!([1]))));
    assert_eq!(with_input(json!({"items": []}), "$states.input.items"), Ok(Some(json!([]))));
    assert_eq!(with_input(json!({}), "[]"), Ok(Some(json!([]))));
    assert_eq!(with_input(json!({}), "[0]"), Ok(Some(json!([0]))));
    assert_eq!(with_input(json!({}), "$variable := 1"), Ok(Some(json!(1))));
}

#[test]
fn an_unknown_function_and_a_function_as_a_result_fail_the_evaluation() {
    for source in ["$randomSeeded($states.input.fst)", "$fn := function($x){$x}"] {
        let problem = with_input(json!({"fst": 1}), source).unwrap_err();
        assert_eq!(problem.error_name(), "States.QueryEvaluationError", "{source}");
    }
    assert_eq!(with_input(json!({}), "$doesNotExist"), Ok(None));
}

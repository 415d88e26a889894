use super::super::{Template, TemplateProblem};
use super::*;

fn evaluate(template: &Value) -> Result<Value, ExpressionError> {
    let (states, variables) = (states(), variables());
    Template::parse(template).unwrap().evaluate(&Scope::new(&states, &variables, MOMENT))
}

#[test]
fn strings_between_the_marks_are_expressions_at_any_depth() {
    for (template, expected) in [
        (json!("{% $base %}"), json!("1999.99")),
        (json!("{%$base%}"), json!("1999.99")),
        (json!(" {% $base %}"), json!(" {% $base %}")),
        (json!("{% $base %} "), json!("{% $base %} ")),
        (json!("{% $base"), json!("{% $base")),
        (json!("{ $base }"), json!("{ $base }")),
        (json!(null), json!(null)),
        (json!(12_345_678_901_234_567_890_u64), json!(12_345_678_901_234_567_890_u64)),
        (json!([1, "{% 1 + 1 %}", {"a": ["{% $n %}"]}]), json!([1, 2, {"a": [[1, 2, 3]]}])),
        (json!({"{% $base %}": "{% $count %}"}), json!({"{% $base %}": 5})),
        (json!({"b": "{% true %}", "a": {"plain": []}}), json!({"b": true, "a": {"plain": []}})),
        (json!("{% $states.input.nothing %}"), json!(null)),
        (json!("{% $states.input.total %}"), json!(12_345_678_901_234_567_890_u64)),
        (json!("{% '%}' %}"), json!("%}")),
    ] {
        assert_eq!(evaluate(&template), Ok(expected), "{template}");
    }
    let ordered = evaluate(&json!({"z": "{% 1 %}", "a": 2})).unwrap();
    assert_eq!(ordered.to_string(), "{\"z\":1,\"a\":2}");
}

#[test]
fn an_undefined_result_is_an_error_that_names_expression_and_field() {
    let problem = evaluate(&json!({"a": [{"b/c": "{% $nope %}"}]})).unwrap_err();
    assert_eq!(problem.error_name(), "States.QueryEvaluationError");
    assert_eq!(
        problem.to_string(),
        "The JSONata expression '$nope' specified for the field '/a/0/b~1c' returned nothing (undefined)."
    );
}

#[test]
fn every_expression_that_cannot_be_read_is_reported_with_its_place() {
    let template = json!({"a": "{% 1 + %}", "b": ["{% $x %}", "{% $eval('1') %}"], "m~n": "{% %}"});
    let problems = Template::parse(&template).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(places, ["/a", "/b/1", "/m~0n"]);
    assert_eq!(
        problems[0],
        TemplateProblem {
            pointer: "/a".to_owned(),
            message: "The JSONata expression '1 +' cannot be read: S0207: Unexpected end of expression.".to_owned(),
        }
    );
    assert!(problems[0].to_string().starts_with("/a: The JSONata"));
}

#[test]
fn a_template_lists_its_expressions() {
    let template = Template::parse(&json!({"a": "{% $x %}", "b": [1, "{% $y %}"]})).unwrap();
    let found: Vec<_> = template.expressions().into_iter().map(|(place, found)| (place, found.source())).collect();
    assert_eq!(found, [("/a", "$x"), ("/b/1", "$y")]);
}

#[test]
fn the_whole_is_bounded_as_well() {
    let half = format!("{{% $pad('', {}) %}}", 140_000);
    assert!(evaluate(&json!([half])).is_ok());
    let problem = evaluate(&json!([half, half])).unwrap_err();
    assert!(matches!(problem, ExpressionError::TooLarge { .. }), "{problem}");
    let deep = (0..150).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(Template::parse(&deep).unwrap_err().len(), 1);
}

use super::*;

fn evaluate(payload: &Value) -> Result<Value, PathError> {
    with_view(|view| Payload::parse(payload).unwrap().evaluate(view))
}

#[test]
fn fields_with_a_dollar_are_sources_at_any_depth() {
    for (payload, expected) in [
        (json!({"id.$": "$.order.id", "fixed": "$.order.id"}), json!({"id": "po-7", "fixed": "$.order.id"})),
        (json!({"a": {"b": [{"c.$": "$limit"}, "$limit", 1]}}), json!({"a": {"b": [{"c": 20}, "$limit", 1]}})),
        (json!({"n.$": "States.ArrayLength($.n)"}), json!({"n": 6})),
        (json!({"e.$": "$$.Execution.Id"}), json!({"e": "e-1"})),
        (json!({"e.$": "$.nothing[*]"}), json!({"e": []})),
        (json!({"$": 1, "a.$b": 2, "a$": 3}), json!({"$": 1, "a.$b": 2, "a$": 3})),
        (json!({}), json!({})),
        (json!([1, {"a.$": "$.order.total"}]), json!([1, {"a": 12_345_678_901_234_567_890_u64}])),
        (json!(null), json!(null)),
        (json!("$.a"), json!("$.a")),
    ] {
        assert_eq!(evaluate(&payload), Ok(expected), "{payload}");
    }
    let ordered = evaluate(&json!({"z.$": "$.limit", "a": 2, "m.$": "$limit"})).unwrap();
    assert_eq!(ordered.to_string(), "{\"z\":15,\"a\":2,\"m\":20}");
}

#[test]
fn a_source_that_finds_nothing_names_its_field() {
    let problem = evaluate(&json!({"a": [{"value.$": "$.no_such"}]})).unwrap_err();
    assert_eq!(problem.error, "States.Runtime");
    assert!(
        problem.cause.starts_with(
            "The JSONPath '$.no_such' specified for the field 'value.$' could not be found in the input '{"
        ),
        "{problem}"
    );
    let problem = evaluate(&json!({"v.$": "States.ArrayGetItem($.n, 9)"})).unwrap_err();
    assert_eq!(problem.error, "States.IntrinsicFailure");
}

#[test]
fn every_source_that_cannot_be_read_is_reported_with_its_place() {
    let payload = json!({
        "a.$": "$.", "b": ["$.", {"c/d.$": 7, "ok.$": "$.x"}], "e.$": "x", "f.$": "States.Nope()", "g": 1, "g.$": "$.g"
    });
    let problems = Payload::parse(&payload).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(places, ["/a.$", "/b/1/c~1d.$", "/e.$", "/f.$", "/g.$"]);
    assert!(problems[1].message.contains("holds a path or a call as a text"), "{}", problems[1]);
    assert_eq!(problems[4].message, "g is there as well; keep one of the two.");
    let deep = (0..150).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(Payload::parse(&deep).unwrap_err().len(), 1);
}

#[test]
fn two_draws_in_one_payload_differ() {
    let drawn = evaluate(&json!({"a.$": "States.UUID()", "b": [{"a.$": "States.UUID()"}]})).unwrap();
    assert_ne!(drawn["a"], drawn["b"][0]["a"]);
    assert_eq!(evaluate(&json!({"a.$": "States.UUID()"})).unwrap()["a"], drawn["a"]);
}

#[test]
fn a_payload_lists_its_sources_and_variables() {
    let payload =
        json!({"a.$": "$x.y", "b": [1, {"c.$": "States.Array($.n[?(@ > $y)], $z, States.Format('{}', $x))"}]});
    let payload = Payload::parse(&payload).unwrap();
    let sources: Vec<_> = payload.sources().into_iter().map(|(place, source)| (place, source.source())).collect();
    assert_eq!(sources[0], ("/a.$".to_owned(), "$x.y"));
    assert_eq!(sources[1].0, "/b/1/c.$");
    assert_eq!(payload.variables(), ["x", "y", "z", "x"]);
}

#[test]
fn the_whole_is_bounded() {
    let document = json!({"half": "x".repeat(140_000)});
    let variables = Map::new();
    let view = View { document: &document, context: &Value::Null, variables: &variables, moment: MOMENT };
    let evaluate = |payload: Value| Payload::parse(&payload).unwrap().evaluate(&view);
    assert!(evaluate(json!({"a.$": "$.half"})).is_ok());
    let problem = evaluate(json!({"a.$": "$.half", "b.$": "$.half"})).unwrap_err();
    assert_eq!(problem.error, "States.DataLimitExceeded");
    assert_eq!(problem.cause, "The result is longer than 262144 bytes of JSON.");
}

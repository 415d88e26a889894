use super::*;

fn rule(value: &Value) -> Result<Rule, Vec<TemplateProblem>> {
    Rule::parse(value.as_object().unwrap())
}

fn holds_on(document: &Value, value: &Value) -> Result<bool, PathError> {
    let variables = Map::new();
    let view = View { document, context: &Value::Null, variables: &variables, moment: MOMENT };
    rule(value).unwrap().holds(&view)
}

/// Whether `value` passes the comparator, with the operand written out and with the operand behind a path.
#[track_caller]
fn test(value: &Value, comparator: &str, operand: &Value) -> bool {
    let document = json!({"v": value, "w": operand});
    let direct = holds_on(&document, &json!({"Variable": "$.v", comparator: operand})).unwrap();
    let is_order = !comparator.starts_with("Is") && comparator != "StringMatches";
    if is_order {
        let by_path = holds_on(&document, &json!({"Variable": "$.v", format!("{comparator}Path"): "$.w"}));
        assert_eq!(by_path, Ok(direct), "{value} {comparator}Path {operand}");
    }
    direct
}

/// One value of each kind.
fn kinds() -> [Value; 10] {
    [
        json!(null),
        json!(true),
        json!(0),
        json!(1.1),
        json!(""),
        json!("text"),
        json!("2016-03-14T01:59:00Z"),
        json!([]),
        json!([""]),
        json!({"a": 0}),
    ]
}

#[test]
fn the_tests_of_kinds() {
    for (comparator, expected) in [
        ("IsNull", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("IsBoolean", [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("IsNumeric", [0, 0, 1, 1, 0, 0, 0, 0, 0, 0]),
        ("IsString", [0, 0, 0, 0, 1, 1, 1, 0, 0, 0]),
        ("IsTimestamp", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
        ("IsPresent", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ] {
        for (value, expected) in kinds().iter().zip(expected) {
            assert_eq!(test(value, comparator, &json!(true)), expected == 1, "{value} {comparator}");
            assert_eq!(test(value, comparator, &json!(false)), expected == 0, "{value} not {comparator}");
        }
    }
}

#[test]
fn comparisons_in_every_relation() {
    const RELATIONS: [&str; 5] = ["LessThan", "LessThanEquals", "Equals", "GreaterThanEquals", "GreaterThan"];
    const LESS: [bool; 5] = [true, true, false, false, false];
    const EQUAL: [bool; 5] = [false, true, true, true, false];
    const GREATER: [bool; 5] = [false, false, false, true, true];
    for (kind, left, right, expected) in [
        ("String", json!("A"), json!("AB"), LESS),
        ("String", json!("A"), json!("A "), LESS),
        ("String", json!("b"), json!("B"), GREATER),
        ("String", json!(""), json!(""), EQUAL),
        ("Numeric", json!(0), json!(0.0), EQUAL),
        ("Numeric", json!(1), json!(1.1), LESS),
        ("Numeric", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), GREATER),
        ("Timestamp", json!("2016-03-14T01:59:00Z"), json!("2016-03-14T02:59:00+01:00"), EQUAL),
        ("Timestamp", json!("2016-03-14T01:59:00Z"), json!("2016-03-14T01:59:00.001Z"), LESS),
        ("Timestamp", json!("2017-01-01T00:00:00Z"), json!("2016-12-31T23:59:59Z"), GREATER),
    ] {
        for (relation, expected) in RELATIONS.iter().zip(expected) {
            assert_eq!(test(&left, &format!("{kind}{relation}"), &right), expected, "{left} {kind}{relation} {right}");
        }
    }
    for (left, right, expected) in [(true, true, true), (true, false, false), (false, false, true)] {
        assert_eq!(test(&json!(left), "BooleanEquals", &json!(right)), expected);
    }
}

#[test]
fn a_value_of_another_kind_passes_no_comparison() {
    for (comparator, operand, kind) in [
        ("StringEquals", json!("text"), 5),
        ("StringLessThanEquals", json!("text"), 4),
        ("NumericEquals", json!(0), 2),
        ("NumericGreaterThanEquals", json!(0), 2),
        ("BooleanEquals", json!(true), 1),
        ("TimestampEquals", json!("2016-03-14T01:59:00Z"), 6),
        ("StringMatches", json!("*"), 4),
    ] {
        let kinds = kinds();
        assert!(test(&kinds[kind], comparator, &operand), "{comparator}");
        for other in kinds.iter().filter(|other| other.is_string() != kinds[kind].is_string()) {
            if !(kinds[kind].is_number() && other.is_number()) {
                assert!(!test(other, comparator, &operand), "{other} {comparator}");
            }
        }
    }
    // And what a path compares with may be of another kind too.
    for other in kinds().iter().filter(|other| !other.is_string()) {
        let document = json!({"v": "text", "w": other});
        for comparator in ["StringEqualsPath", "NumericEqualsPath", "BooleanEqualsPath", "TimestampEqualsPath"] {
            assert_eq!(holds_on(&document, &json!({"Variable": "$.v", comparator: "$.w"})), Ok(false), "{comparator}");
        }
    }
    assert!(!test(&json!("date"), "TimestampEquals", &json!("date")));
}

#[test]
fn stars_match_anything() {
    assert!(test(&json!("log-2024.txt"), "StringMatches", &json!("log-*.txt")));
    assert!(!test(&json!("log.txt"), "StringMatches", &json!("log-*.txt")));
    assert!(test(&json!("a*"), "StringMatches", &json!(r"a\*")));
    assert!(!test(&json!("ab"), "StringMatches", &json!(r"a\*")));
}

#[test]
fn rules_are_joined() {
    let document = json!({"type": "Private", "value": 25, "ok": true});
    let is = |name: &str, value: Value| json!({"Variable": format!("$.{name}"), "NumericEquals": value});
    let from = json!({"Variable": "$.value", "NumericGreaterThanEquals": 20});
    let to = json!({"Variable": "$.value", "NumericLessThan": 30, "Comment": "not included"});
    for (rule, expected) in [
        (json!({"And": [from, to]}), true),
        (json!({"And": [from, is("value", json!(1))]}), false),
        (json!({"Or": [is("value", json!(1)), to]}), true),
        (json!({"Or": [is("value", json!(1))]}), false),
        (json!({"Not": {"Variable": "$.type", "StringEquals": "Private"}}), false),
        (json!({"Not": {"And": [from, {"Not": {"Or": [to]}}]}}), true),
        (json!({"And": [{"Variable": "$.gone", "IsPresent": true}, is("gone", json!(1))]}), false),
        (json!({"Or": [{"Variable": "$.gone", "IsPresent": false}, is("gone", json!(1))]}), true),
    ] {
        assert_eq!(holds_on(&document, &rule), Ok(expected), "{rule}");
    }
}

#[test]
fn what_is_not_there_can_be_asked_for_and_nothing_else() {
    let document = json!({"v": 1, "items": []});
    for (variable, present) in
        [("$.v", true), ("$.gone", false), ("$.v.x", false), ("$.items[0]", false), ("$gone", false)]
    {
        let is_present = json!({"Variable": variable, "IsPresent": true});
        assert_eq!(holds_on(&document, &is_present), Ok(present), "{variable}");
        assert_eq!(holds_on(&document, &json!({"Not": is_present})), Ok(!present), "{variable}");
    }
    for (rule, path) in [
        (json!({"Variable": "$.gone", "NumericEquals": 1}), "$.gone"),
        (json!({"Variable": "$.gone", "IsNull": false}), "$.gone"),
        (json!({"Variable": "$.gone", "StringMatches": "*"}), "$.gone"),
        (json!({"Variable": "$.v", "NumericEqualsPath": "$.gone"}), "$.gone"),
        (json!({"Variable": "$gone", "IsString": true}), "$gone"),
    ] {
        let problem = holds_on(&document, &rule).unwrap_err();
        assert_eq!(problem.error, "States.Runtime");
        let expected = format!("Invalid path '{path}': The choice state's condition path references an invalid value.");
        assert_eq!(problem.cause, expected, "{rule}");
    }
}

#[test]
fn variables_and_the_context_can_be_tested() {
    let holds = |value: Value| with_view(|view| rule(&value).unwrap().holds(view));
    assert_eq!(holds(json!({"Variable": "$limit", "NumericGreaterThanPath": "$.limit"})), Ok(true));
    assert_eq!(holds(json!({"Variable": "$$.State.Name", "StringEquals": "Here"})), Ok(true));
    let both = json!({"And": [{"Variable": "$a.b", "NumericEqualsPath": "$c"}, {"Variable": "$.x", "IsNull": true}]});
    assert_eq!(rule(&both).unwrap().variables(), ["a", "c"]);
}

#[test]
fn every_problem_is_told_at_once() {
    let value = json!({"And": [
        {"Variable": "$.", "StringEquals": 1},
        {"StringEqual": "a", "Variable": "$.a"},
        {"Variable": 7, "NumericEquals": "1", "Next": "A"},
        {"NumericEquals": 1},
        {"Variable": "$.a", "NumericEquals": 1, "IsNull": true},
        "text",
        {"Not": []},
        {"Or": [], "Variable": "$.a"},
        {"Variable": "$.a", "StringEqualsPath": "a"},
        {"Variable": "$.a", "IsPresent": "yes"},
        {"Variable": "$.a", "NumericLessThan": "$.b"},
        {},
    ]});
    let told: Vec<String> = rule(&value).unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_comparison_that_never_holds_is_a_doubt() {
    let value = json!({"Or": [{"Variable": "$.a", "TimestampEquals": "soon"}, {"Variable": "$.a", "IsNull": true}]});
    let rule = rule(&value).unwrap();
    assert_eq!(rule.doubts().len(), 1);
    assert_eq!(
        rule.doubts()[0].to_string(),
        "/Or/0/TimestampEquals: \"soon\" is not a timestamp, so this never holds; write it like \"2016-03-14T01:59:00Z\"."
    );
}

#[test]
fn every_comparator_is_read() {
    let mut names = Vec::new();
    for kind in ["String", "Numeric", "Timestamp"] {
        for relation in ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"] {
            names.push(format!("{kind}{relation}"));
        }
    }
    names.push("BooleanEquals".to_owned());
    assert_eq!(names.len(), 16);
    for name in names {
        let operand = match &name[..1] {
            "S" => json!("a"),
            "N" => json!(1),
            "B" => json!(true),
            _ => json!("2016-03-14T01:59:00Z"),
        };
        assert!(rule(&json!({"Variable": "$.a", &name: operand})).is_ok(), "{name}");
        assert!(rule(&json!({"Variable": "$.a", format!("{name}Path"): "$.b"})).is_ok(), "{name}Path");
        assert!(rule(&json!({"Variable": "$.a", format!("{name}Paths"): "$.b"})).is_err(), "{name}Paths");
    }
}

//! Texts and documents written to hurt. Each must end soon, without a panic.

use super::super::ReferencePath;
use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Far above what a bounded evaluation takes, because debug builds on a busy machine are slow.
const SOON: Duration = Duration::from_secs(5);

#[track_caller]
fn ends_with_a_limit(document: &Value, source: &str) {
    let started = Instant::now();
    let outcome = eval_on(document, source);
    let took = started.elapsed();
    assert!(took < SOON, "{source:.80} took {took:?}");
    let problem = outcome.unwrap_err();
    assert_eq!(problem.error, "States.DataLimitExceeded", "{source:.80}: {problem}");
    assert!(problem.cause.len() < 1_000, "{}", problem.cause.len());
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| Value::Array(vec![inner, json!("x")]))
}

#[test]
fn searches_that_multiply_end() {
    let wide = json!({"n": vec![vec![1; 100]; 100]});
    let deep = nested(90);
    ends_with_a_limit(&wide, "$..[?($..* == $..*)]");
    ends_with_a_limit(&wide, "$..[?(@..[?($..*)])]");
    ends_with_a_limit(&wide, &format!("$.n[{0}][{0}]", vec!["0"; 2_000].join(",")));
    ends_with_a_limit(&deep, "$..*..*..*..*..*");
    ends_with_a_limit(&deep, &format!("$..{}", vec!["*"; 50].join("..")));
    let many = json!({"n": vec![1; 60_000]});
    ends_with_a_limit(&many, "$.n[?($.n == $.n)]");
    ends_with_a_limit(&many, "$.n[?($.n[*] == 1)]");
    let text = json!({"t": "a".repeat(200_000), "n": vec![1; 1_000]});
    ends_with_a_limit(&text, "$.n[?($.t == $.t)]");
    ends_with_a_limit(&text, "$.n[?($.t =~ /(a|b|ab)*c/)]");
    ends_with_a_limit(&text, "States.StringSplit($.t, States.Format('{}{}', $.t, $.t))");
}

#[test]
fn results_that_grow_end() {
    let half = json!({"t": "x".repeat(140_000), "o": {"a": "y".repeat(140_000)}});
    for source in [
        "States.Format('{}{}', $.t, $.t)",
        "States.Array($.t, $.t)",
        "States.JsonMerge($, $.o, false)",
        "States.JsonToString($)",
        "States.JsonToString(States.JsonToString(States.JsonToString(States.Array($, $))))",
        "$..*",
    ] {
        ends_with_a_limit(&half, source);
    }
    let many = format!("States.Array({})", vec!["$"; 2_000].join(","));
    ends_with_a_limit(&half, &many);
    let doubling = (0..9).fold("$.t".to_owned(), |inner, _| format!("States.Format('{{}}{{}}', {inner}, {inner})"));
    ends_with_a_limit(&half, &doubling);
    ends_with_a_limit(&nested(100), "States.Array($, $)");
    let brackets = json!({"t": format!("{}{}", "[".repeat(110), "]".repeat(110))});
    ends_with_a_limit(&brackets, "States.StringToJson($.t)");
}

#[test]
fn deep_and_long_texts_are_refused_before_they_are_read() {
    for source in [
        format!("$[?({}@{})]", "(".repeat(7_000), ")".repeat(7_000)),
        format!("${}", "[?(@".repeat(3_000)),
        format!("$.a[?({}@.x)]", "!(".repeat(5_000)),
        format!("States.Array({}", "States.Array(".repeat(1_000)),
        "$".repeat(20_000),
        format!("${}", ".a".repeat(10_000)),
        format!("States.Format('{}')", "x".repeat(20_000)),
        format!("$.a[?(@ =~ /{}/)]", "(a{1,100}){1,100}"),
    ] {
        let started = Instant::now();
        assert!(Source::parse(&source).is_err(), "{source:.40}");
        assert!(started.elapsed() < SOON, "{source:.40}");
        let problem = Source::parse(&source).unwrap_err();
        assert!(problem.message.len() < 1_000, "{}", problem.message.len());
    }
    assert!(Source::parse(&format!("$[?{}@{}]", "(".repeat(48), ")".repeat(48))).is_ok());
    let filters = format!("${}{}", "[?@".repeat(50), "]".repeat(50));
    assert_eq!(eval_on(&nested(90), &filters).map(|found| found.as_array().map(Vec::len)), Ok(Some(1)));
    // Repetitions that are read in a loop need no depth.
    assert!(Source::parse(&format!("$[?({}@.x)]", "!".repeat(10_000))).is_ok());
    assert!(Source::parse(&format!("$[?(@.x{})]", "||@.x".repeat(3_000))).is_ok());
}

#[test]
fn deep_rules_are_refused() {
    let deep = (0..150).fold(json!({"Variable": "$.a", "IsNull": true}), |inner, _| json!({"Not": inner}));
    assert_eq!(Rule::parse(deep.as_object().unwrap()).unwrap_err().len(), 1);
}

#[test]
fn deep_documents_are_refused() {
    let mut deep = nested(5_000);
    for source in ["$", "$..x", "States.JsonToString($)", "States.ArrayContains($, $)", "$[?(@ == $[0])]"] {
        let outcome = eval_on(&deep, source);
        assert!(source == "$..x" || outcome.is_err(), "{source}");
    }
    // Dropping a value recurses too; this one is taken apart by hand.
    while let Value::Array(items) = &mut deep {
        deep = items.swap_remove(0);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c*\\\\ {}$.]{0,4}".prop_map(Value::from),
        Just(json!("2016-03-14T01:59:00Z")),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Texts of the pieces that paths and calls are made of, so that many of them can be read.
fn any_source() -> impl Strategy<Value = String> {
    const PIECES: [&str; 52] = [
        "$",
        "$$",
        "$a",
        "@",
        ".a",
        ".b",
        ".*",
        "..",
        "..*",
        "..a",
        "[0]",
        "[-1]",
        "[*]",
        "[1:]",
        "[:2:2]",
        "[0,1]",
        "['a']",
        "['a','b']",
        "[?(",
        "@.a",
        ")]",
        " == ",
        " != ",
        "<",
        ">=",
        " && ",
        " || ",
        "!",
        "(",
        ")",
        " in [1,'a']",
        " =~ /a.*/i",
        "'a'",
        "'{}'",
        "'\\",
        "\\'",
        "1",
        "-1.5",
        "true",
        "null",
        ", ",
        " ",
        "]",
        "[",
        "ä",
        "States.Array(",
        "States.Format('{}', ",
        "States.ArrayLength(",
        "States.StringToJson(",
        "States.JsonMerge(",
        "States.MathAdd(",
        "States.ArrayUnique(",
    ];
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..10);
    prop_oneof![
        4 => pieces.clone().prop_map(|pieces| format!("$.a{}", pieces.concat())),
        4 => pieces.clone().prop_map(|pieces| format!("States.Array({})", pieces.concat())),
        1 => pieces.prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,20}",
        1 => "\\$\\PC{0,20}",
    ]
}

fn any_rule() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 12] = [
        "StringEquals",
        "StringMatches",
        "NumericLessThan",
        "TimestampEqualsPath",
        "BooleanEquals",
        "IsNull",
        "IsPresent",
        "IsTimestamp",
        "StringGreaterThanPath",
        "And",
        "Not",
        "Nope",
    ];
    let test = (any_source(), prop::sample::select(&NAMES[..]), any_value());
    let leaf = test.prop_map(|(path, name, value)| json!({"Variable": path, name: value}));
    let good = (prop::sample::select(&NAMES[..7]), any_value())
        .prop_map(|(name, value)| json!({"Variable": "$.a", name: value}));
    prop_oneof![leaf, good].prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|rule| json!({"Not": rule})),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|rules| json!({"And": rules})),
            prop::collection::vec(inner, 0..3).prop_map(|rules| json!({"Or": rules})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_on_any_document_ends_soon(source in any_source(), document in any_value(), a in any_value()) {
        let started = Instant::now();
        let variables = Map::from_iter([("a".to_owned(), a)]);
        let view = View { document: &document, context: &document, variables: &variables, moment: MOMENT };
        if let Ok(read) = Source::parse(&source) {
            let first = read.evaluate(&view);
            prop_assert_eq!(&first, &read.evaluate(&view));
            prop_assert!(read.source() == source && read.variables().iter().all(|name| source.contains(name)));
        }
        let payload = json!({"x.$": source, "y": [document.clone()]});
        if let Ok(payload) = Payload::parse(&payload) {
            let _either = payload.evaluate(&view);
        }
        if let Ok(path) = ReferencePath::parse(&source) && let Ok(changed) = path.put(document.clone(), json!("put")) {
            let found = Path::parse(&source).unwrap().evaluate(&View { document: &changed, ..view });
            prop_assert_eq!(found, Ok(json!("put")));
        }
        prop_assert!(started.elapsed() < SOON);
    }

    #[test]
    fn any_rule_on_any_document_ends_soon(rule in any_rule(), document in any_value()) {
        let started = Instant::now();
        let variables = Map::new();
        let view = View { document: &document, context: &document, variables: &variables, moment: MOMENT };
        match Rule::parse(rule.as_object().unwrap()) {
            Ok(rule) => drop(rule.holds(&view)),
            Err(problems) => prop_assert!(!problems.is_empty() && problems.iter().all(|problem| problem.message.ends_with('.'))),
        }
        prop_assert!(started.elapsed() < SOON);
    }
}

use super::*;
use serde_json::Number;

#[test]
fn a_pure_path_keeps_numbers_as_they_are() {
    gives("$states.input.total", "12345678901234567890");
    let ratio = eval("$states.input.ratio").unwrap().unwrap();
    assert_eq!(ratio, Value::Number(Number::from_f64(1.1).unwrap()));
    gives("$states.input", &states()["input"].to_string());
    gives("$base", "\"1999.99\"");
    gives("$po.lines[0].price", "\"1.10\"");
    gives("$po.lines[-1].price", "\"2.20\"");
    gives("$states.input.people[1].langs[1]", "\"sv\"");
    gives("$states.input.items", "[0]");
    gives("$po.empty", "[]");
}

/// A path is answered without the engine where that gives the same. `$lookup` and a variable keep the shortcut away.
#[test]
fn the_shortcut_and_the_engine_agree() {
    let documents = [
        json!({"a": {"b": [1, 2]}}),
        json!({"a": [{"b": 1}, {"b": [2, 3]}, {"c": 4}]}),
        json!({"a": [[{"b": 1}], {"b": 2}]}),
        json!({"a": [[1, 2], [3]]}),
        json!({"a": [[[1]]]}),
        json!({"a": {"b": null}}),
        json!({"a": null}),
        json!({"a": "text"}),
        json!({"a": {"b": []}}),
        json!({"a": []}),
        json!({"a": [5]}),
        json!({"a": [[5]]}),
        json!({"a": [{"b": {"b": [7]}}]}),
        json!([{"a": {"b": 1}}, {"a": 2}]),
        json!("text"),
        json!(null),
        json!([]),
    ];
    let paths = [
        "",
        ".a",
        ".a.b",
        ".a.b.b",
        ".a[0]",
        ".a[1]",
        ".a[-1]",
        ".a[0][0]",
        ".a[0].b",
        ".a.b[0]",
        ".a.b[-1]",
        "[0]",
        "[-2]",
        "[0].a",
        ".a[0][1]",
        ".b",
        ".a[5]",
        "[0][0]",
        ".a[0][0][0]",
    ];
    for document in &documents {
        let mut variables = Map::new();
        variables.insert("v".to_owned(), document.clone());
        let scope = Scope::new(&Value::Null, &variables, MOMENT);
        let evaluate = |source: String| Expression::parse(&source).unwrap().evaluate(&scope).unwrap();
        for path in paths {
            let direct = evaluate(format!("$v{path}"));
            assert_eq!(direct, evaluate(format!("($w := 1; $v{path})")), "$v{path} over {document}");
            // Binding the variable converts all of it.
            assert_eq!(direct, evaluate(format!("($w := $v; $w{path})")), "$w{path} over {document}");
        }
    }
}

#[test]
fn only_what_is_read_is_converted_and_that_changes_nothing() {
    for (source, expected) in [
        ("$sum($po.lines.qty)", "5"),
        ("$count($keys($po))", "3"),
        ("$count($po.lines) + $count($keys($po))", "5"),
        ("$po.lines[price = '2.20'].qty + 1", "4"),
        ("$po.lines.(qty + $count($po.tags))", "[3, 4]"),
        ("$po.lines.%.tags", "[\"a\", \"a\"]"),
        ("($p := $po; $p.tags[0] & 'b')", "\"ab\""),
        ("$states.input.people[0].name & $states.context.Execution.Id", "\"Annae-1\""),
        ("$string($states.input.people[0])", "\"{\\\"name\\\":\\\"Anna\\\",\\\"langs\\\":[\\\"de\\\"]}\""),
    ] {
        gives(source, expected);
    }
}

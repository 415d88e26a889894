use super::*;
use serde_json::json;

fn value(text: &str) -> Value {
    let (document, flaws) = read(text);
    assert_eq!(flaws, [], "{text}");
    document.value
}

/// Line, column and message of each flaw.
fn flaws(text: &str) -> Vec<(usize, usize, String)> {
    let (_, flaws) = read(text);
    assert!(flaws.iter().all(|flaw| !flaw.remedy.is_empty()));
    flaws.into_iter().map(|flaw| (flaw.position.line, flaw.position.column, flaw.message)).collect()
}

#[test]
fn scalars_mean_what_yaml_1_2_says() {
    let text =
        "[no, on, 1:30, 0o17, 0x1F, 017, -3, +3, 1.5, 1e3, .5, '1', \"true\", true, ~, null, 2024-01-01, 1.2.3, .inf]";
    let expected = json!([
        "no",
        "on",
        "1:30",
        15,
        31,
        17,
        -3,
        3,
        1.5,
        1e3,
        0.5,
        "1",
        "true",
        true,
        null,
        null,
        "2024-01-01",
        "1.2.3",
        ".inf"
    ]);
    assert_eq!(value(text), expected);
    assert_eq!(value("a: 18446744073709551615\nb: 99999999999999999999"), json!({ "a": u64::MAX, "b": 1e20 }));
}

#[test]
fn blocks_and_flows_are_the_same() {
    let block = "list:\n  - name: a\n    text: |\n      two\n      lines\n  - { name: b, text: x }\nempty:\n";
    let expected =
        json!({ "list": [{ "name": "a", "text": "two\nlines\n" }, { "name": "b", "text": "x" }], "empty": null });
    assert_eq!(value(block), expected);
}

#[test]
fn each_place_is_found() {
    let (document, _) = read("# a comment\nname: x\nlist:\n  - a: 1\n    b/c: 2\n  - [3, 4]\n");
    let place = |pointer| {
        let Position { line, column } = document.find(pointer);
        (line, column)
    };
    assert_eq!(place("/name"), (2, 1));
    assert_eq!(place("/list/0"), (4, 5));
    assert_eq!(place("/list/0/b~1c"), (5, 5));
    assert_eq!(place("/list/1/1"), (6, 9));
    assert_eq!(place("/list/0/missing/deep"), (4, 5), "the one around it");
    assert_eq!(place("/nothing"), place(""));
}

#[test]
fn what_json_has_not_is_refused_all_at_once() {
    let found = flaws("a: &anchor 1\nb: *anchor\nc: !!str 2\na: 3\n");
    let places: Vec<(usize, usize)> = found.iter().map(|(line, column, _)| (*line, *column)).collect();
    assert_eq!(places, [(1, 12), (2, 4), (3, 10), (4, 1)], "{found:?}");
    assert!(found[3].2.contains("\"a\" is given twice"), "{found:?}");
}

#[test]
fn bombs_cost_nothing() {
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    assert!(flaws(laughs).len() >= 3);
    assert!(flaws(&"- ".repeat(40))[0].2.contains("32 levels"));
    assert_eq!(flaws(&"[".repeat(10_000)).len(), 1);
    assert!(flaws(&format!("a: {}", "x".repeat(MAX_BYTES)))[0].2.contains("larger"));
}

#[test]
fn what_cannot_be_read_is_placed() {
    for text in ["a: [1, 2", "a: 'b", "a: b: c", "a:\n\t- 1", "[a]: 1", "a: 1\n---\nb: 2\n", "a: *nobody", "a\nb: 1"] {
        let found = flaws(text);
        assert!(!found.is_empty() && found.iter().all(|(line, _, _)| *line >= 1), "{text}: {found:?}");
    }
}

//! Where inputs begin: the small corpus, what the tests have anyway, and pieces of the languages.

use crate::chance::Chance;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Pieces that are put into texts.
pub const PIECES: [&str; 64] = [
    "{%",
    "%}",
    "$",
    "$$",
    "$states.input",
    "$states.result",
    "$x",
    "..",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "\"",
    "'",
    "\\",
    "~>",
    ":=",
    "function($v){",
    "λ($v,$i)<nn:n>{",
    "|",
    "^(",
    "@$v",
    "#$i",
    "%",
    "*",
    "**",
    "?",
    ":",
    "??",
    "?:",
    "/a+/i",
    "$map(",
    "$reduce(",
    "$sort(",
    "$replace(",
    "$pad(",
    "$fromMillis(",
    "$toMillis(",
    "$formatNumber(",
    "$split(",
    "1e308",
    "-1",
    "0.1",
    "9007199254740993",
    "\u{1F600}",
    "\u{202E}",
    "\u{0}",
    "null",
    "true",
    "[?(@.a)]",
    "[0:2]",
    "States.Format(",
    "States.JsonMerge(",
    ".$",
    "\"Next\": ",
    "\"Type\": \"Map\"",
    "\"Retry\": [",
    "\"End\": true",
    "$dec_add(",
    "&",
    "and",
    "in",
];

/// Names of fields that are put into documents.
pub const FIELDS: [&str; 32] = [
    "Arguments",
    "Assign",
    "Output",
    "Catch",
    "Retry",
    "Next",
    "End",
    "Default",
    "Choices",
    "Condition",
    "Items",
    "ItemSelector",
    "ItemBatcher",
    "ItemProcessor",
    "Branches",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "Seconds",
    "Timestamp",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "InputPath",
    "OutputPath",
    "ResultPath",
    "Parameters",
    "ResultSelector",
    "Result",
    "QueryLanguage",
    "Outcomes",
    "Groups",
    "a.$",
    "Variable",
];

/// The inputs that others are made from.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = files(&here.join("corpus").join(target));
    let tests = here.parent().unwrap_or(here).join("tests");
    match target {
        "expression" => found.extend(lines(&tests.join("jsonata/suite.jsonl"), |case| text(case.get("expr")?))),
        "definition" => {
            let definition = |case: &Value| Some(case.get("definition")?.to_string());
            found.extend(lines(&tests.join("core/recorded.jsonl"), definition));
            found.extend(lines(&tests.join("jsonpath/machines.jsonl"), definition));
            found.extend(std::fs::read(here.join("../../definitions/purchasing/order.asl.json")));
            found.extend((0..200).map(|n| made(n).to_string().into_bytes()));
        }
        "paths" => {
            found.extend(lines(&tests.join("jsonpath/calls.jsonl"), |case| text(case.get(0)?)));
            found.extend(lines(&tests.join("jsonpath/rules.jsonl"), rule));
            found.extend(lines(&tests.join("jsonpath/machines.jsonl"), payload));
        }
        _ => {}
    }
    found
}

/// A rule of `Choice`: a comparator with what it compares with.
fn rule(case: &Value) -> Option<String> {
    let comparator = case.get(0)?.as_str()?;
    Some(
        json!({ "And": [{ "Variable": "$.a", "IsPresent": true }, { "Variable": "$.a", comparator: case.get(1)? }] })
            .to_string(),
    )
}

/// The `Parameters` of the first state that has some.
fn payload(case: &Value) -> Option<String> {
    let states = case.get("definition")?.get("States")?.as_object()?;
    states.values().find_map(|state| state.get("Parameters")).map(Value::to_string)
}

/// A definition of the kind that the sequences of events have.
fn made(n: u64) -> Value {
    let mut chance = Chance(n);
    let bytes: Vec<u8> = (0..200).map(|_| u8::try_from(chance.below(256)).unwrap_or_default()).collect();
    crate::case::Case::of(&bytes).definition
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

fn lines(path: &Path, part: impl Fn(&Value) -> Option<String>) -> Vec<Vec<u8>> {
    let cases = std::fs::read_to_string(path).unwrap_or_default();
    let parts = cases.lines().filter_map(|line| part(&serde_json::from_str(line).ok()?));
    parts.map(String::into_bytes).collect()
}

//! Every mail template is rendered with every sample beside it: `ask.again.json` is a context of `ask`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing sample should stop the test where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

/// The templates of the service and of the purchasing module, with the prefix of their names.
const FOLDERS: [(&str, &str); 2] = [("mail", "templates/mail"), ("purchasing", "../definitions/purchasing/mail")];
const HOSTILE: &str = "<script>alert(1)</script>\"'><b onclick=x>\r\nBcc: all@x.example";

struct Sample {
    name: String,
    template: String,
    context: Value,
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap());
    for (prefix, path) in FOLDERS {
        for entry in fs::read_dir(folder(path)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if name.ends_with(".html") || name.ends_with(".txt") {
                let text = fs::read_to_string(entry.path()).unwrap();
                environment.add_template_owned(format!("{prefix}/{name}"), text).unwrap();
            }
        }
    }
    environment
}

fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (prefix, path) in FOLDERS {
        for entry in fs::read_dir(folder(path).join("samples")).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            let template = format!("{prefix}/{}", name.split('.').next().unwrap());
            let context = serde_json::from_str(&fs::read_to_string(entry.path()).unwrap()).unwrap();
            samples.push(Sample { name, template, context });
        }
    }
    assert!(samples.len() > 10);
    samples
}

fn render(environment: &Environment, sample: &Sample, ending: &str) -> String {
    let name = format!("{}.{ending}", sample.template);
    let rendered = environment.get_template(&name).and_then(|template| template.render(Serde(&sample.context)));
    rendered.unwrap_or_else(|error| panic!("{name} with {}: {error:#}", sample.name))
}

/// What a reader sees of an HTML part.
fn words(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    let plain = entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text of a view, in its order.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(text.lines().map(str::to_owned)),
        Value::Array(list) => list.iter().for_each(|entry| texts(entry, found)),
        Value::Object(map) => map.values().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}

fn poison(value: &mut Value) {
    match value {
        Value::String(text) => *text = HOSTILE.to_owned(),
        Value::Array(list) => list.iter_mut().for_each(poison),
        Value::Object(map) => map.iter_mut().filter(|(key, _)| *key != "outcome").for_each(|(_, entry)| poison(entry)),
        _ => {}
    }
}

#[test]
fn both_parts_tell_the_same() {
    let environment = environment();
    for sample in samples() {
        let html = words(&render(&environment, &sample, "html"));
        let text = render(&environment, &sample, "txt").replace("> ", "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut expected = Vec::new();
        for key in ["view", "link", "comment", "decided_before", "changed", "asked_because", "by", "at", "attachments"]
        {
            texts(sample.context.get(key).unwrap_or(&Value::Null), &mut expected);
        }
        let heads =
            sample.context.pointer("/view/table/columns").and_then(Value::as_array).cloned().unwrap_or_default();
        let folded = |told: &str| [heads.first(), heads.last()].iter().flatten().any(|head| head["title"] == told);
        for told in expected.iter().filter(|told| !told.is_empty() && !folded(told)) {
            assert!(html.contains(told.as_str()), "{}: the HTML part lacks {told:?}", sample.name);
            assert!(text.contains(told.as_str()), "{}: the text part lacks {told:?} in {text}", sample.name);
        }
    }
}

#[test]
fn a_subject_is_one_line() {
    let environment = environment();
    for mut sample in samples() {
        poison(&mut sample.context["view"]);
        let subject = render(&environment, &sample, "subject.txt");
        assert_eq!(subject.lines().count(), 1, "{}: {subject:?}", sample.name);
        assert!(!subject.contains('\r') && !subject.starts_with(' '), "{}: {subject:?}", sample.name);
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let environment = environment();
    for mut sample in samples() {
        poison(&mut sample.context);
        let html = render(&environment, &sample, "html").to_lowercase();
        assert!(!html.contains("<script") && !html.contains("<b onclick"), "{}: {html}", sample.name);
    }
}

#[test]
fn a_mail_loads_nothing_and_has_one_button() {
    let environment = environment();
    for sample in samples() {
        let html = render(&environment, &sample, "html");
        for forbidden in ["<img", "<link", "<style", "<script", "<form", "url(", "src="] {
            assert!(!html.contains(forbidden), "{}: {forbidden}", sample.name);
        }
        let buttons = html.matches("bgcolor=").count();
        assert_eq!(buttons, usize::from(sample.context["link"].is_string()), "{}", sample.name);
        assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{}", sample.name);
    }
}

#[test]
fn the_text_part_has_no_holes() {
    let environment = environment();
    for sample in samples() {
        let text = render(&environment, &sample, "txt");
        assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "{}: {text}", sample.name);
        assert!(text.lines().any(|line| line == "-- "), "{}: no signature separator in {text}", sample.name);
    }
}

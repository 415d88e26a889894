//! The states of Amazon States Language.

use super::approval::Approval;
use super::fields::{Fields, Problems};
use super::machine::Reading;
use super::map::{self, MapState};
use super::parallel::{self, Parallel};
use super::retry::{Catcher, Retrier, catchers, retriers};
use super::shape::{Computed, Has, Language, Range, Shape, shape};
use crate::expression::{Expression, Template};
use crate::jsonpath::{Rule, Source};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A state and its name.
#[derive(Debug, Clone)]
pub struct State {
    /// Its name, unique in the definition, those of branches and items included.
    pub name: String,
    /// What it does.
    pub kind: StateKind,
    /// Where it stands in the document: a JSON pointer.
    pub pointer: String,
}

/// What a state does.
#[derive(Debug, Clone)]
pub enum StateKind {
    /// Shapes data.
    Pass(Pass),
    /// Has work done by code of the registry.
    Task(Task),
    /// Goes where a condition says.
    Choice(Choice),
    /// Lets time pass.
    Wait(Wait),
    /// Ends well.
    Succeed(Succeed),
    /// Ends with an error.
    Fail(Fail),
    /// Asks people.
    Approval(Box<Approval>),
    /// Goes several ways at once.
    Parallel(Parallel),
    /// Does the same for every item.
    Map(Box<MapState>),
}

/// Where a state leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// To another state.
    State(String),
    /// To the end of the execution.
    End,
}

/// `Pass`.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Its data flow.
    pub shape: Shape,
    /// In JSONPath: what it yields; its input when absent.
    pub result: Option<Value>,
    /// Where it leads.
    pub next: Next,
}

/// `Task`.
#[derive(Debug, Clone)]
pub struct Task {
    /// The name of the code in the registry: `mail.send`.
    pub resource: String,
    /// Its data flow.
    pub shape: Shape,
    /// How long it may take, in seconds, counted from when it was scheduled.
    pub timeout: Option<Computed>,
    /// How long it may be silent, in seconds.
    pub heartbeat: Option<Computed>,
    /// Tried again on these errors.
    pub retry: Vec<Retrier>,
    /// Goes elsewhere on these errors.
    pub catch: Vec<Catcher>,
    /// Where it leads.
    pub next: Next,
}

/// The end of a resource whose task is answered from outside, by whoever holds its token.
pub const FOR_TOKEN: &str = ".waitForTaskToken";

impl Task {
    /// The name of the code, without the word about how it is waited for.
    pub fn code(&self) -> &str {
        code_of(&self.resource)
    }
}

/// The name of the code in a resource, without the word about how it is waited for.
pub fn code_of(resource: &str) -> &str {
    resource.strip_suffix(FOR_TOKEN).unwrap_or(resource)
}

/// `Choice`.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Tried from the first; the first that is true leads.
    pub rules: Vec<ChoiceRule>,
    /// Where it leads when none is true.
    pub default: Option<String>,
    /// Its data flow when no rule is true; in JSONPath its paths hold for every rule.
    pub shape: Shape,
}

/// One rule of a `Choice`.
#[derive(Debug, Clone)]
pub struct ChoiceRule {
    /// When it leads.
    pub condition: Condition,
    /// Where it leads.
    pub next: String,
    /// Its data flow.
    pub shape: Shape,
}

/// When a rule of a `Choice` leads.
#[derive(Debug, Clone)]
pub enum Condition {
    /// In JSONata. Must be true or false; anything else is an error.
    Expression(Expression),
    /// A comparison in JSONPath mode.
    Rule(Rule),
}

/// `Wait`.
#[derive(Debug, Clone)]
pub struct Wait {
    /// How long, or until when.
    pub until: Until,
    /// Its data flow.
    pub shape: Shape,
    /// Where it leads.
    pub next: Next,
}

/// When a `Wait` ends.
#[derive(Debug, Clone)]
pub enum Until {
    /// After so many seconds.
    Seconds(Computed),
    /// At a time in RFC 3339.
    Timestamp(Computed),
}

/// `Succeed`.
#[derive(Debug, Clone)]
pub struct Succeed {
    /// Its data flow.
    pub shape: Shape,
}

/// `Fail`.
#[derive(Debug, Clone)]
pub struct Fail {
    /// The error's name.
    pub error: Option<Told>,
    /// What happened, for people.
    pub cause: Option<Told>,
}

/// A text of a `Fail`.
#[derive(Debug, Clone)]
pub enum Told {
    /// As it stands.
    Text(String),
    /// In JSONata.
    Template(Template),
    /// A path or a call, in JSONPath.
    Source(Source),
}

impl State {
    pub(super) fn read(name: &str, value: &Value, pointer: String, reading: Reading<'_>) -> Option<Self> {
        let fields = Fields::of(value, pointer.clone(), reading.problems)?;
        fields.text("Comment");
        let language = reading.language_of(&fields);
        let kind = match fields.required_text("Type")?.as_str() {
            "Pass" => pass(&fields, language).map(StateKind::Pass),
            "Task" => task(&fields, language).map(StateKind::Task),
            "Choice" => choice(&fields, language).map(StateKind::Choice),
            "Wait" => wait(&fields, language).map(StateKind::Wait),
            "Succeed" => Some(StateKind::Succeed(succeed(&fields, language))),
            "Fail" => Some(StateKind::Fail(fail(&fields, language))),
            "Parallel" => parallel::read(&fields, language, reading).map(StateKind::Parallel),
            "Map" => map::read(&fields, language, reading).map(|map| StateKind::Map(Box::new(map))),
            "Approval" => approval(&fields, language, reading),
            other => {
                let known = "Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map, Approval";
                let message = format!("\"{other}\" is not a state type; use one of: {known}");
                fields.wrong("Type", "state-type", message);
                return None;
            }
        };
        finish(fields, language);
        kind.map(|kind| Self { name: name.to_owned(), kind, pointer })
    }
}

/// Reports what is left, with a word about the language where that is the reason.
fn finish(fields: Fields<'_>, language: Language) {
    const JSONPATH: [&str; 6] = ["InputPath", "Parameters", "Result", "ResultSelector", "ResultPath", "OutputPath"];
    const JSONATA: [&str; 3] = ["Arguments", "Output", "Items"];
    let (others, instead): (&[&str], _) = match language {
        Language::Jsonata => {
            (&JSONPATH, "belongs to JSONPath; this state is in JSONata: use Arguments, Output and Assign")
        }
        Language::JsonPath => {
            (&JSONATA, "belongs to JSONata; add \"QueryLanguage\": \"JSONata\" to the state or the definition")
        }
    };
    fields.finish_but(others, instead);
}

fn approval<'a>(fields: &Fields<'a>, language: Language, reading: Reading<'a>) -> Option<StateKind> {
    if language == Language::JsonPath {
        let message = "an Approval is in JSONata; add \"QueryLanguage\": \"JSONata\" to it";
        fields.wrong("QueryLanguage", "query-language", message);
    }
    Approval::read(fields, reading.approval).map(|approval| StateKind::Approval(Box::new(approval)))
}

pub(super) fn next(fields: &Fields<'_>) -> Option<Next> {
    let end = fields.flag("End");
    match (fields.text("Next"), end) {
        (Some(name), None | Some(false)) => Some(Next::State(name)),
        (None, Some(true)) => Some(Next::End),
        (Some(_), Some(true)) => {
            fields.wrong("End", "next-or-end", "has both Next and End; keep one of them");
            None
        }
        (None, _) if fields.has("Next") || (fields.has("End") && end.is_none()) => None,
        (None, _) => {
            fields.problems.add(&fields.pointer, "next-or-end", "leads nowhere; add Next, or \"End\": true");
            None
        }
    }
}

fn pass(fields: &Fields<'_>, language: Language) -> Option<Pass> {
    let shape = match language {
        Language::Jsonata => shape(fields, language, Has::SHAPED),
        Language::JsonPath => shape(fields, language, Has::WORKED),
    };
    let result = if language == Language::JsonPath { fields.get("Result").cloned() } else { None };
    Some(Pass { shape, result, next: next(fields)? })
}

/// Checks `Assign`, an object of variable names; `states` is taken. Whether there is one.
pub(super) fn assign(fields: &Fields<'_>, language: Language) -> bool {
    let Some(names) = fields.object("Assign") else { return false };
    for (written, _) in names.entries() {
        let name = match language {
            Language::Jsonata => written.as_str(),
            Language::JsonPath => written.strip_suffix(".$").unwrap_or(written),
        };
        fields.problems.saw_assignment(name);
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
        if name == "states" || !starts || !letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
            names.wrong(
                written,
                "variable-name",
                "is not a name for a variable; use letters, digits and _, and not \"states\"",
            );
        }
    }
    true
}

/// The most seconds of a state, as in Step Functions.
pub(crate) const MOST_SECONDS: u64 = 99_999_999;

fn task(fields: &Fields<'_>, language: Language) -> Option<Task> {
    let resource = fields.required_text("Resource");
    let shape = shape(fields, language, Has::WORKED);
    let seconds = Range::Whole(1, MOST_SECONDS);
    let timeout = fields.computed(("TimeoutSeconds", "TimeoutSecondsPath"), language, seconds);
    let heartbeat = fields.computed(("HeartbeatSeconds", "HeartbeatSecondsPath"), language, seconds);
    check_heartbeat(fields, timeout.as_ref(), heartbeat.as_ref());
    let (retry, catch) = (retriers(fields), catchers(fields, language));
    let next = next(fields);
    Some(Task { resource: resource?, shape, timeout, heartbeat, retry, catch, next: next? })
}

/// A heartbeat that is not shorter than the time-out can never be missed.
fn check_heartbeat(fields: &Fields<'_>, timeout: Option<&Computed>, heartbeat: Option<&Computed>) {
    if let (Some(Computed::Fixed(timeout)), Some(Computed::Fixed(heartbeat))) = (timeout, heartbeat)
        && heartbeat.as_u64() >= timeout.as_u64()
    {
        fields.wrong("HeartbeatSeconds", "range", "must be smaller than TimeoutSeconds");
    }
}

fn choice(fields: &Fields<'_>, language: Language) -> Option<Choice> {
    fields.require("Choices");
    let items = fields.list("Choices");
    if items.as_ref().is_some_and(Vec::is_empty) {
        fields.wrong("Choices", "empty", "has no rule; add at least one");
    }
    let rules = items.into_iter().flatten();
    let rules = rules.filter_map(|(at, item)| choice_rule(item, at, fields.problems, language)).collect();
    Some(Choice { rules, default: fields.text("Default"), shape: shape(fields, language, Has::PASSED) })
}

fn choice_rule(value: &Value, pointer: String, problems: &Problems, language: Language) -> Option<ChoiceRule> {
    let fields = Fields::of(value, pointer, problems)?;
    let next = fields.required_text("Next");
    let shape = shape(&fields, language, Has::ASSIGNED);
    fields.text("Comment");
    let condition = match language {
        Language::Jsonata => condition(fields),
        Language::JsonPath => comparison(&fields, value.as_object()?),
    };
    Some(ChoiceRule { condition: condition?, next: next?, shape })
}

fn condition(fields: Fields<'_>) -> Option<Condition> {
    fields.require("Condition");
    let condition = match fields.get("Condition") {
        Some(Value::Bool(constant)) => Expression::parse(&constant.to_string()).ok(),
        _ => fields.expression("Condition"),
    };
    fields.finish();
    condition.map(Condition::Expression)
}

/// `Variable` and a comparison, or `And`, `Or`, `Not`.
fn comparison(fields: &Fields<'_>, rule: &Map<String, Value>) -> Option<Condition> {
    if rule.contains_key("Condition") {
        let message = "Condition belongs to JSONata; add \"QueryLanguage\": \"JSONata\" to the state or the definition";
        fields.wrong("Condition", "other-language", message);
        return None;
    }
    let mut rule = rule.clone();
    for name in ["Next", "Assign", "Comment"] {
        rule.shift_remove(name);
    }
    match Rule::parse(&rule) {
        Ok(rule) => Some(Condition::Rule(rule)),
        Err(found) => {
            for problem in found {
                fields.problems.add(format!("{}{}", fields.pointer, problem.pointer), "choice-rule", problem.message);
            }
            None
        }
    }
}

fn wait(fields: &Fields<'_>, language: Language) -> Option<Wait> {
    let seconds = fields.computed(("Seconds", "SecondsPath"), language, Range::Whole(0, MOST_SECONDS));
    let timestamp = timestamp(fields, language);
    let given = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"].iter().filter(|name| fields.has(name)).count();
    if given != 1 {
        let message = match language {
            Language::Jsonata => "must have exactly one of Seconds and Timestamp",
            Language::JsonPath => "must have exactly one of Seconds, SecondsPath, Timestamp and TimestampPath",
        };
        fields.problems.add(&fields.pointer, "wait", message);
    }
    let until = seconds.map(Until::Seconds).or(timestamp.map(Until::Timestamp));
    let (shape, next) = (shape(fields, language, Has::PASSED), next(fields));
    Some(Wait { until: until?, shape, next: next? })
}

fn succeed(fields: &Fields<'_>, language: Language) -> Succeed {
    let shape = shape(fields, language, Has::PASSED);
    if fields.has("Assign") {
        fields.wrong("Assign", "no-effect", "sets variables that nothing can read any more; remove it");
    }
    Succeed { shape }
}

fn fail(fields: &Fields<'_>, language: Language) -> Fail {
    Fail {
        error: told(fields, ("Error", "ErrorPath"), language),
        cause: told(fields, ("Cause", "CausePath"), language),
    }
}

fn told(fields: &Fields<'_>, (name, with_path): (&'static str, &'static str), language: Language) -> Option<Told> {
    let text = fields.text(name);
    match language {
        Language::Jsonata => text.and_then(|_| fields.template(name)).map(Told::Template),
        Language::JsonPath if fields.has(name) && fields.get(with_path).is_some() => {
            fields.wrong(with_path, "both", format!("stands beside {name}; keep one of them"));
            None
        }
        Language::JsonPath => text.map(Told::Text).or_else(|| fields.source(with_path).map(Told::Source)),
    }
}

/// A time in RFC 3339: computed, or a text that can be checked now.
fn timestamp(fields: &Fields<'_>, language: Language) -> Option<Computed> {
    let wrong = || {
        let message = "must be a time such as \"2026-11-23T09:30:00Z\", or an expression that yields one";
        fields.wrong("Timestamp", "timestamp", message);
    };
    let Some(value) = fields.get("Timestamp") else {
        return (language == Language::JsonPath)
            .then(|| fields.source("TimestampPath"))
            .flatten()
            .map(Computed::Source);
    };
    match (language, value.as_str()) {
        (Language::Jsonata, Some(text)) if text.trim().starts_with("{%") => {
            fields.expression("Timestamp").map(Computed::Expression)
        }
        (_, Some(text)) if parse_timestamp(text).is_some() => Some(Computed::Fixed(value.clone())),
        _ => {
            wrong();
            None
        }
    }
}

/// Milliseconds since 1970 of a time in RFC 3339.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    // The profile of the language wants the letters T and Z, and those large (states-language.net, "Timestamps").
    if text.as_bytes().get(10) != Some(&b'T') || text.ends_with('z') {
        return None;
    }
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp() * 1_000 + i64::from(time.millisecond()))
}

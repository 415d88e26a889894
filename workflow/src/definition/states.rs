//! The states of Amazon States Language, in JSONata mode.

use super::approval::Approval;
use super::fields::{Fields, Problems, template_at};
use super::retry::{Catcher, Retrier, catchers, retriers};
use crate::expression::{Expression, Template};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const ONLY_JSONATA: &str = "must be \"JSONata\"; JSONPath is not supported yet";

/// What the whole definition says for all its states.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inherited<'a> {
    /// Whether states are in JSONata unless they say otherwise.
    pub(super) jsonata: bool,
    /// `ApprovalDefaults`, or null.
    pub(super) approval: &'a Value,
}

/// A state and its name.
#[derive(Debug, Clone)]
pub struct State {
    /// Its name, unique in the definition.
    pub name: String,
    /// What it does.
    pub kind: StateKind,
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
    /// Its output; its input when absent.
    pub output: Option<Template>,
    /// Variables it sets.
    pub assign: Option<Template>,
    /// Where it leads.
    pub next: Next,
}

/// `Task`.
#[derive(Debug, Clone)]
pub struct Task {
    /// The name of the code in the registry: `mail.send`.
    pub resource: String,
    /// What the code is given; the state's input when absent.
    pub arguments: Option<Template>,
    /// How long it may take, counted from when it was scheduled.
    pub timeout_seconds: Option<Seconds>,
    /// Tried again on these errors.
    pub retry: Vec<Retrier>,
    /// Goes elsewhere on these errors.
    pub catch: Vec<Catcher>,
    /// Its output; its result when absent.
    pub output: Option<Template>,
    /// Variables it sets.
    pub assign: Option<Template>,
    /// Where it leads.
    pub next: Next,
}

/// A number of seconds, fixed or computed.
#[derive(Debug, Clone)]
pub enum Seconds {
    /// Known when the definition is saved.
    Fixed(u64),
    /// Known when the state is entered.
    Computed(Expression),
}

/// `Choice`.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Tried from the first; the first that is true leads.
    pub rules: Vec<ChoiceRule>,
    /// Where it leads when none is true.
    pub default: Option<String>,
    /// Its output when no rule is true.
    pub output: Option<Template>,
    /// Variables that are set when no rule is true.
    pub assign: Option<Template>,
}

/// One rule of a `Choice`.
#[derive(Debug, Clone)]
pub struct ChoiceRule {
    /// Must be true or false; anything else is an error.
    pub condition: Expression,
    /// Where it leads.
    pub next: String,
    /// Variables it sets.
    pub assign: Option<Template>,
    /// The output; the choice's input when absent.
    pub output: Option<Template>,
}

/// `Wait`.
#[derive(Debug, Clone)]
pub struct Wait {
    /// How long, or until when.
    pub until: Until,
    /// Its output; its input when absent.
    pub output: Option<Template>,
    /// Variables it sets.
    pub assign: Option<Template>,
    /// Where it leads.
    pub next: Next,
}

/// When a `Wait` ends.
#[derive(Debug, Clone)]
pub enum Until {
    /// After so many seconds.
    Seconds(Seconds),
    /// At a time in RFC 3339, fixed or computed.
    Timestamp(Template),
}

/// `Succeed`.
#[derive(Debug, Clone)]
pub struct Succeed {
    /// The output of the execution; the state's input when absent.
    pub output: Option<Template>,
}

/// `Fail`.
#[derive(Debug, Clone)]
pub struct Fail {
    /// The error's name.
    pub error: Option<Template>,
    /// What happened, for people.
    pub cause: Option<Template>,
}

impl State {
    pub(super) fn read(
        name: &str,
        value: &Value,
        pointer: String,
        problems: &Problems,
        inherited: Inherited<'_>,
    ) -> Option<Self> {
        let fields = Fields::of(value, pointer, problems)?;
        fields.text("Comment");
        only_jsonata(&fields, inherited.jsonata);
        let kind = match fields.required_text("Type")?.as_str() {
            "Pass" => pass(&fields).map(StateKind::Pass),
            "Task" => task(&fields).map(StateKind::Task),
            "Choice" => choice(&fields).map(StateKind::Choice),
            "Wait" => wait(&fields).map(StateKind::Wait),
            "Succeed" => Some(StateKind::Succeed(Succeed { output: fields.template("Output") })),
            "Fail" => Some(StateKind::Fail(Fail { error: fields.template("Error"), cause: fields.template("Cause") })),
            "Approval" => {
                Approval::read(&fields, inherited.approval).map(|approval| StateKind::Approval(Box::new(approval)))
            }
            other => {
                fields.wrong("Type", "state-type", unknown_type(other));
                return None;
            }
        };
        fields.finish();
        kind.map(|kind| Self { name: name.to_owned(), kind })
    }
}

fn unknown_type(name: &str) -> String {
    const KNOWN: &str = "Pass, Task, Choice, Wait, Succeed, Fail, Approval";
    match name {
        "Parallel" => "Parallel is not supported yet; ask several groups at once with one Approval".to_owned(),
        "Map" => "Map is not supported yet; let one Task take the whole list".to_owned(),
        other => format!("\"{other}\" is not a state type; use one of: {KNOWN}"),
    }
}

fn only_jsonata(fields: &Fields<'_>, inherited: bool) {
    match fields.text("QueryLanguage").as_deref() {
        Some("JSONata") => {}
        Some(_) => fields.wrong("QueryLanguage", "query-language", ONLY_JSONATA),
        None if inherited || fields.has("QueryLanguage") => {}
        None => fields.problems.add("/QueryLanguage", "query-language", ONLY_JSONATA),
    }
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

fn pass(fields: &Fields<'_>) -> Option<Pass> {
    let (output, assign) = (fields.template("Output"), assign(fields));
    Some(Pass { output, assign, next: next(fields)? })
}

/// `Assign` is an object of variable names; `states` is taken.
pub(super) fn assign(fields: &Fields<'_>) -> Option<Template> {
    let names = fields.object("Assign")?;
    for (name, _) in names.entries() {
        fields.problems.saw_assignment(name);
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
        if name == "states" || !starts || !letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
            names.wrong(
                name,
                "variable-name",
                "is not a name for a variable; use letters, digits and _, and not \"states\"",
            );
        }
    }
    fields.template("Assign")
}

fn task(fields: &Fields<'_>) -> Option<Task> {
    let resource = fields.required_text("Resource");
    let (arguments, output, assign) = (fields.template("Arguments"), fields.template("Output"), assign(fields));
    let timeout_seconds = seconds(fields, "TimeoutSeconds", 1);
    let (retry, catch) = (retriers(fields), catchers(fields));
    let next = next(fields);
    Some(Task { resource: resource?, arguments, timeout_seconds, retry, catch, output, assign, next: next? })
}

fn seconds(fields: &Fields<'_>, name: &'static str, least: u64) -> Option<Seconds> {
    match fields.get(name)? {
        Value::String(_) => fields.expression(name).map(Seconds::Computed),
        _ => fields.whole(name, least, 99_999_999).map(Seconds::Fixed),
    }
}

fn choice(fields: &Fields<'_>) -> Option<Choice> {
    fields.require("Choices");
    let items = fields.list("Choices");
    if items.as_ref().is_some_and(Vec::is_empty) {
        fields.wrong("Choices", "empty", "has no rule; add at least one");
    }
    let rules = items.into_iter().flatten();
    let rules = rules.filter_map(|(at, item)| choice_rule(item, at, fields.problems)).collect();
    Some(Choice { rules, default: fields.text("Default"), output: fields.template("Output"), assign: assign(fields) })
}

fn choice_rule(value: &Value, pointer: String, problems: &Problems) -> Option<ChoiceRule> {
    let fields = Fields::of(value, pointer, problems)?;
    let next = fields.required_text("Next");
    fields.require("Condition");
    let condition = match fields.get("Condition") {
        Some(Value::Bool(constant)) => Expression::parse(&constant.to_string()).ok(),
        _ => fields.expression("Condition"),
    };
    let (assign, output) = (assign(&fields), fields.template("Output"));
    fields.text("Comment");
    fields.finish();
    Some(ChoiceRule { condition: condition?, next: next?, assign, output })
}

fn wait(fields: &Fields<'_>) -> Option<Wait> {
    let (seconds, timestamp) = (seconds(fields, "Seconds", 0), timestamp(fields));
    if fields.has("Seconds") == fields.has("Timestamp") {
        fields.problems.add(&fields.pointer, "wait", "must have exactly one of Seconds and Timestamp");
    }
    let until = seconds.map(Until::Seconds).or(timestamp.map(Until::Timestamp));
    let (output, assign, next) = (fields.template("Output"), assign(fields), next(fields));
    Some(Wait { until: until?, output, assign, next: next? })
}

/// A time in RFC 3339: an expression, or a text that can be checked now.
fn timestamp(fields: &Fields<'_>) -> Option<Template> {
    let value = fields.get("Timestamp")?;
    let template = template_at(value, &fields.at("Timestamp"), fields.problems)?;
    let computed = !template.expressions().is_empty();
    if !value.is_string() || !(computed || value.as_str().is_some_and(|text| parse_timestamp(text).is_some())) {
        let message = "must be a time such as \"2026-11-23T09:30:00Z\", or an expression that yields one";
        fields.wrong("Timestamp", "timestamp", message);
        return None;
    }
    Some(template)
}

/// Milliseconds since 1970 of a time in RFC 3339.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp() * 1_000 + i64::from(time.millisecond()))
}

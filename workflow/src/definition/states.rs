//! The states of Amazon States Language, in JSONata mode.

use super::approval::Approval;
use super::fields::{Fields, Problems};
use super::retry::{Catcher, Retrier, catchers, retriers};
use crate::expression::{Expression, Template};
use serde_json::Value;

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
        defaults: &Value,
    ) -> Option<Self> {
        let fields = Fields::of(value, pointer, problems)?;
        fields.text("Comment");
        only_jsonata(&fields);
        let kind = match fields.required_text("Type")?.as_str() {
            "Pass" => pass(&fields).map(StateKind::Pass),
            "Task" => task(&fields).map(StateKind::Task),
            "Choice" => choice(&fields).map(StateKind::Choice),
            "Wait" => wait(&fields).map(StateKind::Wait),
            "Succeed" => Some(StateKind::Succeed(Succeed { output: fields.template("Output") })),
            "Fail" => Some(StateKind::Fail(Fail { error: fields.template("Error"), cause: fields.template("Cause") })),
            "Approval" => Approval::read(&fields, defaults).map(|approval| StateKind::Approval(Box::new(approval))),
            other => {
                fields.wrong("Type", "state-type", unknown_type(other));
                return None;
            }
        };
        fields.finish();
        kind.map(|kind| Self { name: name.to_owned(), kind })
    }

    /// Every state that this one may lead to, with the place of the name in the document.
    pub(super) fn targets(&self) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        match &self.kind {
            StateKind::Pass(Pass { next, .. }) | StateKind::Wait(Wait { next, .. }) => push_next(&mut found, next),
            StateKind::Task(task) => {
                push_next(&mut found, &task.next);
                push_catch(&mut found, &task.catch);
            }
            StateKind::Choice(choice) => {
                found.extend(
                    choice.rules.iter().enumerate().map(|(n, rule)| (format!("/Choices/{n}/Next"), rule.next.as_str())),
                );
                found.extend(choice.default.iter().map(|next| ("/Default".to_owned(), next.as_str())));
            }
            StateKind::Approval(approval) => {
                let outcomes = approval.outcomes.iter();
                found.extend(outcomes.map(|(name, route)| (format!("/Outcomes/{name}/Next"), route.next.as_str())));
                push_catch(&mut found, &approval.catch);
            }
            StateKind::Succeed(_) | StateKind::Fail(_) => {}
        }
        found
    }
}

fn push_next<'a>(found: &mut Vec<(String, &'a str)>, next: &'a Next) {
    if let Next::State(name) = next {
        found.push(("/Next".to_owned(), name));
    }
}

fn push_catch<'a>(found: &mut Vec<(String, &'a str)>, catch: &'a [Catcher]) {
    found.extend(catch.iter().enumerate().map(|(n, catcher)| (format!("/Catch/{n}/Next"), catcher.next.as_str())));
}

fn unknown_type(name: &str) -> String {
    const KNOWN: &str = "Pass, Task, Choice, Wait, Succeed, Fail, Approval";
    match name {
        "Parallel" => "Parallel is not supported yet; ask several groups at once with one Approval".to_owned(),
        "Map" => "Map is not supported yet; let one Task take the whole list".to_owned(),
        other => format!("\"{other}\" is not a state type; use one of: {KNOWN}"),
    }
}

fn only_jsonata(fields: &Fields<'_>) {
    if fields.text("QueryLanguage").is_some_and(|language| language != "JSONata") {
        fields.wrong("QueryLanguage", "query-language", "must be \"JSONata\"; JSONPath is not supported yet");
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
    let timeout_seconds = seconds(fields, "TimeoutSeconds");
    let (retry, catch) = (retriers(fields), catchers(fields));
    let next = next(fields);
    Some(Task { resource: resource?, arguments, timeout_seconds, retry, catch, output, assign, next: next? })
}

fn seconds(fields: &Fields<'_>, name: &'static str) -> Option<Seconds> {
    match fields.get(name)? {
        Value::String(_) => fields.expression(name).map(Seconds::Computed),
        _ => fields.whole(name, 0, 99_999_999).map(Seconds::Fixed),
    }
}

fn choice(fields: &Fields<'_>) -> Option<Choice> {
    let Some(items) = fields.list("Choices") else {
        fields.missing("Choices");
        return None;
    };
    if items.is_empty() {
        fields.wrong("Choices", "empty", "has no rule; add at least one");
    }
    let rules = items.into_iter().filter_map(|(at, item)| choice_rule(item, at, fields.problems)).collect();
    Some(Choice { rules, default: fields.text("Default"), output: fields.template("Output"), assign: assign(fields) })
}

fn choice_rule(value: &Value, pointer: String, problems: &Problems) -> Option<ChoiceRule> {
    let fields = Fields::of(value, pointer, problems)?;
    let next = fields.required_text("Next");
    if fields.get("Condition").is_none() {
        fields.missing("Condition");
    }
    let condition = fields.expression("Condition");
    let (assign, output) = (assign(&fields), fields.template("Output"));
    fields.text("Comment");
    fields.finish();
    Some(ChoiceRule { condition: condition?, next: next?, assign, output })
}

fn wait(fields: &Fields<'_>) -> Option<Wait> {
    let (seconds, timestamp) = (seconds(fields, "Seconds"), fields.template("Timestamp"));
    let until = match (seconds, timestamp) {
        (Some(seconds), None) => Some(Until::Seconds(seconds)),
        (None, Some(timestamp)) => Some(Until::Timestamp(timestamp)),
        _ => {
            fields.problems.add(&fields.pointer, "wait", "must have exactly one of Seconds and Timestamp");
            None
        }
    };
    let (output, assign, next) = (fields.template("Output"), assign(fields), next(fields));
    Some(Wait { until: until?, output, assign, next: next? })
}

//! Reading an `Approval` from JSON, its shared fields from `ApprovalDefaults`.

use super::approval::{
    Approval, ApproverSource, CommentRule, Decision, Escalation, EscalationAct, Exclusion, Group, OutcomeRoute, Quorum,
    RejectWhen, Reminder, Require, SubjectRule,
};
use super::fields::{Fields, Problems, expression_at};
use super::problem::below;
use super::retry::catchers;
use super::shape::Language;
use super::states;
use crate::expression::Template;
use serde_json::Value;

/// The own field if there is one, else that of `ApprovalDefaults`.
struct Merged<'f, 'a> {
    own: &'f Fields<'a>,
    shared: Option<Fields<'a>>,
}

impl<'a> Merged<'_, 'a> {
    fn with(&self, name: &'static str) -> &Fields<'a> {
        match &self.shared {
            Some(shared) if self.own.get(name).is_none() => shared,
            _ => self.own,
        }
    }
}

impl Approval {
    pub(super) fn read<'a>(fields: &Fields<'a>, defaults: &'a Value) -> Option<Self> {
        let shared =
            defaults.is_object().then(|| Fields::of(defaults, "/ApprovalDefaults".to_owned(), fields.problems));
        let merged = Merged { own: fields, shared: shared.flatten() };
        let comments = merged.with("CommentRequired").texts("CommentRequired").unwrap_or_default();
        let decisions = decisions(fields, &comments);
        check_comments(fields, &decisions);
        let groups = groups(fields);
        let (outcomes, assign, catch) = (outcomes(fields), assign(fields), catchers(fields, Language::Jsonata));
        let escalations = escalations(merged.with("Escalations"));
        let exclude = exclusions(merged.with("Exclude"));
        Some(Self {
            title: fields.template("Title"),
            details: merged.with("Details").template("Details"),
            subject: subject(fields),
            groups,
            require: require(fields),
            one_person_one_group: merged.with("OnePersonOneGroup").flag("OnePersonOneGroup").unwrap_or(false),
            exclude,
            reject_when: reject_when(merged.with("RejectWhen")),
            decisions,
            reminders: reminders(merged.with("Reminders")),
            escalations,
            expire_after_ms: merged.with("ExpireAfter").duration_ms("ExpireAfter"),
            on_nobody: fields.text("OnNobody"),
            outcomes: outcomes?,
            assign,
            catch,
        })
    }
}

/// Reads what all approvals share for its problems alone: a definition without an approval has them too.
pub(super) fn check_defaults(shared: &Fields<'_>) {
    shared.template("Details");
    shared.texts("CommentRequired");
    shared.flag("OnePersonOneGroup");
    shared.duration_ms("ExpireAfter");
    exclusions(shared);
    reject_when(shared);
    reminders(shared);
    escalations(shared);
}

/// Decisions of the own `CommentRequired` that are no buttons. A shared one may name what only some approvals have.
fn check_comments(fields: &Fields<'_>, decisions: &[Decision]) {
    if fields.problems.touch(&fields.at("Decisions")) {
        return;
    }
    let listed = fields.get("CommentRequired").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (n, name) in listed.filter_map(|(n, name)| Some((n, name.as_str()?))) {
        if decisions.iter().all(|decision| decision.name != name) {
            let known: Vec<&str> = decisions.iter().map(|decision| decision.name.as_str()).collect();
            let message = format!("there is no decision {name} here; use one of: {}", known.join(", "));
            fields.problems.add(below(&fields.at("CommentRequired"), n), "unknown-decision", message);
        }
    }
}

fn assign(fields: &Fields<'_>) -> Option<Template> {
    states::assign(fields, Language::Jsonata).then(|| fields.template("Assign")).flatten()
}

fn subject(fields: &Fields<'_>) -> Option<SubjectRule> {
    let subject = fields.object("Subject")?;
    let kind = subject.required_text("Type");
    subject.require("Id");
    let id = subject.template("Id");
    subject.finish();
    Some(SubjectRule { kind: kind?, id: id? })
}

fn groups(fields: &Fields<'_>) -> Vec<Group> {
    fields.require("Groups");
    let Some(items) = fields.list("Groups") else { return Vec::new() };
    if items.is_empty() {
        fields.wrong("Groups", "empty", "asks nobody; add a group");
    }
    let found: Vec<Group> = items.into_iter().filter_map(|(at, item)| group(item, at, fields.problems)).collect();
    let mut seen = std::collections::HashSet::new();
    for group in found.iter().filter(|group| !seen.insert(group.name.clone())) {
        fields.wrong("Groups", "duplicate", format!("has two groups named {}; give each its own name", group.name));
    }
    found
}

fn group(value: &Value, pointer: String, problems: &Problems) -> Option<Group> {
    let fields = Fields::of(value, pointer, problems)?;
    let name = fields.required_text("Name");
    let from = needed_sources(&fields, false);
    let quorum = quorum(&fields);
    fields.finish();
    Some(Group { name: name?, from, quorum })
}

fn quorum(fields: &Fields<'_>) -> Quorum {
    let read = match fields.get("Quorum") {
        None => return Quorum::Count(1),
        Some(Value::String(text)) if text == "All" => Some(Quorum::All),
        Some(Value::String(text)) => percent(text),
        Some(value) => {
            value.as_u64().filter(|n| (1..=1_000).contains(n)).map(|n| Quorum::Count(u32::try_from(n).unwrap_or(1)))
        }
    };
    read.unwrap_or_else(|| {
        fields.wrong("Quorum", "quorum", "must be a number from 1, \"All\", or a share such as \"50%\"");
        Quorum::All
    })
}

fn percent(text: &str) -> Option<Quorum> {
    let share: u32 = text.strip_suffix('%')?.parse().ok()?;
    (1..=100).contains(&share).then_some(Quorum::Percent(share))
}

fn needed_sources(fields: &Fields<'_>, escalation: bool) -> Vec<ApproverSource<Template>> {
    fields.require("From");
    let items = fields.list("From");
    if items.as_ref().is_some_and(Vec::is_empty) {
        fields.wrong("From", "empty", "asks nobody; name where the people come from");
    }
    items.into_iter().flatten().filter_map(|(at, item)| source(item, at, fields.problems, escalation)).collect()
}

fn source(value: &Value, pointer: String, problems: &Problems, escalation: bool) -> Option<ApproverSource<Template>> {
    let fields = Fields::of(value, pointer, problems)?;
    if escalation && fields.get("ManagerOf").is_some_and(|of| of == "Pending") {
        fields.finish();
        return Some(ApproverSource::ManagerOfPending);
    }
    let found = [
        fields.template("User").map(ApproverSource::User),
        fields.template("Role").map(ApproverSource::Role),
        fields.template("ManagerOf").map(ApproverSource::ManagerOf),
        fields.template("HeadOf").map(ApproverSource::HeadOf),
        fields.template("Matrix").map(ApproverSource::Matrix),
        fields.template("Expr").map(ApproverSource::Expr),
    ];
    let written = ["User", "Role", "ManagerOf", "HeadOf", "Matrix", "Expr"].iter().filter(|name| fields.has(name));
    if written.count() != 1 {
        let message = "must have exactly one of User, Role, ManagerOf, HeadOf, Matrix, Expr";
        fields.problems.add(&fields.pointer, "approver-source", message);
    }
    fields.finish();
    found.into_iter().flatten().next()
}

fn require(fields: &Fields<'_>) -> Require {
    match fields.text("Require").as_deref() {
        None | Some("AllGroups") => Require::AllGroups,
        Some("AnyGroup") => Require::AnyGroup,
        Some(other) => {
            fields.wrong("Require", "value", format!("\"{other}\" is not known; use \"AllGroups\" or \"AnyGroup\""));
            Require::AllGroups
        }
    }
}

fn reject_when(fields: &Fields<'_>) -> RejectWhen {
    match fields.text("RejectWhen").as_deref() {
        None | Some("First") => RejectWhen::First,
        Some("QuorumImpossible") => RejectWhen::QuorumImpossible,
        Some(other) => {
            fields.wrong(
                "RejectWhen",
                "value",
                format!("\"{other}\" is not known; use \"First\" or \"QuorumImpossible\""),
            );
            RejectWhen::First
        }
    }
}

fn exclusions(fields: &Fields<'_>) -> Option<Vec<Exclusion>> {
    let items = fields.list("Exclude")?;
    Some(items.into_iter().filter_map(|(at, item)| exclusion(item, at, fields.problems)).collect())
}

fn exclusion(value: &Value, pointer: String, problems: &Problems) -> Option<Exclusion> {
    if let Value::String(text) = value {
        let remedy = || format!("must be an expression: write \"{{% '{text}' %}}\" for this person");
        return expression_at(text, pointer, problems, remedy).map(Exclusion::People);
    }
    let fields = Fields::of(value, pointer, problems)?;
    fields.require("DecidedIn");
    let states = fields.texts("DecidedIn");
    fields.finish();
    states.map(Exclusion::DecidedIn)
}

fn decisions(fields: &Fields<'_>, comments: &[String]) -> Vec<Decision> {
    let listed = fields.list("Decisions");
    let empty = listed.as_ref().is_some_and(Vec::is_empty);
    let found: Vec<Decision> = match listed {
        None => vec![plain("approve", "Approve", "approved"), plain("reject", "Reject", "rejected")],
        Some(items) => items.into_iter().filter_map(|(at, item)| decision(item, at, fields.problems)).collect(),
    };
    if empty {
        fields.wrong("Decisions", "empty", "leaves people without a button; add a decision");
    }
    let mut seen = std::collections::HashSet::new();
    for decision in found.iter().filter(|decision| !seen.insert(decision.name.clone())) {
        fields.wrong("Decisions", "duplicate", format!("has {} twice; give each decision its own name", decision.name));
    }
    let rule = |name: &String| if comments.contains(name) { CommentRule::Required } else { CommentRule::Optional };
    found.into_iter().map(|decision| Decision { comment: rule(&decision.name), ..decision }).collect()
}

fn plain(name: &str, label: &str, outcome: &str) -> Decision {
    let (name, label, outcome) = (name.to_owned(), Some(label.to_owned()), outcome.to_owned());
    Decision { name, label, outcome, form: None, comment: CommentRule::Optional }
}

fn decision(value: &Value, pointer: String, problems: &Problems) -> Option<Decision> {
    let fields = Fields::of(value, pointer, problems)?;
    let name = fields.required_text("Name");
    let outcome = fields.text("Outcome").or_else(|| match name.as_deref() {
        Some("approve") => Some("approved".to_owned()),
        Some("reject") => Some("rejected".to_owned()),
        _ => {
            fields.require("Outcome");
            None
        }
    });
    if outcome.as_deref() == Some("expired") {
        fields.wrong("Outcome", "reserved", "expired is what ExpireAfter leads to; name another outcome");
    }
    let (label, form) = (fields.text("Label"), fields.text("Form"));
    fields.finish();
    Some(Decision { name: name?, label, outcome: outcome?, form, comment: CommentRule::Optional })
}

fn reminders(fields: &Fields<'_>) -> Vec<Reminder> {
    let items = fields.list("Reminders").unwrap_or_default();
    items.into_iter().filter_map(|(at, item)| reminder(item, at, fields.problems)).collect()
}

fn reminder(value: &Value, pointer: String, problems: &Problems) -> Option<Reminder> {
    let fields = Fields::of(value, pointer, problems)?;
    fields.require("After");
    let (after_ms, every_ms) = (fields.duration_ms("After"), fields.duration_ms("Every"));
    let most = if every_ms.is_some() { 3 } else { 1 };
    let max = fields.whole("Max", 1, 100).unwrap_or(most);
    if fields.text("To").is_some_and(|to| to != "Pending") {
        fields.wrong("To", "value", "must be \"Pending\": only those who have not answered are reminded");
    }
    fields.finish();
    Some(Reminder { after_ms: after_ms?, every_ms, max: u32::try_from(max).unwrap_or(1) })
}

fn escalations(fields: &Fields<'_>) -> Vec<Escalation> {
    let items = fields.list("Escalations").unwrap_or_default();
    if items.len() > 1 {
        fields.wrong("Escalations", "too-many", "has more than one escalation; keep one");
    }
    items.into_iter().filter_map(|(at, item)| escalation(item, at, fields.problems)).collect()
}

fn escalation(value: &Value, pointer: String, problems: &Problems) -> Option<Escalation> {
    let fields = Fields::of(value, pointer, problems)?;
    fields.require("After");
    let after_ms = fields.duration_ms("After");
    let act = match fields.required_text("Do").as_deref() {
        Some("AddApprovers") => Some(EscalationAct::AddApprovers(needed_sources(&fields, true))),
        Some("Replace") => Some(EscalationAct::Replace(needed_sources(&fields, true))),
        Some("Decide") => fields.required_text("Outcome").map(EscalationAct::Decide),
        Some(other) => {
            fields.wrong("Do", "value", format!("\"{other}\" is not known; use AddApprovers, Replace or Decide"));
            None
        }
        None => None,
    };
    fields.finish();
    Some(Escalation { after_ms: after_ms?, act: act? })
}

fn outcomes(fields: &Fields<'_>) -> Option<Vec<(String, OutcomeRoute)>> {
    fields.require("Outcomes");
    let listed = fields.object("Outcomes")?;
    let route = |(name, value): (&String, &Value)| {
        let route = Fields::of(value, listed.at(name), listed.problems)?;
        let next = route.required_text("Next");
        let assign = assign(&route);
        route.finish();
        Some((name.clone(), OutcomeRoute { next: next?, assign }))
    };
    Some(listed.entries().filter_map(route).collect())
}

//! The forms of decisions: from the module to the page, and what was posted back to the module.

use super::link::Opened;
use super::words::label;
use crate::pages::decision::{Choice, DecisionForm};
use crate::pages::form::{Control, Field};
use modules::text::sets_direction;
use modules::{Answers, FieldKind};
use std::collections::BTreeMap;
use workflow::definition::{CommentRule, Decision};
use workflow::{Problem, Rejected};

/// What was posted.
#[derive(Default)]
pub(super) struct Posted {
    pub(super) nonce: String,
    /// Empty when no button was used, or more than one.
    pub(super) decision: String,
    pub(super) comment: String,
    /// The other fields, by the names that they have on the page.
    pub(super) fields: BTreeMap<String, String>,
}

impl Posted {
    /// Reads the pairs of a form. Browsers send line breaks as CR LF; they are kept as LF.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Self {
        let mut posted = Self::default();
        let mut buttons = Vec::new();
        for (name, value) in pairs {
            let value = value.replace("\r\n", "\n");
            match name.as_str() {
                "nonce" => posted.nonce = value,
                "decision" => buttons.push(value),
                "comment" => posted.comment = value.chars().filter(|letter| is_seen(*letter)).collect(),
                _ => drop(posted.fields.insert(name, value)),
            }
        }
        buttons.dedup();
        if let [only] = buttons.as_slice() {
            posted.decision = only.clone();
        }
        posted
    }

    /// The comment, if there is one.
    pub(super) fn reason(&self) -> Option<String> {
        let comment = self.comment.trim();
        (!comment.is_empty()).then(|| comment.to_owned())
    }

    /// Only the comment: the fields were filled from a document that is not the current one.
    pub(super) fn comment_only(&self) -> Self {
        Self { comment: self.comment.clone(), ..Self::default() }
    }

    /// What was filled in of the fields that the decision reads.
    pub(super) fn answers(&self, fields: &[Field]) -> Answers {
        let read = fields.iter().filter(|field| field.only_for.contains(&self.decision));
        let answers: BTreeMap<String, String> =
            read.filter_map(|field| Some((field.key.clone(), self.fields.get(&field.name())?.clone()))).collect();
        if answers.is_empty() { Answers::None } else { Answers::Fields(answers) }
    }

    /// Puts what was typed into the form again.
    pub(super) fn fill(&self, form: &mut DecisionForm) {
        form.comment.clone_from(&self.comment);
        for field in &mut form.fields {
            if let Some(value) = self.fields.get(&field.name()) {
                field.value.clone_from(value);
            }
        }
    }
}

/// What is left out of a comment: control characters, which browsers do not send, and signs that set the direction of
/// writing. Elsewhere these are refused, but here they come with a text that was copied from another program: nobody
/// could find what to remove, and without them the text is shown as it is stored.
fn is_seen(letter: char) -> bool {
    (!letter.is_control() || "\n\r\t".contains(letter)) && !sets_direction(letter)
}

/// The form of the page: buttons, comment and fields, without a nonce.
pub(super) fn form(opened: &Opened) -> DecisionForm {
    let decisions = opened.rule().map(|rule| rule.decisions.as_slice()).unwrap_or_default();
    let primary = decisions.iter().position(|decision| decision.outcome == "approved");
    let choice = |(n, decision): (usize, &Decision)| Choice {
        value: decision.name.clone(),
        label: label(decision),
        effect: None,
        primary: Some(n) == primary,
    };
    let with_reason = decisions.iter().filter(|decision| decision.comment == CommentRule::Required);
    DecisionForm {
        choices: decisions.iter().enumerate().map(choice).collect(),
        comment_required_for: with_reason.map(label).collect(),
        fields: fields(opened, decisions),
        ..DecisionForm::default()
    }
}

/// The fields of all forms. Two decisions with the same field share it.
fn fields(opened: &Opened, decisions: &[Decision]) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::new();
    for decision in decisions {
        let Some(name) = &decision.form else { continue };
        let Some(form) =
            opened.catalogue.owner(name).and_then(|owner| owner.module().form(name, opened.object.as_ref()))
        else {
            continue;
        };
        for field in form.fields {
            match all.iter_mut().find(|known| known.key == field.name) {
                Some(known) => known.only_for.push(decision.name.clone()),
                None => all.push(on_page(field, &decision.name)),
            }
        }
    }
    all
}

fn on_page(field: modules::Field, decision: &str) -> Field {
    let control = match field.kind {
        FieldKind::Text => Control::Text,
        FieldKind::Lines => Control::TextArea,
        FieldKind::Decimal => Control::Decimal,
        FieldKind::Date => Control::Date,
    };
    Field {
        key: field.name,
        label: field.label,
        help: field.help,
        required: field.required,
        only_for: vec![decision.to_owned()],
        control,
        value: field.value,
        error: None,
    }
}

/// Writes beside the inputs what the module found. A problem of no input stands at the first one of the decision.
pub(super) fn mark_problems(form: &mut DecisionForm, decision: &str, problems: &[Problem]) {
    for problem in problems {
        let place = problem.pointer.strip_prefix("/form").unwrap_or(&problem.pointer).trim_matches('/');
        let key = place.replace('/', ".");
        let known = form.fields.iter().position(|field| field.key == key);
        let first = form.fields.iter().position(|field| field.only_for.iter().any(|value| value == decision));
        let (text, error) = match (known.or(first), known.is_some()) {
            (Some(at), named) => {
                let Some(field) = form.fields.get_mut(at) else { continue };
                let what = if named { format!("\u{201c}{}\u{201d}", field.label) } else { plain(place) };
                (format!("{what}: {}", sentence(&problem.message)), &mut field.error)
            }
            (None, _) => (format!("{}: {}", plain(place), sentence(&problem.message)), &mut form.comment_error),
        };
        match error {
            Some(before) => *before = format!("{before} {text}"),
            None => *error = Some(text),
        }
    }
}

/// Writes beside the inputs why the core did not take the decision; whether it was about an input at all.
pub(super) fn mark_rejected(form: &mut DecisionForm, decision: &str, rejected: &Rejected) -> bool {
    let label = form.choices.iter().find(|choice| choice.value == decision).map(|choice| choice.label.clone());
    match rejected {
        Rejected::CommentRequired { .. } => {
            let label = label.unwrap_or_else(|| decision.to_owned());
            form.comment_error = Some(format!("Write a reason: \u{201c}{label}\u{201d} needs a comment."));
        }
        Rejected::CommentTooLong { length } => {
            let most = workflow::MAX_COMMENT_CHARS;
            form.comment_error = Some(format!("Shorten the comment: it has {length} characters, the most is {most}."));
        }
        Rejected::FormRequired { .. } => {
            let own = form.fields.iter_mut().filter(|field| field.only_for.iter().any(|value| value == decision));
            own.for_each(|field| field.error = field.parse().err());
            if form.problems().is_empty() {
                form.comment_error = Some(sentence(&rejected.to_string()));
            }
        }
        _ => return false,
    }
    true
}

fn plain(place: &str) -> String {
    if place.is_empty() { "The form".to_owned() } else { place.replace(['/', '_'], " ") }
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

//! `/a/{token}` while a decision is open: the document, why this person is asked, and one form.
//!
//! Nothing is decided by accident: opening the page changes nothing, and each decision is a button that names it. Enter
//! in a field presses the first enabled submit button of a form (HTML, "implicit submission"), so the first one is
//! unseen and names no decision: such a POST is answered with [`Refused::NoDecision`].

use askama::Template;
use modules::view::View;

use super::form::{Control, Field};
use super::parts::{Document, Moment, Vote};

/// The page on which a person decides.
#[derive(Debug, Clone, Template)]
#[template(path = "decision.html")]
pub struct DecisionPage {
    /// The company in whose name the question is asked.
    pub company: String,
    /// The secret of the link, as it stands in the address (base64url).
    pub token: String,
    /// Who is asked: `Anna Weber`.
    pub person: String,
    /// Why, as a whole sentence: `You are the manager of Eva Berg.`
    pub asked_because: String,
    /// The title of the step: `Manager approval`.
    pub step: String,
    /// What the step is about, from the definition.
    pub details: Option<String>,
    /// The round, from 1. It grows when the document comes back changed.
    pub round: u32,
    /// Who asks for the decision: `Eva Berg`.
    pub requester: String,
    /// When the request was made.
    pub requested: Moment,
    /// Until when an answer is expected, and what happens then.
    pub due: Option<Due>,
    /// The document as people read it.
    pub view: View,
    /// What changed since the last round, one sentence each.
    pub changed: Vec<String>,
    /// Who decided before, oldest first.
    pub history: Vec<Vote>,
    /// The PDF, when the module renders one.
    pub document: Option<Document>,
    /// The form.
    pub form: DecisionForm,
    /// Set when a POST was refused: the page is shown again with what was typed.
    pub refused: Option<Refused>,
}

/// A date by which an answer is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The date.
    pub at: Moment,
    /// What happens then: `After that, Bob Stone is asked as well.`
    pub then: Option<String>,
}

/// The form of the decision page. It is posted to `/a/{token}` as `application/x-www-form-urlencoded` with `nonce`,
/// `comment`, the names of `fields` and `decision`. A POST without `decision` must be refused.
#[derive(Debug, Clone, Default)]
pub struct DecisionForm {
    /// Proof that this form was shown, spent by the POST.
    pub nonce: String,
    /// The decisions, in the order of the definition.
    pub choices: Vec<Choice>,
    /// The labels of the decisions that need a comment: `["Reject"]`.
    pub comment_required_for: Vec<String>,
    /// The comment as it was typed.
    pub comment: String,
    /// Why the comment was refused.
    pub comment_error: Option<String>,
    /// Further fields, from the definition (see [`super::form::fields`]).
    pub fields: Vec<Field>,
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is posted as `decision`: `approve`.
    pub value: String,
    /// What the button says: `Approve`.
    pub label: String,
    /// What follows, shown beneath: `The order goes to Finance.`
    pub effect: Option<String>,
    /// The button stands out. At most one should.
    pub primary: bool,
}

/// Why a POST recorded nothing although the decision is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Something in the form is missing or wrong (422). The fields carry their errors.
    Form,
    /// The document was changed after the page was opened (409). The page shows what it is now.
    DocumentChanged,
    /// The form was sent before or is too old (409). A new nonce is in the page.
    FormSpent,
    /// No button was used (422).
    NoDecision,
}

/// A line of the error summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The id of the input it belongs to.
    pub target: String,
    /// What is wrong and what to do: `Write why you reject.`
    pub text: String,
}

impl Refused {
    /// The head of the summary.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Form => "Your decision was not recorded yet",
            Self::DocumentChanged => "The document changed while you were reading",
            Self::FormSpent => "Please decide once more",
            Self::NoDecision => "No decision was chosen",
        }
    }

    /// What happened and what to do next.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Form => "Correct this and choose your decision again. What you wrote was kept.",
            Self::DocumentChanged => {
                "Nothing was recorded. This page now shows the current version: read it again, then decide."
            }
            Self::FormSpent => "Nothing was recorded because this page had been open for too long or was sent twice.",
            Self::NoDecision => "Nothing was recorded. Use one of the buttons at the end of the form.",
        }
    }
}

impl DecisionForm {
    /// Everything wrong in the form, in the order of the page.
    pub fn problems(&self) -> Vec<Problem> {
        let fields = self.fields.iter().filter_map(|field| Some((field.id(), field.error.clone()?)));
        let comment = self.comment_error.clone().map(|text| ("comment".to_owned(), text));
        fields.chain(comment).map(|(target, text)| Problem { target, text }).collect()
    }

    /// The addition to the label of the comment: `(optional)`, `(required to reject or return)`.
    pub fn comment_rule(&self) -> String {
        if self.comment_required_for.is_empty() {
            return "(optional)".to_owned();
        }
        if self.comment_always_required() {
            return "(required)".to_owned();
        }
        format!("(required for {})", quoted(&self.comment_required_for))
    }

    /// The addition to the label of a field: `(optional)`, `(required for “Approve”)`.
    pub fn field_rule(&self, field: &Field) -> String {
        let rule = if field.required { "required" } else { "optional" };
        if field.only_for.is_empty() {
            return format!("({rule})");
        }
        let labels = self.choices.iter().filter(|choice| field.only_for.contains(&choice.value));
        let labels: Vec<String> = labels.map(|choice| choice.label.clone()).collect();
        format!("({rule} for {})", quoted(&labels))
    }

    /// Whether every decision needs a comment.
    pub fn comment_always_required(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| self.comment_required_for.contains(&choice.label))
    }
}

/// `“A” and “B”`.
fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("\u{201c}{label}\u{201d}")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples::{hostile_page, open_page, refused_page};

    #[test]
    fn enter_in_a_field_presses_no_decision() {
        let html = open_page().render().unwrap();
        let first = html.split("<button ").nth(1).unwrap().split('>').next().unwrap();
        assert!(first.contains("type=\"submit\"") && first.contains("tabindex=\"-1\""), "{first}");
        assert!(!first.contains("name=") && !first.contains("disabled") && !first.contains("hidden "), "{first}");
    }

    #[test]
    fn the_form_posts_to_the_link_with_its_nonce() {
        let html = open_page().render().unwrap();
        assert_eq!(html.matches("<form").count(), 1);
        assert!(html.contains("method=\"post\" action=\"/a/q2Zr7v0sN1\""));
        assert!(html.contains("<input type=\"hidden\" name=\"nonce\" value=\"nonce-1\">"));
        assert!(html.contains("name=\"decision\" value=\"approve\""));
        assert!(html.contains("name=\"decision\" value=\"reject\""));
    }

    #[test]
    fn the_label_says_for_which_decision_a_comment_is_needed() {
        let mut form = open_page().form;
        assert_eq!(form.comment_rule(), "(required for \u{201c}Reject\u{201d})");
        form.comment_required_for = form.choices.iter().map(|choice| choice.label.clone()).collect();
        assert_eq!(form.comment_rule(), "(required)");
        form.comment_required_for.clear();
        assert_eq!(form.comment_rule(), "(optional)");
    }

    #[test]
    fn a_refused_page_links_each_problem_and_keeps_what_was_typed() {
        let html = refused_page().render().unwrap();
        assert!(html.contains("<title>Error: "));
        assert!(html.contains("href=\"#comment\""));
        assert!(html.contains("aria-invalid=\"true\""));
        assert!(html.contains("role=\"alert\""));
        assert!(html.contains("Too late for this quarter"));
    }

    #[test]
    fn a_hostile_text_stays_a_text() {
        let html = hostile_page().render().unwrap();
        assert!(!html.contains("<script>") && !html.contains("<b>"));
        assert!(html.contains("&#60;script&#62;"));
        assert!(!html.contains("\"onfocus=") && !html.contains("</textarea><"));
    }
}

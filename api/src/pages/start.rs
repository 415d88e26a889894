//! `/`: the start page of the demo.

use askama::Template;

/// What this is, who is in the demo company and what to try first.
#[derive(Debug, Clone, Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// The demo company.
    pub company: String,
    /// Its people.
    pub people: Vec<Person>,
    /// What to try, in order.
    pub steps: Vec<Step>,
    /// The version of the service.
    pub version: String,
    /// What is simplified in the demo: `Mails are kept here and not sent.`
    pub remarks: Vec<String>,
}

/// Somebody of the demo company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `Anna Weber`.
    pub name: String,
    /// `Head of Purchasing`.
    pub role: String,
    /// `anna@acme.example`.
    pub email: String,
    /// What the person does in a workflow: `approves up to 10,000 EUR`.
    pub part: Option<String>,
}

/// Something to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `Submit an order`.
    pub title: String,
    /// What happens then.
    pub text: String,
    /// A command to copy. It is shown as it is, line breaks included.
    pub command: Option<String>,
    /// Where to look: label and address.
    pub link: Option<(String, String)>,
}

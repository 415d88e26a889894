//! Mail as a value, and the ways in which it leaves the house.

mod mailbox;
mod message;
mod smtp;
#[cfg(test)]
mod tests;

pub use mailbox::MailboxPostman;
pub use smtp::{SmtpPostman, SmtpUrlError};

use futures::future::BoxFuture;
use lettre::message::Mailbox;
use std::fmt;
use thiserror::Error;

/// A mail that is ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The company on whose behalf it goes out.
    pub company: String,
    /// With its angle brackets. The same for every attempt, so that a mail that arrives twice is recognised.
    pub message_id: String,
    /// The Message-ID of what it answers.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of its thread, oldest first.
    pub references: Vec<String>,
    /// When it was written, in milliseconds since 1970.
    pub at: i64,
    /// The sender.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
    /// Who gets the answers, if not the sender.
    pub reply_to: Option<Address>,
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part, which says the same.
    pub html: String,
    /// The attached files.
    pub attachments: Vec<Attachment>,
}

/// Leaves the body out: it holds the personal link.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message_id, to, subject, .. } = self;
        f.debug_struct("Mail")
            .field("message_id", message_id)
            .field("to", to)
            .field("subject", subject)
            .finish_non_exhaustive()
    }
}

/// An attached file.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// `application/pdf`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {}, {} bytes)", self.name, self.media_type, self.bytes.len())
    }
}

/// Somebody's name and address. Both are known to be one line, and the address is known to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    name: String,
    email: String,
}

impl Address {
    /// An address of a person; line breaks and control characters of the name become blanks.
    pub fn new(name: &str, email: &str) -> Result<Self, PostError> {
        let email = email.trim();
        let checked: Result<lettre::Address, _> = email.parse();
        let wrong = |_| PostError::Never(format!("\"{}\" is not a mail address", one_line(email)));
        checked.map_err(wrong).map(|_| Self { name: one_line(name), email: email.to_owned() })
    }

    /// Reads `anna@acme.example` or `Anna Weber <anna@acme.example>`.
    pub fn parse(text: &str) -> Result<Self, PostError> {
        match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, email)) => Self::new(name.trim().trim_matches('"'), email),
            None => Self::new("", text),
        }
    }

    /// The bare address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The name; empty without one.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn mailbox(&self) -> Result<Mailbox, PostError> {
        let wrong = |_| PostError::Never(format!("\"{}\" is not a mail address", self.email));
        let name = Some(self.name.clone()).filter(|name| !name.is_empty());
        self.email.parse().map_err(wrong).map(|email| Mailbox::new(name, email))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() { f.write_str(&self.email) } else { write!(f, "{} <{}>", self.name, self.email) }
    }
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PostError {
    /// The server does not answer, or asks to be tried again.
    #[error("{0}")]
    Later(String),
    /// The server refuses this mail for good, in its own words.
    #[error("{0}")]
    Never(String),
}

/// Takes mail and brings it away.
pub trait Postman: Send + Sync + 'static {
    /// Hands a mail over. `Ok` means that somebody else is responsible for it now.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), PostError>>;
}

/// A text as one line: whatever could start a new header becomes a blank.
pub(crate) fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

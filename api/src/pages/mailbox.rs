//! `/mailbox`: the mails of the demo, which are kept here instead of being sent.

use askama::Template;
use modules::view::Fact;

use super::parts::Moment;

/// The list of mails, newest first.
#[derive(Debug, Clone, Template)]
#[template(path = "mailbox.html")]
pub struct MailboxPage {
    /// The company of the demo.
    pub company: String,
    /// The mails, newest first.
    pub mails: Vec<MailRow>,
    /// Where the next (older) page of the list is, when there is one.
    pub older: Option<String>,
}

/// A mail in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Its id in the address `/mailbox/{id}`.
    pub id: String,
    /// When it was written.
    pub at: Moment,
    /// To whom: `Anna Weber`.
    pub to: String,
    /// What about.
    pub subject: String,
    /// The first words of the text.
    pub preview: String,
    /// How many files are attached.
    pub attachments: usize,
}

/// One mail.
#[derive(Debug, Clone, Template)]
#[template(path = "mail.html")]
pub struct MailPage {
    /// The company of the demo.
    pub company: String,
    /// Its id in the address `/mailbox/{id}`.
    pub id: String,
    /// What about.
    pub subject: String,
    /// When it was written.
    pub at: Moment,
    /// The headers to show, in order: `From`, `To`, `Message-ID`.
    pub headers: Vec<Fact>,
    /// The text part.
    pub text: String,
    /// Whether there is an HTML part, served at `/mailbox/{id}/html`.
    pub html: bool,
    /// The attached files.
    pub attachments: Vec<Attachment>,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Where it is served: `/mailbox/{id}/attachments/0`.
    pub href: String,
    /// Size in words: `84 kB`.
    pub size: String,
}

/// A stretch of the text part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// Words.
    Plain(&'a str),
    /// An `http` or `https` address.
    Address(&'a str),
}

impl MailPage {
    /// The text part with its addresses told apart, so that they can be followed.
    pub fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut stretches = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(start) = next_address(rest) {
            let length = address_length(&rest[start..]);
            stretches.push(Stretch::Plain(&rest[..start]));
            stretches.push(Stretch::Address(&rest[start..start + length]));
            rest = &rest[start + length..];
        }
        stretches.push(Stretch::Plain(rest));
        stretches
    }
}

fn next_address(text: &str) -> Option<usize> {
    ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme)).min()
}

/// Up to the next blank or angle bracket, without the punctuation of the sentence around it.
fn address_length(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples::mail_page;

    #[test]
    fn addresses_in_a_text_can_be_followed() {
        let page = MailPage { text: "See (https://a.example/x?y=1). <http://b.example>".into(), ..mail_page() };
        let expected = [
            Stretch::Plain("See ("),
            Stretch::Address("https://a.example/x?y=1"),
            Stretch::Plain("). <"),
            Stretch::Address("http://b.example"),
            Stretch::Plain(">"),
        ];
        assert_eq!(page.stretches(), expected);
    }

    #[test]
    fn only_web_addresses_become_links() {
        let page = MailPage { text: "javascript:alert(1) mailto:a@b.example".into(), ..mail_page() };
        assert_eq!(page.stretches(), [Stretch::Plain("javascript:alert(1) mailto:a@b.example")]);
    }
}

//! A mail as a person sees it.

use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};

/// A kept mail: how it was addressed, its bytes, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    /// `MAIL FROM`; empty for a bounce.
    pub(crate) envelope_from: String,
    /// `RCPT TO`, those that were accepted.
    pub(crate) envelope_to: Vec<String>,
    /// The message as it was received, without dot stuffing.
    pub(crate) raw: Vec<u8>,
    /// The address in `From`.
    pub(crate) from: String,
    /// The addresses in `To`.
    pub(crate) to: Vec<String>,
    /// The decoded subject; empty if there is none.
    pub(crate) subject: String,
    /// Without the angle brackets; empty if there is none.
    pub(crate) message_id: String,
    /// Without the angle brackets.
    pub(crate) in_reply_to: Vec<String>,
    /// Without the angle brackets, oldest first.
    pub(crate) references: Vec<String>,
    /// The part that is written as plain text.
    pub(crate) text: Option<String>,
    /// The part that is written as HTML.
    pub(crate) html: Option<String>,
    /// In the order of the message.
    pub(crate) attachments: Vec<Attachment>,
}

/// A file that comes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// The file name; empty if there is none.
    pub(crate) name: String,
    /// `application/pdf`
    pub(crate) media_type: String,
    /// Decoded.
    pub(crate) bytes: Vec<u8>,
}

impl Mail {
    /// Reads a message; nothing if it has no header at all.
    pub(super) fn read(envelope_from: String, envelope_to: Vec<String>, raw: Vec<u8>) -> Option<Mail> {
        let message = MessageParser::default().parse(&raw).filter(|message| !message.headers().is_empty())?;
        Some(Mail {
            envelope_from,
            envelope_to,
            from: addresses(message.from()).into_iter().next().unwrap_or_default(),
            to: addresses(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            in_reply_to: ids(message.in_reply_to()),
            references: ids(message.references()),
            text: written_as(&message, false),
            html: written_as(&message, true),
            attachments: message.attachments().map(attachment).collect(),
            raw,
        })
    }

    /// The web addresses in the text, in their order; in the HTML if there is no text. This is what a person can click.
    pub(crate) fn links(&self) -> Vec<String> {
        let body = self.text.as_deref().or(self.html.as_deref()).unwrap_or_default();
        let starts = body.match_indices("http").map(|(start, _)| &body[start..]);
        let links = starts.filter(|rest| rest.starts_with("http://") || rest.starts_with("https://"));
        links.filter_map(|rest| rest.split(ends_link).next()).map(unescape).collect()
    }

    /// The first link that contains this.
    pub(crate) fn link_with(&self, part: &str) -> Option<String> {
        self.links().into_iter().find(|link| link.contains(part))
    }
}

fn ends_link(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | ')' | ']')
}

fn unescape(link: &str) -> String {
    link.replace("&amp;", "&").trim_end_matches(['.', ',']).to_owned()
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let all = header.into_iter().flat_map(Address::iter);
    all.filter_map(|address| address.address()).map(str::to_owned).collect()
}

fn ids(header: &HeaderValue<'_>) -> Vec<String> {
    header.as_text_list().into_iter().flatten().map(|id| id.to_string()).collect()
}

/// The parser offers each body in both forms and converts; a test wants only what the sender wrote.
fn written_as(message: &Message<'_>, html: bool) -> Option<String> {
    let mut parts = message.text_bodies().chain(message.html_bodies());
    let part = parts.find(|part| part.is_text() && part.is_text_html() == html)?;
    part.text_contents().map(str::to_owned)
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> Attachment {
    let media_type = part.content_type().map(|media_type| match media_type.subtype() {
        Some(subtype) => format!("{}/{subtype}", media_type.ctype()),
        None => media_type.ctype().to_owned(),
    });
    Attachment {
        name: part.attachment_name().unwrap_or_default().to_owned(),
        media_type: media_type.unwrap_or_default(),
        bytes: part.contents().to_vec(),
    }
}

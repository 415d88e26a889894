//! A mail as MIME (RFC 5322, RFC 2045): multipart/mixed of multipart/alternative and the attached files.

use super::{Attachment, Mail, PostError, one_line};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as FilePart, MultiPart, SinglePart};
use std::time::{Duration, UNIX_EPOCH};

/// Builds the message. What cannot be built once will never be.
pub(crate) fn message(mail: &Mail) -> Result<Message, PostError> {
    let wrong = |error: lettre::error::Error| PostError::Never(format!("the mail cannot be built: {error}"));
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(mail.at).unwrap_or(0));
    let mut builder = Message::builder()
        .from(mail.from.mailbox()?)
        .to(mail.to.mailbox()?)
        .subject(one_line(&mail.subject))
        .message_id(Some(mail.message_id.clone()))
        .date(at)
        // Keeps out-of-office replies from answering (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    if let Some(address) = &mail.reply_to {
        builder = builder.reply_to(address.mailbox()?);
    }
    if let Some(id) = &mail.in_reply_to {
        builder = builder.in_reply_to(id.clone());
    }
    if !mail.references.is_empty() {
        builder = builder.references(mail.references.join(" "));
    }
    builder.multipart(body(mail)?).map_err(wrong)
}

fn body(mail: &Mail) -> Result<MultiPart, PostError> {
    let words = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    if mail.attachments.is_empty() {
        return Ok(words);
    }
    let mut body = MultiPart::mixed().multipart(words);
    for attachment in &mail.attachments {
        body = body.singlepart(file(attachment)?);
    }
    Ok(body)
}

fn file(attachment: &Attachment) -> Result<SinglePart, PostError> {
    let Attachment { name, media_type, bytes } = attachment;
    let wrong = |_| PostError::Never(format!("\"{}\" is not a media type", one_line(media_type)));
    let kind = ContentType::parse(media_type).map_err(wrong)?;
    Ok(FilePart::new(one_line(name)).body(bytes.clone(), kind))
}

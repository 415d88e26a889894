//! Built messages, read back by another library.

use super::super::message::message;
use super::*;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

fn raw(mail: &Mail) -> Vec<u8> {
    message(mail).unwrap().formatted()
}

fn read(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

/// The lines of the headers, unfolded.
fn headers(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8(raw.to_vec()).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned());
    let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

#[test]
fn words_stand_beside_each_other_and_files_below_them() {
    let raw = raw(&mail());
    let message = read(&raw);
    let root = message.root_part();
    assert!(root.content_type().unwrap().subtype() == Some("mixed"));
    let PartType::Multipart(parts) = &root.body else { panic!("{:?}", root.body) };
    let kinds = parts.iter().map(|id| message.part(*id).unwrap().content_type().unwrap().subtype().unwrap().to_owned());
    assert_eq!(kinds.collect::<Vec<_>>(), ["alternative", "pdf"]);
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), mail().text);
    assert_eq!(message.body_html(0).unwrap(), mail().html);
    let file = message.attachment(0).unwrap();
    assert_eq!(file.attachment_name(), Some("Bestellung Nº 17.pdf"));
    assert_eq!(file.contents(), mail().attachments[0].bytes);
}

#[test]
fn without_files_the_words_are_the_whole_mail() {
    let raw = raw(&Mail { attachments: Vec::new(), ..mail() });
    let message = read(&raw);
    assert_eq!(message.root_part().content_type().unwrap().subtype(), Some("alternative"));
}

#[test]
fn foreign_letters_survive_and_the_headers_are_ascii() {
    let raw = raw(&mail());
    let message = read(&raw);
    assert_eq!(message.subject(), Some(mail().subject.as_str()));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Jürgen \"Jo\" Groß, Einkauf"), Some("jo@acme.example")));
    assert!(headers(&raw).iter().all(|line| line.is_ascii()), "{:?}", headers(&raw));
}

#[test]
fn the_thread_the_date_and_the_robot_are_named() {
    let raw = raw(&mail());
    let headers = headers(&raw);
    for line in [
        "Message-ID: <i.3.0@acme.example>",
        "In-Reply-To: <i.approval-1@acme.example>",
        "References: <i.approval-1@acme.example>",
        "Auto-Submitted: auto-generated",
        "Date: Mon, 23 Nov 2026 15:21:09 +0000",
    ] {
        assert!(headers.iter().any(|header| header == line), "{line} in {headers:?}");
    }
}

#[test]
fn no_text_can_start_a_header() {
    let evil = "x\r\nBcc: all@x.example\r\n\r\n<b>body</b>\n\u{2028}Y: z";
    let mut mail = Mail { subject: evil.to_owned(), to: Address::new(evil, "jo@acme.example").unwrap(), ..mail() };
    mail.attachments[0].name = format!("a\".pdf\"; {evil}");
    mail.reply_to = Some(Address::new(evil, "eva@acme.example").unwrap());
    let raw = raw(&mail);
    let known = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Date",
        "Auto-Submitted",
        "Reply-To",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Content-Type",
    ];
    for header in headers(&raw) {
        let name = header.split(':').next().unwrap();
        assert!(known.contains(&name), "{header}");
    }
    let text = String::from_utf8_lossy(&raw);
    assert!(!text.lines().any(|line| line.starts_with("Bcc:") || line.starts_with("Y:")), "{text}");
    let message = read(&raw);
    let headers = message.attachment(0).unwrap().headers();
    assert!(message.bcc().is_none() && headers.iter().all(|header| header.name() != "Bcc"));
}

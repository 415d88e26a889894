//! Mail as values, as MIME and on the wire.

mod mime;
mod wire;

use super::*;

/// A mail with everything that can be hostile or foreign in it.
fn mail() -> Mail {
    Mail {
        company: "acme".to_owned(),
        message_id: "<i.3.0@acme.example>".to_owned(),
        in_reply_to: Some("<i.approval-1@acme.example>".to_owned()),
        references: vec!["<i.approval-1@acme.example>".to_owned()],
        at: 1_795_447_269_000,
        from: Address::parse("Countersign <no-reply@acme.example>").unwrap(),
        to: Address::new("Jürgen \"Jo\" Groß, Einkauf", "jo@acme.example").unwrap(),
        reply_to: None,
        subject: "Bitte entscheiden: Bestellung für Zürich, 12.400,00 €".to_owned(),
        text: "Grüße\nhttps://acme.example/a/5ec2e7\n".to_owned(),
        html: "<p>Grüße</p>".to_owned(),
        attachments: vec![Attachment {
            name: "Bestellung Nº 17.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: b"%PDF-1.7\n\x00\xff".to_vec(),
        }],
    }
}

#[test]
fn an_address_is_read_with_and_without_a_name() {
    let named = Address::parse("Anna Weber <anna@acme.example>").unwrap();
    assert_eq!((named.name(), named.email()), ("Anna Weber", "anna@acme.example"));
    assert_eq!(named.to_string(), "Anna Weber <anna@acme.example>");
    assert_eq!(Address::parse(" anna@acme.example ").unwrap().to_string(), "anna@acme.example");
}

#[test]
fn what_is_not_one_address_is_refused() {
    for wrong in ["", "anna", "a@b@c", "a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "<>"] {
        assert!(Address::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_name_is_one_line() {
    let address = Address::new("Anna\r\nBcc: all@x.example\u{0}\u{2028}Weber", "anna@acme.example").unwrap();
    assert_eq!(address.name(), "Anna Bcc: all@x.example Weber");
}

#[test]
fn the_link_is_not_in_the_debug_output() {
    let shown = format!("{:?}", mail());
    assert!(shown.contains("<i.3.0@acme.example>") && !shown.contains("5ec2e7"), "{shown}");
}

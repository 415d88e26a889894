//! `mail.send`.

use super::support::{House, START};
use crate::PostError;
use futures::FutureExt;
use serde_json::{Value, json};
use store::{Claimed, NewDocument, Verdict};
use workflow::{Effect, Status};

pub(super) async fn keep_document(house: &House) {
    house
        .write(|unit| {
            async move {
                let document = NewDocument {
                    company: "acme".to_owned(),
                    kind: "test/things".to_owned(),
                    object: "t1".to_owned(),
                    name: "document.pdf".to_owned(),
                    revision: 1,
                    media_type: "application/pdf".to_owned(),
                    bytes: b"%PDF final".to_vec(),
                };
                unit.put_document(&document).await.map(|_| ())
            }
            .boxed()
        })
        .await;
}

#[tokio::test]
async fn the_supplier_gets_the_order_and_the_workflow_goes_on() {
    let house = House::new().await;
    keep_document(&house).await;
    let instance = house.start("Send").await;
    assert_eq!(house.hands.drain().await.unwrap(), 1);
    let mail = house.mails().remove(0);
    assert_eq!(mail.to.email(), "sales@nordwind.example");
    assert_eq!(mail.reply_to.as_ref().map(ToString::to_string).as_deref(), Some("Eva Berg <eva@acme.example>"));
    assert_eq!(mail.subject, "Purchase order 2026-000017 from Acme Instruments");
    assert_eq!(
        (mail.attachments[0].name.as_str(), mail.attachments[0].bytes.as_slice()),
        ("2026-000017.pdf", &b"%PDF final"[..])
    );
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("Nordwind GmbH") && part.contains("12,400.00 EUR") && part.contains("eva@acme.example"));
        assert!(!part.contains("4711"), "the cost centre is nobody's business: {part}");
    }
    assert!(matches!(house.instance(&instance).await.status, Status::Succeeded { .. }));
}

#[tokio::test]
async fn the_result_names_the_mail() {
    let house = House::new().await;
    keep_document(&house).await;
    let instance = house.start("Send").await;
    let claimed = house.claim().await;
    let expected = json!({
        "message_id": format!("<{}.{}.0@acme.example>", instance.id, claimed[0].key.version),
        "to": "sales@nordwind.example",
        "at": "2026-11-23T15:21:09Z"
    });
    assert_eq!(START % 1_000, 0);
    for _ in 0..2 {
        assert_eq!(house.hands.perform(&claimed[0]).await, Verdict::Done(expected.clone()));
    }
    let mails = house.mails();
    assert_eq!(mails[0], mails[1]);
}

#[tokio::test]
async fn a_server_that_is_down_is_waited_for() {
    let house = House::new().await;
    keep_document(&house).await;
    let instance = house.start("Send").await;
    house.trouble(Some(PostError::Later("the mail server cannot be reached".to_owned())));
    let mut attempts = 0;
    for _ in 0..60 {
        attempts += house.hands.drain().await.unwrap();
        house.clock.pass(60_000);
    }
    assert!((4..30).contains(&attempts), "{attempts} attempts within the hour");
    house.trouble(None);
    house.clock.pass(900_000);
    assert_eq!(house.hands.drain().await.unwrap(), 1);
    assert_eq!(house.mails().len(), 1);
    assert!(matches!(house.instance(&instance).await.status, Status::Succeeded { .. }));
}

#[tokio::test]
async fn a_mail_that_is_refused_fails_the_task() {
    let house = House::new().await;
    keep_document(&house).await;
    let instance = house.start("Send").await;
    house.trouble(Some(PostError::Never("550 no such person".to_owned())));
    house.hands.drain().await.unwrap();
    assert!(matches!(house.instance(&instance).await.status, Status::Failed { error, .. } if error == "Stopped"));
}

#[tokio::test]
async fn wrong_arguments_are_told_by_name() {
    let house = House::new().await;
    keep_document(&house).await;
    house.start("Send").await;
    let claimed = house.claim().await.remove(0);
    let object = json!({ "kind": "test/things", "id": "t1" });
    let wrong = [
        (json!({ "template": "test/order", "object": object }), "Mail.Invalid", "mail.send needs an address in to"),
        (
            json!({ "to": "a@b.example\nBcc: c@d.example", "template": "test/order", "object": object }),
            "Mail.Invalid",
            "is not a mail address",
        ),
        (json!({ "to": "a@b.example", "object": object }), "Mail.Invalid", "mail.send needs the text template"),
        (
            json!({ "to": "a@b.example", "template": "test/order" }),
            "Mail.Invalid",
            "mail.send needs the text object.kind",
        ),
        (
            json!({ "to": "a@b.example", "template": "no/such", "object": object }),
            "Mail.Invalid",
            "no module has a mail \"no/such\"",
        ),
        (
            json!({ "to": "a@b.example", "template": "test/order", "object": { "kind": "test/things", "id": "t2" } }),
            "Mail.Invalid",
            "there is no test/things \"t2\"",
        ),
        (
            json!({ "to": "a@b.example", "template": "test/order", "object": object, "attach": ["other.pdf"] }),
            "Mail.NoDocument",
            "has no file other.pdf",
        ),
        (
            json!({ "to": "a@b.example", "template": "test/order", "object": object }),
            "Mail.Template",
            "the mail cannot be written",
        ),
    ];
    for (arguments, name, told) in wrong {
        let verdict = house.hands.perform(&with(&claimed, arguments)).await;
        let Verdict::GaveUp { error, cause } = verdict else { panic!("{verdict:?}") };
        assert!(error == name && cause.contains(told), "{error}: {cause}");
    }
    assert!(house.mails().is_empty());
}

fn with(claimed: &Claimed, arguments: Value) -> Claimed {
    let effect = Effect::Perform { activity: 1, resource: "mail.send".to_owned(), arguments, child: None };
    Claimed { effect, ..claimed.clone() }
}

//! Requests, reminders, escalations and releases.

use super::support::{DAY, HOSTILE, House, token};
use crate::{Mail, MailboxPostman, Postman};
use futures::FutureExt;
use store::Verdict;
use workflow::{Candidate, EventKind, Why};

/// What a reader sees of an HTML part.
fn words(html: &str) -> String {
    let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    let plain = entities.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Both parts say this.
fn says(mail: &Mail, told: &str) {
    let text = mail.text.replace("> ", "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(told), "the text part lacks {told:?}:\n{}", mail.text);
    assert!(words(&mail.html).contains(told), "the HTML part lacks {told:?}:\n{}", words(&mail.html));
}

fn to<'m>(mails: &'m [Mail], email: &str) -> &'m Mail {
    let found: Vec<&Mail> = mails.iter().filter(|mail| mail.to.email() == email).collect();
    assert_eq!(found.len(), 1, "{mails:?}");
    found[0]
}

#[tokio::test]
async fn everybody_who_is_asked_gets_a_mail_with_a_link_of_their_own() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    assert_eq!(house.hands.drain().await.unwrap(), 2);
    let mails = house.mails();
    let mail = to(&mails, "anna@acme.example");
    for told in [
        "Purchase order 2026-000017",
        "12,400.00 EUR",
        "Eva Berg asks for your decision. You are named in the workflow.",
        "Manager approval, round 1.",
        "Please answer by 28 November 2026, 15:21 UTC.",
        "Cost centre",
        "Line two.",
        "Attached: 2026-000017.pdf.",
    ] {
        says(mail, told);
    }
    assert_eq!(mail.subject, "Please decide: Purchase order 2026-000017, 12,400.00 EUR");
    assert_eq!(mail.attachments[0].bytes, b"%PDF draft=true by 0");
    says(mail, &format!("https://approve.acme.example/a/{}", token(mail)));
    let link = house.link(mail).await.unwrap();
    assert_eq!((link.instance.as_str(), link.person.as_str(), link.revision), (instance.id.as_str(), "anna", 1));
    assert_ne!(token(mail), token(to(&mails, "ben@acme.example")));
    assert_eq!(house.open_effects().await, 0);
}

#[tokio::test]
async fn a_request_that_is_sent_twice_differs_only_in_its_link() {
    let house = House::new().await;
    house.start("Manager").await;
    let claimed = house.claim().await;
    for _ in 0..2 {
        assert!(matches!(house.hands.perform(&claimed[0]).await, Verdict::Done(_)));
    }
    let mails = house.mails();
    let [first, second] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(first.message_id, second.message_id);
    assert_eq!(first.text.replace(&token(first), ""), second.text.replace(&token(second), ""));
    let (one, two) = (house.link(first).await.unwrap(), house.link(second).await.unwrap());
    assert_eq!((one.effect, one.activity, one.person), (two.effect, two.activity, two.person));
}

#[tokio::test]
async fn the_mailbox_keeps_one_mail_of_two() {
    let house = House::new().await;
    house.start("Manager").await;
    let claimed = house.claim().await;
    house.hands.perform(&claimed[0]).await;
    let mail = house.mails().remove(0);
    let postman = MailboxPostman::new(house.store.clone());
    postman.send(&mail).await.unwrap();
    postman.send(&Mail { text: "again".to_owned(), ..mail.clone() }).await.unwrap();
    let mut reader = house.store.read().await.unwrap();
    let kept = reader.mails(10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].id.as_str(), kept[0].recipient.as_str()), (mail.message_id.as_str(), mail.to.email()));
    assert_eq!(kept[0].body["text"], mail.text);
    let file = &kept[0].body["attachments"][0];
    assert_eq!((file["name"].as_str(), file["type"].as_str()), (Some("2026-000017.pdf"), Some("application/pdf")));
    let bytes = reader.blob("acme", file["sha256"].as_str().unwrap()).await.unwrap();
    assert_eq!(bytes, mail.attachments[0].bytes);
}

#[tokio::test]
async fn the_mails_of_an_approval_are_one_thread() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.clock.pass(DAY);
    assert_eq!(house.hands.fire_due().await.unwrap(), 1);
    house.hands.drain().await.unwrap();
    house.vote(&instance, "ben", "approve", None).await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    let anna: Vec<&Mail> = mails.iter().filter(|mail| mail.to.email() == "anna@acme.example").collect();
    assert_eq!(anna.len(), 3);
    let root = format!("<{}.approval-{}@acme.example>", instance.id, house.link(anna[0]).await.unwrap().activity);
    for mail in &anna {
        assert_eq!(
            (mail.in_reply_to.as_deref(), mail.references.as_slice()),
            (Some(root.as_str()), &[root.clone()][..])
        );
    }
    let mut ids: Vec<&str> = anna.iter().map(|mail| mail.message_id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(ids[0].starts_with(&format!("<{}.", instance.id)) && ids[0].ends_with("@acme.example>"));
}

#[tokio::test]
async fn a_reminder_and_an_escalation_say_what_they_are() {
    let house = House::new().await;
    house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.mails();
    house.clock.pass(DAY);
    house.hands.fire_due().await.unwrap();
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    says(to(&mails, "ben@acme.example"), "this has been waiting for you since 23 November 2026, 15:21 UTC.");
    assert!(to(&mails, "anna@acme.example").subject.starts_with("Reminder: Purchase order"));
    house.clock.pass(2 * DAY);
    house.hands.fire_due().await.unwrap();
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    assert_eq!(mails.len(), 1);
    says(to(&mails, "carla@acme.example"), "Anna Weber, Ben Stone did not answer since 23 November 2026, 15:21 UTC.");
}

#[tokio::test]
async fn who_was_asked_and_did_not_decide_is_released() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.mails();
    house.vote(&instance, "ben", "reject", Some("Too many.\nTwelve fit.")).await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    let mail = to(&mails, "anna@acme.example");
    assert_eq!(
        (mails.len(), mail.subject.as_str()),
        (1, "No longer needed: Purchase order 2026-000017, 12,400.00 EUR")
    );
    says(mail, "Ben Stone rejected this request on 23 November 2026, 15:21 UTC. Nothing is needed from you.");
    says(mail, "Too many. Twelve fit.");
    assert!(
        mail.text.contains("- Ben Stone rejected (Manager approval, 23 November 2026, 15:21 UTC)"),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains("/a/") && mail.attachments.is_empty());
}

#[tokio::test]
async fn a_release_is_repeatable() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.mails();
    house.vote(&instance, "ben", "reject", None).await;
    let claimed = house.claim().await;
    for _ in 0..2 {
        assert!(matches!(house.hands.perform(&claimed[0]).await, Verdict::Done(_)));
    }
    let mails = house.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!((&mails[0].message_id, &mails[0].text), (&mails[1].message_id, &mails[1].text));
}

#[tokio::test]
async fn a_seat_that_was_given_away_names_who_has_it() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.mails();
    let activity = house.instance(&instance).await.open_approvals().next().unwrap().1.activity;
    let to_carla = Candidate { person: "carla".to_owned(), name: "Carla Nunes".to_owned(), why: Why::Named };
    let reason = "on leave".to_owned();
    house.tell(&instance, EventKind::Reassigned { activity, from: "anna".to_owned(), to: to_carla, reason }).await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    says(to(&mails, "anna@acme.example"), "This request was given to somebody else on 23 November 2026, 15:21 UTC.");
    says(to(&mails, "anna@acme.example"), "Carla Nunes is asked instead.");
    says(to(&mails, "carla@acme.example"), "You are asked instead of Anna Weber.");
}

#[tokio::test]
async fn the_next_round_says_what_changed_and_who_said_what() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.mails();
    // The answer and the change are one unit in the service; here the change comes first.
    house.revise("quantity", "15").await;
    house.revise("quantity", "12").await;
    house.vote(&instance, "anna", "return", Some("Twelve fit the budget.")).await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    let request = mails.iter().find(|mail| mail.subject.starts_with("Please decide again")).unwrap();
    says(request, "Manager approval, round 2.");
    says(request, "Quantity: \"20\" became \"12\".");
    says(request, "Anna Weber asked for changes");
    says(request, "Twelve fit the budget.");
}

#[tokio::test]
async fn nobody_is_asked_when_nothing_is_left_to_decide() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    let claimed = house.claim().await;
    house.vote(&instance, "anna", "reject", None).await;
    for claimed in &claimed {
        assert!(matches!(house.hands.perform(claimed).await, Verdict::Done(_)));
    }
    assert!(house.mails().is_empty());
}

#[tokio::test]
async fn a_document_that_fails_does_not_keep_the_request() {
    let house = House::new().await;
    house.behaviour.no_document.store(true, std::sync::atomic::Ordering::SeqCst);
    house.start("Manager").await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    let mail = to(&mails, "anna@acme.example");
    assert!(mail.attachments.is_empty());
    says(mail, "The document could not be attached; you see it on the page of the decision.");
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let house = House::new().await;
    for name in ["supplier", "item", "total"] {
        house.revise(name, HOSTILE).await;
    }
    let instance = house.start("Manager").await;
    house.hands.drain().await.unwrap();
    house.vote(&instance, "ben", "reject", Some(HOSTILE)).await;
    house.hands.drain().await.unwrap();
    let mails = house.mails();
    assert_eq!(mails.len(), 3);
    for mail in mails {
        assert!(!mail.html.contains("<script"), "{}", mail.html);
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_mail_does_not_give_the_secret_away() {
    let house = House::new().await;
    house.start("Manager").await;
    let claimed = house.claim().await;
    house.recorder.repeats.store(true, std::sync::atomic::Ordering::SeqCst);
    let verdict = house.hands.perform(&claimed[0]).await;
    let Verdict::GaveUp { error, cause } = verdict else { panic!("{verdict:?}") };
    assert!(error == "Mail.Rejected" && cause.contains("https://approve.acme.example/a/(link)"), "{error}: {cause}");
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_shown_to_the_admin() {
    let house = House::new().await;
    house.change_person("anna", |person| person.email = "anna at acme".to_owned()).await;
    house.start("Manager").await;
    house.hands.drain().await.unwrap();
    assert_eq!(house.mails().len(), 1);
    let dead = house.store.read().await.unwrap().dead_effects("acme", 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].error, "Mail.NoAddress: Anna Weber has no mail address that can be used: \"anna at acme\"");
    // Mended and revived, it goes out.
    house.change_person("anna", |person| person.email = "anna@acme.example".to_owned()).await;
    let key = dead[0].key.clone();
    house
        .write(move |unit| {
            let key = key.clone();
            async move { unit.revive_effect(&key).await }.boxed()
        })
        .await;
    house.hands.drain().await.unwrap();
    to(&house.mails(), "anna@acme.example");
}

#[tokio::test]
async fn somebody_who_has_left_gets_no_mail() {
    let house = House::new().await;
    house.start("Manager").await;
    house.change_person("anna", |person| person.active = false).await;
    house.hands.drain().await.unwrap();
    assert_eq!(house.mails().len(), 1);
    assert_eq!(house.open_effects().await, 0);
}

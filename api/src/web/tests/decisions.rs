//! Posting decisions.

use super::{App, DAY_MS};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use futures::FutureExt;
use serde_json::json;

#[tokio::test]
async fn a_decision_is_recorded_once_and_the_link_shows_it() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let decision = [("nonce", nonce.as_str()), ("comment", "Fine.\r\nGo on."), ("decision", "approve")];
    let first = app.post(&link, &decision).await;
    assert_eq!(first.is(303).header("location"), link);
    let recorded = app.dump().await;
    assert!(recorded.contains("Fine.\\nGo on."), "{recorded}");
    assert!(recorded.contains("\"through\":\"link\""), "{recorded}");
    app.get(&link).await.is(200).shows("Thank you. Your decision is recorded").hides("<form");
    let second = app.post(&link, &decision).await;
    assert_eq!(second.is(303).header("location"), link);
    assert_eq!(app.dump().await, recorded);
    app.clock.pass(60_000);
    app.get(&link).await.is(200).shows("This request was approved").shows("You approved on");
}

#[tokio::test]
async fn a_late_click_of_somebody_else_is_told_who_decided() {
    let app = App::new().await;
    let (link, late) = (app.link("anna", 1).await, app.link("bob", 1).await);
    let nonce = app.get(&late).await.nonce();
    app.press(&link, "approve", "").await.is(303);
    let before = app.dump().await;
    let answer = app.post(&late, &[("nonce", &nonce), ("decision", "reject"), ("comment", "No.")]).await;
    answer.is(409).shows("Already approved").shows("Your click changed nothing. Anna &#60;b&#62;Weber");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_decision_cannot_be_changed() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.press(&link, "approve", "").await.is(303);
    let answer = app.post(&link, &[("nonce", &nonce), ("decision", "reject"), ("comment", "No.")]).await;
    answer.is(409).shows("Already approved").shows("You approved on");
}

#[tokio::test]
async fn the_same_button_with_another_comment_hears_that_the_first_one_stands() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.press(&link, "approve", "First words.").await.is(303);
    let recorded = app.dump().await;
    let answer = app.post(&link, &[("nonce", &nonce), ("decision", "approve"), ("comment", "Other words.")]).await;
    answer.is(409).shows("You had approved before").shows("First words.").hides("Other words.");
    answer.shows("what you sent now is not recorded");
    assert_eq!(app.dump().await, recorded);
}

#[tokio::test]
async fn signs_that_nobody_sees_are_left_out_of_a_comment() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    app.press(&link, "approve", "pay \u{202E}001\u{202C} to A\u{200F}\u{7}\tnow").await.is(303);
    let recorded = app.dump().await;
    assert!(recorded.contains(r"pay 001 to A\tnow"), "{recorded}");
}

#[tokio::test]
async fn a_missing_reason_keeps_what_was_typed() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let before = app.dump().await;
    let fields = [("nonce", nonce.as_str()), ("comment", "  "), ("form.words", "half typed"), ("decision", "reject")];
    let answer = app.post(&link, &fields).await;
    answer.is(422).shows("Write a reason: \u{201c}Turn down\u{201d} needs a comment.").shows("value=\"half typed\"");
    let long = "x".repeat(4_001);
    let fields = [("nonce", answer.nonce()), ("comment", long.clone()), ("decision", "approve".to_owned())];
    let answer = app.post(&link, &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    answer.is(422).shows("it has 4001 characters, the most is 4000").shows(&long);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_button_must_be_used_and_known() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let before = app.dump().await;
    let nonce = ("nonce", nonce.as_str());
    app.post(&link, &[nonce, ("comment", "kept")]).await.is(422).shows("No decision was chosen").shows("kept");
    app.post(&link, &[nonce, ("decision", "explode")]).await.is(422).shows("No decision was chosen");
    app.post(&link, &[nonce, ("decision", "approve"), ("decision", "reject")]).await.is(422);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_form_without_a_nonce_of_its_own_page_is_refused() {
    let app = App::new().await;
    let (link, other) = (app.link("anna", 1).await, app.link("bob", 1).await);
    let foreign = app.get(&other).await.nonce();
    let before = app.dump().await;
    for nonce in ["", "forged", &foreign] {
        let answer = app.post(&link, &[("nonce", nonce), ("comment", "kept"), ("decision", "approve")]).await;
        answer.is(403).shows("Nothing was recorded").shows("kept");
        assert!(!answer.nonce().is_empty());
    }
    app.post(&link, &[("decision", "approve")]).await.is(403);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_page_that_was_open_for_a_day_asks_again() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.clock.pass(DAY_MS);
    let before = app.dump().await;
    let answer = app.post(&link, &[("nonce", &nonce), ("decision", "approve")]).await;
    answer.is(409).shows("this page had been open for too long");
    assert_eq!(app.dump().await, before);
    app.post(&link, &[("nonce", &answer.nonce()), ("decision", "approve")]).await.is(303);
}

#[tokio::test]
async fn a_document_that_changed_must_be_read_again() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.write(|unit| {
        async move {
            let mut object = unit.object("acme", super::KIND, "n1").await?;
            object.data = json!({ "words": "quite another note" });
            unit.revise_object("acme", &object, "eva").await
        }
        .boxed()
    })
    .await;
    let before = app.dump().await;
    let fields = [("nonce", nonce.as_str()), ("comment", "kept"), ("form.words", "stale"), ("decision", "amend")];
    let answer = app.post(&link, &fields).await;
    answer.is(409).shows("The document changed while you were reading").shows("kept").hides("stale");
    answer.shows("value=\"quite another note\"");
    assert_eq!(app.dump().await, before);
    app.post(&link, &[("nonce", &answer.nonce()), ("decision", "approve")]).await.is(303);
}

#[tokio::test]
async fn another_site_cannot_send_the_form() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let before = app.dump().await;
    for site in ["cross-site", "same-site"] {
        app.post_from(site, &link, &[("nonce", &nonce), ("decision", "approve")]).await.is(403);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_refused() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let before = app.dump().await;
    let json = Request::post(&link).header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
    app.send(json).await.is(415);
    let large = Request::post(&link).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.send(large.body(Body::from(vec![b'a'; 5_000_000])).unwrap()).await.is(413);
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_form_changes_the_document_and_opens_the_next_round() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let nonce = ("nonce", nonce.as_str());
    app.post(&link, &[nonce, ("decision", "amend")]).await.is(422);
    let empty = app.post(&link, &[nonce, ("form.words", ""), ("decision", "amend")]).await;
    empty.is(422).shows("\u{201c}New words\u{201d}: must not be empty.");
    let amend = [nonce, ("form.words", "a better note"), ("form.other", "x"), ("decision", "amend")];
    app.post(&link, &amend).await.is(303);
    let recorded = app.dump().await;
    app.post(&link, &amend).await.is(303);
    assert_eq!(app.dump().await, recorded, "a second click does not amend twice");
    app.get(&link).await.is(200).shows("You amended on").shows("It goes on with").shows("this is revision 2");
    let next = app.link("bob", 2).await;
    let page = app.get(&next).await;
    page.is(200).shows("round 2").shows("notes: draft of a note became a better note.").shows("Decided before you");
}

#[tokio::test]
async fn of_two_clicks_at_the_same_moment_one_decides() {
    let app = App::new().await;
    let links = [app.link("anna", 1).await, app.link("bob", 1).await];
    let [anna, bob] = [app.get(&links[0]).await.nonce(), app.get(&links[1]).await.nonce()];
    let forms = [anna, bob].map(|nonce| [("nonce", nonce), ("decision", "approve".to_owned())]);
    let forms = forms.each_ref().map(|form| form.each_ref().map(|(name, value)| (*name, value.as_str())));
    let (first, second) = tokio::join!(app.post(&links[0], &forms[0]), app.post(&links[1], &forms[1]));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.dump().await.matches("\"type\":\"ApprovalVoted\"").count(), 1);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_without_details() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    app.state.store.close().await;
    app.get(&link).await.is(503).shows("We will be back in a moment").hides("pool");
    app.post(&link, &[("decision", "approve")]).await.is(503);
}

#[test]
fn a_failed_commit_does_not_claim_that_nothing_was_recorded() {
    use crate::web::answer::{reading, writing};
    use store::StoreError;
    let statuses = [
        writing(&StoreError::Unavailable("disk".to_owned())).status().as_u16(),
        writing(&StoreError::Corrupt("row".to_owned())).status().as_u16(),
        reading(&StoreError::Corrupt("row".to_owned())).status().as_u16(),
    ];
    assert_eq!(statuses, [503, 500, 500]);
}

//! Opening links.

use super::{App, DAY_MS, KIND, person};
use axum::http::Method;
use futures::FutureExt;
use store::NewDocument;
use workflow::{Candidate, EventKind, Why};

#[tokio::test]
async fn opening_a_link_twenty_times_changes_nothing() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let before = app.dump().await;
    for _ in 0..20 {
        app.get(&link).await.is(200).shows("Read the note").shows("name=\"decision\" value=\"approve\"");
        let head = app.open(Method::HEAD, &link).await;
        assert_eq!((head.is(200).body.as_str(), head.header("cache-control")), ("", "no-store"));
        app.get(&format!("{link}/document.pdf")).await.is(200);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn the_page_tells_who_asks_why_what_and_until_when() {
    let app = App::new().await;
    let page = app.get(&app.link("anna", 1).await).await;
    page.shows("Eva Berg").shows("You are named in the workflow.").shows("Note n1").shows("draft of a note");
    page.shows("23 December 2026, 15:10 UTC").shows("n1-draft.pdf").shows("for \u{201c}Turn down\u{201d}");
    page.shows("name=\"form.words\" value=\"draft of a note\"");
}

#[tokio::test]
async fn every_page_has_the_strict_headers() {
    let app = App::new().await;
    let page = app.get(&app.link("anna", 1).await).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex, nofollow"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let app = App::with("<script>alert(1)</script>", true).await;
    let link = app.link("anna", 1).await;
    app.get(&link).await.is(200).shows("&#60;script&#62;alert(1)").hides("<script>").hides("<b>Weber</b>");
    app.press(&link, "reject", "</textarea><img src=x onerror=alert(1)>").await.is(303);
    app.get(&link).await.is(200).hides("<img").shows("onerror=alert(1)");
}

#[tokio::test]
async fn an_unknown_or_malformed_link_is_404_and_limited() {
    let app = App::new().await;
    let known = app.link("anna", 1).await;
    let unknown = format!("/a/{}", "0".repeat(64));
    let (first, malformed) = (app.get(&unknown).await, app.get("/a/%FFx").await);
    assert_eq!(first.is(404).body, malformed.is(404).body);
    for address in [&unknown, "/a/x", "/a/x/document.pdf"].iter().cycle().take(28) {
        app.get(address).await.is(404).hides("Acme");
    }
    let limited = app.get(&unknown).await;
    assert_eq!(limited.is(429).header("retry-after"), "60");
    app.post(&unknown, &[]).await.is(429);
    app.get(&known).await.is(200);
    app.clock.pass(60_000);
    app.get(&unknown).await.is(404);
}

#[tokio::test]
async fn the_document_can_be_opened_where_no_preview_is_shown() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let page = app.get(&link).await;
    page.is(200).shows(&format!("href=\"{link}/document.pdf\">Open the PDF")).hides("<iframe");
    page.shows("<object class=\"preview\" type=\"application/pdf\"").shows("This browser shows no PDF within a page");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("object-src 'self'") && policy.contains("default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn the_document_is_a_draft_until_a_final_one_is_stored() {
    let app = App::new().await;
    let address = format!("{}/document.pdf", app.link("anna", 1).await);
    let draft = app.get(&address).await;
    assert_eq!(
        (draft.is(200).body.as_str(), draft.header("content-type")),
        ("%PDF draft draft of a note", "application/pdf")
    );
    assert_eq!(draft.header("content-disposition"), "inline; filename=\"n1-draft.pdf\"");
    assert_eq!(draft.header("x-frame-options"), "SAMEORIGIN");
    assert!(draft.header("content-security-policy").contains("frame-ancestors 'self'"));
    let document = NewDocument {
        company: "acme".to_owned(),
        kind: KIND.to_owned(),
        object: "n1".to_owned(),
        name: "note.pdf".to_owned(),
        revision: 1,
        media_type: "application/pdf".to_owned(),
        bytes: b"%PDF stored".to_vec(),
    };
    app.write(move |unit| {
        let document = document.clone();
        async move { unit.put_document(&document).await }.boxed()
    })
    .await;
    let stored = app.get(&address).await;
    assert_eq!(
        (stored.body.as_str(), stored.header("content-disposition")),
        ("%PDF stored", "inline; filename=\"n1.pdf\"")
    );
}

#[tokio::test]
async fn a_link_shows_the_outcome_for_ninety_days() {
    let app = App::new().await;
    let (link, other) = (app.link("anna", 1).await, app.link("bob", 1).await);
    app.press(&link, "approve", "").await.is(303);
    app.clock.pass(90 * DAY_MS - 1);
    app.get(&link).await.is(200).shows("This request was approved").shows("You approved on");
    app.get(&other).await.is(200).shows("This request was approved");
    app.get(&format!("{other}/document.pdf")).await.is(200);
    app.clock.pass(1);
    app.get(&link).await.is(410).hides("Acme");
    app.get(&format!("{link}/document.pdf")).await.is(410);
    app.post(&link, &[]).await.is(410);
}

#[tokio::test]
async fn who_gave_the_request_away_is_told_to_whom() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    let to = Candidate { person: "carl".to_owned(), name: "Carl Day".to_owned(), why: Why::Named };
    app.event(EventKind::Reassigned { activity: 1, from: "anna".to_owned(), to, reason: "on holiday".to_owned() })
        .await;
    app.get(&link).await.is(410).shows("given to Carl Day").hides("draft of a note");
    app.get(&format!("{link}/document.pdf")).await.is(410);
    let before = app.dump().await;
    app.post(&link, &[("nonce", &nonce), ("decision", "approve")]).await.is(409).shows("given to Carl Day");
    assert_eq!(app.dump().await, before);
    let taker = app.link("carl", 1).await;
    app.get(&taker).await.is(200).shows("You are asked instead of Anna &#60;b&#62;Weber");
    app.press(&taker, "approve", "").await.is(303);
}

#[tokio::test]
async fn a_withdrawn_request_says_so() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.event(EventKind::Cancelled { reason: "not needed".to_owned() }).await;
    app.get(&link).await.is(200).shows("This request was withdrawn").shows("Eva Berg took it back on");
    app.post(&link, &[("nonce", &nonce), ("decision", "approve")]).await.is(409).shows("Your click changed nothing.");
}

#[tokio::test]
async fn an_expired_request_says_so() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    app.clock.pass(30 * DAY_MS);
    app.event(EventKind::DeadlineReached).await;
    app.get(&link).await.is(200).shows("The time to decide has passed").hides("<form");
}

#[tokio::test]
async fn somebody_who_left_sees_nothing() {
    let app = App::new().await;
    let link = app.link("anna", 1).await;
    let nonce = app.get(&link).await.nonce();
    app.write(|unit| async move { unit.put_person("acme", &person("anna", "Anna", false)).await }.boxed()).await;
    for _ in 0..40 {
        app.get(&link).await.is(404);
    }
    app.post(&link, &[("nonce", &nonce), ("decision", "approve")]).await.is(404);
}

#[tokio::test]
async fn the_requester_who_must_not_decide_gets_no_form() {
    let app = App::new().await;
    let link = app.link("eva", 1).await;
    app.get(&link).await.is(200).shows("Others are still asked").hides("<form");
}

#[tokio::test]
async fn an_agreement_that_came_to_nothing_is_shown_as_such() {
    let app = App::new().await;
    let first = app.link("anna", 1).await;
    app.press(&first, "approve", "Well done.").await.is(303);
    app.get(&first).await.is(200).shows("It goes on with Carl Day: \u{201c}Check the note\u{201d}.");
    let check = app.link("carl", 2).await;
    app.get(&check).await.is(200).shows("Well done.").hides("No longer counts");
    app.press(&check, "reject", "Too long.").await.is(303);
    let again = app.get(&app.link("anna", 3).await).await;
    again.is(200).shows("round 2").shows("Too long.").shows("No longer counts: the request was rejected afterwards.");
    assert_eq!(again.body.matches("No longer counts").count(), 1);
    again.hides("Changed since the last round");
}

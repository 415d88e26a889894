//! The power is cut at every crash point in turn; afterwards everything is done that was to be done.

use super::sending::keep_document;
use super::support::House;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Crash;
use workflow::Status;

/// The point before the hands begin: furnishing the house and starting the workflow are commits too.
async fn first_point(state: &'static str, with_document: bool) -> i64 {
    let crash = Arc::new(Crash::never());
    let house = House::with(crash.clone()).await;
    if with_document {
        keep_document(&house).await;
    }
    house.start(state).await;
    crash.passed() + 1
}

/// How often each mail left, by Message-ID.
fn counts(mails: &[crate::Mail]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for mail in mails {
        *counts.entry(mail.message_id.as_str()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn every_request_leaves_and_every_link_in_it_works() {
    let (first, mut twice) = (first_point("Manager", false).await, 0);
    for n in first.. {
        let mut house = House::with(Arc::new(Crash::at(n))).await;
        house.start("Manager").await;
        let stopped = house.hands.drain().await.is_err();
        house.restart().await;
        house.hands.drain().await.unwrap();
        let mails = house.mails();
        let counts = counts(&mails);
        assert!(counts.len() == 2 && counts.values().all(|count| *count <= 2), "point {n}: {counts:?}");
        for mail in &mails {
            assert!(house.link(mail).await.is_some(), "point {n}: a mail with a link that leads nowhere");
        }
        assert_eq!(house.open_effects().await, 0, "point {n}");
        twice += mails.len() - 2;
        if !stopped {
            assert!(n > first + 20 && twice > 0, "{n} points, {twice} mails left twice");
            return;
        }
    }
}

#[tokio::test]
async fn a_workflow_gets_its_answer_once() {
    let first = first_point("Send", true).await;
    for n in first.. {
        let mut house = House::with(Arc::new(Crash::at(n))).await;
        keep_document(&house).await;
        let instance = house.start("Send").await;
        let stopped = house.hands.drain().await.is_err();
        house.restart().await;
        house.hands.drain().await.unwrap();
        let mails = house.mails();
        assert!(counts(&mails).len() == 1 && mails.len() <= 2, "point {n}: {mails:?}");
        assert!(matches!(house.instance(&instance).await.status, Status::Succeeded { .. }), "point {n}");
        if !stopped {
            assert!(n > first + 10, "only {n} points");
            return;
        }
    }
}

//! Deadlines, settings and templates.

use super::support::{DAY, House, settings};
use crate::{Hands, HandsError, Settings};
use modules::Registry;
use workflow::Status;

#[tokio::test]
async fn deadlines_are_fired_until_none_is_due() {
    let house = House::new().await;
    let instance = house.start("Manager").await;
    assert_eq!(house.hands.fire_due().await.unwrap(), 0);
    // The reminder, the escalation and the expiry have all come while the service was away.
    house.clock.pass(6 * DAY);
    assert!(house.hands.fire_due().await.unwrap() >= 1);
    assert_eq!(house.hands.fire_due().await.unwrap(), 0);
    assert!(matches!(house.instance(&instance).await.status, Status::Failed { .. }));
}

#[tokio::test]
async fn many_instances_are_fired_in_one_go() {
    let house = House::new().await;
    for _ in 0..200 {
        house.start("Manager").await;
    }
    house.clock.pass(6 * DAY);
    assert_eq!(house.hands.fire_due().await.unwrap(), 200);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let house = House::new().await;
    let wrong = [
        (Settings { base_url: "https://a.example/".to_owned(), ..settings() }, "must not end with a slash"),
        (Settings { base_url: "a.example".to_owned(), ..settings() }, "must start with http"),
        (Settings { mail_from: "nobody".to_owned(), ..settings() }, "must be an address"),
        (Settings { mail_domain: "a b>".to_owned(), ..settings() }, "must be a host name"),
    ];
    for (settings, told) in wrong {
        let made = Hands::new(house.store.clone(), Registry::default(), house.recorder.clone(), settings);
        let error: HandsError = made.err().unwrap();
        assert!(error.to_string().contains(told), "{error}");
    }
}

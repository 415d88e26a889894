//! The code without a service.

use super::*;
use countersign_module::testing::Host;

fn laptop(fields: Value) -> Saving {
    let mut data = json!({ "tag": " it-1 ", "kind": "laptop", "name": "Laptop", "price": "1340.00", "currency": "EUR", "bought_on": "2026-01-31" });
    if let (Some(data), Value::Object(fields)) = (data.as_object_mut(), fields) {
        data.extend(fields);
    }
    Saving::new("assets", "ada", data)
}

#[test]
fn a_warranty_ends_with_the_month_if_it_must() {
    let made = Equipment::compute(&laptop(json!({ "warranty_months": 1 }))).unwrap();
    assert_eq!((&made["warranty_until"], &made["tag"]), (&json!("2026-02-28"), &json!("IT-1")));
    let leap = Equipment::compute(&laptop(json!({ "warranty_months": 25 }))).unwrap();
    assert_eq!(leap["warranty_until"], "2028-02-29");
    let none = Equipment::compute(&laptop(json!({ "warranty_until": "2030-01-01" }))).unwrap();
    assert_eq!(none.get("warranty_until"), None);
}

#[test]
fn free_is_what_nobody_has_and_what_works() {
    let free = |fields| Equipment::compute(&laptop(fields)).unwrap()["free"] == true;
    assert!(free(json!({})) && free(json!({ "retired": false })));
    assert!(!free(json!({ "held_by": "eva" })) && !free(json!({ "retired": true })));
}

#[test]
fn people_do_not_take_an_asset_away_by_changing_it() {
    let held = json!({ "held_by": "eva", "source": "inventory/receipts/1" });
    let made = Equipment::compute(&laptop(json!({})).before(held.clone())).unwrap();
    assert!(made["held_by"] == "eva" && made["source"] == "inventory/receipts/1" && made["free"] == false);
    let back = Saving { by: "module:it-equipment".to_owned(), ..laptop(json!({})).before(held) };
    assert!(Equipment::compute(&back).unwrap()["free"] == true);
}

#[test]
fn a_blank_tag_and_no_price_are_refused() {
    assert_eq!(Equipment::validate(&laptop(json!({ "tag": "  " })))[0].pointer, "/tag");
    let request = |price: &str| Saving::new("requests", "eva", json!({ "price": price, "currency": "EUR" }));
    assert_eq!(Equipment::validate(&request("0.00"))[0].pointer, "/price");
    assert!(Equipment::validate(&request("0.01")).is_empty());
}

#[test]
fn the_head_decides_above_the_limit_and_in_other_currencies() {
    let settings = json!({ "limit": "1500.00", "currency": "EUR", "department": "it" });
    let head = |price: &str, currency: &str| {
        let task = Task::new("it-equipment.who_decides", json!({ "price": price, "currency": currency }));
        let (said, _) = Host::new().config(settings.clone()).run(|| Equipment::act(&task).unwrap());
        said["head"] == true
    };
    assert!(!head("1500", "EUR") && !head("1500.00", "EUR"));
    assert!(
        head("1500.01", "EUR") && head("1500.001", "EUR") && head("1.00", "USD") && head("99999999999999999999", "EUR")
    );
}

#[test]
fn a_warranty_is_told_with_the_days_that_are_left() {
    let day = |text: &str| Day::read(text).unwrap().number();
    assert_eq!((day("1970-01-01"), day("2000-03-01"), day("2026-01-01")), (0, 11_017, 20_454));
    let asked = Request::new("GET", "assets/{id}/warranty").with("id", "1");
    let answer = |until: Value, today: &str| {
        let host = Host::new().at(day(today) * DAY_MS + 7).object(
            "assets",
            "1",
            json!({ "tag": "IT-1", "warranty_until": until }),
        );
        host.run(|| Equipment::respond(&asked).unwrap()).0.body
    };
    let told = |days_left: i64| json!({ "tag": "IT-1", "warranty_until": "2026-03-01", "days_left": days_left });
    assert_eq!(answer(json!("2026-03-01"), "2026-02-27"), told(2));
    assert_eq!(
        (answer(json!("2026-03-01"), "2026-03-01"), answer(json!("2026-03-01"), "2027-01-01")),
        (told(0), told(0))
    );
    assert_eq!(answer(Value::Null, "2027-01-01"), json!({ "tag": "IT-1", "days_left": 0 }));
    assert_eq!(Host::new().run(|| Equipment::respond(&asked).unwrap()).0.status, 404);
}

//! Each hook as the host calls it: a document in, a document out.

use crate::testing::Host;
use crate::*;
use serde_json::json;

struct Travel;

export!(Travel: Compute, Validate, BeforeSave, AfterSave, Act, OnEvent, Respond, Migrate, HealthCheck);

impl Compute for Travel {
    fn compute(saving: &Saving) -> Result<Value> {
        let days: u32 = saving.data["days"].as_u64().and_then(|days| u32::try_from(days).ok()).ok_or("no days")?;
        Ok(json!({ "days": days, "allowance": days * 28 }))
    }
}

impl Validate for Travel {
    fn validate(saving: &Saving) -> Vec<Problem> {
        let longer =
            saving.before.as_ref().is_some_and(|before| before["days"].as_u64() < saving.data["days"].as_u64());
        if longer {
            vec![Problem::at("/days", "a trip does not become longer")]
        } else {
            Vec::new()
        }
    }
}

impl BeforeSave for Travel {
    fn before_save(saving: &Saving) -> Result<Value> {
        let mut data = saving.data.clone();
        data["kept_at"] = json!(host::now_ms());
        data["key"] = json!(host::random::<2>());
        Ok(data)
    }
}

impl AfterSave for Travel {
    fn after_save(saved: &Saved) -> Result<()> {
        host::log(format!("kept {}", saved.after.id));
        Ok(host::publish("travel.trip.kept", &saved.after.id, &saved.after.data)?)
    }
}

impl Act for Travel {
    fn act(task: &Task) -> Result<Value, TaskError> {
        let trip = host::object("trips", task.arguments["id"].as_str().unwrap_or_default())?;
        let trip = trip.ok_or_else(|| TaskError::new("Travel.NoTrip", "there is no such trip"))?;
        match trip.data["seat"].as_str() {
            Some(seat) => Ok(json!({ "seat": seat, "key": task.key })),
            None => Err(TaskError::again("Travel.NoSeatYet", "the plane is not open yet")),
        }
    }
}

impl OnEvent for Travel {
    fn on_event(Consumed { event, .. }: &Consumed) -> Result<()> {
        let days: u32 = event.read::<std::collections::BTreeMap<String, u32>>()?["days"];
        let trip = host::create("trips", &json!({ "days": days, "note": "as ordered" }))?;
        host::update("trips", &trip.id, &json!({ "note": null, "seat": { "row": 3 } }))?;
        Ok(())
    }
}

impl Respond for Travel {
    fn respond(request: &Request) -> Result<Answer> {
        let Some(trip) = host::object("trips", request.parameter("id")?)? else {
            return Ok(Answer::problem(404, "there is no such trip"));
        };
        let rate: u64 = host::config::<Value>()?["rate"].as_u64().ok_or("no rate is set")?;
        Ok(Answer::ok(json!({ "cost": trip.data["days"].as_u64().unwrap_or(0) * rate })))
    }
}

impl Migrate for Travel {
    fn migrate(migration: &Migration) -> Result<Value> {
        let mut fields = migration.fields()?;
        let (old, new) = if migration.is_down() { ("days", "length") } else { ("length", "days") };
        let days = fields.remove(old).unwrap_or_default();
        fields.insert(new.to_owned(), days);
        Ok(fields.into())
    }
}

impl HealthCheck for Travel {
    fn health() -> Result<Health> {
        Ok(Health::Degraded { detail: "the seats are few".to_owned() })
    }
}

/// What a hook answers to a document.
fn called(hook: fn(&[u8]) -> Result<Vec<u8>>, given: Value) -> Value {
    serde_json::from_slice(&hook(given.to_string().as_bytes()).unwrap()).unwrap()
}

fn saving(days: u64) -> Value {
    json!({ "collection": "trips", "by": "eva", "before": { "days": 3 }, "data": { "days": days }, "later": "unknown" })
}

#[test]
fn an_object_is_computed_checked_and_completed() {
    assert_eq!(called(abi::compute::<Travel>, saving(3)), json!({ "days": 3, "allowance": 84 }));
    assert_eq!(called(abi::validate::<Travel>, saving(3)), json!([]));
    let wrong = json!([{ "pointer": "/days", "message": "a trip does not become longer" }]);
    assert_eq!(called(abi::validate::<Travel>, saving(4)), wrong);
    let (kept, _) = Host::new().at(7).run(|| called(abi::before_save::<Travel>, saving(3)));
    assert_eq!(kept, json!({ "days": 3, "kept_at": 7, "key": [1, 2] }));
}

#[test]
fn what_cannot_be_done_is_a_sentence() {
    let failed = abi::compute::<Travel>(br#"{ "collection": "trips", "by": "eva", "data": {} }"#).unwrap_err();
    assert_eq!(failed, Failure::new("no days"));
}

#[test]
#[should_panic(expected = "the host gave something unknown: missing field `collection`")]
fn what_is_not_as_agreed_is_no_refusal() {
    drop(abi::compute::<Travel>(b"{}"));
}

#[test]
fn what_follows_is_published_and_logged() {
    let after = json!({ "id": "1", "revision": 2, "status": "active", "number": null, "data": { "days": 3 } });
    let given = json!({ "by": "eva", "before": null, "after": after });
    let (answer, host) = Host::new().run(|| called(abi::after_save::<Travel>, given));
    assert_eq!((answer, host.logged()), (Value::Null, ["kept 1".to_owned()].as_slice()));
    assert_eq!(host.published()[0].data, json!({ "days": 3 }));
}

#[test]
fn a_task_gives_a_result_or_tells_how_it_failed() {
    let given = json!({ "resource": "travel.book", "instance": "i", "arguments": { "id": "1" }, "key": "i/1/0" });
    let with = |trip: Value| Host::new().object("trips", "1", trip);
    let (answer, _) = with(json!({ "seat": "3A" })).run(|| called(abi::act::<Travel>, given.clone()));
    assert_eq!(answer, json!({ "output": { "seat": "3A", "key": "i/1/0" } }));
    let (answer, _) = with(json!({})).run(|| called(abi::act::<Travel>, given.clone()));
    assert_eq!((answer["error"].as_str(), answer["again"].as_bool()), (Some("Travel.NoSeatYet"), Some(true)));
    let (answer, _) = Host::new().run(|| called(abi::act::<Travel>, given));
    assert_eq!(answer, json!({ "error": "Travel.NoTrip", "cause": "there is no such trip", "again": false }));
}

#[test]
fn an_event_makes_and_changes_an_object() {
    let event = json!({
        "specversion": "1.0", "id": "7", "source": "/acme", "type": "purchasing.order.sent", "time": "2026-11-28T12:00:00Z",
        "data": { "days": 3 }, "subscription": "sent",
    });
    let consumed: Consumed = serde_json::from_value(event.clone()).unwrap();
    assert_eq!((consumed.subscription.as_str(), consumed.event.kind.as_str()), ("sent", "purchasing.order.sent"));
    let (_, host) = Host::new().run(|| called(abi::event::<Travel>, event));
    let kept = host.kept("trips", "new-1").unwrap();
    assert_eq!((kept.revision, &kept.data), (2, &json!({ "days": 3, "seat": { "row": 3 } })));
    let (same, host) = host.run(|| host::update("trips", "new-1", &json!({ "days": 3 })).unwrap());
    assert_eq!(same.revision, 2, "what changes nothing is no change");
    let (found, _) = host.run(|| host::find("trips", &json!({ "days": [2, 3] })).unwrap());
    assert_eq!(found.iter().map(|trip| trip.id.as_str()).collect::<Vec<_>>(), ["new-1"]);
}

#[test]
fn a_request_is_answered_or_is_a_problem() {
    let host = || Host::new().config(json!({ "rate": 28 })).object("trips", "1", json!({ "days": 3 }));
    let given =
        |id: &str| json!({ "method": "GET", "path": "trips/{id}/cost", "parameters": { "id": id }, "by": "eva" });
    let (answer, _) = host().run(|| called(abi::request::<Travel>, given("1")));
    assert_eq!(answer, json!({ "status": 200, "body": { "cost": 84 } }));
    let (answer, _) = host().run(|| called(abi::request::<Travel>, given("2")));
    assert_eq!(answer, json!({ "status": 404, "body": "there is no such trip" }));
    let (unset, _) = host().config(json!({})).run(|| Travel::respond(&Request::new("GET", "x").with("id", "1")));
    assert_eq!(unset, Err(Failure::new("no rate is set")));
}

#[test]
fn data_goes_to_another_version_and_back() {
    let given = |direction: &str, data: Value| json!({ "collection": "trips", "from": "1.0.0", "to": "1.1.0", "direction": direction, "data": data });
    let up = called(abi::migrate::<Travel>, given("up", json!({ "length": 3 })));
    assert_eq!(up, json!({ "days": 3 }));
    assert_eq!(called(abi::migrate::<Travel>, given("down", up)), json!({ "length": 3 }));
}

#[test]
fn health_is_a_word_and_a_sentence() {
    let health = called(abi::health::<Travel>, Value::Null);
    assert_eq!(health, json!({ "status": "degraded", "detail": "the seats are few" }));
}

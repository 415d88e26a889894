//! The code of the stories about endpoints: built as a stranger would build it.

use countersign_module::{export, host, Answer, Failure, Request, Respond, Result};
use serde_json::json;

struct Travel;

export!(Travel: Respond);

impl Respond for Travel {
    fn respond(request: &Request) -> Result<Answer> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "trips/{id}/cost") => cost(request),
            ("GET", "told") => Ok(Answer::ok(publish("1").unwrap_or_else(|refused| json!(refused.0)))),
            ("POST", "trips/{id}/keep") => keep(request),
            ("POST", "wrong") => Ok(Answer::ok("not what was promised")),
            (method, path) => Err(Failure::new(format!("nobody wrote {method} {path}"))),
        }
    }
}

fn cost(request: &Request) -> Result<Answer> {
    let Some(trip) = host::object("trips", request.parameter("id")?)? else {
        return Ok(Answer::problem(404, "there is no such trip"));
    };
    let settings: serde_json::Value = host::config()?;
    let rate = settings["rate"].as_u64().ok_or("no rate is set")?;
    let days = trip.data["days"].as_u64().unwrap_or(1);
    let currency = request.query.get("currency").cloned().unwrap_or_else(|| "EUR".to_owned());
    Ok(Answer::ok(json!({ "cost": days * rate, "currency": currency, "settings": settings, "for": request.by })))
}

fn keep(request: &Request) -> Result<Answer> {
    publish(request.parameter("id")?)?;
    match request.body["note"].as_str() {
        Some("full") => Ok(Answer::status(409, json!({ "detail": "the plane is full", "errors": [{ "pointer": "/note" }] }))),
        Some("panic") => panic!("no seat left"),
        _ => Ok(Answer::status(201, json!({ "kept": request.parameters["id"] }))),
    }
}

fn publish(id: &str) -> Result<serde_json::Value, host::Refused> {
    host::publish("travel.trip.kept", &format!("travel/trips/{id}"), &json!({}))?;
    Ok(json!("published"))
}

//! The code of the module: what follows from an asset, who decides on a request, and how long a warranty lasts.

mod day;
mod money;

use countersign_module::{
    export, host, Act, Answer, Compute, Problem, Request, Respond, Result, Saving, Task, TaskError, Validate, Value,
};
use day::Day;
use money::Cents;
use serde::Deserialize;
use serde_json::json;

struct Equipment;

export!(Equipment: Compute, Validate, Act, Respond);

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
struct Settings {
    limit: String,
    currency: String,
    department: String,
}

#[derive(Deserialize)]
struct Price {
    price: String,
    currency: String,
}

impl Compute for Equipment {
    fn compute(saving: &Saving) -> Result<Value> {
        Ok(match saving.collection.as_str() {
            "assets" => asset(kept(saving)),
            _ => saving.data.clone(),
        })
    }
}

/// The data with what only the module says: people leave it out, so of theirs it is what it was.
fn kept(saving: &Saving) -> Value {
    let mut data = saving.data.clone();
    let before = saving.before.as_ref().filter(|_| !saving.by.starts_with("module:"));
    for field in ["held_by", "retired", "source"] {
        if let Some(was) = before.and_then(|before| before.get(field)) {
            data[field] = was.clone();
        }
    }
    data
}

/// An asset with what follows from it: its tag as labels have it, the end of its warranty, whether it is free.
fn asset(mut data: Value) -> Value {
    if let Some(tag) = data["tag"].as_str() {
        data["tag"] = json!(tag.trim().to_uppercase());
    }
    let bought = data["bought_on"].as_str().and_then(Day::read);
    let months = data["warranty_months"].as_u64().and_then(|months| u32::try_from(months).ok());
    match bought.zip(months) {
        Some((day, months)) => data["warranty_until"] = json!(day.later(months).to_string()),
        None => {
            data.as_object_mut().map(|fields| fields.remove("warranty_until"));
        }
    }
    data["free"] = json!(data["held_by"].is_null() && data["retired"] != true);
    data
}

impl Validate for Equipment {
    fn validate(saving: &Saving) -> Vec<Problem> {
        match saving.collection.as_str() {
            "assets" => blank_tag(saving).into_iter().collect(),
            "requests" if saving.before.is_none() => no_price(saving).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn blank_tag(saving: &Saving) -> Option<Problem> {
    let tag = saving.data["tag"].as_str()?;
    tag.trim().is_empty().then(|| Problem::at("/tag", "is blank; write what is on the label"))
}

fn no_price(saving: &Saving) -> Option<Problem> {
    let price = Cents::read(saving.data["price"].as_str()?)?;
    price.is_zero().then(|| Problem::at("/price", "is nothing; write what it may cost"))
}

impl Act for Equipment {
    fn act(task: &Task) -> Result<Value, TaskError> {
        let wanted: Price = task.read().map_err(|unread| TaskError::new("Equipment.Unread", unread.0))?;
        let settings: Settings = host::config().map_err(|refused| TaskError::new("Equipment.NoSettings", refused.0))?;
        Ok(json!({ "head": needs_head(&wanted, &settings), "department": settings.department }))
    }
}

/// Whether IT's head decides too. What cannot be compared is not waved through.
fn needs_head(wanted: &Price, settings: &Settings) -> bool {
    let within =
        Cents::read(&wanted.price).zip(Cents::read(&settings.limit)).is_some_and(|(price, limit)| price <= limit);
    wanted.currency != settings.currency || !within
}

impl Respond for Equipment {
    fn respond(request: &Request) -> Result<Answer> {
        let id = request.parameter("id")?;
        let Some(asset) = host::object("assets", id)? else {
            return Ok(Answer::problem(404, format!("there is no asset \"{id}\"")));
        };
        Ok(Answer::ok(warranty(&asset.data, host::now_ms())))
    }
}

/// How long the warranty of an asset lasts.
fn warranty(asset: &Value, now_ms: i64) -> Value {
    let until = asset["warranty_until"].as_str().and_then(Day::read);
    let days_left = until.map_or(0, |day| day.number() - now_ms.div_euclid(DAY_MS)).max(0);
    let mut answer = json!({ "tag": asset["tag"], "days_left": days_left });
    if let Some(day) = until {
        answer["warranty_until"] = json!(day.to_string());
    }
    answer
}

#[cfg(test)]
mod tests;

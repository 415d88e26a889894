//! Objects of a module that has no code: everything that the REST interface does with them is declared.

mod attachments;
mod changes;
mod checks;
mod lists;
mod plans;
mod transfer;
mod transfer_commands;
mod workflows;

use crate::support::App;
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// What is answered: status, body and `ETag`.
struct Answer {
    status: u16,
    body: Value,
    etag: String,
    text: String,
}

/// A request with headers.
async fn send(
    app: &App,
    who: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Result<Answer> {
    let url = format!("{}/api/v1/acme{path}", app.base);
    let mut request = reqwest::Client::new().request(method.parse()?, url).bearer_auth(crate::support::app::token(who));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await?;
    let etag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
    let (status, text) = (response.status().as_u16(), response.text().await?);
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or_default(), etag, text })
}

/// A trip that fits.
fn trip(to: &str, price: &str) -> Value {
    json!({ "to": to, "price": price, "currency": "EUR" })
}

/// Eva makes an object; what is answered.
async fn make(app: &App, who: &str, collection: &str, body: &Value) -> Result<Value> {
    let (status, answer) = app.call(who, "POST", &format!("/outings/{collection}"), Some(body)).await?;
    ensure!(status == 201, "{status} {answer}");
    Ok(answer)
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_default()
}

/// The pointers of the problems, sorted, each with its code.
fn problems(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let told = |error: &Value| {
        format!("{} {}", error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    };
    let mut all: Vec<String> = errors.iter().map(told).collect();
    all.sort();
    all
}

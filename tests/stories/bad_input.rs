//! Bad input: a clear 4xx with every problem and its place; nothing is stored, nothing panics.

use crate::support::app::token;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// An order with one thing wrong, and the pointer of the problem.
fn wrong_orders(good: &Value) -> Vec<(Value, &'static str)> {
    let with = |pointer: &str, value: Value| {
        let mut order = good.clone();
        match order.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
                order
                    .pointer_mut(parent)
                    .and_then(Value::as_object_mut)
                    .map(|fields| fields.insert(name.to_owned(), value));
            }
        }
        order
    };
    let line = |name: &str, value: Value| with(&format!("/lines/0/{name}"), value);
    vec![
        (with("/currency", json!("XYZ")), "/currency"),
        (with("/currency", json!(978)), "/currency"),
        (with("/currency", json!("eur")), "/currency"),
        (with("/supplier_id", json!("nobody")), "/supplier_id"),
        (with("/supplier_id", json!("")), "/supplier_id"),
        (with("/supplier_id", Value::Null), "/supplier_id"),
        (with("/delivery_date", json!("tomorrow")), "/delivery_date"),
        (with("/delivery_date", json!("2026-02-30")), "/delivery_date"),
        (with("/department", json!("moon")), "/department"),
        (with("/note", json!("x".repeat(3_000))), "/note"),
        (with("/surprise", json!(1)), "/surprise"),
        (with("/lines", json!([])), "/lines"),
        (with("/lines", json!("one")), "/lines"),
        (with("/lines/0", json!("one")), "/lines/0"),
        (line("quantity", json!("-1")), "/lines/0/quantity"),
        (line("quantity", json!("0")), "/lines/0/quantity"),
        (line("quantity", json!(1)), "/lines/0/quantity"),
        (line("quantity", json!("1e3")), "/lines/0/quantity"),
        (line("quantity", json!("NaN")), "/lines/0/quantity"),
        (line("price", json!("-0.01")), "/lines/0/price"),
        (line("price", json!("1,5")), "/lines/0/price"),
        (line("price", json!("1.005")), "/lines/0/price"),
        (line("price", json!("9".repeat(40))), "/lines/0/price"),
        (line("description", json!("")), "/lines/0/description"),
        (line("description", json!("x".repeat(501))), "/lines/0/description"),
        (line("tax", json!({ "category": "S" })), "/lines/0/tax/percent"),
        (line("tax", json!({ "category": "S", "percent": "101" })), "/lines/0/tax/percent"),
        (line("tax", json!([])), "/lines/0/tax"),
        (line("discounts", json!([{ "amount": "1.005" }])), "/lines/0/discounts/0/amount"),
        (line("discounts", json!([{ "percent": "5", "amount": "1" }])), "/lines/0/discounts/0"),
    ]
}

/// Sends raw bytes as an order.
async fn raw(app: &App, body: Vec<u8>, media_type: &str) -> Result<(u16, String)> {
    let url = format!("{}/api/v1/acme/purchasing/orders", app.base);
    let request =
        reqwest::Client::new().post(url).bearer_auth(token("eva")).header("Content-Type", media_type).body(body);
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

stories! {
    /// Every field wrong in turn: 422, the place, a sentence; nothing is stored.
    async fn every_wrong_field_is_named(app: App) {
        let good = app.order_of("10.00", "EUR").await?;
        let before = app.dump().await?;
        for (order, pointer) in wrong_orders(&good) {
            let (status, answer) = app.call("eva", "POST", "/purchasing/orders", Some(&order)).await?;
            ensure!(status == 422, "{pointer}: {status} {answer}");
            let errors = answer["errors"].as_array().cloned().unwrap_or_default();
            let named = errors.iter().any(|error| error["pointer"] == pointer && error["message"].as_str().is_some_and(|text| text.len() > 10));
            ensure!(named, "{pointer} is not named in {answer}");
        }
        ensure!(app.dump().await? == before);
        Ok(())
    }

    /// Suppliers are as strict: what is mailed to must be one address.
    async fn a_wrong_supplier_is_named(app: App) {
        let before = app.dump().await?;
        for (supplier, pointer) in [
            (json!({ "email": "a@b.example" }), "/name"),
            (json!({ "name": "A" }), "/email"),
            (json!({ "name": "A\r\nBcc: x", "email": "a@b.example" }), "/name"),
            (json!({ "name": "A", "email": "X <a@b.example>" }), "/email"),
            (json!({ "name": "A", "email": "a@b.example", "iban": "x" }), "/iban"),
        ] {
            let (status, answer) = app.call("eva", "POST", "/purchasing/suppliers", Some(&supplier)).await?;
            let named = answer["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["pointer"] == pointer));
            ensure!(status == 422 && named, "{pointer}: {status} {answer}");
        }
        ensure!(app.dump().await? == before);
        Ok(())
    }

    /// All problems of an order at once.
    async fn all_problems_come_at_once(app: App) {
        let order = json!({ "currency": "XYZ", "lines": [{ "quantity": "-1", "price": 5, "tax": {} }], "typo": true });
        let (status, answer) = app.call("eva", "POST", "/purchasing/orders", Some(&order)).await?;
        let count = answer["errors"].as_array().map_or(0, Vec::len);
        ensure!(status == 422 && count >= 8, "{count}: {answer}");
        Ok(())
    }

    /// Bodies that are no orders at all.
    async fn broken_bodies_are_refused(app: App) {
        let before = app.dump().await?;
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let many = serde_json::to_vec(&json!({ "supplier_id": "x", "currency": "EUR", "lines": vec![json!({ "description": "x", "quantity": "1", "price": "1", "tax": { "category": "S", "percent": "1" } }); 10_000] }))?;
        let bodies: [(Vec<u8>, &str, &[u16]); 9] = [
            (Vec::new(), "application/json", &[400]),
            (b"{".to_vec(), "application/json", &[400]),
            (vec![0xff, 0xfe, 0x00], "application/json", &[400]),
            (b"null".to_vec(), "application/json", &[422, 400]),
            (b"[]".to_vec(), "application/json", &[422, 400]),
            (deep.into_bytes(), "application/json", &[400]),
            (b"{}".to_vec(), "text/plain", &[415]),
            (vec![b' '; 10_000_000], "application/json", &[413]),
            (many, "application/json", &[413, 422]),
        ];
        for (n, (body, media_type, expected)) in bodies.into_iter().enumerate() {
            let (status, answer) = raw(app, body, media_type).await?;
            ensure!(expected.contains(&status), "body {n}: {status} {answer}");
            ensure!(answer.contains("\"code\""), "body {n} is not answered with a problem: {answer}");
        }
        ensure!(app.dump().await? == before);
        Ok(())
    }

    /// Other people's tokens, no tokens, roles that are not enough, other companies' ids.
    async fn strangers_see_and_do_nothing(app: App) {
        let order = app.submit("10.00").await?;
        app.work().await?;
        let body = app.order_of("10.00", "EUR").await?;
        ensure!(app.call("nobody", "GET", "/purchasing/orders", None).await?.0 == 401);
        ensure!(app.call("hanna", "POST", "/purchasing/orders", Some(&body)).await?.0 == 403);
        let url = format!("{}/api/v1/other/purchasing/orders/{}", app.base, order.id);
        let status = reqwest::Client::new().get(url).bearer_auth(token("eva")).send().await?.status().as_u16();
        ensure!(status == 401 || status == 404, "{status}");
        ensure!(app.call("eva", "GET", "/purchasing/orders/00000000-0000-0000-0000-000000000000", None).await?.0 == 404);
        ensure!(app.call("eva", "GET", "/purchasing/nothing", None).await?.0 == 404);
        ensure!(app.call("eva", "GET", "/instances/x%27--", None).await?.0 == 404);
        Ok(())
    }

    /// The same key and body is the same order; the same key with another body is refused.
    async fn an_idempotency_key_is_one_order(app: App) {
        let body = app.order_of("10.00", "EUR").await?;
        let (one, two) = tokio::join!(app.submit_body(&body, "k"), app.submit_body(&body, "k"));
        let (one, two) = (one?, two?);
        ensure!(one.id == two.id && one.number == two.number);
        let other = app.order_of("11.00", "EUR").await?;
        let (status, answer) = app.call_with("eva", "POST", "/purchasing/orders", Some(&other), &[("Idempotency-Key", "k")]).await?;
        ensure!(status == 422, "{status} {answer}");
        app.work().await
    }
}

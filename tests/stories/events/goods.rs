//! The package of the store: an order that was sent is expected, what comes is in stock, and others hear of it.

use crate::stories::lifecycle::travel::installed;
use crate::support::{App, Database, Order, stories};
use anyhow::{Context, Result, ensure};
use modules::Package;
use serde_json::{Value, json};
use std::path::Path;

pub(super) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/inventory");

/// The package, as its author packs it.
pub(super) fn package() -> Result<Vec<u8>> {
    Ok(Package::read(Path::new(FOLDER))?.to_archive()?)
}

/// An order of two lines, approved and sent.
pub(super) async fn sent(app: &mut App) -> Result<Order> {
    let supplier = app.supplier("Nordwind").await?;
    let tax = json!({ "category": "AE", "percent": "0" });
    let body = json!({ "supplier_id": supplier, "currency": "EUR", "delivery_date": "2027-01-15", "lines": [
        { "description": "Workbench", "sku": "wb-200", "quantity": "4", "unit": "C62", "price": "100.00", "tax": tax },
        { "description": "Workbench again", "sku": "WB-200", "quantity": "1", "price": "90.00", "tax": tax },
        { "description": "Setting it up", "quantity": "2.5", "unit": "HUR", "price": "60.00", "tax": tax },
    ] });
    let order = app.submit_body(&body, "the-order").await?;
    app.work().await?;
    let decision = json!({ "decision": "approve" });
    let path = format!("/instances/{}/decisions", order.instance);
    let (status, answer) =
        app.call_with("mira", "POST", &path, Some(&decision), &[("Idempotency-Key", "mira")]).await?;
    ensure!(status == 200, "{status} {answer}");
    app.work().await?;
    ensure!(app.status(&order).await? == "sent", "{}", app.status(&order).await?);
    Ok(order)
}

/// The objects of a collection.
pub(super) async fn all(app: &App, collection: &str) -> Result<Vec<Value>> {
    let (status, page) = app.call("eva", "GET", &format!("/inventory/{collection}"), None).await?;
    ensure!(status == 200, "{status} {page}");
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

/// The only object of a collection.
pub(super) async fn only(app: &App, collection: &str) -> Result<Value> {
    let mut all = all(app, collection).await?;
    ensure!(all.len() == 1, "{collection}: {all:?}");
    all.pop().context("one")
}

/// Takes in so many workbenches.
pub(super) async fn receive(app: &App, quantity: &str, key: &str) -> Result<()> {
    let (expected, item) = (only(app, "expected-receipts").await?, only(app, "items").await?);
    let line = json!({ "item": item["id"], "quantity": quantity });
    let body = json!({ "expected": expected["id"], "received_on": "2027-01-14", "lines": [line] });
    let (status, answer) =
        app.call_with("eva", "POST", "/inventory/receipts", Some(&body), &[("Idempotency-Key", key)]).await?;
    ensure!(status == 201, "{status} {answer}");
    app.work().await
}

async fn received(app: &App) -> Result<Vec<Value>> {
    let (_, page) = app.call("ada", "GET", "/events?type=inventory.received&limit=200", None).await?;
    Ok(page["items"].as_array().into_iter().flatten().map(|event| event["data"].clone()).collect())
}

stories! {
    async fn an_order_that_was_sent_is_expected_comes_and_is_in_stock(app: App) {
        installed(app, "/modules", &package()?).await?;
        let order = sent(app).await?;
        let expected = only(app, "expected-receipts").await?;
        let item = only(app, "items").await?;
        ensure!(item["data"]["sku"] == "WB-200" && item["data"]["name"] == "Workbench", "{item}");
        let data = &expected["data"];
        ensure!(expected["status"] == "expected" && data["order"] == order.number.as_str(), "{expected}");
        ensure!(data["supplier"] == "Nordwind" && data["expected_on"] == "2027-01-15", "{expected}");
        let lines = data["lines"].as_array().cloned().unwrap_or_default();
        ensure!(lines.len() == 3 && lines[0]["item"] == item["id"] && lines[1]["item"] == item["id"], "{expected}");
        ensure!(lines[2].get("item").is_none() && lines[2]["quantity"] == "2.5", "a service is no item: {expected}");

        receive(app, "3", "first").await?;
        ensure!(only(app, "stock").await?["data"]["quantity"] == "3");
        ensure!(only(app, "expected-receipts").await?["status"] == "partly-received");
        receive(app, "2", "second").await?;
        let (stock, expected) = (only(app, "stock").await?, only(app, "expected-receipts").await?);
        ensure!(stock["data"]["quantity"] == "5" && stock["revision"] == 2, "{stock}");
        ensure!(expected["status"] == "received" && expected["data"]["lines"][0]["received"] == "5", "{expected}");
        let told = received(app).await?;
        ensure!(told.len() == 2 && told[1]["status"] == "received" && told[1]["order"] == order.number.as_str(), "{told:?}");
        ensure!(told[1]["lines"] == json!([{ "item": item["id"], "sku": "WB-200", "quantity": "2", "stock": "5" }]), "{told:?}");
        Ok(())
    }

    async fn an_order_that_comes_again_is_expected_once(app: App) {
        installed(app, "/modules", &package()?).await?;
        sent(app).await?;
        receive(app, "5", "all").await?;
        let replay = json!({ "after": 0 });
        let path = "/modules/inventory/subscriptions/orders-sent/replay";
        let (status, answer) = app.call("ada", "POST", path, Some(&replay)).await?;
        ensure!(status == 200, "{status} {answer}");
        app.work().await?;
        ensure!(only(app, "stock").await?["data"]["quantity"] == "5");
        ensure!(only(app, "expected-receipts").await?["status"] == "received");
        ensure!(only(app, "items").await?["revision"] == 1);
        Ok(())
    }

    /// As many lines as an order may have, all of different items, in one commit.
    async fn the_longest_order_is_expected(app: App) {
        installed(app, "/modules", &package()?).await?;
        let lines: Vec<Value> = (0..500)
            .map(|n| json!({ "sku": format!("SKU-{n}"), "description": format!("Thing {n}"), "quantity": "1", "unit": "C62" }))
            .collect();
        let data = json!({ "id": "o", "number": "2027-1", "supplier": "s", "supplier_name": "Nordwind", "currency": "EUR",
            "total": "1.00", "lines": lines });
        app.store
            .write(move |unit| {
                let data = data.clone();
                Box::pin(async move { unit.publish("acme", "purchasing.order.sent", "purchasing/orders/o", &data).await })
            })
            .await?;
        app.work().await?;
        let (_, shown) = app.call("ada", "GET", "/modules/inventory/subscriptions", None).await?;
        ensure!(shown["items"][0]["held"] == 0, "{shown}");
        let expected = only(app, "expected-receipts").await?;
        ensure!(expected["data"]["lines"].as_array().map(Vec::len) == Some(500));
        let each = expected["data"]["lines"].as_array().cloned().unwrap_or_default();
        let came: Vec<Value> = each.iter().map(|line| json!({ "item": line["item"], "quantity": "1" })).collect();
        let body = json!({ "expected": expected["id"], "received_on": "2027-01-14", "lines": came });
        let (status, answer) = app.call("eva", "POST", "/inventory/receipts", Some(&body)).await?;
        ensure!(status == 201, "{status} {answer}");
        app.work().await?;
        ensure!(only(app, "expected-receipts").await?["status"] == "received");
        ensure!(received(app).await?[0]["lines"].as_array().map(Vec::len) == Some(500));
        Ok(())
    }
}

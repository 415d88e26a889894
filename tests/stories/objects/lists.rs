//! Lists: filters, orders, pages, and what of each object is shown.

use super::{make, send, trip};
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// Where trips lead, in the order of a list that is read in pages of two.
async fn places(app: &App, query: &str) -> Result<Vec<String>> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = send(app, "eva", "GET", &format!("/outings/trips?limit=2&{query}{next}"), None, &[]).await?;
        ensure!(page.status == 200, "{query}: {}", page.text);
        all.extend(
            page.body["items"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|item| item["data"]["to"].as_str().unwrap_or_default().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return Ok(all),
        }
    }
}

async fn furnish(app: &App) -> Result<()> {
    let all = [
        ("Oslo", "100.00", Some(2), Some("2026-12-01T09:00:00+01:00"), Some(true)),
        ("Rome", "9.50", Some(10), Some("2026-12-01T08:30:00Z"), None),
        ("Bergen", "-5.00", Some(9), Some("2026-11-30T23:00:00Z"), Some(false)),
        ("Århus", "99.99", None, None, Some(true)),
        ("Lyon", "100", Some(1), None, None),
    ];
    for (to, price, days, starts_at, private) in all {
        let mut body = trip(to, price);
        let more = [
            ("days", days.map(Value::from)),
            ("starts_at", starts_at.map(Value::from)),
            ("private", private.map(Value::from)),
        ];
        more.into_iter().for_each(|(name, value)| _ = value.map(|value| body[name] = value));
        make(app, "eva", "trips", &body).await?;
        // Ids of the same millisecond come in any order.
        app.clock.pass(1_000);
    }
    Ok(())
}

stories! {
    /// Every order and filter, on whole lists that are read page by page.
    async fn lists_are_sorted_and_filtered_by_what_is_declared(app: App) {
        furnish(app).await?;
        let cases = [
            ("", "Lyon Århus Bergen Rome Oslo"),
            ("sort=created_at", "Oslo Rome Bergen Århus Lyon"),
            ("sort=-created_at", "Lyon Århus Bergen Rome Oslo"),
            ("sort=id", "Oslo Rome Bergen Århus Lyon"),
            ("sort=to", "Bergen Lyon Oslo Rome Århus"),
            // Numbers by what they count, and those without one first.
            ("sort=days", "Århus Lyon Oslo Bergen Rome"),
            ("sort=-days", "Rome Bergen Oslo Lyon Århus"),
            ("sort=total", "Bergen Rome Århus Lyon Oslo"),
            ("sort=starts_at", "Århus Lyon Bergen Oslo Rome"),
            ("filter[to]=Rome", "Rome"),
            ("filter[private]=true", "Århus Oslo"),
            ("filter[private]=true&sort=to", "Oslo Århus"),
            ("filter[private]=", "Lyon Rome"),
            ("filter[days]=2.0", "Oslo"),
            ("filter[total][gte]=95", "Rome Århus Lyon Oslo"),
            ("filter[total][gt]=-5&filter[total][lt]=100", "Rome Århus"),
            ("filter[total][lte]=95.0&sort=-total", "Rome Bergen"),
            ("filter[starts_at][gte]=2026-12-01T00:00:00Z", "Oslo Rome"),
            ("filter[days][gt]=1&filter[private]=true", "Oslo"),
            ("filter[days][gte]=2&sort=to", "Bergen Oslo Rome"),
            ("filter[to][gte]=M&sort=-to", "Århus Rome Oslo"),
            // Where there is none, it is not below anything.
            ("filter[days][lt]=10", "Lyon Oslo Bergen"),
            ("filter[days][lte]=9&sort=-days", "Bergen Oslo Lyon"),
            ("filter[days][lte]=9&sort=to", "Bergen Lyon Oslo"),
            ("filter[starts_at][lt]=2030-01-01T00:00:00Z", "Bergen Oslo Rome"),
            ("status=active&sort=to", "Bergen Lyon Oslo Rome Århus"),
            ("status=active&filter[private]=true", "Århus Oslo"),
            ("status=lost", ""),
            ("number=X", ""),
        ];
        for (query, expected) in cases {
            let found = places(app, query).await?;
            ensure!(found.join(" ") == expected, "{query}: {found:?}");
        }
        Ok(())
    }

    /// A change moves an object to its new place in every order.
    async fn a_change_moves_an_object(app: App) {
        furnish(app).await?;
        let list = send(app, "eva", "GET", "/outings/trips?filter[to]=Rome", None, &[]).await?;
        let path = format!("/outings/trips/{}", list.body["items"][0]["id"].as_str().unwrap_or_default());
        send(app, "eva", "PATCH", &path, Some(&json!({ "to": "Turin", "days": null })), &[("If-Match", "*")]).await?;
        ensure!(places(app, "filter[to]=Rome").await?.is_empty());
        ensure!(places(app, "filter[to]=Turin").await? == ["Turin"]);
        ensure!(places(app, "filter[days]=").await? == ["Århus", "Turin"]);
        send(app, "eva", "DELETE", &path, None, &[("If-Match", "*")]).await?;
        ensure!(places(app, "sort=to").await? == ["Bergen", "Lyon", "Oslo", "Århus"]);
        Ok(())
    }

    /// What is asked for is shown, and no more of the data.
    async fn only_some_fields_are_shown(app: App) {
        furnish(app).await?;
        let list = send(app, "eva", "GET", "/outings/trips?filter[to]=Oslo&fields=to,hotel.city,total", None, &[]).await?;
        let item = &list.body["items"][0];
        ensure!(item["data"] == json!({ "to": "Oslo", "total": "200.00" }) && item["revision"] == 1, "{item}");
        let one = send(app, "eva", "GET", &format!("/outings/trips/{}?fields=to", item["id"].as_str().unwrap_or_default()), None, &[]).await?;
        ensure!(one.body["data"] == json!({ "to": "Oslo" }) && one.etag.starts_with("\"1-"), "{}", one.text);
        Ok(())
    }

    /// Everything that is wrong with a query is told, with what would be right.
    async fn queries_that_mean_nothing_are_refused(app: App) {
        furnish(app).await?;
        let cases = [
            ("filter[price]=1", "the fields are: to, project, days"),
            ("filter[days]=two", "must be a number such as 12.50"),
            ("filter[starts_at][gt]=soon", "must be a time such as"),
            ("filter[days][above]=2", "use one of: eq, gt, gte, lt, lte"),
            ("filter[days", "write filter[FIELD]"),
            ("filter[days][gt]=", "must be a number"),
            ("filter[days]=1&filter[days]=2", "is given twice"),
            ("sort=price", "must be id, created_at or a field"),
            ("sort=to,days", "must be id, created_at or a field"),
            ("fields=", "must be a text of 1 to 200"),
            ("fields=a..b", "must be up to 50 names"),
            ("color=red", "filter[FIELD]"),
            ("cursor=x", "leave it out to begin anew"),
            ("cursor=WzEsMiwzXQ", "leave it out to begin anew"),
            ("filter[to]=%00", "must be a text"),
        ];
        for (query, sentence) in cases {
            let answer = send(app, "eva", "GET", &format!("/outings/trips?{query}"), None, &[]).await?;
            ensure!(answer.status == 400 && answer.text.contains(sentence), "{query}: {}", answer.text);
        }
        let both = send(app, "eva", "GET", "/outings/trips?filter[price]=1&filter[days]=x&sort=no", None, &[]).await?;
        ensure!(both.body["errors"].as_array().is_some_and(|errors| errors.len() == 3), "{}", both.text);
        let page = send(app, "eva", "GET", "/outings/trips?limit=2&sort=to", None, &[]).await?;
        let cursor = page.body["next"].as_str().unwrap_or_default();
        let other = send(app, "eva", "GET", &format!("/outings/trips?sort=days&cursor={cursor}"), None, &[]).await?;
        ensure!(other.status == 400 && other.text.contains("belongs to a list with other filters"), "{}", other.text);
        Ok(())
    }
}

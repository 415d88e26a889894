//! The link that cannot misfire.

use crate::support::{App, Database, days, stories};
use anyhow::ensure;
use serde_json::json;

stories! {
    /// Mail scanners open links, many times and with HEAD: nothing happens.
    async fn scanners_change_nothing(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let link = app.link_to("mira")?;
        let before = app.dump().await?;
        for _ in 0..20 {
            ensure!(app.open(&link).await?.status == 200);
            ensure!(app.head(&link).await? == 200);
            ensure!(app.open(&format!("{link}/document.pdf")).await.is_ok());
        }
        ensure!(app.dump().await? == before);
        ensure!(app.status(&order).await? == "submitted");
        Ok(())
    }

    /// A post without the form's nonce, or with another's, decides nothing.
    async fn a_post_without_the_form_decides_nothing(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        let link = app.link_to("mira")?;
        for nonce in ["", "x", "00".repeat(32).as_str()] {
            let page = app.post_form(&link, &[("nonce", nonce), ("decision", "approve")]).await?;
            ensure!((400..500).contains(&page.status), "{}", page.status);
        }
        app.approve("mira").await?;
        let (felix, fiona) = (app.link_to("felix")?, app.link_to("fiona")?);
        let stolen = app.open(&felix).await?.nonce()?;
        let page = app.post_form(&fiona, &[("nonce", &stolen), ("decision", "approve")]).await?;
        ensure!((400..500).contains(&page.status), "{}", page.status);
        ensure!(app.status(&order).await? == "submitted");
        Ok(())
    }

    async fn forged_links_are_unknown(app: App) {
        for path in ["/a/x", "/a/", "/a/%00", "/a/..%2f..%2fetc", &format!("/a/{}", "ab".repeat(32)), &format!("/a/{}", "a".repeat(5_000))] {
            let page = app.open(path).await?;
            ensure!(page.status == 404 || page.status == 429 || page.status == 414, "{path}: {}", page.status);
        }
        Ok(())
    }

    /// The seat was given to somebody else: the old link decides nothing any more, the new one does.
    async fn a_link_that_was_given_away_decides_nothing(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let old = app.link_to("mira")?;
        let nonce = app.open(&old).await?.nonce()?;
        let body = json!({ "from": "mira", "to": "hanna", "reason": "on holiday" });
        let path = format!("/instances/{}/reassign", order.instance);
        ensure!(app.call("felix", "POST", &path, Some(&body)).await?.0 == 403, "only the admin or who has the seat");
        let (status, answer) = app.call("ada", "POST", &path, Some(&body)).await?;
        ensure!(status == 200, "{answer}");
        app.work().await?;
        let page = app.post_form(&old, &[("nonce", &nonce), ("decision", "approve"), ("comment", "")]).await?;
        ensure!((400..500).contains(&page.status) && page.text().contains("Hanna Lindqvist"), "{} {}", page.status, page.text());
        ensure!(app.status(&order).await? == "submitted");
        app.approve("hanna").await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// A request is never given to the one who made it.
    async fn a_seat_is_not_given_to_the_requester(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let body = json!({ "from": "mira", "to": "eva", "reason": "be quick" });
        let (status, answer) = app.call("ada", "POST", &format!("/instances/{}/reassign", order.instance), Some(&body)).await?;
        ensure!(status == 403, "{status} {answer}");
        Ok(())
    }

    /// After the decision the link tells what was decided, for 90 days.
    async fn a_link_tells_the_outcome_for_90_days(app: App) {
        app.submit("100.00").await?;
        app.work().await?;
        let link = app.link_to("mira")?;
        app.approve("mira").await?;
        app.pass(days(89)).await?;
        ensure!(app.open(&link).await?.status == 200);
        app.pass(days(2)).await?;
        ensure!(app.open(&link).await?.status == 410);
        Ok(())
    }
}

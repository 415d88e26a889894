//! Who decides, twice, late, at the same moment.

use crate::support::{App, Database, days, stories};
use anyhow::ensure;

stories! {
    /// Two people of a group that needs two decide at the same moment: both count, and the order goes on once.
    async fn two_votes_at_the_same_moment_both_count(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        app.approve("hanna").await?;
        let (felix, fiona) = (app.link_to("felix")?, app.link_to("fiona")?);
        let [one, two] = app.press_both((&felix, "approve"), (&fiona, "approve")).await?;
        ensure!(one.status == 303 && two.status == 303);
        app.work().await?;
        ensure!(app.status(&order).await? == "sent");
        ensure!(app.smtp.mails_to("orders@nordwind.example").len() == 1);
        Ok(())
    }

    /// Any of two people is enough, and both decide at the same moment: one is first, the other hears of it.
    async fn two_votes_where_one_is_enough_have_one_winner(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        // The escalation gives the manager's manager a seat beside hers.
        app.pass(days(5)).await?;
        let (mira, clara) = (app.link_to("mira")?, app.link_to("clara")?);
        let [one, two] = app.press_both((&mira, "approve"), (&clara, "approve")).await?.map(|page| page.status);
        ensure!((one == 303) != (two == 303) && (one == 409 || two == 409), "{one} {two}");
        app.work().await?;
        ensure!(app.status(&order).await? == "sent");
        ensure!(app.smtp.mails_to("orders@nordwind.example").len() == 1);
        Ok(())
    }

    /// One approves and one rejects at the same moment: one of them is first, the other hears of it.
    async fn approve_and_reject_at_the_same_moment_have_one_winner(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        for person in ["mira", "felix", "fiona"] {
            app.approve(person).await?;
        }
        // Hanna's vote decides; her second browser says otherwise.
        let link = app.link_to("hanna")?;
        let [yes, no] = app.press_both((&link, "approve"), (&link, "reject")).await?.map(|page| page.status);
        ensure!((yes == 303) != (no == 303), "one of {yes} and {no} is taken");
        ensure!(yes == 409 || no == 409);
        app.work().await?;
        let expected = if yes == 303 { "sent" } else { "rejected" };
        ensure!(app.status(&order).await? == expected);
        Ok(())
    }

    /// The same button twice is one decision, and both clicks are answered well.
    async fn a_double_click_is_one_decision(app: App) {
        app.submit("12400.00").await?;
        app.work().await?;
        let link = app.link_to("mira")?;
        let [one, two] = app.press_both((&link, "approve"), (&link, "approve")).await?;
        ensure!(one.status == 303 && two.status == 303, "{} {}", one.status, two.status);
        app.work().await?;
        ensure!(app.mails_to("felix").len() == 1);
        let page = app.open(&link).await?;
        ensure!(page.status == 200 && page.text().contains("approved"), "{}", page.text());
        Ok(())
    }

    /// A click after somebody else decided changes nothing and says who it was.
    async fn a_late_click_hears_who_decided(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        let link = app.link_to("hanna")?;
        let nonce = app.open(&link).await?.nonce()?;
        app.decide("felix", "reject", "over budget").await?;
        let before = app.dump().await?;
        let page = app.post_form(&link, &[("nonce", &nonce), ("decision", "approve"), ("comment", "")]).await?;
        ensure!(page.status == 409 && page.text().contains("Felix Novák"), "{} {}", page.status, page.text());
        ensure!(app.dump().await? == before && app.status(&order).await? == "rejected");
        Ok(())
    }

    async fn a_rejection_needs_a_reason(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let page = app.press(&app.link_to("mira")?, "reject", "   ").await?;
        ensure!(page.status == 422 && page.nonce().is_ok(), "{}", page.text());
        ensure!(app.status(&order).await? == "submitted");
        Ok(())
    }

    /// Decisions over the API follow the same rules.
    async fn the_api_decides_by_the_same_rules(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        let path = format!("/instances/{}/decisions", order.instance);
        let approve = serde_json::json!({ "decision": "approve" });
        ensure!(app.call("hanna", "POST", &path, Some(&approve)).await?.0 == 403, "not asked yet");
        ensure!(app.call("eva", "POST", &path, Some(&approve)).await?.0 == 403, "the requester never");
        ensure!(app.call("mira", "POST", &path, Some(&serde_json::json!({ "decision": "maybe" }))).await?.0 == 422);
        ensure!(app.call("mira", "POST", &path, Some(&approve)).await?.0 == 200);
        ensure!(app.call("mira", "POST", &path, Some(&serde_json::json!({ "decision": "reject", "comment": "no", "activity": 1 }))).await?.0 >= 400);
        app.work().await?;
        let instance = app.instance(&order).await?;
        let waiting = instance["waiting_for"].to_string();
        ensure!(waiting.contains("Hanna Lindqvist") && waiting.contains("head of Workshop"), "{waiting}");
        Ok(())
    }
}

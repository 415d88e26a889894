//! Reminders, escalations, expiry.

use crate::support::{App, Database, days, hours, stories};
use anyhow::ensure;

stories! {
    /// After two days, then every day, three times in all; only those who have not answered.
    async fn the_pending_are_reminded(app: App) {
        app.submit("12400.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        app.approve("felix").await?;
        app.pass(days(2) - hours(1)).await?;
        ensure!(app.mails_to("hanna").len() == 1);
        app.pass(hours(1)).await?;
        ensure!(app.mails_to("hanna").len() == 2 && app.mails_to("fiona").len() == 2);
        ensure!(app.mails_to("felix").len() == 1, "who has answered is left in peace");
        app.pass(days(2)).await?;
        ensure!(app.mails_to("hanna").len() == 3, "after a pause one reminder, not a heap of them");
        Ok(())
    }

    /// A mail and its reminders are one thread, and both links work.
    async fn reminders_are_in_the_thread_of_the_request(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let first = app.link_to("mira")?;
        app.pass(days(2)).await?;
        let mails = app.mails_to("mira");
        ensure!(mails.len() == 2 && mails[0].message_id != mails[1].message_id);
        ensure!(mails[0].references.first() == mails[1].references.first() && !mails[1].references.is_empty());
        ensure!(app.link_to("mira")? != first);
        let page = app.press(&first, "approve", "").await?;
        ensure!(page.status == 303, "the older link works too");
        app.work().await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// After five days the managers of those who have not answered may answer too.
    async fn an_escalation_adds_the_manager(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.pass(days(5)).await?;
        ensure!(app.mails_to("clara").len() == 1, "{}", app.mails_to("clara").len());
        app.approve("clara").await?;
        ensure!(app.status(&order).await? == "sent");
        let page = app.open(&app.link_to("mira")?).await?;
        ensure!(page.text().contains("Clara Jensen"), "{}", page.text());
        Ok(())
    }

    async fn an_approval_expires(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        let link = app.link_to("mira")?;
        app.pass(days(30)).await?;
        ensure!(app.status(&order).await? == "expired");
        let instance = app.instance(&order).await?;
        ensure!(instance["status"] == "failed" && instance["error"]["error"].as_str().or(instance["error"].as_str()) == Some("Approval.Expired"), "{instance}");
        ensure!(app.mails_to("eva").iter().any(|mail| mail.subject.starts_with("Not decided in time")));
        let page = app.open(&link).await?;
        ensure!(page.status == 200 && page.decisions().is_empty(), "{} {}", page.status, page.text());
        ensure!(app.events().await?.last().is_some_and(|event| event == "purchasing.order.expired"));
        Ok(())
    }

    /// A service that was away for a year does what was due, once.
    async fn a_year_away_is_caught_up_once(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.clock.pass(days(365));
        app.restart().await?;
        app.work().await?;
        ensure!(app.status(&order).await? != "submitted");
        ensure!(app.mails_to("mira").len() <= 3);
        Ok(())
    }
}

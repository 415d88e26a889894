//! Rejected, changed, submitted again; withdrawn; nobody to ask.

use crate::support::{App, Database, stories};
use anyhow::{Context, ensure};

stories! {
    /// The requester sees why, changes the order on the page, and everybody is asked again.
    async fn a_rejected_order_is_changed_and_submitted_again(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        app.decide("felix", "reject", "Too expensive: take the smaller one").await?;
        ensure!(app.status(&order).await? == "rejected");

        let link = app.link_to("eva")?;
        let page = app.open(&link).await?;
        ensure!(page.text().contains("Too expensive: take the smaller one"), "{}", page.text());
        ensure!(page.decisions() == ["resubmit", "withdraw"], "{:?}", page.decisions());
        let nonce = page.nonce()?;
        let mut fields: Vec<(String, String)> = page.fields();
        let price = fields.iter_mut().find(|(name, _)| name.ends_with("price")).context("the price can be changed")?;
        price.1 = "3000.00".to_owned();
        fields.push(("nonce".to_owned(), nonce));
        fields.push(("decision".to_owned(), "resubmit".to_owned()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = app.post_form(&link, &fields).await?;
        ensure!(page.status == 303, "{} {}", page.status, page.text());
        app.work().await?;

        ensure!(app.status(&order).await? == "submitted");
        ensure!(app.mails_to("mira").len() == 2, "every round asks again");
        let mail = app.mails_to("mira").pop().context("the second mail")?;
        ensure!(mail.text.unwrap_or_default().contains("12400.00 → 3000.00"), "the mail says what changed");
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "sent", "3,000 EUR need the manager only");
        let (_, answer) = app.call("eva", "GET", &format!("/purchasing/orders/{}", order.id), None).await?;
        ensure!(answer["revision"] == 2 && answer["data"]["total"] == "3000.00", "{answer}");
        Ok(())
    }

    async fn a_rejected_order_can_be_withdrawn(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.decide("mira", "reject", "not needed").await?;
        app.decide("eva", "withdraw", "").await?;
        ensure!(app.status(&order).await? == "withdrawn");
        ensure!(app.smtp.mails_to("orders@nordwind.example").is_empty());
        Ok(())
    }

    /// A change that is wrong is refused with its place, and nothing is recorded.
    async fn a_change_that_is_wrong_is_refused(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.decide("mira", "reject", "too much").await?;
        let link = app.link_to("eva")?;
        let before = app.dump().await?;
        let page = app.open(&link).await?;
        let nonce = page.nonce()?;
        let wrong = [("nonce", nonce.as_str()), ("decision", "resubmit"), ("form.lines.0.quantity", "-1"), ("form.lines.0.price", "x")];
        let page = app.post_form(&link, &wrong).await?;
        ensure!(page.status == 422, "{} {}", page.status, page.text());
        ensure!(app.dump().await? == before);
        ensure!(app.status(&order).await? == "rejected");
        Ok(())
    }

    /// Whoever made the request never approves it, whatever roles that person has.
    async fn the_requester_is_never_asked_to_approve(app: App) {
        let body = app.order_of("100.00", "EUR").await?;
        // Mira's manager is Clara; nobody else may decide in her place.
        let (status, answer) = app.call("mira", "POST", "/purchasing/orders", Some(&body)).await?;
        ensure!(status == 201, "{answer}");
        app.work().await?;
        ensure!(app.mails_to("mira").is_empty());
        app.approve("clara").await
    }

    /// When nobody can be asked, purchasing is told why and has a safe way on.
    async fn nobody_to_ask_goes_to_a_person(app: App) {
        let body = app.order_of("100.00", "EUR").await?;
        // Ada has no manager.
        let (status, answer) = app.call("ada", "POST", "/purchasing/orders", Some(&body)).await?;
        ensure!(status == 201, "{answer}");
        app.work().await?;
        let mail = app.mails_to("paula").pop().context("purchasing is asked")?;
        ensure!(mail.text.clone().unwrap_or_default().contains("manager needs 1 and has 0"), "{:?}", mail.text);
        app.decide("paula", "withdraw", "").await
    }
}

//! The hands in trouble: mail servers that are down or refuse, documents that cannot be made.

use crate::support::app::text;
use crate::support::smtp::Behaviour;
use crate::support::{App, Database, days, hours, stories};
use anyhow::ensure;

stories! {
    /// The mail server is down for an hour: every mail leaves once it is up again.
    async fn mails_wait_for_the_server(app: App) {
        app.smtp.set(Behaviour::Down).await?;
        let order = app.submit("100.00").await?;
        app.work().await?;
        for _ in 0..6 {
            app.pass(hours(1) / 6).await?;
        }
        ensure!(app.smtp.mails().is_empty());
        app.smtp.set(Behaviour::Accept).await?;
        app.pass(hours(1)).await?;
        ensure!(app.mails_to("mira").len() == 1, "{}", app.mails_to("mira").len());
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// A busy server (4xx) is tried again.
    async fn a_deferred_mail_is_tried_again(app: App) {
        app.smtp.set(Behaviour::Defer).await?;
        app.submit("100.00").await?;
        app.work().await?;
        app.smtp.set(Behaviour::Accept).await?;
        app.pass(hours(1)).await?;
        ensure!(app.mails_to("mira").len() == 1);
        Ok(())
    }

    /// The connection breaks after the server took the mail: it may come twice, with the same Message-ID.
    async fn a_lost_answer_gives_the_same_message_id(app: App) {
        app.smtp.set(Behaviour::DropBeforeReply).await?;
        app.submit("100.00").await?;
        app.work().await?;
        app.smtp.set(Behaviour::Accept).await?;
        app.pass(hours(1)).await?;
        let mails = app.mails_to("mira");
        ensure!(mails.len() >= 2);
        ensure!(mails.iter().all(|mail| mail.message_id == mails[0].message_id));
        app.approve("mira").await
    }

    /// The supplier's address is refused: purchasing is asked, with two safe buttons.
    async fn a_refused_supplier_goes_to_purchasing(app: App) {
        app.smtp.set(Behaviour::RejectRecipient("nordwind".to_owned())).await?;
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "approved");
        let page = app.open(&app.link_to("paula")?).await?;
        ensure!(page.text().contains("Mail.Rejected"), "{}", page.text());
        ensure!(page.decisions() == ["retry", "sent_by_hand"], "{:?}", page.decisions());
        app.smtp.set(Behaviour::Accept).await?;
        app.decide("paula", "retry", "").await?;
        ensure!(app.status(&order).await? == "sent");
        ensure!(app.smtp.mails_to("orders@nordwind.example").len() == 1);
        Ok(())
    }

    /// The document cannot be made: people decide without it, then purchasing is asked; once it works, it is sent.
    async fn a_document_that_fails_goes_to_purchasing(app: App) {
        app.break_documents(true);
        let order = app.submit("100.00").await?;
        app.work().await?;
        ensure!(app.mails_to("mira").pop().is_some_and(|mail| mail.attachments.is_empty()), "asked without the document");
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "approved");
        let page = app.open(&app.link_to("paula")?).await?;
        ensure!(page.text().contains("Pdf.Failed: the printer is on fire"), "{}", page.text());
        app.break_documents(false);
        app.decide("paula", "retry", "").await?;
        ensure!(app.status(&order).await? == "sent");
        let mails = app.smtp.mails_to("orders@nordwind.example");
        ensure!(mails.len() == 1 && mails[0].attachments.len() == 1);
        Ok(())
    }

    async fn an_order_can_be_sent_by_hand(app: App) {
        app.smtp.set(Behaviour::RejectRecipient("nordwind".to_owned())).await?;
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        app.decide("paula", "sent_by_hand", "").await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// A request that cannot be mailed is shown, and can be tried again.
    async fn a_request_that_cannot_be_mailed_is_shown(app: App) {
        app.smtp.set(Behaviour::RejectRecipient("mira".to_owned())).await?;
        let order = app.submit("100.00").await?;
        app.work().await?;
        let (status, dead) = app.call("ada", "GET", "/effects?status=dead", None).await?;
        ensure!(status == 200 && dead.to_string().contains(&order.instance), "{dead}");
        let instance = app.instance(&order).await?;
        ensure!(instance.to_string().contains("550"), "the instance says why it waits: {instance}");
        app.smtp.set(Behaviour::Accept).await?;
        let id = text(&dead, "/items/0/id");
        let (status, answer) = app.call("ada", "POST", &format!("/effects/{id}/retry"), None).await?;
        ensure!(status < 300, "{status} {answer}");
        app.work().await?;
        ensure!(app.mails_to("mira").len() == 1);
        Ok(())
    }

    /// The whole path with the process stopped between any two steps.
    async fn a_restart_between_any_two_steps_changes_nothing(app: App) {
        let order = app.submit("12400.00").await?;
        app.restart().await?;
        app.work().await?;
        for person in ["mira", "hanna", "felix", "fiona"] {
            app.restart().await?;
            app.approve(person).await?;
        }
        app.restart().await?;
        app.pass(days(1)).await?;
        ensure!(app.status(&order).await? == "sent");
        ensure!(app.smtp.mails_to("orders@nordwind.example").len() == 1);
        Ok(())
    }
}

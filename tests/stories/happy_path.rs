//! An order is submitted, approved on e-mail links, and delivered as a PDF.

use crate::support::{App, Database, pdf, stories};
use anyhow::{Context, ensure};

const RATE: &str = "Rate: 1 USD = 0.92 EUR (ECB, 20 November 2026)";

stories! {
    /// Up to 5,000 EUR the manager decides alone.
    async fn a_small_order_needs_the_manager_only(app: App) {
        let order = app.submit("4999.99").await?;
        app.work().await?;
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "sent");
        ensure!(app.mails_to("hanna").is_empty() && app.mails_to("felix").is_empty());
        Ok(())
    }

    /// Above it finance (two people) and the head of the department are asked at once; then the supplier gets the order.
    async fn an_order_of_12400_goes_through_four_hands_to_the_supplier(app: App) {
        let order = app.submit("12400.00").await?;
        ensure!(app.status(&order).await? == "submitted");
        app.work().await?;
        let mail = app.mails_to("mira").pop().context("the manager is asked")?;
        ensure!(mail.subject.contains(&order.number) && mail.subject.contains("12,400.00 EUR"), "{}", mail.subject);
        let text = mail.text.clone().unwrap_or_default();
        ensure!(text.contains("Workbench") && text.contains("Nordwind") && text.contains("manager of Eva Berg"), "{text}");
        ensure!(mail.attachments.iter().any(|file| file.media_type == "application/pdf" && file.bytes.starts_with(b"%PDF-")));
        ensure!(app.mails_to("felix").is_empty(), "only those who can act now are asked");

        app.approve("mira").await?;
        for person in ["felix", "fiona", "hanna"] {
            ensure!(app.mails_to(person).len() == 1, "{person} is asked once");
        }
        ensure!(app.mails_to("carl").is_empty());
        app.approve("felix").await?;
        app.approve("hanna").await?;
        ensure!(app.status(&order).await? == "submitted", "finance needs two");
        app.approve("fiona").await?;

        ensure!(app.status(&order).await? == "sent");
        let mails = app.smtp.mails_to("orders@nordwind.example");
        ensure!(mails.len() == 1, "{} mails to the supplier", mails.len());
        let pdf = &mails[0].attachments[0];
        ensure!(pdf.bytes.starts_with(b"%PDF-") && mails[0].subject.contains(&order.number));
        let (status, stored) = app.bytes("eva", &format!("/purchasing/orders/{}/document.pdf", order.id)).await?;
        ensure!(status == 200 && stored == pdf.bytes, "the supplier got what is stored");
        let told = app.mails_to("eva").pop().context("the requester hears how it ended")?;
        let words = told.text.unwrap_or_default();
        ensure!(told.subject.starts_with("Approved:") && words.contains("sent to Nordwind"), "{}: {words}", told.subject);
        let expected = ["submitted", "approved", "sent"].map(|event| format!("purchasing.order.{event}"));
        ensure!(app.events().await? == expected, "{:?}", app.events().await?);
        Ok(())
    }

    /// Above 50,000 EUR the CFO decides too.
    async fn a_large_order_needs_the_cfo(app: App) {
        let order = app.submit("50000.01").await?;
        app.work().await?;
        for person in ["mira", "felix", "fiona", "hanna"] {
            app.approve(person).await?;
        }
        ensure!(app.status(&order).await? == "submitted");
        app.approve("carl").await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// An order in another currency is compared in the company's: 54,000 USD at 0.92 are 49,680 EUR.
    async fn the_gate_is_in_the_currency_of_the_company(app: App) {
        let rate = serde_json::json!({ "from": "USD", "to": "EUR", "date": "2026-11-20", "rate": "0.92", "source": "ECB" });
        let (status, answer) = app.call("theo", "POST", "/purchasing/rates", Some(&rate)).await?;
        ensure!(status == 201, "{answer}");
        let body = app.order_of("54000.00", "USD").await?;
        let order = app.submit_body(&body, "usd").await?;
        app.work().await?;
        for person in ["mira", "felix", "fiona", "hanna"] {
            app.approve(person).await?;
        }
        ensure!(app.status(&order).await? == "sent", "49,680 EUR are below the CFO's limit");
        let (_, pdf) = app.bytes("eva", &format!("/purchasing/orders/{}/document.pdf", order.id)).await?;
        // Where there is no reader of PDFs, the module's own tests must do.
        let words = pdf::words(&pdf)?.unwrap_or_else(|| RATE.to_owned());
        ensure!(words.contains(RATE), "{words}");
        Ok(())
    }

    /// Without a rate treasury is asked for one, and the order goes on.
    async fn a_missing_rate_is_asked_for(app: App) {
        let body = app.order_of("900.00", "USD").await?;
        let order = app.submit_body(&body, "usd").await?;
        app.work().await?;
        ensure!(app.mails_to("mira").is_empty());
        let link = app.link_to("theo")?;
        let nonce = app.open(&link).await?.nonce()?;
        let wrong = [("nonce", nonce.as_str()), ("decision", "enter"), ("form.rate", "many"), ("form.source", "ECB")];
        ensure!(app.post_form(&link, &wrong).await?.status == 422);
        let right = [("nonce", nonce.as_str()), ("decision", "enter"), ("form.rate", "0.92"), ("form.source", "ECB")];
        let page = app.post_form(&link, &right).await?;
        ensure!(page.status == 303, "{} {}", page.status, page.text());
        app.work().await?;
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "sent");
        Ok(())
    }

    /// Numbers have no gap and no order has another's.
    async fn numbers_count_up_without_a_gap(app: App) {
        let body = app.order_of("10.00", "EUR").await?;
        for n in 1..=3 {
            let order = app.submit_body(&body, &format!("order-{n}")).await?;
            ensure!(order.number == format!("PO-2026-{n:06}"), "{}", order.number);
            let bad = serde_json::json!({ "supplier_id": "nobody" });
            let (status, _) = app.call("eva", "POST", "/purchasing/orders", Some(&bad)).await?;
            ensure!(status == 422, "a refused order takes no number");
        }
        app.work().await
    }
}

//! The demo, as somebody tries it: the real program, its folder, its mailbox, and what it prints.

mod desk;

use crate::support::app::text;
use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Context, Result, ensure};
use desk::Desk;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[tokio::test]
async fn an_order_goes_from_the_api_over_four_desks_to_the_supplier() -> Result<()> {
    let folder = Folder::new()?;
    let desk = Desk::start(&folder).await?;
    let order = desk.submit("12400.00").await?;
    ensure!(desk.status(&order).await? == "submitted");
    for person in ["mira", "felix", "fiona", "hanna"] {
        desk.approve(person, &order.number).await?;
    }
    desk.until_status(&order, "sent").await?;
    let pdf = desk.bytes("eva", &format!("/api/v1/acme/purchasing/orders/{}/document.pdf", order.id)).await?;
    ensure!(pdf.starts_with(b"%PDF-"));
    let mail = desk.mail_to("orders@nordwind.example", &order.number).await?;
    let attachment = mail.pointer("/attachments/0").context("the supplier's mail has no attachment")?;
    ensure!(
        text(attachment, "/type") == "application/pdf" && text(attachment, "/name").contains(&order.number),
        "{attachment}"
    );
    ensure!(desk.bytes("eva", &text(attachment, "/href")).await? == pdf, "the supplier gets what the API shows");
    let ended = desk.stop().await?;
    ensure!(ended.code == Some(0), "exit code {:?}\n{}", ended.code, ended.err);
    checked(&folder).await
}

/// Programs read `demo.json` and `mailbox.json`, so their shapes are fixed.
#[tokio::test]
async fn demo_json_and_mailbox_json_have_their_shapes() -> Result<()> {
    let folder = Folder::new()?;
    let desk = Desk::start(&folder).await?;
    let mode = std::fs::metadata(folder.path().join("demo.json"))?.permissions().mode();
    ensure!(mode & 0o777 == 0o600, "the tokens are for the user alone: {mode:o}");
    ensure!(keys(&desk.demo) == ["base_url", "company", "tokens", "people"], "{}", desk.demo);
    ensure!(desk.demo["company"] == "acme" && text(&desk.demo, "/base_url") == desk.base);
    ensure!(keys(&desk.demo["tokens"]) == keys(&desk.demo["people"]) && desk.demo["tokens"]["eva"].is_string());
    ensure!(desk.demo["people"]["felix"] == json!({ "email": "felix@acme.example", "roles": ["finance_approver"] }));

    let mail = desk.mail_to("mira@acme.example", "PO-").await?;
    ensure!(keys(&mail) == ["id", "at", "to", "from", "subject", "text", "html", "attachments"], "{:?}", keys(&mail));
    let fields = ["/id", "/at", "/to", "/from", "/subject", "/text", "/html"];
    ensure!(fields.iter().all(|field| !text(&mail, field).is_empty()), "{mail}");
    ensure!(keys(&mail["attachments"][0]) == ["name", "type", "href"], "{}", mail["attachments"]);
    ensure!(
        text(&mail, "/subject").contains("12,400.00 EUR"),
        "the first order is of 12,400.00 EUR: {}",
        mail["subject"]
    );
    Ok(())
}

/// Stopped and started again on the same folder it goes on where it was.
#[tokio::test]
async fn it_goes_on_where_it_was() -> Result<()> {
    let folder = Folder::new()?;
    let desk = Desk::start(&folder).await?;
    let order = desk.submit("4000.00").await?;
    desk.mail_to("mira@acme.example", &order.number).await?;
    let (tokens, orders, base) = (desk.demo["tokens"].clone(), desk.orders().await?, desk.base.clone());
    ensure!(orders.len() == 2, "{orders:?}");
    desk.stop().await?;
    checked(&folder).await?;

    let desk = Desk::start(&folder).await?;
    ensure!(desk.demo["tokens"] == tokens, "the tokens have changed");
    ensure!(desk.orders().await? == orders, "the orders have changed");
    // The links in the mails from before name the port.
    ensure!(desk.base == base, "it listens elsewhere: {} after {base}", desk.base);
    desk.approve("mira", &order.number).await?;
    desk.until_status(&order, "sent").await
}

/// Where its port is taken meanwhile, it takes another one and says what that means.
#[tokio::test]
async fn it_says_when_it_cannot_have_its_port_again() -> Result<()> {
    let folder = Folder::new()?;
    let desk = Desk::start(&folder).await?;
    let base = desk.base.clone();
    ensure!(!desk.printed().contains("is taken"), "{}", desk.printed());
    desk.stop().await?;
    let address = base.strip_prefix("http://").context("no address")?;
    let _taken = std::net::TcpListener::bind(address)?;
    let desk = Desk::start(&folder).await?;
    ensure!(desk.base != base && desk.printed().contains("is taken"), "{} {}", desk.base, desk.printed());
    desk.submit("4000.00").await?;
    Ok(())
}

/// What it prints can be pasted into a shell.
#[tokio::test]
async fn the_printed_commands_work() -> Result<()> {
    let folder = Folder::new()?;
    let desk = Desk::start(&folder).await?;
    let printed = desk.printed();
    let script = printed.split("Submit another order as Eva:").nth(1).context("there is no example")?;
    let script = script.split("Stop with").next().unwrap_or_default().to_owned();
    let ran =
        tokio::task::spawn_blocking(move || Command::new("sh").arg("-eu").arg("-c").arg(script).output()).await??;
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    ensure!(ran.status.success(), "{out}{}", String::from_utf8_lossy(&ran.stderr));
    let answer = out.lines().next().unwrap_or_default();
    let mut answers = serde_json::Deserializer::from_str(&out).into_iter::<Value>();
    let order = answers.next().with_context(|| format!("no answer: {answer}"))??;
    ensure!(text(&order, "/data/total") == "677.94" && text(&order, "/status") == "submitted", "{order}");
    ensure!(answers.next().context("no mailbox")??.is_array());
    ensure!(desk.orders().await?.contains(&text(&order, "/number")));
    Ok(())
}

/// The documented company file can be applied, and one whose settings no order could be made with is not.
#[tokio::test]
async fn the_documented_company_is_stored_and_a_wrong_one_is_refused() -> Result<()> {
    let folder = Folder::new()?;
    let text = include_str!("../../docs/company.md");
    let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).context("no example")?;
    let database = format!("sqlite://{}", folder.path().join("new.db").display());
    let program = Program::find()?.with("COUNTERSIGN_DATABASE", database);
    let file = folder.path().join("company.json");
    let path = file.display().to_string();
    std::fs::write(&file, example.replace("\"EUR\"", "\"Euro\""))?;
    let Ended { code, out, err } = program.run(&["company", "apply", &path]).await?;
    ensure!(code == Some(1) && err.contains("company.settings/base_currency") && out.is_empty(), "{code:?} {out}{err}");
    std::fs::write(&file, example)?;
    let said = program.must(&["company", "apply", &path]).await?;
    ensure!(said.contains("is stored with 7 people"), "{said}");
    Ok(())
}

/// A wrong configuration is told at once and whole, and no secret with it.
#[tokio::test]
async fn serve_tells_everything_that_is_wrong_at_once() -> Result<()> {
    let program = Program::find()?
        .with("COUNTERSIGN_LISTEN", "everywhere")
        .with("COUNTERSIGN_DATABASE", "mysql://root:hunter2@db/x")
        .with("COUNTERSIGN_SMTP", "hunter2@mail")
        .with("COUNTERSIGN_WORKERS", "many")
        .with("COUNTERSIGN_BASE_URL", "ftp://approve")
        .with("COUNTERSIGN_WORKRES", "4");
    let Ended { code, out, err } = program.run(&["serve"]).await?;
    ensure!(code == Some(1), "exit code {code:?}: {err}");
    for name in ["LISTEN", "DATABASE", "SMTP", "WORKERS", "BASE_URL", "WORKRES"] {
        ensure!(err.contains(&format!("COUNTERSIGN_{name}: ")), "{name} is not told: {err}");
    }
    ensure!(err.contains("6 problem(s)") && !err.contains("hunter2") && out.is_empty(), "{out}{err}");
    Ok(())
}

/// A database that cannot be opened is told without its password.
#[tokio::test]
async fn serve_does_not_tell_the_password_of_a_database_that_it_cannot_reach() -> Result<()> {
    let program = Program::find()?
        .with("COUNTERSIGN_DATABASE", "postgres://app:hunter2@127.0.0.1:1/x")
        .with("COUNTERSIGN_LISTEN", "127.0.0.1:0");
    let Ended { code, out, err } = program.run(&["serve"]).await?;
    ensure!(
        code == Some(1) && err.contains("database") && !format!("{out}{err}").contains("hunter2"),
        "{code:?} {out}{err}"
    );
    Ok(())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

async fn checked(folder: &Folder) -> Result<()> {
    let database = format!("sqlite://{}", folder.path().join("countersign.db").display());
    let check = Program::find()?.must(&["check", "--database", &database]).await?;
    ensure!(check.contains(" 0 differences") && !check.starts_with("0 instances"), "{check}");
    Ok(())
}

//! The decision page in a real browser: as narrow as a small phone and as wide as a desk, with the keyboard alone, and
//! with scripts switched off.

mod hand;

use crate::support::app::text;
use crate::support::browser::Browser;
use crate::support::folder::Folder;
use crate::support::process::Program;
use crate::support::{App, Database};
use anyhow::{Result, ensure};
use hand::Hand;
use serde_json::Value;

/// 320 CSS pixels: a desk's page enlarged to 400 % (WCAG 2.2, 1.4.10 Reflow), and the smallest phones.
#[tokio::test]
async fn a_narrow_page_is_decided_with_the_keyboard_alone() -> Result<()> {
    decided_with_the_keyboard_alone(320, 640).await
}

#[tokio::test]
async fn a_wide_page_is_decided_with_the_keyboard_alone() -> Result<()> {
    decided_with_the_keyboard_alone(1280, 900).await
}

async fn decided_with_the_keyboard_alone(width: u32, height: u32) -> Result<()> {
    let mut app = App::on(Database::sqlite()?).await?;
    let order = app.submit("12400.00").await?;
    app.work().await?;
    let browser = Browser::start().await?;
    let hand = Hand::new(&browser, width, height).await?;

    approved(&app, &hand).await?;
    app.work().await?;
    refused_and_then_rejected(&app, &hand).await?;
    app.work().await?;
    ensure!(app.status(&order).await? == "rejected");

    hand.open(&format!("{}{}", app.base, app.link_to("hanna")?)).await?;
    hand.sees("Felix Novák").await?;
    hand.photo("too-late").await?;
    app.finish().await
}

/// Mira writes a comment and approves.
async fn approved(app: &App, hand: &Hand<'_>) -> Result<()> {
    hand.open(&format!("{}{}", app.base, app.link_to("mira")?)).await?;
    hand.sees("12,400.00 EUR").await?;
    hand.photo("decision").await?;
    hand.tab_to("textarea[name=comment]").await?;
    hand.write("Fine with me; please before Christmas.").await?;
    hand.tab_to("button[name=decision][value=approve]").await?;
    hand.photo("decision-focus").await?;
    hand.enter().await?;
    hand.sees("You approved").await?;
    hand.sees("Fine with me; please before Christmas.").await?;
    hand.photo("approved").await
}

/// Felix rejects without a reason, is told, and follows the summary to the field.
async fn refused_and_then_rejected(app: &App, hand: &Hand<'_>) -> Result<()> {
    hand.open(&format!("{}{}", app.base, app.link_to("felix")?)).await?;
    hand.sees("Mira Okafor").await?;
    hand.photo("second-decision").await?;
    hand.tab_to("button[name=decision][value=reject]").await?;
    hand.enter().await?;
    hand.sees("Your decision was not recorded yet").await?;
    ensure!(hand.has_focus("[role=alert]").await?, "the summary of errors has no focus: {}", hand.focused().await?);
    ensure!(hand.title().await?.starts_with("Error: "), "{}", hand.title().await?);
    hand.photo("refused").await?;
    hand.tab_to("[role=alert] a").await?;
    hand.enter().await?;
    ensure!(hand.has_focus("textarea[name=comment][aria-invalid=true]").await?, "{}", hand.focused().await?);
    hand.write("Over budget until January.").await?;
    hand.tab_to("button[name=decision][value=reject]").await?;
    hand.enter().await?;
    hand.sees("You rejected").await?;
    hand.photo("rejected").await
}

/// The demo's mailbox shows a mail in a frame of its own, whose content nothing outside can make narrower.
#[tokio::test]
async fn a_mail_in_the_mailbox_fits_a_phone() -> Result<()> {
    let folder = Folder::new()?;
    let path = folder.path().display().to_string();
    let mut demo = Program::find()?.start(&["demo", "--data", &path, "--port", "0"])?;
    demo.says("Stop with Ctrl-C.").await?;
    let known: Value = serde_json::from_slice(&std::fs::read(folder.path().join("demo.json"))?)?;
    let mailbox = format!("{}/mailbox", text(&known, "/base_url"));
    let browser = Browser::start().await?;
    let hand = Hand::new(&browser, 320, 640).await?;
    // The first order asks somebody, as soon as the workers have come to it.
    hand.open_until(&mailbox, "Please decide").await?;
    let page = hand.target_of(".mails a").await?;
    hand.open(&page).await?;
    hand.sees("Open it in the whole window").await?;
    hand.photo("mail").await?;
    ensure!(hand.width_of(".letter").await? == 320, "the frame is {} wide", hand.width_of(".letter").await?);
    // What is in the frame: as wide as the frame, less a scroll bar.
    let frame = hand.target_of(".alone").await?;
    let narrow = Hand::new(&browser, 305, 640).await?;
    narrow.open(&frame).await?;
    narrow.sees("Review and decide").await?;
    narrow.photo("mail-alone").await?;
    narrow.breaks_no_word_of("th span").await
}

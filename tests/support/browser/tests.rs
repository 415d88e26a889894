//! The browser is tested on pages that need no server.

use anyhow::Result;
use fantoccini::Locator;
use serde_json::{Value, json};

use super::{Browser, driver};

const PAGE: &str = "data:text/html,<meta name=viewport content='width=device-width'><title>Order</title>\
    <button onclick=\"document.title='Approved'\">Approve</button>";

#[tokio::test]
async fn a_page_is_shown_clicked_and_photographed() -> Result<()> {
    let browser = Browser::start().await?;
    browser.client().goto(PAGE).await?;
    assert_eq!(browser.client().title().await?, "Order");
    browser.client().find(Locator::Css("button")).await?.click().await?;
    assert_eq!(browser.client().title().await?, "Approved");
    let image = std::fs::read(browser.screenshot("browser-self-test").await?)?;
    assert_eq!(image.get(..8), Some(b"\x89PNG\r\n\x1a\n".as_slice()));
    Ok(())
}

#[tokio::test]
async fn a_page_can_be_as_narrow_as_a_phone_and_as_wide_as_a_desk() -> Result<()> {
    let browser = Browser::start().await?;
    for (width, height) in [(360, 740), (1280, 900)] {
        browser.resize(width, height).await?;
        browser.client().goto(PAGE).await?;
        let size: Value = browser.client().execute("return [innerWidth, innerHeight]", Vec::new()).await?;
        assert_eq!(size, json!([width, height]));
        // The PNG's own width stands in its bytes 16 to 19.
        let image = std::fs::read(browser.screenshot("browser-self-test-size").await?)?;
        assert_eq!(image.get(16..20), Some(width.to_be_bytes().as_slice()));
    }
    Ok(())
}

#[tokio::test]
async fn nothing_stays_behind() -> Result<()> {
    let browser = Browser::start().await?;
    let (profile, url) = (browser._profile.0.clone(), browser.driver.url());
    assert!(profile.join("Default").is_dir());
    drop(browser);
    assert!(!profile.exists());
    assert!(reqwest::get(format!("{url}/status")).await.is_err());
    Ok(())
}

#[tokio::test]
async fn an_unknown_devtools_command_is_an_error() -> Result<()> {
    let browser = Browser::start().await?;
    assert!(browser.devtools("No.such", json!({})).await.is_err());
    Ok(())
}

#[test]
fn a_missing_browser_says_how_to_get_it() {
    let problem = driver::choose(None, &["surely-not-installed-anywhere"]).unwrap_err().to_string();
    assert!(problem.contains("cargo xtask test") && problem.contains("apt-get install"), "{problem}");
}

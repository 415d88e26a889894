//! A person at a keyboard, before a page of a certain width.

use crate::support::browser::Browser;
use anyhow::{Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

// The key codes of WebDriver (W3C, 17.4.2).
const TAB: char = '\u{E004}';
const ENTER: char = '\u{E007}';
/// How long the focus may take to get from one thing to the next.
const ARRIVAL: Duration = Duration::from_millis(400);
/// How often Tab may be pressed on the way to anything.
const MOST_TABS: usize = 25;
/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(10);

/// Uses a page with the keyboard. Every page that it opens or comes to must fit into the width.
pub(super) struct Hand<'a> {
    browser: &'a Browser,
    width: u32,
    height: u32,
}

impl<'a> Hand<'a> {
    /// Scripts are switched off: everything must work without.
    pub(super) async fn new(browser: &'a Browser, width: u32, height: u32) -> Result<Self> {
        browser.resize(width, height).await?;
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await?;
        Ok(Self { browser, width, height })
    }

    pub(super) async fn open(&self, url: &str) -> Result<()> {
        Ok(self.browser.client().goto(url).await?)
    }

    /// Opens it again and again until it says this.
    pub(super) async fn open_until(&self, url: &str, words: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.open(url).await?;
            if self.text().await.contains(words) {
                return self.fits().await;
            }
            ensure!(begun.elapsed() < PATIENCE, "{url} does not come to say \"{words}\":\n{}", self.text().await);
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What stands on the page. While a page is being replaced, there is none to ask.
    async fn text(&self) -> String {
        let text = self.ask("return document.body.innerText", Vec::new()).await.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    pub(super) async fn title(&self) -> Result<String> {
        Ok(self.browser.client().title().await?)
    }

    /// The test looks into the page through the driver, which may although the page itself may not.
    async fn ask(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.browser.client().execute(script, arguments).await?)
    }

    async fn press(&self, key: char) -> Result<()> {
        let keys = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: key });
        Ok(self.browser.client().perform_actions(keys.then(KeyAction::Up { value: key })).await?)
    }

    pub(super) async fn write(&self, text: &str) -> Result<()> {
        for letter in text.chars() {
            self.press(letter).await?;
        }
        Ok(())
    }

    pub(super) async fn enter(&self) -> Result<()> {
        self.press(ENTER).await
    }

    /// What has the focus.
    pub(super) async fn focused(&self) -> Result<String> {
        let script = "const one = document.activeElement; return one ? one.cloneNode(false).outerHTML : 'nothing'";
        Ok(self.ask(script, Vec::new()).await?.as_str().unwrap_or_default().to_owned())
    }

    pub(super) async fn has_focus(&self, selector: &str) -> Result<bool> {
        let script = "return !!document.activeElement && document.activeElement.matches(arguments[0])";
        Ok(self.ask(script, vec![json!(selector)]).await? == true)
    }

    /// Presses Tab until this has the focus, and can be seen to have it (WCAG 2.2, 2.4.7 and 2.4.11).
    pub(super) async fn tab_to(&self, selector: &str) -> Result<()> {
        let mut passed = Vec::new();
        for _ in 0..MOST_TABS {
            self.press_tab().await?;
            if self.has_focus(selector).await? {
                return self.shows_its_focus().await;
            }
            passed.push(self.focused().await?);
        }
        bail!("Tab does not come to {selector}, but to {passed:#?}")
    }

    /// Presses Tab and waits for the focus to arrive: between a page and the viewer of a document in it, it goes from
    /// process to process. Within the viewer the page sees no change.
    async fn press_tab(&self) -> Result<()> {
        let before = self.focused().await?;
        self.press(TAB).await?;
        let pressed = Instant::now();
        while self.focused().await? == before && pressed.elapsed() < ARRIVAL {
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn shows_its_focus(&self) -> Result<()> {
        let script = "const one = document.activeElement, place = one.getBoundingClientRect(), style = getComputedStyle(one);
            const top = document.elementFromPoint(place.left + place.width / 2, Math.max(place.top, 0) + 5);
            return { inside: place.bottom > 0 && place.top < innerHeight, covered: !(one === top || one.contains(top)),
                marked: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none' }";
        let (begun, expected) = (Instant::now(), json!({ "inside": true, "covered": false, "marked": true }));
        loop {
            // A page on a phone may scroll to it in its own time.
            let shown = self.ask(script, Vec::new()).await?;
            if shown == expected {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "the focus on {} cannot be seen: {shown}", self.focused().await?);
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the page says this; then it must fit into the width.
    pub(super) async fn sees(&self, words: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return self.fits().await;
            }
            ensure!(begun.elapsed() < PATIENCE, "the page does not say \"{words}\":\n{text}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Nothing has to be scrolled sideways (WCAG 2.2, 1.4.10).
    async fn fits(&self) -> Result<()> {
        let script = "const wide = [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > arguments[0] + 0.5);
            return { width: document.documentElement.scrollWidth, wide: wide.map(one => one.cloneNode(false).outerHTML) }";
        let found = self.ask(script, vec![json!(self.width)]).await?;
        let is_wider = found["width"].as_u64().is_none_or(|width| width > u64::from(self.width));
        ensure!(!is_wider, "the page is wider than {} pixels: {found:#}", self.width);
        Ok(())
    }

    /// Where the first link of this kind leads.
    pub(super) async fn target_of(&self, selector: &str) -> Result<String> {
        let script = "return document.querySelector(arguments[0]).href";
        Ok(self.ask(script, vec![json!(selector)]).await?.as_str().unwrap_or_default().to_owned())
    }

    pub(super) async fn width_of(&self, selector: &str) -> Result<u64> {
        let script = "return Math.round(document.querySelector(arguments[0]).getBoundingClientRect().width)";
        Ok(self.ask(script, vec![json!(selector)]).await?.as_u64().unwrap_or_default())
    }

    /// A text of these that takes more lines than it has words is broken within a word.
    pub(super) async fn breaks_no_word_of(&self, selector: &str) -> Result<()> {
        let script = "const all = [...document.querySelectorAll(arguments[0])];
            const broken = one => one.getClientRects().length > one.textContent.trim().split(/\\s+/).length;
            return { count: all.length, broken: all.filter(broken).map(one => one.textContent) }";
        let found = self.ask(script, vec![json!(selector)]).await?;
        ensure!(found["count"] != 0 && found["broken"] == json!([]), "{selector}: {found}");
        Ok(())
    }

    /// A picture of the whole page, below `target/screenshots`.
    pub(super) async fn photo(&self, name: &str) -> Result<()> {
        let height = self.ask("return document.documentElement.scrollHeight", Vec::new()).await?.as_u64();
        let height = height.and_then(|height| u32::try_from(height).ok()).unwrap_or(self.height);
        self.browser.resize(self.width, height.max(self.height)).await?;
        self.browser.screenshot(&format!("{name}-{}", self.width)).await?;
        self.browser.resize(self.width, self.height).await
    }
}

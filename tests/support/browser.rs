//! A real browser without a window, for what only a browser can tell: what a page looks like, what its scripts do, whether
//! it can be used on a phone.

mod driver;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use driver::Driver;

/// What a test browser leaves out: windows, the sandbox that a container forbids, and all traffic of its own.
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en",
];

/// A browser with a profile of its own. Dropping it ends the browser and its driver and removes the profile.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    session: String,
    // Before the profile: fields are dropped in this order, and a running browser would write into it again.
    driver: Driver,
    _profile: Profile,
}

impl Browser {
    /// Starts `COUNTERSIGN_TEST_CHROMIUM` with `COUNTERSIGN_TEST_CHROMEDRIVER`, or what is on the `PATH`.
    ///
    /// # Errors
    /// If there is no browser (the message says how to get it) or if it does not start.
    pub(crate) async fn start() -> Result<Browser> {
        let programs = driver::programs()?;
        let profile = Profile::new()?;
        let driver = Driver::start(&programs.chromedriver)?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let capabilities = capabilities(&programs.chromium, &profile.0);
        builder.capabilities(capabilities.as_object().cloned().unwrap_or_default());
        let client = builder.connect(&driver.url()).await.context("the browser did not start")?;
        let session = client.session_id().await?.context("the browser has no session")?;
        Ok(Browser { client, session, driver, _profile: profile })
    }

    /// The WebDriver client: `goto`, `find`, `form`, `wait`, `execute`.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Makes the page so many CSS pixels wide and high. A window could not become as narrow as a phone, so the device is
    /// emulated; below 600 pixels also its touch screen.
    ///
    /// # Errors
    /// If the browser has ended.
    pub(crate) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let is_phone = width < 600;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await?;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": is_phone})).await?;
        Ok(())
    }

    /// Writes what the page shows to `target/screenshots/<name>.png` and returns the path.
    ///
    /// # Errors
    /// If the browser has ended or the file cannot be written.
    pub(crate) async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let image = self.client.screenshot().await?;
        let folder = screenshots()?;
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, image).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// A command of the browser's own protocol (chromedevtools.github.io/devtools-protocol), which WebDriver lacks.
    ///
    /// # Errors
    /// If the browser has ended or refuses the command.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let url = format!("{}/session/{}/goog/cdp/execute", self.driver.url(), self.session);
        let body = json!({"cmd": command, "params": parameters});
        let answer: Value = reqwest::Client::new().post(url).json(&body).send().await?.json().await?;
        let value = answer.get("value").cloned().unwrap_or_default();
        match value.get("error") {
            None => Ok(value),
            Some(_) => anyhow::bail!("{command}: {value}"),
        }
    }
}

fn capabilities(chromium: &Path, profile: &Path) -> Value {
    let own = format!("--user-data-dir={}", profile.display());
    let flags: Vec<&str> = FLAGS.into_iter().chain([own.as_str()]).collect();
    json!({"browserName": "chrome", "goog:chromeOptions": {"binary": chromium, "args": flags}})
}

/// `target/screenshots`. The test program lies in `target/<profile>/deps`.
fn screenshots() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).context("the test program lies in no target folder")?;
    Ok(target.join("screenshots"))
}

/// A fresh folder, removed with its content.
#[derive(Debug)]
struct Profile(PathBuf);

impl Profile {
    fn new() -> Result<Profile> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("countersign-browser-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Profile(folder))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests;

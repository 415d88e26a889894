//! Chromium and its driver, for the tests that look at pages.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::run::{find, say};

const BROWSERS: [&str; 6] = [
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const DRIVERS: [&str; 3] = ["chromedriver", "/usr/lib/chromium/chromedriver", "/usr/lib/chromium-browser/chromedriver"];

/// A browser and the driver that belongs to it.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Finds the browser, or installs it where that is possible.
///
/// # Errors
/// If `COUNTERSIGN_TEST_CHROMIUM` or `COUNTERSIGN_TEST_CHROMEDRIVER` names a file that does not exist, or if there is no
/// browser and none can be installed; the message says how to get it.
pub(crate) fn get() -> Result<Browser> {
    let browser = match look()? {
        Some(browser) => browser,
        None => {
            apt::install("Chromium and chromedriver", &["chromium", "chromium-driver"])?;
            look()?.context("Chromium and chromedriver were installed but are not on the PATH")?
        }
    };
    say(format!("browser: {} with {}", browser.chromium.display(), browser.chromedriver.display()));
    Ok(browser)
}

fn look() -> Result<Option<Browser>> {
    let chromium = named_or_found("COUNTERSIGN_TEST_CHROMIUM", &BROWSERS)?;
    let chromedriver = named_or_found("COUNTERSIGN_TEST_CHROMEDRIVER", &DRIVERS)?;
    Ok(chromium.zip(chromedriver).map(|(chromium, chromedriver)| Browser { chromium, chromedriver }))
}

/// A path that somebody set is meant: if it is wrong, that is an error and not a reason to take another one.
fn named_or_found(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).map(PathBuf::from) else {
        return Ok(find(names));
    };
    if !path.is_file() {
        bail!("{variable} is set to {}, which is not a file; correct it or unset it", path.display());
    }
    Ok(Some(path))
}

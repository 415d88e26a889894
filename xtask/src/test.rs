//! `cargo xtask test`: gets what the tests need, builds once, runs every test.

use anyhow::{Result, bail};

use crate::run::{cargo, profile_folder, run, say, target};
use crate::tools::{Browser, Postgres, browser, poppler, postgres};

/// Runs all tests of the workspace, or those that match the filters.
///
/// # Errors
/// If something that the tests need can neither be found nor be had (the message says how to get it), if the
/// workspace does not compile, or if a test fails.
pub(crate) fn run_tests(filters: &[String]) -> Result<()> {
    let (postgres, browser) = gather()?;
    say("building the program and the tests");
    // One build for both: the same selection of packages gives the same features, so nothing is compiled twice.
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    say("running the tests");
    let mut tests = cargo(&["test", "--workspace", "--"]);
    tests
        .args(filters)
        .env("COUNTERSIGN_TEST_POSTGRES", postgres.url())
        .env("COUNTERSIGN_TEST_CHROMIUM", &browser.chromium)
        .env("COUNTERSIGN_TEST_CHROMEDRIVER", &browser.chromedriver)
        .env("COUNTERSIGN_TEST_BINARY", profile_folder()?.join("countersign"));
    run(&mut tests)
}

/// Everything from outside that the tests use. All that is missing is reported at once.
fn gather() -> Result<(Postgres, Browser)> {
    let postgres = postgres::get(&target()?.join("test-postgres"));
    let browser = browser::get();
    let poppler = poppler::get();
    match (postgres, browser, poppler) {
        (Ok(postgres), Ok(browser), Ok(())) => Ok((postgres, browser)),
        (postgres, browser, poppler) => {
            let missing = [postgres.err(), browser.err(), poppler.err()];
            let list: Vec<String> = missing.into_iter().flatten().map(|problem| format!("- {problem:#}")).collect();
            bail!("the tests need more than this machine has:\n{}", list.join("\n"))
        }
    }
}

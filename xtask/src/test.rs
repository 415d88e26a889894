//! `cargo xtask test`: gets what the tests need, builds once, runs every test.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, profile_folder, run, say, target};
use crate::tools::{Browser, Postgres, browser, poppler, postgres, registry, wasm};

/// A run with more of something than the tests have by themselves.
struct Run {
    filters: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

/// Runs all tests of the workspace, or those that match the filters.
///
/// # Errors
/// If something that the tests need can neither be found nor be had (the message says how to get it), if the
/// workspace does not compile, or if a test fails.
pub(crate) fn run_tests(filters: &[String]) -> Result<()> {
    let Run { filters, variables } = Run::read(filters)?;
    let Tools { postgres, browser, registry, wasm } = gather()?;
    say("building the program and the tests");
    // One build for both: the same selection of packages gives the same features, so nothing is compiled twice.
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    say("running the tests");
    let mut tests = cargo(&["test", "--workspace", "--"]);
    tests
        .args(filters)
        .envs(variables)
        .env("COUNTERSIGN_TEST_POSTGRES", postgres.url())
        .env("COUNTERSIGN_TEST_CHROMIUM", &browser.chromium)
        .env("COUNTERSIGN_TEST_CHROMEDRIVER", &browser.chromedriver)
        .env("COUNTERSIGN_TEST_REGISTRY", registry)
        .env("COUNTERSIGN_TEST_WASM_RUSTC", wasm)
        .env("COUNTERSIGN_TEST_BINARY", profile_folder()?.join("countersign"));
    run(&mut tests)
}

impl Run {
    /// `crash` is every crash point, `power --rounds 200` so many power cuts; everything else are parts of names.
    fn read(words: &[String]) -> Result<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["crash"] => Ok(Self::of("every_crash_point", "COUNTERSIGN_TEST_ALL_POINTS", "1")),
            ["power"] => Ok(Self::of("power", "COUNTERSIGN_TEST_CUTS", "20")),
            ["power", "--rounds", rounds] => {
                rounds.parse::<u64>().with_context(|| format!("--rounds must be a number, not {rounds}"))?;
                Ok(Self::of("power", "COUNTERSIGN_TEST_CUTS", rounds))
            }
            ["crash" | "power", ..] => {
                bail!("there is `test crash` and `test power --rounds N`, and nothing more of them")
            }
            _ => Ok(Self { filters: words.into_iter().map(str::to_owned).collect(), variables: Vec::new() }),
        }
    }

    /// The tests of that name, with their figures.
    fn of(filter: &str, variable: &'static str, value: &str) -> Self {
        let filters = [filter, "--nocapture"].map(str::to_owned).to_vec();
        Self { filters, variables: vec![(variable, value.to_owned())] }
    }
}

/// What the tests use from outside.
struct Tools {
    postgres: Postgres,
    browser: Browser,
    /// The program that keeps packages.
    registry: PathBuf,
    /// A compiler that builds for WebAssembly.
    wasm: PathBuf,
}

/// Everything from outside that the tests use. All that is missing is reported at once.
fn gather() -> Result<Tools> {
    let postgres = postgres::get(&target()?.join("test-postgres"));
    let browser = browser::get();
    let poppler = poppler::get();
    let registry = registry::get();
    let wasm = wasm::get(&target()?.join("test-wasm"));
    match (postgres, browser, poppler, registry, wasm) {
        (Ok(postgres), Ok(browser), Ok(()), Ok(registry), Ok(wasm)) => Ok(Tools { postgres, browser, registry, wasm }),
        (postgres, browser, poppler, registry, wasm) => {
            let missing = [postgres.err(), browser.err(), poppler.err(), registry.err(), wasm.err()];
            let list: Vec<String> = missing.into_iter().flatten().map(|problem| format!("- {problem:#}")).collect();
            bail!("the tests need more than this machine has:\n{}", list.join("\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Run> {
        Run::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn two_words_ask_for_more() {
        let Run { filters, variables } = read("crash").unwrap();
        assert_eq!((filters[0].as_str(), variables[0].0), ("every_crash_point", "COUNTERSIGN_TEST_ALL_POINTS"));
        assert_eq!(read("power --rounds 200").unwrap().variables, [("COUNTERSIGN_TEST_CUTS", "200".to_owned())]);
        assert!(read("power --rounds many").err().is_some_and(|error| error.to_string().contains("many")));
        assert!(read("crash now").is_err());
    }

    #[test]
    fn everything_else_is_part_of_a_name() {
        let Run { filters, variables } = read("approver --nocapture").unwrap();
        assert_eq!((filters, variables), (vec!["approver".to_owned(), "--nocapture".to_owned()], vec![]));
    }
}

//! `cargo xtask schemathesis`: a service answers what its description promises, and refuses what it does not.
//!
//! The demo is served with a module of objects beside its own, and schemathesis sends requests of all kinds to all paths of
//! the company, as its admin: those that fit the description, and those that just do not.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::run::{cargo, profile_folder, run, say, target};
use crate::tools::schemathesis;

/// How many requests of a kind are made for each operation.
const EXAMPLES: &str = "12";
/// The same requests each time.
const SEED: &str = "20261128";
/// What holds of every answer. Not that whatever fits is taken, for most is said in words, and not that a change without
/// If-Match is answered with 400, for it is 428 (RFC 6585).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection,\
                      unsupported_method,ignored_auth";
/// What would take away what the other requests are about.
const LEFT_OUT: &str = "^/api/v1/\\{company\\}/modules";

/// Builds the service, starts it, and has schemathesis talk to it.
///
/// # Errors
/// If an answer is not what the description says, or if something that is needed is missing.
pub(crate) fn check() -> Result<()> {
    let program = schemathesis::get()?;
    run(&mut cargo(&["build", "--workspace", "--bins", "--tests"]))?;
    let folder = target()?.join("schemathesis");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("what the last run has left cannot be removed")?;
    }
    fs::create_dir_all(&folder)?;
    let demo = Demo::start(&folder)?;
    demo.install_module(&folder)?;
    say(format!("schemathesis talks to {}", demo.base));
    let mut command = Command::new(program);
    command.current_dir(&folder).arg("run").arg(format!("{}/api/v1/{}/openapi.json", demo.base, demo.company));
    command.arg("--header").arg(format!("Authorization: Bearer {}", demo.token));
    // The phase `coverage` is left out: with these schemas it ends in CPython 3.11 itself, with a SystemError ("AST constructor
    // recursion depth mismatch"), and says nothing of the API.
    command.args(["--checks", CHECKS, "--exclude-path-regex", LEFT_OUT, "--phases", "examples,fuzzing"]);
    command.args(["--max-examples", EXAMPLES, "--seed", SEED, "--request-timeout", "30"]);
    command.args(["--suppress-health-check", "all", "--generation-database", "none", "--workers", "2"]);
    command.args(["--warnings", "off", "--no-color"]);
    run(&mut command).context("the API does not answer what its description says, see above")
}

/// A demo that ends with this value.
struct Demo {
    child: Child,
    program: PathBuf,
    base: String,
    company: String,
    token: String,
}

impl Demo {
    fn start(folder: &Path) -> Result<Self> {
        let (program, data) = (profile_folder()?.join("countersign"), folder.join("demo"));
        let mut command = Command::new(&program);
        command.args(["demo", "--port", "0", "--data"]).arg(&data).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        match described(&mut child, &data.join("demo.json")) {
            Ok(demo) => {
                let text = |pointer: &str| demo.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                let (base, company, token) = (text("/base_url"), text("/company"), text("/tokens/ada"));
                Ok(Self { child, program, base, company, token })
            }
            Err(problem) => {
                end(&mut child);
                Err(problem)
            }
        }
    }

    /// A module as `module new` writes it, so that an uploaded package is among what is described.
    fn install_module(&self, folder: &Path) -> Result<()> {
        let new = ["new", "--name", "travel", "--object", "request", "--workflow", "approval", "--yes"];
        self.module(folder, &new)?;
        let package = folder.join("travel");
        self.module(&package, &["pack"])?;
        self.module(&package, &["install", "travel-0.1.0.csmod", "--yes"])
    }

    fn module(&self, folder: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("module").args(arguments).current_dir(folder).stdout(Stdio::null());
        command.env("COUNTERSIGN_URL", &self.base).env("COUNTERSIGN_COMPANY", &self.company);
        run(command.env("COUNTERSIGN_TOKEN", &self.token))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// What the demo has written by the time it says that it answers.
fn described(child: &mut Child, path: &Path) -> Result<Value> {
    let out = child.stdout.take().context("the demo has no output")?;
    let mut said = String::new();
    BufReader::new(out).read_line(&mut said)?;
    ensure!(!said.is_empty(), "the demo has ended; its message is above");
    serde_json::from_str(&fs::read_to_string(path)?).context("demo.json cannot be read")
}

//! `definition run --batch`: a case a line in, its history a line out. Whatever a line holds, the next one has its turn.

use super::super::output;
use super::source;
use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use workflow::rehearsal::{Cast, Rehearsal};
use workflow::{Definition, Entry, Problem};

/// The longest line: a definition and an input of the largest sizes, with room to spare.
const MAX_LINE_BYTES: u64 = 16 * 1_048_576;
/// How long a case may take.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Deeply nested documents are walked by recursion.
const STACK_BYTES: usize = 16 * 1_048_576;

/// What came of a case.
#[derive(Debug, Serialize)]
struct Outcome {
    id: Value,
    #[serde(flatten)]
    came: Came,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Came {
    Events(Vec<Entry>),
    Refused(Vec<Problem>),
}

/// Runs every case of a file, or of the standard input if its name is `-`.
pub(super) fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let source = source::open(path).with_context(|| source::name(path))?;
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let mut lines = BufReader::new(source);
    let mut out = BufWriter::new(io::stdout().lock());
    // A bar among the results would be drawn over them.
    let bar = if io::stdout().is_terminal() { None } else { Some(output::progress(size, "playing")) };
    let mut number = 0_u64;
    while let Some(line) = next_line(&mut lines).with_context(|| source::name(path))? {
        bar.iter().for_each(|bar| bar.inc(line.len() as u64));
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if print(&mut out, &outcome(&line, number)).is_err() {
            // Nobody reads any more.
            break;
        }
    }
    bar.iter().for_each(|bar| bar.finish_and_clear());
    let _ = out.flush();
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    serde_json::to_writer(&mut *out, outcome)?;
    out.write_all(b"\n")
}

/// The next line, or its beginning if it is too long: the rest is skipped.
fn next_line(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if read as u64 == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
        from.skip_until(b'\n')?;
    }
    Ok((read > 0).then_some(line))
}

fn outcome(line: &[u8], number: u64) -> Outcome {
    match serde_json::from_slice::<Value>(line) {
        Ok(mut case) => {
            let id = case.get_mut("id").map(Value::take).unwrap_or_default();
            Outcome { id, came: within(MAX_TIME, move |began| played(&case, began)) }
        }
        Err(error) => Outcome { id: Value::Null, came: refused("json", format!("line {number} is not JSON: {error}")) },
    }
}

fn refused(code: &str, message: impl Into<String>) -> Came {
    Came::Refused(vec![Problem::new("", code, message)])
}

/// Runs a case in a thread of its own. One that takes too long is left behind; it ends with the step that it is in, which
/// takes seconds at most because its work is counted.
fn within(most: Duration, case: impl FnOnce(Instant) -> Came + Send + 'static) -> Came {
    let (done, came) = mpsc::sync_channel(1);
    let began = Instant::now();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || done.send(case(began)));
    if let Err(error) = thread {
        return refused("system", format!("no thread can be started: {error}"));
    }
    match came.recv_timeout(most) {
        Ok(came) => came,
        Err(mpsc::RecvTimeoutError::Timeout) => too_long(),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            refused("internal", "the program has a defect: the case ended in a panic; please report it")
        }
    }
}

fn too_long() -> Came {
    refused("too-long", format!("the case takes longer than {} seconds", MAX_TIME.as_secs()))
}

fn played(case: &Value, began: Instant) -> Came {
    let definition = match Definition::parse(case.get("definition").unwrap_or(&Value::Null)) {
        Ok(definition) => definition,
        Err(problems) => return Came::Refused(problems),
    };
    let mut rehearsal = Rehearsal::new(&definition, Cast::default());
    let input = case.get("input").cloned().unwrap_or_else(|| json!({}));
    let mut rest = rehearsal.start(input, None).map(|()| None);
    while matches!(rest, Ok(None)) {
        if began.elapsed() > MAX_TIME {
            return too_long();
        }
        rest = rehearsal.go_on();
    }
    match rest {
        Ok(_) => Came::Events(rehearsal.entries.into_iter().filter(|entry| !entry.child).collect()),
        Err(rejected) => refused("rejected", rejected.to_string()),
    }
}

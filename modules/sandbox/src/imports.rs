//! The functions that code may import.

use crate::failure::Failure;
use crate::guest::{Guest, memory_of, piece};
use crate::limits::{MAX_CHANCE_BYTES, MAX_REASON_BYTES};
use std::fmt;
use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker};

/// The module that they are imported from.
pub(crate) const MODULE: &str = "countersign";

/// What may be imported, and as what.
pub(crate) const FUNCTIONS: [(&str, &str); 6] = [
    ("ask", "(i32, i32) -> i64"),
    ("chance", "(i32, i32)"),
    ("fail", "(i32, i32)"),
    ("log", "(i32, i32)"),
    ("now", "() -> i64"),
    ("refuse", "(i32, i32)"),
];

/// Leaves the code so that the host can do what takes time, and come back with the answer.
#[derive(Debug)]
pub(crate) enum Pause {
    /// A question, as it was written.
    Ask(Vec<u8>),
    /// So many random bytes for that place.
    Chance { place: u32, length: u32 },
    /// The code has done what it may not.
    Failed(Failure),
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host is asked")
    }
}

impl wasmi::errors::HostError for Pause {}

/// Everything that there is to import.
pub(crate) fn all(linker: &mut Linker<Guest>) -> Result<(), LinkerError> {
    linker.func_wrap(MODULE, "now", |caller: Caller<'_, Guest>| caller.data().now_ms)?;
    linker.func_wrap(MODULE, "log", log)?;
    linker.func_wrap(MODULE, "chance", chance)?;
    linker.func_wrap(MODULE, "fail", fail)?;
    linker.func_wrap(MODULE, "refuse", refuse)?;
    linker.func_wrap(MODULE, "ask", ask)?;
    Ok(())
}

/// What does not fit any more is cut off before it is looked at: a copy costs the code a single step.
fn log(mut caller: Caller<'_, Guest>, place: u32, length: u32) -> Result<(), Error> {
    let Some(room) = caller.data().room_to_tell() else { return Ok(()) };
    let length = length.min(u32::try_from(room).unwrap_or(u32::MAX));
    let line = text(&caller, place, length, "a line of the log").map_err(failed)?;
    caller.data_mut().tell(String::from_utf8_lossy(&line).into_owned());
    Ok(())
}

fn chance(_: Caller<'_, Guest>, place: u32, length: u32) -> Result<(), Error> {
    if length as usize > MAX_CHANCE_BYTES {
        let message = format!("it asked for {length} random bytes at once; {MAX_CHANCE_BYTES} are the most");
        return Err(failed(Failure::Unagreed(message)));
    }
    Err(Error::host(Pause::Chance { place, length }))
}

/// The code ends by itself because something is wrong with it, and says what.
fn fail(caller: Caller<'_, Guest>, place: u32, length: u32) -> Result<(), Error> {
    Err(failed(Failure::GaveUp(reason(&caller, place, length)?)))
}

/// The code ends by itself because of what it was given, and says why.
fn refuse(caller: Caller<'_, Guest>, place: u32, length: u32) -> Result<(), Error> {
    Err(failed(Failure::Refused(reason(&caller, place, length)?)))
}

fn reason(caller: &Caller<'_, Guest>, place: u32, length: u32) -> Result<String, Error> {
    let why = text(caller, place, length.min(MAX_REASON_BYTES), "its reason").map_err(failed)?;
    Ok(String::from_utf8_lossy(&why).replace(char::is_control, " "))
}

fn ask(caller: Caller<'_, Guest>, place: u32, length: u32) -> Result<u64, Error> {
    let question = text(&caller, place, length, "a question").map_err(failed)?;
    Err(Error::host(Pause::Ask(question)))
}

fn text(caller: &Caller<'_, Guest>, place: u32, length: u32, what: &str) -> Result<Vec<u8>, Failure> {
    let memory = memory_of(caller)?;
    piece(memory.data(caller), place, length, what).map(<[u8]>::to_vec)
}

fn failed(failure: Failure) -> Error {
    Error::host(Pause::Failed(failure))
}

//! What host and code agree on, for [`crate::export!`]: documents through memory. Not for use by hand.
//!
//! A document is a place and a length, of 32 bits each; a function returns both as one number, the place in its upper half.
//! Nothing is freed: every call has a memory of its own, which is gone afterwards.

pub use crate::hooks::named;

use crate::{Act, AfterSave, BeforeSave, Compute, HealthCheck, Migrate, OnEvent, Respond, Result, TaskError, Validate};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Value};

pub fn compute<M: Compute>(given: &[u8]) -> Result<Vec<u8>> {
    written(&M::compute(&read(given))?)
}

pub fn validate<M: Validate>(given: &[u8]) -> Result<Vec<u8>> {
    written(&M::validate(&read(given)))
}

pub fn before_save<M: BeforeSave>(given: &[u8]) -> Result<Vec<u8>> {
    written(&M::before_save(&read(given))?)
}

pub fn after_save<M: AfterSave>(given: &[u8]) -> Result<Vec<u8>> {
    M::after_save(&read(given))?;
    written(&Value::Null)
}

pub fn act<M: Act>(given: &[u8]) -> Result<Vec<u8>> {
    written(&match M::act(&read(given)) {
        Ok(output) => json!({ "output": output }),
        Err(TaskError { error, cause, again }) => json!({ "error": error, "cause": cause, "again": again }),
    })
}

pub fn event<M: OnEvent>(given: &[u8]) -> Result<Vec<u8>> {
    M::on_event(&read(given))?;
    written(&Value::Null)
}

pub fn request<M: Respond>(given: &[u8]) -> Result<Vec<u8>> {
    written(&M::respond(&read(given))?)
}

pub fn migrate<M: Migrate>(given: &[u8]) -> Result<Vec<u8>> {
    written(&M::migrate(&read(given))?)
}

pub fn health<M: HealthCheck>(_: &[u8]) -> Result<Vec<u8>> {
    written(&M::health()?)
}

/// A document that is not as agreed is nothing that the hook could refuse: it panics.
#[allow(clippy::panic, reason = "the host has broken the contract, and no caller can mend that")]
fn read<T: DeserializeOwned>(given: &[u8]) -> T {
    serde_json::from_slice(given).unwrap_or_else(|error| panic!("the host gave something unknown: {error}"))
}

fn written<T: Serialize>(answer: &T) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(answer)?)
}

#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{ask, chance, log, now_ms};
#[cfg(target_arch = "wasm32")]
pub use wasm::{call, room};

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use elsewhere::{ask, chance, log, now_ms};

/// In the host's interpreter.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "documents go through memory, and the host is called by its own functions")]
mod wasm {
    use crate::Result;

    /// What a hook makes of the document that it was given.
    type Work = fn(&[u8]) -> Result<Vec<u8>>;

    mod host {
        #[link(wasm_import_module = "countersign")]
        unsafe extern "C" {
            pub(super) fn ask(place: u32, length: u32) -> u64;
            pub(super) fn chance(place: u32, length: u32);
            pub(super) fn fail(place: u32, length: u32);
            pub(super) fn log(place: u32, length: u32);
            pub(super) fn now() -> i64;
            pub(super) fn refuse(place: u32, length: u32);
        }
    }

    /// Room for a document of the host's.
    pub fn room(length: u32) -> u32 {
        let mut room = std::mem::ManuallyDrop::new(Vec::<u8>::with_capacity(length as usize));
        room.as_mut_ptr() as u32
    }

    /// Answers a call of the host's.
    pub fn call(place: u32, length: u32, work: Work) -> u64 {
        std::panic::set_hook(Box::new(|panic| give_up(&panic.to_string())));
        // Safety: the host has written so many bytes there, into the room that it was given.
        let given = unsafe { document(place, length) };
        match work(&given) {
            Ok(answer) => packed(answer),
            Err(failure) => refuse(&failure.0),
        }
    }

    /// Asks the host.
    pub(crate) fn ask(question: &[u8]) -> Vec<u8> {
        // Safety: the host reads the question and writes its answer into room that it was given.
        let answer = unsafe { host::ask(question.as_ptr() as u32, question.len() as u32) };
        unsafe { document((answer >> 32) as u32, answer as u32) }
    }

    /// Fills bytes with random ones.
    pub(crate) fn chance(bytes: &mut [u8]) {
        // Safety: the host writes so many bytes, and no more.
        unsafe { host::chance(bytes.as_mut_ptr() as u32, bytes.len() as u32) }
    }

    /// Writes a line to the log of the service.
    pub(crate) fn log(line: &str) {
        // Safety: the host reads so many bytes.
        unsafe { host::log(line.as_ptr() as u32, line.len() as u32) }
    }

    /// The time in milliseconds since 1970.
    pub(crate) fn now_ms() -> i64 {
        // Safety: it takes nothing and returns a number.
        unsafe { host::now() }
    }

    /// Ends the call with a sentence about what was given.
    fn refuse(why: &str) -> ! {
        // Safety: the host reads so many bytes, and does not come back.
        unsafe { host::refuse(why.as_ptr() as u32, why.len() as u32) }
        core::arch::wasm32::unreachable()
    }

    /// Ends the call with a sentence about what went wrong in it.
    fn give_up(why: &str) -> ! {
        // Safety: the host reads so many bytes, and does not come back.
        unsafe { host::fail(why.as_ptr() as u32, why.len() as u32) }
        core::arch::wasm32::unreachable()
    }

    /// A document as its own: it was written into what [`room`] has given.
    unsafe fn document(place: u32, length: u32) -> Vec<u8> {
        unsafe { Vec::from_raw_parts(place as *mut u8, length as usize, length as usize) }
    }

    fn packed(answer: Vec<u8>) -> u64 {
        let answer = std::mem::ManuallyDrop::new(answer);
        (u64::from(answer.as_ptr() as u32) << 32) | answer.len() as u64
    }
}

/// Elsewhere the host is the one of [`crate::testing`].
#[cfg(not(target_arch = "wasm32"))]
mod elsewhere {
    use crate::testing::with;

    pub(crate) fn ask(question: &[u8]) -> Vec<u8> {
        with(|host| host.ask(question))
    }

    pub(crate) fn chance(bytes: &mut [u8]) {
        with(|host| host.chance(bytes));
    }

    pub(crate) fn log(line: &str) {
        with(|host| host.log(line));
    }

    pub(crate) fn now_ms() -> i64 {
        with(|host| host.now())
    }
}

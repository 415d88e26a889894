//! The inside of a call: what host functions work on.

use crate::failure::Failure;
use crate::limits::{LINE_BYTES, Limits, MAX_DOCUMENT_BYTES, MAX_LOG_BYTES, MAX_TABLE_ENTRIES};
use wasmi::{Caller, Extern, Memory, StoreLimits, StoreLimitsBuilder};

/// The data of a store: one call.
pub(crate) struct Guest {
    pub(crate) now_ms: i64,
    /// What the code has told.
    pub(crate) told: Vec<String>,
    told_bytes: usize,
    pub(crate) bounds: StoreLimits,
}

impl Guest {
    pub(crate) fn new(limits: &Limits, now_ms: i64) -> Self {
        let bounds = StoreLimitsBuilder::new()
            .memory_size(limits.memory_bytes)
            .table_elements(MAX_TABLE_ENTRIES)
            .instances(1)
            .memories(1)
            .tables(1)
            .trap_on_grow_failure(true)
            .build();
        Self { now_ms, told: Vec::new(), told_bytes: 0, bounds }
    }

    /// How many bytes the next line may have; none once there are too many.
    pub(crate) fn room_to_tell(&self) -> Option<usize> {
        MAX_LOG_BYTES.checked_sub(self.told_bytes + LINE_BYTES)
    }

    /// Keeps a line for the operator.
    pub(crate) fn tell(&mut self, line: String) {
        self.told_bytes += line.len() + LINE_BYTES;
        self.told.push(line);
    }
}

/// The memory of the code that calls.
pub(crate) fn memory_of(caller: &Caller<'_, Guest>) -> Result<Memory, Failure> {
    caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .ok_or_else(|| Failure::Unagreed("it has no memory of the name \"memory\"".to_owned()))
}

/// A piece of the code's memory.
pub(crate) fn piece<'m>(memory: &'m [u8], place: u32, length: u32, what: &str) -> Result<&'m [u8], Failure> {
    let (place, length) = (place as usize, length as usize);
    if length > MAX_DOCUMENT_BYTES {
        return Err(Failure::Unagreed(format!("{what} has {length} bytes; it may have {MAX_DOCUMENT_BYTES}")));
    }
    let end = place.checked_add(length).filter(|end| *end <= memory.len());
    let outside = || Failure::Unagreed(format!("{what} lies outside its memory, at {place} with {length} bytes"));
    end.and_then(|end| memory.get(place..end)).ok_or_else(outside)
}

//! How code fails, in words for its author.

use thiserror::Error;

/// Why code cannot be used at all.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unfit {
    /// It is no WebAssembly, or of a kind that is not supported.
    #[error("it is not WebAssembly that runs here: {0}")]
    NotWasm(String),
    /// It is too large.
    #[error("it has {bytes} bytes, and may have {most}; build it with opt-level = \"s\" and without debug information")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        most: usize,
    },
    /// It has more of something than it may have.
    #[error("it has {found} {what}, and may have {most}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there may be.
        most: u32,
    },
    /// It imports something that does not exist.
    #[error("it imports {module}.{name}, which does not exist; there are: {known}")]
    UnknownImport {
        /// The module of the import.
        module: String,
        /// Its name.
        name: String,
        /// What may be imported.
        known: String,
    },
    /// It imports something of another type.
    #[error("it imports {name} as something else than {wanted}")]
    WrongImport {
        /// The import.
        name: String,
        /// What it is.
        wanted: &'static str,
    },
    /// It does not export what every code must.
    #[error("it exports no {name}; {remedy}")]
    NoExport {
        /// What is missing.
        name: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// It exports something of another type.
    #[error("it exports {name} as something else than {wanted}")]
    WrongExport {
        /// The export.
        name: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// It exports nothing that is ever called.
    #[error("it exports none of the hooks, so it would never run; there are: {known}")]
    NoHook {
        /// What may be exported.
        known: String,
    },
}

/// Why a call gave nothing. The code has changed nothing outside itself but what it asked the host for.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum Failure {
    /// It worked too long.
    #[error("the code did not end within {steps} steps")]
    TooLong {
        /// How many it had.
        steps: u64,
    },
    /// It wanted too much memory.
    #[error("the code wanted more than {bytes} bytes of memory")]
    TooMuchMemory {
        /// How many it had.
        bytes: usize,
    },
    /// Its functions called each other too deeply.
    #[error("the functions of the code called each other too deeply")]
    TooDeep,
    /// It asked the host too often.
    #[error("the code asked for more than {asks} things")]
    TooManyAsks {
        /// How many it had.
        asks: u32,
    },
    /// It ended by a trap: a panic, a division by zero, a place outside its memory.
    #[error("the code ended by itself: {0}")]
    Trapped(String),
    /// It says itself that it cannot go on: something is wrong with it.
    #[error("{0}")]
    GaveUp(String),
    /// It refuses what it is given. That is its answer, and nothing is wrong with it.
    #[error("{0}")]
    Refused(String),
    /// What it gave or asked for is not as agreed.
    #[error("the code does not keep to what was agreed: {0}")]
    Unagreed(String),
    /// What it is to be given is too long for it.
    #[error("what the code is to be given has {bytes} bytes, and may have {most}")]
    GivenTooMuch {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// The host could not answer. Not the code's fault.
    #[error("{0}")]
    Host(String),
}

//! Code of modules as WebAssembly: no rights of its own, bounds on memory and work.
//!
//! A [`Code`] is compiled once and called often. Each call gets an instance of its own, so that nothing is left over from
//! one company to the next, and ends with a JSON document or with one of [`Failure`]. What the code may reach is what the
//! [`Host`] gives it, and of that only what its manifest names.
//!
//! # What host and code agree on
//!
//! JSON documents go through the code's memory: their place and length, each 32 bits, come as two numbers or, where a
//! function returns them, as one of 64 bits, the place in its upper half.
//!
//! The code exports `memory`, `countersign_alloc(length) -> place`, and any of the hooks, named `countersign_validate` and
//! so on ([`Hook`]): `(place, length) -> document`. It may import from `countersign`:
//!
//! | function | what it does |
//! |---|---|
//! | `log(place, length)` | tells the operator a text |
//! | `now() -> i64` | the time in milliseconds since 1970, the same for all of a call |
//! | `chance(place, length)` | fills so many bytes with random ones |
//! | `fail(place, length)` | ends the call as one that went wrong, with a text that says why |
//! | `refuse(place, length)` | ends the call, with a text that says why what was given is refused |
//! | `ask(place, length) -> document` | asks the host: `{"ask": "object", ...}`, answered by what was asked for |

mod call;
mod check;
mod code;
mod failure;
mod guest;
mod host;
mod imports;
mod limits;
#[cfg(test)]
mod tests;

pub use code::{Code, Hook};
pub use failure::{Failure, Unfit};
pub use host::{Host, Nobody};
pub use limits::Limits;

//! Behaviour, told from outside: over HTTP, mail and pages, on both databases, with crashes.
//!
//! A story is a sentence. Time is a manual clock, so no story sleeps; mail goes over a real SMTP server on loopback.

#![expect(clippy::print_stdout, reason = "what a run has measured is printed beside its result")]

mod stories;
mod support;

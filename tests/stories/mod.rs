//! What the service does, one file a subject.

mod bad_input;
mod crashes;
mod decisions;
mod delivery;
mod happy_path;
mod links;
mod rounds;
mod time;

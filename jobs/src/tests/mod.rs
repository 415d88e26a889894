//! The hands on a real store, with a clock that stands still and a postman who keeps what he is given.

mod asking;
mod crashing;
mod sending;
mod support;
mod timing;
mod working;

//! The demo, as somebody tries it.

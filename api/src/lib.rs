//! The face: REST, pages and the binary countersign.
pub mod pages;

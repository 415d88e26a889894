//! Diagrams of definitions, and of what instances made of them: SVG that we draw ourselves, and Mermaid.
//!
//! A diagram is made from the document, because an author wants to see conditions and names as they are written. A
//! document with problems has a diagram too, of what can be read. The same document always gives the same bytes.

mod condition;
mod draw;
mod graph;
mod highlight;
mod layers;
mod layout;
mod mermaid;
mod order;
mod people;
mod place;
mod route;
mod state;
mod straight;
mod style;
mod text;
mod ways;

pub use highlight::{Highlight, Move};

use graph::Machine;
use serde_json::Value;

/// The diagram of a definition as SVG: states in layers, their order by what follows what. It has no scripts and fits
/// light and dark pages. With a [`Highlight`] it shows how an instance went through it.
pub fn svg(document: &Value, highlight: &Highlight) -> String {
    let machine = Machine::read(document);
    draw::draw(&layout::lay_out(&machine), document, highlight)
}

/// The diagram of a definition as a Mermaid flowchart.
pub fn mermaid(document: &Value) -> String {
    mermaid::write(&Machine::read(document))
}

#[cfg(test)]
mod tests;

//! The purchase order as a PDF document.
//!
//! [`render`] is a pure function: an [`OrderDocument`] holds final texts, the bytes depend on nothing else. The way of an order:
//! `head`, `lines` and `closing` set its parts into blocks, `flow` puts the blocks on pages, `frame` adds what stands on every page,
//! `write` turns the marks into a file with `subset` fonts. `style` holds all measures and colours.
//!
//! Deliberately absent: images, and shaping of scripts whose letters join (Arabic, Devanagari); their letters are shown unjoined.

mod block;
mod clean;
mod closing;
mod faces;
mod flow;
mod frame;
mod head;
mod labels;
mod lines;
mod model;
#[doc(hidden)]
pub mod sample;
mod style;
mod subset;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod write;

use std::collections::BTreeSet;

pub use faces::Faces;
pub use labels::Labels;
pub use model::{Approval, Banner, Company, Entry, Line, OrderDocument, Party};

use block::{Block, Mark};
use flow::Flow;
use style::SECTION_GAP;

/// No order has more pages; a text that would make more is a mistake or an attack.
pub const MAX_PAGES: usize = 1_000;

/// No order has more text, in bytes of its JSON; checked before anything is laid out.
pub const MAX_TEXT_BYTES: usize = 4_000_000;

/// Why a document could not be made. None of these goes away by trying again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A font file is broken or of another kind; the administrator has to replace it.
    #[error("the font {name} cannot be used: {reason}; give a TrueType or OpenType font")]
    UnreadableFont {
        /// Name of the font in the document.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The order has too much text.
    #[error("the order has {bytes} bytes of text, at most {MAX_TEXT_BYTES} are allowed; shorten it or split the order")]
    TooMuchText {
        /// Bytes of text that it has.
        bytes: usize,
    },
    /// The order has too many pages.
    #[error(
        "the document would have {pages} pages, at most {MAX_PAGES} are allowed; shorten the descriptions or split the order"
    )]
    TooLong {
        /// Pages that it would have.
        pages: usize,
    },
    /// The writer of the file refused.
    #[error("the PDF file could not be written: {0}")]
    NotWritten(String),
}

/// A document and what its maker should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// Characters that no face has, each once, in order; they are shown as the replacement character.
    pub missing: Vec<char>,
}

/// The order as a PDF file (A4, fonts embedded as subsets, text extractable). The same order and faces give the same bytes.
///
/// # Errors
/// [`DocumentError`] if a font is broken or the order is too long. A character that no face has is no error: see [`render_with_report`].
pub fn render(document: &OrderDocument, faces: &Faces) -> Result<Vec<u8>, DocumentError> {
    Ok(render_with_report(document, faces)?.pdf)
}

/// Like [`render`], and tells how many pages there are and which characters could not be shown.
///
/// # Errors
/// As [`render`].
pub fn render_with_report(document: &OrderDocument, faces: &Faces) -> Result<Rendered, DocumentError> {
    let said = serde_json::to_vec(document).map_err(|error| DocumentError::NotWritten(error.to_string()))?;
    if said.len() > MAX_TEXT_BYTES {
        return Err(DocumentError::TooMuchText { bytes: said.len() });
    }
    let pages = lay_out(document, faces)?;
    let pdf = subset::contained(|| write::write(document, faces, &pages, &file_id(&said)))?;
    let glyphs = pages.iter().flatten().flat_map(Mark::glyphs);
    let missing: BTreeSet<char> = glyphs.filter(|glyph| glyph.missing).map(|glyph| glyph.char).collect();
    Ok(Rendered { pdf, pages: pages.len(), missing: missing.into_iter().collect() })
}

/// The file's id, computed from everything that the document says (FNV-1a, 128 bits).
fn file_id(said: &[u8]) -> String {
    let mix =
        |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
    format!("{:032x}", said.iter().fold(0x6C62_272E_07BB_0142_62B8_2175_6295_C58D, mix))
}

/// The marks of every page, in points from its upper left corner.
fn lay_out(order: &OrderDocument, faces: &Faces) -> Result<Vec<Vec<Mark>>, DocumentError> {
    let mut flow = Flow::new(frame::running_head(faces, order));
    flow.keep(head::head(faces, order));
    let (head, rows) = lines::lines(faces, order);
    flow.table(&head, rows, closing::totals(faces, order));
    if let Some(note) = closing::note(faces, order) {
        flow.section(SECTION_GAP, note.height);
        flow.keep(note);
    }
    if let Some((head, rows)) = closing::approvals(faces, order) {
        flow.section(SECTION_GAP, head.height + rows.iter().map(|row| row.height).sum::<i64>());
        flow.table(&head, rows, Block::default());
    }
    if flow.page_count() > MAX_PAGES {
        return Err(DocumentError::TooLong { pages: flow.page_count() });
    }
    let mut pages = flow.finish(|page, pages| frame::footer(faces, order, page, pages));
    for (number, page) in pages.iter_mut().enumerate() {
        page.splice(0..0, frame::ground(faces, order, number));
    }
    Ok(pages)
}

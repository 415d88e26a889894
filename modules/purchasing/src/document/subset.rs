//! Cuts a font down to the glyphs that a document shows.
//!
//! Without its HTML layout stack `printpdf` embeds the whole font: 600 kB a document. Its font library cuts subsets by itself, so
//! each font goes to `printpdf` already cut, with the glyph numbers of the subset, and is embedded as it is.

use std::collections::BTreeMap;

use allsorts::{
    binary::read::ReadScope,
    font_data::FontData,
    subset::{CmapTarget, SubsetProfile, subset},
};
use printpdf::{ParsedFont, PdfFont};

use super::{DocumentError, faces::Face};

/// The glyphs that a document shows of one face, each with the character that it stands for.
pub(super) type Used = BTreeMap<u16, char>;

/// A font with only the glyphs that are shown.
#[derive(Debug)]
pub(super) struct Subset {
    /// What is embedded.
    pub(super) font: PdfFont,
    /// Glyph numbers of the face and of the subset.
    numbers: BTreeMap<u16, u16>,
}

impl Subset {
    /// Cuts `face` down to `used`.
    ///
    /// # Errors
    /// [`DocumentError::UnreadableFont`] if the outlines cannot be read.
    pub(super) fn cut(face: &Face, used: &Used) -> Result<Self, DocumentError> {
        // Glyph 0, the empty box, comes first in every font.
        let kept: Vec<u16> = std::iter::once(0).chain(used.keys().copied().filter(|glyph| *glyph != 0)).collect();
        let program = cut_program(&face.parsed.original_bytes, &kept)
            .map_err(|reason| DocumentError::UnreadableFont { name: face.name.clone(), reason })?;
        let numbers: BTreeMap<u16, u16> = kept.into_iter().zip(0..).collect();
        let widths = numbers.iter().map(|(old, new)| (*new, face.parsed.get_glyph_width(*old).unwrap_or(0))).collect();
        let parsed = ParsedFont {
            original_bytes: program,
            font_index: 0,
            font_name: Some(format!("{}+{}", tag(used), face.name)),
            codepoint_to_glyph: BTreeMap::new(),
            glyph_widths: widths,
            units_per_em: face.parsed.units_per_em,
            font_metrics: face.parsed.font_metrics.clone(),
            font_type: face.parsed.font_type,
            pdf_font_metrics: face.parsed.pdf_font_metrics.clone(),
        };
        Ok(Self { font: PdfFont::new(parsed), numbers })
    }

    /// The number that a glyph of the face has in the subset.
    pub(super) fn number(&self, glyph: u16) -> u16 {
        self.numbers.get(&glyph).copied().unwrap_or(0)
    }
}

/// The font file with only these glyphs, numbered in this order.
///
/// # Errors
/// A sentence that says what is wrong with the font.
pub(super) fn cut_program(bytes: &[u8], glyphs: &[u16]) -> Result<Vec<u8>, String> {
    let font = ReadScope::new(bytes).read::<FontData<'_>>().map_err(|error| error.to_string())?;
    let tables = font.table_provider(0).map_err(|error| error.to_string())?;
    subset(&tables, glyphs, &SubsetProfile::Pdf, CmapTarget::Unicode).map_err(|error| error.to_string())
}

/// The six letters before the name of a subset (ISO 32000-1, 9.6.4), different for different glyphs.
fn tag(used: &Used) -> String {
    let mut hash = used.keys().fold(17_u64, |hash, glyph| hash.wrapping_mul(31).wrapping_add(u64::from(*glyph)));
    let mut letter = || {
        let index = u8::try_from(hash % 26).unwrap_or(0);
        hash /= 26;
        char::from(b'A' + index)
    };
    (0..6).map(|_| letter()).collect()
}

//! Cuts a font down to the glyphs that a document shows.
//!
//! Without its HTML layout stack `printpdf` embeds the whole font: 600 kB a document. Its font library cuts subsets by itself, so
//! each font goes to `printpdf` already cut, with the glyph numbers of the subset, and is embedded as it is.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

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

/// What `work` gives; its panic becomes an error. The font library panics on some damaged fonts, and a font comes from outside.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, DocumentError>) -> Result<T, DocumentError> {
    // Nothing survives a panic in here but the inputs, which are only read.
    let result = catch_unwind(AssertUnwindSafe(work));
    result
        .unwrap_or_else(|_| Err(DocumentError::NotWritten("a font is damaged; replace the fallback fonts".to_owned())))
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

#[cfg(test)]
mod tests {
    use super::{
        super::{Faces, faces::FaceId},
        *,
    };

    #[test]
    fn a_subset_is_small_and_numbers_the_glyphs_that_were_asked_for() {
        let faces = Faces::shipped().unwrap();
        let face = faces.face(FaceId(0));
        let used: Used =
            "Order 12".chars().map(|char| (face.parsed.lookup_glyph_index(u32::from(char)).unwrap(), char)).collect();
        let subset = Subset::cut(face, &used).unwrap();
        assert!(subset.font.parsed_font.original_bytes.len() < face.parsed.original_bytes.len() / 20);
        for glyph in used.keys() {
            let number = subset.number(*glyph);
            assert!(number > 0);
            assert_eq!(subset.font.parsed_font.get_glyph_width(number), face.parsed.get_glyph_width(*glyph));
        }
        assert_eq!(subset.number(u16::MAX), 0);
    }

    #[test]
    fn different_glyphs_have_different_tags_of_six_capitals() {
        let tag = |glyphs: &[u16]| tag(&glyphs.iter().map(|glyph| (*glyph, 'x')).collect());
        assert_ne!(tag(&[3, 4]), tag(&[3, 5]));
        assert!(tag(&[3, 4]).len() == 6 && tag(&[3, 4]).chars().all(|letter| letter.is_ascii_uppercase()));
    }

    #[test]
    fn damaged_fonts_are_errors() {
        let font = include_bytes!("../../fonts/test/han.otf");
        let faces = Faces::shipped().unwrap();
        let (mut shown, mut refused) = (0, 0);
        for at in (12..font.len()).step_by(37) {
            let mut damaged = font.to_vec();
            damaged.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xFF);
            let mut order = super::super::sample::sample(1);
            order.supplier.name = "\u{6771}\u{4EAC}".into();
            // Either answer is right, depending on what was hit; a panic is not.
            match faces.clone().with_fallback(&damaged).and_then(|faces| super::super::render(&order, &faces)) {
                Ok(_) => shown += 1,
                Err(_) => refused += 1,
            }
        }
        assert!(shown > 0 && refused > 0, "{shown} shown, {refused} refused");
    }
}

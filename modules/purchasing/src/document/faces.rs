//! The font faces of a document and the glyph that each character gets.

use std::sync::{Arc, OnceLock};

use printpdf::ParsedFont;

use super::{DocumentError, style::Weight, subset};

/// The faces that a document is set in: Noto Sans, then the fonts that the company gives, asked in that order for each character.
///
/// Parsing a font takes milliseconds, so a `Faces` is made once and kept; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Faces {
    regular: Arc<Face>,
    bold: Arc<Face>,
    fallbacks: Vec<Arc<Face>>,
}

/// One parsed font.
#[derive(Debug)]
pub(super) struct Face {
    /// The name under which the font appears in the file.
    pub(super) name: String,
    /// Character map, advances and bytes.
    pub(super) parsed: ParsedFont,
}

/// Which face of a [`Faces`]: 0 is regular, 1 is bold, then the fallbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FaceId(pub(super) usize);

/// A glyph to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The face that has it.
    pub(super) face: FaceId,
    /// Its number in that face.
    pub(super) id: u16,
    /// Its width, thousandths of an em.
    pub(super) advance: i64,
    /// The character that it stands for.
    pub(super) char: char,
    /// No face has the character: the glyph is the replacement glyph.
    pub(super) missing: bool,
}

impl Faces {
    /// The fonts that come with the program: Latin, Greek and Cyrillic. They are parsed at the first call.
    ///
    /// # Errors
    /// [`DocumentError::UnreadableFont`] if the build contains a broken font file.
    pub fn shipped() -> Result<Self, DocumentError> {
        static SHIPPED: OnceLock<Result<Faces, DocumentError>> = OnceLock::new();
        SHIPPED.get_or_init(Self::parse_shipped).clone()
    }

    fn parse_shipped() -> Result<Self, DocumentError> {
        let regular = Face::parse("NotoSans-Regular", include_bytes!("../../fonts/NotoSans-Regular.ttf"))?;
        let bold = Face::parse("NotoSans-Bold", include_bytes!("../../fonts/NotoSans-Bold.ttf"))?;
        Ok(Self { regular: Arc::new(regular), bold: Arc::new(bold), fallbacks: Vec::new() })
    }

    /// These faces and one more TrueType or OpenType font (or the first one of a collection) for characters that they lack.
    ///
    /// # Errors
    /// [`DocumentError::UnreadableFont`] or [`DocumentError::NotWritten`] if `bytes` is not such a font.
    pub fn with_fallback(mut self, bytes: &[u8]) -> Result<Self, DocumentError> {
        let name = format!("Fallback{}", self.fallbacks.len().saturating_add(1));
        let face = subset::contained(|| Face::parse(&name, bytes))?;
        self.fallbacks.push(Arc::new(face));
        Ok(self)
    }

    /// The face of an id.
    pub(super) fn face(&self, id: FaceId) -> &Face {
        match id.0 {
            1 => &self.bold,
            n => self.fallbacks.get(n.wrapping_sub(2)).unwrap_or(&self.regular),
        }
    }

    /// The glyph of a character in the first face that has it; the replacement glyph if none has.
    pub(super) fn glyph(&self, char: char, weight: Weight) -> Glyph {
        let own = FaceId(usize::from(weight == Weight::Bold));
        let chain = || std::iter::once(own).chain((0..self.fallbacks.len()).map(|n| FaceId(n + 2)));
        chain()
            .find_map(|face| self.glyph_in(face, char, char))
            .or_else(|| chain().find_map(|face| self.glyph_in(face, lookalike(char)?, char)))
            .unwrap_or_else(|| self.replacement(own, char))
    }

    fn glyph_in(&self, face: FaceId, shown: char, char: char) -> Option<Glyph> {
        let parsed = &self.face(face).parsed;
        let id = parsed.lookup_glyph_index(u32::from(shown)).filter(|id| *id != 0)?;
        Some(Glyph { face, id, advance: advance(parsed, id), char, missing: false })
    }

    fn replacement(&self, face: FaceId, char: char) -> Glyph {
        let shown = self.glyph_in(face, char::REPLACEMENT_CHARACTER, char);
        let shown = shown.unwrap_or_else(|| Glyph {
            face,
            id: 0,
            advance: advance(&self.face(face).parsed, 0),
            char,
            missing: true,
        });
        Glyph { missing: true, ..shown }
    }
}

impl Face {
    fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentError> {
        let unreadable =
            |reason: &str| DocumentError::UnreadableFont { name: name.to_owned(), reason: reason.to_owned() };
        let mut warnings = Vec::new();
        let parsed = ParsedFont::from_bytes(bytes, 0, &mut warnings)
            .ok_or_else(|| unreadable("not a TrueType or OpenType font"))?;
        // A font without these tables would be accepted here and show nothing on the page.
        match warnings.first() {
            Some(warning) => Err(unreadable(&warning.message)),
            None if parsed.units_per_em == 0 => Err(unreadable("its em has no units")),
            None => {
                // A font that cannot be cut is found now, by whoever gives it, and not by the first order that needs it.
                let first = parsed.codepoint_to_glyph.values().copied().find(|glyph| *glyph != 0);
                subset::cut_program(bytes, &[0, first.unwrap_or(1)]).map_err(|reason| unreadable(&reason))?;
                Ok(Self { name: name.to_owned(), parsed })
            }
        }
    }
}

/// Width of a glyph in thousandths of an em, rounded down as in the file's own width table, so that what is measured is what is shown.
fn advance(font: &ParsedFont, glyph: u16) -> i64 {
    let units = font.get_glyph_width(glyph).map_or(0, i64::from);
    units * 1000 / i64::from(font.units_per_em)
}

/// A character with the same meaning and nearly the same look, for fonts that lack the first.
fn lookalike(char: char) -> Option<char> {
    match char {
        '\u{2212}' => Some('\u{2013}'),
        '\u{2010}' | '\u{2011}' => Some('-'),
        '\u{2015}' => Some('\u{2014}'),
        c if c.is_whitespace() => Some(' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_tabular_in_both_weights() {
        let faces = Faces::shipped().unwrap();
        for weight in [Weight::Regular, Weight::Bold] {
            let widths: Vec<i64> = ('0'..='9').map(|digit| faces.glyph(digit, weight).advance).collect();
            assert!(widths.iter().all(|width| *width == widths[0] && *width > 0), "{widths:?}");
        }
    }

    #[test]
    fn latin_greek_cyrillic_and_currencies_are_there() {
        let faces = Faces::shipped().unwrap();
        for char in
            "Aß\u{E9}\u{141}\u{3A9}\u{3C0}\u{416}\u{44F}\u{20AC}\u{A3}\u{A5}\u{20B9}\u{20BA}\u{2212}\u{2026}\u{2013}"
                .chars()
        {
            assert!(!faces.glyph(char, Weight::Regular).missing, "{char}");
            assert!(!faces.glyph(char, Weight::Bold).missing, "{char}");
        }
    }

    #[test]
    fn a_character_without_a_face_gets_the_replacement_glyph() {
        let faces = Faces::shipped().unwrap();
        let glyph = faces.glyph('\u{65E5}', Weight::Regular);
        assert!(glyph.missing);
        assert_eq!(glyph.id, faces.glyph(char::REPLACEMENT_CHARACTER, Weight::Regular).id);
    }

    #[test]
    fn garbage_is_not_a_font() {
        let error = Faces::shipped().unwrap().with_fallback(b"not a font").unwrap_err();
        assert!(matches!(error, DocumentError::UnreadableFont { .. }), "{error}");
        let truncated = &include_bytes!("../../fonts/NotoSans-Regular.ttf")[..4000];
        assert!(Faces::shipped().unwrap().with_fallback(truncated).is_err());
    }
}

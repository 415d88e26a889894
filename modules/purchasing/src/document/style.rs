//! The measures, type sizes and inks of the document. Whoever redesigns it starts here.

/// A length in thousandths of a point (1/72 inch).
///
/// Layout is integer arithmetic: the same input gives the same page on every platform.
pub(super) type Mpt = i64;

/// Whole points as [`Mpt`].
pub(super) const fn pt(points: i64) -> Mpt {
    points * 1000
}

/// A4, ISO 216.
pub(super) const PAGE_WIDTH: Mpt = 595_276;
/// A4, ISO 216.
pub(super) const PAGE_HEIGHT: Mpt = 841_890;

/// Left and right margin.
pub(super) const MARGIN: Mpt = pt(51);
/// The width that content has.
pub(super) const CONTENT_WIDTH: Mpt = PAGE_WIDTH - 2 * MARGIN;
/// Where content starts on the first page.
pub(super) const FIRST_TOP: Mpt = pt(40);
/// Where the running head of the following pages starts.
pub(super) const RUNNING_TOP: Mpt = pt(36);
/// Below this line only the footer stands.
pub(super) const CONTENT_BOTTOM: Mpt = PAGE_HEIGHT - pt(54);
/// Where the footer starts.
pub(super) const FOOTER_TOP: Mpt = PAGE_HEIGHT - pt(44);
/// Height of the coloured edge at the top of the first page.
pub(super) const EDGE: Mpt = pt(6);
/// Height of the banner of a preview; it takes the place of the coloured edge on every page.
pub(super) const BANNER: Mpt = pt(24);

/// Room between two sections.
pub(super) const SECTION_GAP: Mpt = pt(18);
/// Thickness of a separating line.
pub(super) const HAIRLINE: Mpt = 500;
/// Thickness of an emphasised line.
pub(super) const STRONG_LINE: Mpt = 1_100;

/// The colour of a mark, by meaning; `write` knows the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text that is read.
    Text,
    /// Text that is looked up: labels, statements, the footer.
    Muted,
    /// The company's colour.
    Accent,
    /// Separating lines.
    Hairline,
    /// The word across a preview.
    Watermark,
    /// Text on the company's colour.
    Paper,
}

/// Regular or bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Running text.
    Regular,
    /// Emphasis.
    Bold,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    /// The em.
    pub(super) size: Mpt,
    /// Distance of two baselines.
    pub(super) leading: Mpt,
    /// Regular or bold.
    pub(super) weight: Weight,
    /// Colour.
    pub(super) ink: Ink,
    /// Space added after every glyph, thousandths of an em.
    pub(super) tracking: i64,
}

impl Type {
    const fn new(size: Mpt, leading: Mpt, weight: Weight, ink: Ink) -> Self {
        Self { size, leading, weight, ink, tracking: 0 }
    }

    const fn tracked(mut self, thousandths: i64) -> Self {
        self.tracking = thousandths;
        self
    }

    /// The same type in another ink.
    pub(super) const fn inked(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }
}

/// The company's name.
pub(super) const COMPANY: Type = Type::new(pt(14), pt(19), Weight::Bold, Ink::Text);
/// The order number.
pub(super) const TITLE: Type = Type::new(pt(26), pt(32), Weight::Bold, Ink::Text).tracked(-10);
/// What the document is, above the order number.
pub(super) const KICKER: Type = Type::new(8_500, pt(13), Weight::Bold, Ink::Accent).tracked(90);
/// Small capitals above a value or a column.
pub(super) const LABEL: Type = Type::new(6_800, pt(11), Weight::Bold, Ink::Muted).tracked(60);
/// A name that stands out.
pub(super) const NAME: Type = Type::new(10_000, pt(14), Weight::Bold, Ink::Text);
/// Running text and cells.
pub(super) const BODY: Type = Type::new(9_000, 12_000, Weight::Regular, Ink::Text);
/// Running text that stands out.
pub(super) const STRONG: Type = Type::new(9_000, 12_000, Weight::Bold, Ink::Text);
/// Statements, article numbers, the footer.
pub(super) const SMALL: Type = Type::new(7_500, 10_500, Weight::Regular, Ink::Muted);
/// The amount to be paid.
pub(super) const GRAND: Type = Type::new(pt(13), pt(18), Weight::Bold, Ink::Text);
/// The banner of a preview.
pub(super) const NOTICE: Type = Type::new(pt(9), pt(12), Weight::Bold, Ink::Paper).tracked(60);
/// The word across a preview.
pub(super) const STAMP: Type = Type::new(pt(120), pt(120), Weight::Bold, Ink::Watermark);

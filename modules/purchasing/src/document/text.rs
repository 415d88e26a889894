//! Turns a text into measured lines of glyphs.

use unicode_bidi::BidiInfo;

use super::{
    clean::clean,
    faces::{Faces, Glyph},
    style::{Mpt, Type},
};

/// A line of glyphs, in the order in which they are shown from left to right.
pub(super) type Line = Vec<Glyph>;

/// The width of a line.
pub(super) fn width(line: &[Glyph], style: Type) -> Mpt {
    thousandths(line, style) * style.size / 1000
}

fn thousandths(line: &[Glyph], style: Type) -> i64 {
    line.iter().map(|glyph| glyph.advance + style.tracking).sum()
}

/// The text on one line, cut with an ellipsis if it is wider than `limit`.
pub(super) fn one_line(faces: &Faces, text: &str, style: Type, limit: Mpt) -> Line {
    let mut line = glyphs(faces, &clean(text).replace('\n', " "), style);
    if width(&line, style) > limit {
        let ellipsis = faces.glyph('\u{2026}', style.weight);
        let room = (limit * 1000 / style.size) - ellipsis.advance - style.tracking;
        line.truncate(fitting(&line, style, room));
        line.push(ellipsis);
    }
    visual(faces, line, style)
}

/// The text in lines not wider than `limit`, broken at spaces, after hyphens and slashes, between ideographs, and anywhere in a
/// word that is wider than a whole line.
pub(super) fn wrap(faces: &Faces, text: &str, style: Type, limit: Mpt) -> Vec<Line> {
    let room = limit * 1000 / style.size;
    clean(text)
        .trim()
        .split('\n')
        .flat_map(|paragraph| break_lines(glyphs(faces, paragraph.trim_end(), style), style, room))
        .map(|line| visual(faces, line, style))
        .collect()
}

fn glyphs(faces: &Faces, text: &str, style: Type) -> Line {
    text.chars().map(|char| faces.glyph(char, style.weight)).collect()
}

/// Greedy line breaking; `room` is in thousandths of an em.
fn break_lines(glyphs: Line, style: Type, room: i64) -> Vec<Line> {
    let mut rest = glyphs.as_slice();
    let mut lines = Vec::new();
    loop {
        let fits = fitting(rest, style, room);
        if fits == rest.len() {
            lines.push(rest.to_vec());
            return lines;
        }
        let (line, next) = rest.split_at(break_before(rest, fits));
        lines.push(without_trailing_spaces(line).to_vec());
        rest = without_leading_spaces(next);
        if rest.is_empty() {
            return lines;
        }
    }
}

/// How many glyphs have room; the last glyph's tracking and spaces at the end may hang over.
fn fitting(line: &[Glyph], style: Type, room: i64) -> usize {
    let mut used = 0;
    line.iter()
        .position(|glyph| {
            used += glyph.advance + style.tracking;
            used - style.tracking > room && glyph.char != ' '
        })
        .unwrap_or(line.len())
}

/// The best place to break at or before `fits`, at least one glyph from the start so that every break makes progress.
fn break_before(line: &[Glyph], fits: usize) -> usize {
    let opportunity =
        (1..=fits).rev().find(|at| line.get(at - 1).zip(line.get(*at)).is_some_and(|(a, b)| may_break(a, b)));
    opportunity
        .or_else(|| (1..=fits).rev().find(|at| line.get(*at).is_some_and(|next| next.advance > 0)))
        .unwrap_or(fits.max(1))
}

fn may_break(before: &Glyph, after: &Glyph) -> bool {
    match (before.char, after.char) {
        (_, ' ') => false,
        (' ', _) => true,
        // A hyphen or slash between letters parts them; before a digit it is a sign or belongs to a number ("-5", "3/4").
        ('-' | '/' | '\u{2013}' | '\u{2014}' | '_', after) => !after.is_ascii_digit(),
        (before, after) => !is_closing(after) && (is_ideograph(before) || is_ideograph(after)),
    }
}

/// Scripts that are written without spaces: a line may end after any character.
fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{2E80}'..='\u{2FFF}' | '\u{3001}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_closing(char: char) -> bool {
    matches!(char, '\u{3001}' | '\u{3002}' | '\u{300D}' | '\u{FF09}' | '\u{FF0C}' | '\u{FF1A}' | '\u{FF1B}')
}

fn without_trailing_spaces(line: &[Glyph]) -> &[Glyph] {
    let kept = line.iter().rposition(|glyph| glyph.char != ' ').map_or(0, |last| last + 1);
    line.get(..kept).unwrap_or(line)
}

fn without_leading_spaces(line: &[Glyph]) -> &[Glyph] {
    let skipped = line.iter().position(|glyph| glyph.char != ' ').unwrap_or(line.len());
    line.get(skipped..).unwrap_or(line)
}

/// The line in the order in which it is shown (Unicode bidirectional algorithm, UAX 9).
fn visual(faces: &Faces, line: Line, style: Type) -> Line {
    if line.iter().all(|glyph| glyph.char < '\u{0590}') {
        return line;
    }
    let text: String = line.iter().map(|glyph| glyph.char).collect();
    let info = BidiInfo::new(&text, None);
    let Some(paragraph) = info.paragraphs.first().filter(|_| info.has_rtl()) else { return line };
    let levels = info.reordered_levels_per_char(paragraph, paragraph.range.clone());
    let mirrored = |at: &usize| {
        let glyph = line.get(*at).copied()?;
        let right_to_left = levels.get(*at).is_some_and(unicode_bidi::Level::is_rtl);
        Some(if right_to_left {
            mirror(glyph.char).map_or(glyph, |char| faces.glyph(char, style.weight))
        } else {
            glyph
        })
    };
    BidiInfo::reorder_visual(&levels).iter().filter_map(mirrored).collect()
}

fn mirror(char: char) -> Option<char> {
    let pairs = ["()", "[]", "{}", "<>", "\u{AB}\u{BB}", "\u{2039}\u{203A}"];
    pairs.iter().find(|pair| pair.contains(char)).and_then(|pair| pair.chars().find(|other| *other != char))
}

#[cfg(test)]
mod tests {
    use super::{super::style, *};

    /// The text wrapped to this many points in the type of running text.
    fn wrapped(text: &str, points: i64) -> Vec<String> {
        let faces = Faces::shipped().unwrap();
        let lines = wrap(&faces, text, style::BODY, style::pt(points));
        for line in &lines {
            assert!(line.len() < 2 || width(line, style::BODY) <= style::pt(points), "{line:?}");
        }
        lines.iter().map(|line| said(line)).collect()
    }

    fn said(line: &[Glyph]) -> String {
        line.iter().map(|glyph| glyph.char).collect()
    }

    #[test]
    fn words_move_to_the_next_line_whole() {
        assert_eq!(wrapped("Hydraulic pump, flange mounted", 70), ["Hydraulic pump,", "flange mounted"]);
        assert_eq!(wrapped("a b", 1000), ["a b"]);
    }

    #[test]
    fn a_line_may_end_after_a_hyphen_or_slash_but_not_inside_a_number() {
        assert_eq!(wrapped("order-number", 40), ["order-", "number"]);
        assert_eq!(wrapped("and/or else", 25), ["and/", "or", "else"]);
        assert_eq!(wrapped("from 4-20 mA", 38), ["from", "4-20 mA"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken_and_nothing_is_lost() {
        let lines = wrapped(&"x".repeat(5_000), 200);
        assert!(lines.len() > 50);
        assert_eq!(lines.concat().len(), 5_000);
        assert_eq!(wrapped("WW", 1), ["W", "W"]);
    }

    #[test]
    fn line_breaks_are_kept_and_spaces_at_breaks_are_not() {
        assert_eq!(wrapped("  one\n\ntwo  ", 100), ["one", "", "two"]);
        assert_eq!(wrapped("one     two", 20), ["one", "two"]);
    }

    #[test]
    fn an_accent_that_could_not_be_composed_stays_with_its_letter() {
        for line in wrapped(&"x\u{302}".repeat(40), 50) {
            assert!(line.starts_with('x'), "{line}");
        }
    }

    #[test]
    fn one_line_is_cut_with_an_ellipsis_only_if_it_must_be() {
        let faces = Faces::shipped().unwrap();
        let cut = |limit| one_line(&faces, "Nordwind\nMaschinenbau", style::SMALL, style::pt(limit));
        assert_eq!(said(&cut(500)), "Nordwind Maschinenbau");
        let short = cut(50);
        assert!(said(&short).starts_with("Nordwind") && said(&short).ends_with('\u{2026}'), "{}", said(&short));
        assert!(width(&short, style::SMALL) <= style::pt(50));
        assert_eq!(said(&cut(0)), "\u{2026}");
    }

    #[test]
    fn text_from_right_to_left_is_shown_from_right_to_left() {
        let faces = Faces::shipped().unwrap();
        let shown = |text| said(&one_line(&faces, text, style::BODY, style::pt(500)));
        assert_eq!(shown("PO \u{5D0}\u{5D1}\u{5D2} 12"), "PO 12 \u{5D2}\u{5D1}\u{5D0}");
        assert_eq!(shown("\u{5D0}(\u{5D1})"), "(\u{5D1})\u{5D0}");
        assert_eq!(shown("abc \u{65E5}\u{672C}"), "abc \u{65E5}\u{672C}");
    }
}

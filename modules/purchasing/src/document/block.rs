//! Blocks: pieces of a page that know their height and can be stacked, set side by side and cut.

use super::{
    faces::Faces,
    style::{HAIRLINE, Ink, Mpt, Type},
    text::{self, Line},
};

/// A piece of a page: marks relative to its upper left corner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// The room that it takes.
    pub(super) height: Mpt,
    /// What is drawn, in this order.
    pub(super) marks: Vec<Mark>,
}

/// Something that is drawn; `y` grows downwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// Distance of the left edge.
    pub(super) x: Mpt,
    /// Distance of the upper edge, of a text its baseline.
    pub(super) y: Mpt,
    /// What it is.
    pub(super) shape: Shape,
}

/// The kinds of marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line of text.
    Text { line: Line, style: Type },
    /// A filled rectangle; lines are thin rectangles, which every viewer draws alike.
    Fill { width: Mpt, height: Mpt, ink: Ink },
    /// A word that rises across the page; `x` and `y` are its middle.
    Stamp { line: Line, style: Type },
}

/// To which edge of its width a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

impl Block {
    /// Empty room.
    pub(super) fn space(height: Mpt) -> Self {
        Self { height, marks: Vec::new() }
    }

    /// A filled rectangle.
    pub(super) fn fill(width: Mpt, height: Mpt, ink: Ink) -> Self {
        Self { height, marks: vec![Mark { x: 0, y: 0, shape: Shape::Fill { width, height, ink } }] }
    }

    /// A hairline.
    pub(super) fn hairline(width: Mpt) -> Self {
        Self::fill(width, HAIRLINE, Ink::Hairline)
    }

    /// A text in as many lines as it needs; an empty text takes no room.
    pub(super) fn text(faces: &Faces, text: &str, style: Type, width: Mpt, align: Align) -> Self {
        if text.trim().is_empty() {
            return Self::default();
        }
        Self::lines(text::wrap(faces, text, style, width), style, width, align)
    }

    /// A text on exactly one line, cut if it is too long.
    pub(super) fn line(faces: &Faces, text: &str, style: Type, width: Mpt, align: Align) -> Self {
        Self::lines(vec![text::one_line(faces, text, style, width)], style, width, align)
    }

    fn lines(lines: Vec<Line>, style: Type, width: Mpt, align: Align) -> Self {
        let mut block = Self::default();
        for line in lines {
            let x = if align == Align::Right { width - text::width(&line, style) + trailing_space(style) } else { 0 };
            let y = block.height + baseline(style);
            block.height += style.leading;
            block.marks.push(Mark { x, y, shape: Shape::Text { line, style } });
        }
        block
    }

    /// This block with another one below it.
    pub(super) fn then(mut self, below: Self) -> Self {
        let top = self.height;
        self.height += below.height;
        self.marks.extend(below.at(0, top).marks);
        self
    }

    /// This block with another one over it, `x` from the left; as high as the higher one.
    pub(super) fn beside(mut self, x: Mpt, other: Self) -> Self {
        self.height = self.height.max(other.height);
        self.marks.extend(other.at(x, 0).marks);
        self
    }

    /// The same marks elsewhere.
    pub(super) fn at(mut self, right: Mpt, down: Mpt) -> Self {
        for mark in &mut self.marks {
            mark.x += right;
            mark.y += down;
        }
        self
    }

    /// With room above and below.
    pub(super) fn padded(self, above: Mpt, below: Mpt) -> Self {
        Self::space(above).then(self).then(Self::space(below))
    }

    /// Nothing is drawn.
    pub(super) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The block in pieces: the first not higher than `first`, the others not higher than `next`. No line of text is cut. The first
    /// piece is empty if nothing of the block fits into `first` but something fits into `next`.
    pub(super) fn cut(mut self, first: Mpt, next: Mpt) -> Vec<Self> {
        self.marks.sort_by_key(Mark::bottom);
        let tops = lowest_tops(&self.marks);
        let (mut pieces, mut piece) = (Vec::new(), Self::default());
        let (mut room, mut origin) = (first, 0);
        for (mark, top) in self.marks.into_iter().zip(tops) {
            let may_end = !piece.is_empty() || (pieces.is_empty() && first < next);
            if mark.bottom() - origin > room && may_end {
                pieces.push(std::mem::take(&mut piece));
                (room, origin) = (next, top);
            }
            piece.height = mark.bottom() - origin;
            piece.marks.push(Mark { y: mark.y - origin, ..mark });
        }
        piece.height = piece.height.max((self.height - origin).min(room));
        pieces.push(piece);
        pieces
    }
}

/// For each mark the smallest upper edge of it and those after it.
fn lowest_tops(marks: &[Mark]) -> Vec<Mpt> {
    let mut tops: Vec<Mpt> = marks.iter().map(Mark::top).collect();
    let mut lowest = Mpt::MAX;
    for top in tops.iter_mut().rev() {
        lowest = lowest.min(*top);
        *top = lowest;
    }
    tops
}

impl Mark {
    /// Upper edge, of a text the top of its tallest letters.
    fn top(&self) -> Mpt {
        match &self.shape {
            Shape::Text { style, .. } => self.y - baseline(*style),
            Shape::Fill { .. } | Shape::Stamp { .. } => self.y,
        }
    }

    /// Lower edge.
    fn bottom(&self) -> Mpt {
        match &self.shape {
            Shape::Text { style, .. } => self.y - baseline(*style) + style.leading,
            Shape::Fill { height, .. } => self.y + height,
            Shape::Stamp { .. } => self.y,
        }
    }
}

/// Distance from the top of a line to its baseline: capitals (714 thousandths in Noto Sans) stand in the middle.
fn baseline(style: Type) -> Mpt {
    (style.leading + style.size * 714 / 1000) / 2
}

/// The tracking after the last glyph is not part of what is seen.
fn trailing_space(style: Type) -> Mpt {
    style.tracking * style.size / 1000
}

#[cfg(test)]
mod tests {
    use super::{super::style, *};

    fn lines(count: usize) -> Block {
        let faces = Faces::shipped().unwrap();
        Block::text(&faces, &vec!["line"; count].join("\n"), style::BODY, style::pt(100), Align::Left)
    }

    #[test]
    fn right_aligned_texts_end_at_the_right_edge() {
        let faces = Faces::shipped().unwrap();
        for (amount, style) in [("1,234.56", style::BODY), ("7", style::LABEL), ("99", style::TITLE)] {
            let block = Block::text(&faces, amount, style, style::pt(200), Align::Right);
            let mark = block.marks.first().unwrap();
            let Shape::Text { line, .. } = &mark.shape else { unreachable!("a text") };
            let right = mark.x + text::width(line, style) - trailing_space(style);
            assert!((right - style::pt(200)).abs() <= 1, "{amount}: {right}");
        }
    }

    #[test]
    fn blocks_add_up_when_stacked_and_take_the_higher_when_side_by_side() {
        let leading = style::BODY.leading;
        assert_eq!(lines(2).then(lines(3)).height, 5 * leading);
        assert_eq!(lines(2).beside(0, lines(3)).height, 3 * leading);
        assert_eq!(Block::text(&Faces::shipped().unwrap(), "  ", style::BODY, 1, Align::Left), Block::default());
    }

    #[test]
    fn a_cut_block_loses_no_line_and_keeps_to_its_room() {
        let leading = style::BODY.leading;
        let pieces = lines(10).padded(leading, leading).cut(3 * leading, 4 * leading);
        let counts: Vec<usize> = pieces.iter().map(|piece| piece.marks.len()).collect();
        assert_eq!(counts, [2, 4, 4]);
        assert!(pieces.iter().all(|piece| piece.height <= 4 * leading), "{pieces:?}");
        assert_eq!(pieces.get(1).unwrap().marks.first().unwrap().y, baseline(style::BODY));
    }

    #[test]
    fn a_block_that_finds_no_room_leaves_the_first_piece_empty() {
        let leading = style::BODY.leading;
        let counts = |first, next| lines(3).cut(first, next).iter().map(|piece| piece.marks.len()).collect::<Vec<_>>();
        assert_eq!(counts(leading - 1, 5 * leading), [0, 3]);
        assert_eq!(counts(leading - 1, leading - 1), [1, 1, 1], "room for nothing still makes progress");
    }
}

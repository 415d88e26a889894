//! Tables: columns, a head that is repeated, rows that stay whole.

use super::{
    block::{Align, Block},
    faces::Faces,
    style::{self, CONTENT_WIDTH, Ink, Mpt, STRONG_LINE, pt},
    text,
};

/// Room between two columns.
pub(super) const GUTTER: Mpt = pt(10);
const ROW_PADDING: Mpt = 5_000;

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// Distance of its left edge.
    pub(super) x: Mpt,
    /// Its width without the gutter.
    pub(super) width: Mpt,
    /// Left for words, right for figures.
    pub(super) align: Align,
}

/// How wide a column wants to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// The width of its widest text.
    pub(super) natural: Mpt,
    /// Left for words, right for figures.
    pub(super) align: Align,
    /// Takes the room that the others leave.
    pub(super) takes_rest: bool,
}

impl Wish {
    /// A column as wide as the widest of its label and its texts.
    pub(super) fn of<'a>(faces: &Faces, label: &str, texts: impl Iterator<Item = &'a str>, align: Align) -> Self {
        let head =
            text::width(&text::one_line(faces, &label.to_uppercase(), style::LABEL, CONTENT_WIDTH), style::LABEL);
        let cell = |text| text::width(&text::one_line(faces, text, style::BODY, CONTENT_WIDTH), style::BODY);
        let natural = texts.map(cell).max().unwrap_or(0).max(head);
        Self { natural, align, takes_rest: false }
    }

    /// With room for the same texts in bold.
    pub(super) fn bold(mut self) -> Self {
        self.natural += self.natural / 10;
        self
    }

    /// The column that takes the room that the others leave.
    pub(super) fn rest() -> Self {
        Self { natural: 0, align: Align::Left, takes_rest: true }
    }
}

/// Columns that fill the page: each has its natural width, unless they leave less than `least` for the one that takes the rest;
/// then the widest are narrowed to a common width until they fit.
pub(super) fn columns(wishes: &[Wish], least: Mpt) -> Vec<Column> {
    let gutters = GUTTER * i64::try_from(wishes.len().saturating_sub(1)).unwrap_or(0);
    let room = CONTENT_WIDTH - gutters;
    let cap = common_cap(wishes, room - least);
    let taken: Mpt = wishes.iter().map(|wish| wish.natural.min(cap)).sum();
    let mut x = 0;
    let place = |wish: &Wish| {
        let width = if wish.takes_rest { room - taken } else { wish.natural.min(cap) };
        let column = Column { x, width, align: wish.align };
        x += width + GUTTER;
        column
    };
    wishes.iter().map(place).collect()
}

/// The largest width that, as a limit on every column, makes them fit into `room`.
fn common_cap(wishes: &[Wish], room: Mpt) -> Mpt {
    let mut naturals: Vec<Mpt> = wishes.iter().map(|wish| wish.natural).collect();
    naturals.sort_unstable();
    let mut left = room;
    for (at, natural) in naturals.iter().enumerate() {
        let columns = i64::try_from(naturals.len() - at).unwrap_or(1);
        if natural * columns > left {
            return left / columns;
        }
        left -= natural;
    }
    CONTENT_WIDTH
}

/// The head of a table.
pub(super) fn head(faces: &Faces, columns: &[Column], labels: &[&str]) -> Block {
    let label = |(column, text): (&Column, &&str)| {
        Block::line(faces, &text.to_uppercase(), style::LABEL, column.width, column.align).at(column.x, 0)
    };
    let labels = columns.iter().zip(labels).map(label).fold(Block::default(), |row, cell| row.beside(0, cell));
    labels.padded(0, pt(4)).then(Block::fill(CONTENT_WIDTH, STRONG_LINE, Ink::Accent))
}

/// A row of a table with the line below it.
pub(super) fn row(columns: &[Column], cells: Vec<Block>) -> Block {
    let place = |row: Block, (column, cell): (&Column, Block)| row.beside(column.x, cell);
    let cells = columns.iter().zip(cells).fold(Block::default(), place);
    cells.padded(ROW_PADDING, ROW_PADDING).then(Block::hairline(CONTENT_WIDTH))
}

/// The content of a cell.
pub(super) fn cell(faces: &Faces, column: &Column, text: &str, style: style::Type) -> Block {
    Block::text(faces, text, style, column.width, column.align)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(natural: Mpt) -> Wish {
        Wish { natural, align: Align::Right, takes_rest: false }
    }

    #[test]
    fn columns_fill_the_page_exactly() {
        let columns = columns(&[wish(pt(10)), Wish::rest(), wish(pt(60))], pt(100));
        assert_eq!(
            columns.iter().map(|column| column.width).collect::<Vec<_>>(),
            [pt(10), CONTENT_WIDTH - pt(90), pt(60)]
        );
        assert!(columns.last().is_some_and(|last| last.x + last.width == CONTENT_WIDTH));
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        let columns = columns(&[wish(pt(20)), Wish::rest(), wish(pt(900)), wish(pt(400))], pt(150));
        let widths: Vec<Mpt> = columns.iter().map(|column| column.width).collect();
        assert_eq!(widths.first(), Some(&pt(20)), "a narrow column keeps its width");
        assert_eq!(widths.get(2), widths.get(3), "the others share what is left");
        assert!(widths.get(1).is_some_and(|rest| (pt(150)..pt(151)).contains(rest)), "{widths:?}");
    }
}

//! The upper part of the first page: letterhead, order number, addresses, dates and terms.

use super::{
    block::{Align, Block},
    faces::Faces,
    model::{Company, Entry, OrderDocument, Party},
    style::{self, CONTENT_WIDTH, Mpt, Type, pt},
};

const COLUMN_GUTTER: Mpt = pt(20);
/// Dates and terms stand in rows of this many.
const FACTS_PER_ROW: usize = 4;
const FACTS_PER_ROW_WIDTH: Mpt = 4;
/// From the baseline of small type to that of the company's name, both at the top of a block.
const NAME_TO_SMALL: Mpt = 6_571;

/// Everything above the table of lines.
pub(super) fn head(faces: &Faces, order: &OrderDocument) -> Block {
    letterhead(faces, &order.company)
        .then(Block::space(pt(24)))
        .then(title(faces, order))
        .then(Block::space(pt(16)))
        .then(parties(faces, order))
        .then(Block::space(pt(14)))
        .then(facts(faces, order))
        .then(Block::space(pt(20)))
}

/// Name and address to the left, ids and e-mail to the right.
fn letterhead(faces: &Faces, company: &Company) -> Block {
    let wide = CONTENT_WIDTH * 62 / 100;
    let narrow = CONTENT_WIDTH - wide - COLUMN_GUTTER;
    let left = Block::text(faces, &company.name, style::COMPANY, wide, Align::Left)
        .then(Block::space(pt(3)))
        .then(stacked(faces, &company.address, style::SMALL, wide, Align::Left));
    let email = Block::text(faces, &company.email, style::SMALL.inked(style::Ink::Accent), narrow, Align::Right);
    // The small type stands on the baseline of the name.
    let right =
        Block::space(NAME_TO_SMALL).then(email).then(stacked(faces, &company.ids, style::SMALL, narrow, Align::Right));
    left.beside(wide + COLUMN_GUTTER, right)
}

/// What the document is and its number.
fn title(faces: &Faces, order: &OrderDocument) -> Block {
    let kicker = Block::text(faces, &order.labels.title.to_uppercase(), style::KICKER, CONTENT_WIDTH, Align::Left);
    kicker.then(Block::text(faces, &order.number, style::TITLE, CONTENT_WIDTH, Align::Left))
}

/// The supplier and the delivery address side by side.
fn parties(faces: &Faces, order: &OrderDocument) -> Block {
    let half = (CONTENT_WIDTH - COLUMN_GUTTER) / 2;
    let supplier = party(faces, &order.labels.supplier, &order.supplier, half);
    supplier.beside(half + COLUMN_GUTTER, party(faces, &order.labels.deliver_to, &order.delivery, half))
}

fn party(faces: &Faces, label: &str, party: &Party, width: Mpt) -> Block {
    let body = Block::text(faces, &party.name, style::NAME, width, Align::Left).then(stacked(
        faces,
        &party.address,
        style::BODY,
        width,
        Align::Left,
    ));
    let details = stacked(faces, &party.details, style::SMALL, width, Align::Left);
    let gap = if details.is_empty() { 0 } else { pt(3) };
    if body.is_empty() && details.is_empty() {
        return Block::default();
    }
    labelled(faces, label, body.then(Block::space(gap)).then(details), width)
}

/// Dates and terms in a grid between two hairlines.
fn facts(faces: &Faces, order: &OrderDocument) -> Block {
    let labels = &order.labels;
    let fixed = [
        Entry::new(&labels.date, &order.date),
        Entry::new(&labels.delivery_date, &order.delivery_date),
        Entry::new(&labels.currency, &order.currency),
        Entry::new(&labels.revision, &order.revision),
    ];
    let entries: Vec<&Entry> =
        fixed.iter().chain(&order.terms).filter(|entry| !entry.value.trim().is_empty()).collect();
    entries
        .chunks(FACTS_PER_ROW)
        .fold(Block::default(), |grid, row| grid.then(fact_row(faces, row)))
        .then(if entries.is_empty() { Block::default() } else { Block::hairline(CONTENT_WIDTH) })
}

fn fact_row(faces: &Faces, entries: &[&Entry]) -> Block {
    let width = (CONTENT_WIDTH - COLUMN_GUTTER * (FACTS_PER_ROW_WIDTH - 1)) / FACTS_PER_ROW_WIDTH;
    let mut row = Block::default();
    let mut x = 0;
    for entry in entries {
        let value = Block::text(faces, &entry.value, style::BODY, width, Align::Left);
        row = row.beside(x, labelled(faces, &entry.label, value, width));
        x += width + COLUMN_GUTTER;
    }
    Block::hairline(CONTENT_WIDTH).then(row.padded(5_500, 5_500))
}

/// A block under a label in small capitals.
pub(super) fn labelled(faces: &Faces, label: &str, block: Block, width: Mpt) -> Block {
    Block::line(faces, &label.to_uppercase(), style::LABEL, width, Align::Left).then(Block::space(pt(1))).then(block)
}

fn stacked(faces: &Faces, lines: &[String], style: Type, width: Mpt, align: Align) -> Block {
    lines.iter().fold(Block::default(), |block, line| block.then(Block::text(faces, line, style, width, align)))
}

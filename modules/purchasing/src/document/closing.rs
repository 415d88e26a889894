//! What follows the lines: totals with their statements, the note, the approvals.

use super::{
    block::{Align, Block},
    faces::Faces,
    head::labelled,
    model::{Approval, Entry, OrderDocument},
    style::{self, CONTENT_WIDTH, Ink, Mpt, STRONG_LINE, pt},
    table::{self, Column, Wish},
};

const TOTALS_WIDTH: Mpt = pt(236);
const STATEMENTS_WIDTH: Mpt = CONTENT_WIDTH - TOTALS_WIDTH - pt(28);
/// A comment never gets less than this.
const LEAST_COMMENT: Mpt = pt(140);

/// The totals to the right, the statements about rounding and exchange rate to the left.
pub(super) fn totals(faces: &Faces, order: &OrderDocument) -> Block {
    let statements = statements(faces, order);
    let sums = sums(faces, &order.totals).at(CONTENT_WIDTH - TOTALS_WIDTH, 0);
    if statements.is_empty() && sums.is_empty() {
        return Block::default();
    }
    Block::space(pt(10)).then(statements.beside(0, sums))
}

fn statements(faces: &Faces, order: &OrderDocument) -> Block {
    let texts = [Some(order.rounding.as_str()), order.exchange_rate.as_deref()];
    let set = |text| Block::text(faces, text, style::SMALL, STATEMENTS_WIDTH, Align::Left);
    let blocks = texts.into_iter().flatten().map(set).filter(|block| !block.is_empty());
    let block = blocks.fold(Block::default(), |all, block| all.then(block.padded(0, pt(3))));
    if block.is_empty() { block } else { block.padded(pt(4), 0) }
}

fn sums(faces: &Faces, totals: &[Entry]) -> Block {
    let Some((grand, others)) = totals.split_last() else { return Block::default() };
    let rows = others.iter().fold(Block::default(), |rows, entry| rows.then(sum(faces, entry)));
    rows.then(Block::space(pt(4))).then(grand_total(faces, grand))
}

fn sum(faces: &Faces, entry: &Entry) -> Block {
    pair(faces, entry, (style::BODY.inked(Ink::Muted), style::BODY)).padded(2_500, 2_500)
}

fn grand_total(faces: &Faces, entry: &Entry) -> Block {
    let text = pair(faces, entry, (style::GRAND, style::GRAND)).padded(pt(7), pt(7));
    Block::fill(TOTALS_WIDTH, STRONG_LINE, Ink::Accent).then(text).then(Block::fill(
        TOTALS_WIDTH,
        STRONG_LINE,
        Ink::Accent,
    ))
}

/// A label to the left and its value to the right; the value has the larger share.
fn pair(faces: &Faces, entry: &Entry, (label, value): (style::Type, style::Type)) -> Block {
    let value_width = TOTALS_WIDTH * 6 / 10;
    let left = Block::text(faces, &entry.label, label, TOTALS_WIDTH - value_width - pt(6), Align::Left);
    left.beside(TOTALS_WIDTH - value_width, Block::text(faces, &entry.value, value, value_width, Align::Right))
}

/// The note to the supplier.
pub(super) fn note(faces: &Faces, order: &OrderDocument) -> Option<Block> {
    let text = order.note.as_deref().filter(|note| !note.trim().is_empty())?;
    // Lines of more than about ninety letters are hard to read.
    let width = CONTENT_WIDTH * 85 / 100;
    let note = Block::text(faces, text, style::BODY, width, Align::Left);
    Some(labelled(faces, &order.labels.note, note, width))
}

/// Head and rows of the table of approvals.
pub(super) fn approvals(faces: &Faces, order: &OrderDocument) -> Option<(Block, Vec<Block>)> {
    if order.approvals.is_empty() {
        return None;
    }
    let labels = &order.labels;
    let columns = approval_columns(faces, order);
    let title = Block::text(faces, &labels.approvals.to_uppercase(), style::KICKER, CONTENT_WIDTH, Align::Left);
    // The final document has no comments: a heading over nothing would look like something left out.
    let comment =
        if order.approvals.iter().any(|approval| !approval.comment.is_empty()) { &labels.comment } else { "" };
    let heads = [&labels.approver, &labels.decision, &labels.when, comment];
    let head = title.padded(0, pt(4)).then(table::head(faces, &columns, &heads));
    Some((head, order.approvals.iter().map(|approval| approval_row(faces, &columns, approval)).collect()))
}

fn approval_columns(faces: &Faces, order: &OrderDocument) -> Vec<Column> {
    let labels = &order.labels;
    let texts = |text: fn(&Approval) -> &str| order.approvals.iter().map(text);
    let people = texts(|approval| &approval.who).chain(texts(|approval| &approval.role));
    let wishes = [
        Wish::of(faces, &labels.approver, people, Align::Left).bold(),
        Wish::of(faces, &labels.decision, texts(|approval| &approval.decision), Align::Left).bold(),
        Wish::of(faces, &labels.when, texts(|approval| &approval.when), Align::Left),
        Wish::rest(),
    ];
    table::columns(&wishes, LEAST_COMMENT)
}

fn approval_row(faces: &Faces, columns: &[Column], approval: &Approval) -> Block {
    let [who, decision, when, comment] = columns else { return Block::default() };
    let person = table::cell(faces, who, &approval.who, style::STRONG).then(table::cell(
        faces,
        who,
        &approval.role,
        style::SMALL,
    ));
    let cells = vec![
        person,
        table::cell(faces, decision, &approval.decision, style::STRONG.inked(Ink::Accent)),
        table::cell(faces, when, &approval.when, style::BODY),
        table::cell(faces, comment, &approval.comment, style::BODY),
    ];
    table::row(columns, cells)
}

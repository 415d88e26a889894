//! The table of what is ordered.

use super::{
    block::{Align, Block},
    faces::Faces,
    model::{Line, OrderDocument},
    style::{self, Mpt, pt},
    table::{self, Column, Wish},
};

/// The description never gets less than this.
const LEAST_DESCRIPTION: Mpt = pt(150);

/// A column of figures or short words; the description is the one without.
struct Field<'a> {
    label: &'a str,
    align: Align,
    text: fn(&Line) -> &str,
}

/// Head and rows of the table of lines.
pub(super) fn lines(faces: &Faces, order: &OrderDocument) -> (Block, Vec<Block>) {
    let (before, after) = fields(order);
    let columns = columns(faces, order, &before, &after);
    let mut labels: Vec<&str> = before.iter().map(|field| field.label).collect();
    labels.push(&order.labels.description);
    labels.extend(after.iter().map(|field| field.label));
    let head = table::head(faces, &columns, &labels);
    let row = |line: &Line| {
        let cells = cells(faces, order, line, &columns, &before, &after);
        table::row(&columns, cells)
    };
    if order.lines.is_empty() {
        (head, vec![no_lines(faces, order)])
    } else {
        (head, order.lines.iter().map(row).collect())
    }
}

/// The columns before and after the description that have a text in any line.
fn fields(order: &OrderDocument) -> (Vec<Field<'_>>, Vec<Field<'_>>) {
    let labels = &order.labels;
    let field = |label, align, text| Field { label, align, text };
    let before = vec![field(labels.position.as_str(), Align::Left, |line| &line.position)];
    let after = vec![
        field(&labels.quantity, Align::Right, |line| &line.quantity),
        field(&labels.unit, Align::Left, |line| &line.unit),
        field(&labels.unit_price, Align::Right, |line| &line.unit_price),
        field(&labels.discount, Align::Right, |line| &line.discount),
        field(&labels.tax, Align::Right, |line| &line.tax),
        field(&labels.net, Align::Right, |line| &line.net),
    ];
    let used = |field: &Field<'_>| order.lines.iter().any(|line| !(field.text)(line).trim().is_empty());
    (before.into_iter().filter(used).collect(), after.into_iter().filter(used).collect())
}

fn columns(faces: &Faces, order: &OrderDocument, before: &[Field<'_>], after: &[Field<'_>]) -> Vec<Column> {
    let wish = |field: &Field<'_>| Wish::of(faces, field.label, order.lines.iter().map(field.text), field.align);
    let mut wishes: Vec<Wish> = before.iter().map(wish).collect();
    wishes.push(Wish::rest());
    wishes.extend(after.iter().map(wish));
    table::columns(&wishes, LEAST_DESCRIPTION)
}

fn cells(
    faces: &Faces,
    order: &OrderDocument,
    line: &Line,
    columns: &[Column],
    before: &[Field<'_>],
    after: &[Field<'_>],
) -> Vec<Block> {
    let mut columns = columns.iter();
    let mut cells = Vec::new();
    for (field, column) in before.iter().zip(columns.by_ref()) {
        cells.push(table::cell(faces, column, (field.text)(line), style::BODY.inked(style::Ink::Muted)));
    }
    if let Some(column) = columns.next() {
        cells.push(description(faces, order, line, column));
    }
    for (field, column) in after.iter().zip(columns) {
        cells.push(table::cell(faces, column, (field.text)(line), style::BODY));
    }
    cells
}

/// What is ordered, with the article number in small type below it.
fn description(faces: &Faces, order: &OrderDocument, line: &Line, column: &Column) -> Block {
    let text = table::cell(faces, column, &line.description, style::BODY);
    if line.sku.trim().is_empty() {
        return text;
    }
    text.then(table::cell(faces, column, &format!("{} {}", order.labels.sku, line.sku), style::SMALL))
}

fn no_lines(faces: &Faces, order: &OrderDocument) -> Block {
    let columns = table::columns(&[Wish::rest()], LEAST_DESCRIPTION);
    let text = columns.iter().map(|column| table::cell(faces, column, &order.labels.no_lines, style::SMALL)).collect();
    table::row(&columns, text)
}

//! What stands on every page: running head, footer, coloured edge, the marks of a preview.

use super::{
    block::{Align, Block, Mark, Shape},
    faces::Faces,
    model::{Banner, OrderDocument},
    style::{self, BANNER, CONTENT_WIDTH, EDGE, Ink, MARGIN, Mpt, PAGE_HEIGHT, PAGE_WIDTH, pt},
    text,
};

/// The supplier's name in the running head has at most this.
const RUNNING_RIGHT: Mpt = pt(200);
/// "Page 12 of 34" in the footer.
const PAGE_NUMBER: Mpt = pt(110);

/// The head of every page but the first: which order, for whom.
pub(super) fn running_head(faces: &Faces, order: &OrderDocument) -> Block {
    let which = format!("{} {}", order.labels.title, order.number);
    let left = Block::line(faces, &which, style::SMALL, CONTENT_WIDTH - RUNNING_RIGHT - pt(12), Align::Left);
    let right = Block::line(faces, &order.supplier.name, style::SMALL, RUNNING_RIGHT, Align::Right);
    left.beside(CONTENT_WIDTH - RUNNING_RIGHT, right).then(Block::space(pt(18)))
}

/// The foot of a page: company, order number, revision, page number.
pub(super) fn footer(faces: &Faces, order: &OrderDocument, page: usize, pages: usize) -> Block {
    let number = order.labels.page_of.replace("{pages}", &pages.to_string()).replace("{page}", &page.to_string());
    let revision = format!("{} {}", order.labels.revision, order.revision);
    let parts = [order.company.name.as_str(), &order.number, if order.revision.is_empty() { "" } else { &revision }];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
    let left = Block::line(faces, &parts.join("  \u{B7}  "), style::SMALL, CONTENT_WIDTH - PAGE_NUMBER, Align::Left);
    let right = Block::line(faces, &number, style::SMALL, PAGE_NUMBER, Align::Right).at(CONTENT_WIDTH - PAGE_NUMBER, 0);
    Block::hairline(CONTENT_WIDTH).then(left.beside(0, right).padded(pt(6), 0))
}

/// What lies under the text of a page: the coloured edge of the first page, or on every page of a preview its banner and stamp.
pub(super) fn ground(faces: &Faces, order: &OrderDocument, page: usize) -> Vec<Mark> {
    match &order.banner {
        Some(banner) => preview(faces, banner),
        None if page == 0 => Block::fill(PAGE_WIDTH, EDGE, Ink::Accent).marks,
        None => Vec::new(),
    }
}

fn preview(faces: &Faces, banner: &Banner) -> Vec<Mark> {
    let notice = Block::line(faces, &banner.text, style::NOTICE, CONTENT_WIDTH, Align::Left);
    let inset = (BANNER - notice.height) / 2;
    let strip = Block::fill(PAGE_WIDTH, BANNER, Ink::Accent).beside(MARGIN, notice.at(0, inset));
    let mut marks = vec![stamp(faces, &banner.stamp)];
    marks.extend(strip.marks);
    marks
}

/// The word across the page, as large as the type allows.
fn stamp(faces: &Faces, word: &str) -> Mark {
    let line = text::one_line(faces, word, style::STAMP, PAGE_HEIGHT * 8 / 10);
    Mark { x: PAGE_WIDTH / 2, y: PAGE_HEIGHT / 2, shape: Shape::Stamp { line, style: style::STAMP } }
}

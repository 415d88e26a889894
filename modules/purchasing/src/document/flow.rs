//! Fills pages with blocks from top to bottom.

use super::{
    block::{Block, Mark},
    style::{CONTENT_BOTTOM, FIRST_TOP, FOOTER_TOP, MARGIN, Mpt, RUNNING_TOP},
};

/// Pages in the making.
#[derive(Debug)]
pub(super) struct Flow {
    pages: Vec<Vec<Mark>>,
    y: Mpt,
    /// Where content starts on the current page.
    top: Mpt,
    running_head: Block,
}

impl Flow {
    /// An empty first page; `running_head` stands on all the others.
    pub(super) fn new(running_head: Block) -> Self {
        Self { pages: vec![Vec::new()], y: FIRST_TOP, top: FIRST_TOP, running_head }
    }

    /// Pages so far.
    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Room before a new section, none at the top of a page. The section starts on the next page if it has `whole` height, fits on
    /// one page, and does not fit on this one any more.
    pub(super) fn section(&mut self, gap: Mpt, whole: Mpt) {
        if gap + whole > self.room() && whole <= self.page_room() {
            self.next_page();
        }
        if self.y > self.top {
            self.y += gap;
        }
    }

    /// Puts a block under the last one, on the next page if it would be cut. Only a block that is higher than a page is.
    pub(super) fn keep(&mut self, block: Block) {
        if block.height > self.room() && self.y > self.top && block.height <= self.page_room() {
            self.next_page();
        }
        self.pour(block, &Block::default());
    }

    /// Puts a block under the last one and goes on with it on the next pages, under `repeated`, where it does not fit.
    fn pour(&mut self, block: Block, repeated: &Block) {
        if block.height <= self.room() {
            return self.put(block);
        }
        let next = self.page_room() - repeated.height;
        for (at, piece) in block.cut(self.room(), next).into_iter().enumerate() {
            if at > 0 {
                self.next_page();
                self.put(repeated.clone());
            }
            self.put(piece);
        }
    }

    /// A table: its head on each page that it touches, rows whole unless one is higher than a page, `tail` together with the last
    /// row so that totals never stand alone on a page.
    pub(super) fn table(&mut self, head: &Block, rows: Vec<Block>, tail: Block) {
        let last = rows.len().saturating_sub(1);
        let most = self.page_room() - head.height;
        let mut needs_head = true;
        for (at, row) in rows.into_iter().enumerate() {
            let with_tail = row.height + if at == last { tail.height } else { 0 };
            let together = if with_tail <= most { with_tail } else { row.height };
            let head_height = if needs_head { head.height } else { 0 };
            if together <= most && together + head_height > self.room() {
                self.next_page();
                needs_head = true;
            }
            if needs_head {
                self.keep(head.clone());
                needs_head = false;
            }
            self.pour(row, head);
        }
        self.keep(tail);
    }

    /// The finished pages; `footer` is asked for each, with its number and how many there are.
    pub(super) fn finish(mut self, footer: impl Fn(usize, usize) -> Block) -> Vec<Vec<Mark>> {
        let count = self.pages.len();
        for (at, page) in self.pages.iter_mut().enumerate() {
            page.extend(footer(at + 1, count).at(MARGIN, FOOTER_TOP).marks);
        }
        self.pages
    }

    fn room(&self) -> Mpt {
        CONTENT_BOTTOM - self.y
    }

    /// The room of a page that has nothing but the running head.
    fn page_room(&self) -> Mpt {
        CONTENT_BOTTOM - RUNNING_TOP - self.running_head.height
    }

    fn put(&mut self, block: Block) {
        let height = block.height;
        if let Some(page) = self.pages.last_mut() {
            page.extend(block.at(MARGIN, self.y).marks);
        }
        self.y += height;
    }

    fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = RUNNING_TOP;
        self.put(self.running_head.clone());
        self.top = self.y;
    }
}

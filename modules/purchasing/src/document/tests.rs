//! Tests of whole documents.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::{
    block::{Mark, Shape},
    sample::{sample, sample_draft},
    style::{CONTENT_BOTTOM, CONTENT_WIDTH, FOOTER_TOP, MARGIN, PAGE_WIDTH},
    *,
};

fn faces() -> Faces {
    Faces::shipped().unwrap()
}

fn pages(order: &OrderDocument) -> Vec<Vec<Mark>> {
    lay_out(order, &faces()).unwrap()
}

/// The characters of a mark.
fn said(mark: &Mark) -> String {
    mark.glyphs().iter().map(|glyph| glyph.char).collect()
}

/// The texts of a page, one a line, in the order in which they were drawn.
fn texts(page: &[Mark]) -> Vec<String> {
    page.iter().map(said).filter(|text| !text.is_empty()).collect()
}

/// Left and right edge of a text.
fn extent(mark: &Mark) -> (i64, i64) {
    match &mark.shape {
        Shape::Text { line, style } => {
            (mark.x, mark.x + text::width(line, *style) - style.tracking * style.size / 1000)
        }
        other => panic!("not a text: {other:?}"),
    }
}

/// Reads the file with poppler, as another program's opinion of it; `None` where that is not installed.
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Option<String> {
    let mut tool = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = tool.stdin.take()?;
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&pdf));
    let output = tool.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn short_orders_fit_on_one_page_and_long_ones_take_what_they_need() {
    let count = |lines| pages(&sample(lines)).len();
    assert_eq!([count(1), count(3), count(40), count(200)], [1, 1, 4, 13]);
}

#[test]
fn every_page_has_a_footer_with_number_revision_and_page_number() {
    let pages = pages(&sample(60));
    for (number, page) in pages.iter().enumerate() {
        let texts = texts(page);
        assert!(texts.contains(&format!("Page {} of {}", number + 1, pages.len())), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("PO-2026-00481") && text.contains("Revision 2")), "{texts:?}");
    }
}

#[test]
fn the_table_head_is_repeated_where_lines_follow() {
    for page in pages(&sample(60)) {
        let texts = texts(&page);
        let has_lines = texts.iter().any(|text| text.starts_with("Article "));
        assert_eq!(texts.iter().filter(|text| *text == "DESCRIPTION").count(), usize::from(has_lines));
    }
}

#[test]
fn every_line_is_shown_once_and_none_is_split() {
    let pages = pages(&sample(200));
    let long = "Assembly and commissioning";
    for page in &pages {
        let texts = texts(page);
        let starts = texts.iter().filter(|text| text.starts_with(long)).count();
        let ends = texts.iter().filter(|text| *text == "Article SRV-ASM-2").count();
        assert_eq!(starts, ends);
    }
    let articles = pages.iter().flatten().map(said).filter(|text| text.starts_with("Article ")).count();
    assert_eq!(articles, 200);
}

#[test]
fn the_totals_stay_together_with_the_last_line() {
    for lines in 1..40 {
        let pages = pages(&sample(lines));
        let page = pages.iter().map(|page| texts(page)).find(|texts| texts.contains(&"Total EUR".to_owned())).unwrap();
        assert!(page.contains(&"Net total".to_owned()) && page.contains(&"VAT 19 %".to_owned()), "{lines}: {page:?}");
        assert!(page.contains(&lines.to_string()), "{lines}: {page:?}");
    }
}

#[test]
fn amounts_end_at_the_right_edge() {
    let order = sample(40);
    let edge = MARGIN + CONTENT_WIDTH;
    let nets: Vec<&str> = order
        .lines
        .iter()
        .map(|line| line.net.as_str())
        .chain(order.totals.iter().map(|sum| sum.value.as_str()))
        .collect();
    let mut seen = 0;
    for mark in pages(&order).iter().flatten() {
        let (_, right) = if mark.glyphs().is_empty() { (0, 0) } else { extent(mark) };
        if (right - edge).abs() <= 1 && nets.contains(&said(mark).as_str()) {
            seen += 1;
        }
    }
    assert_eq!(seen, nets.len());
}

#[test]
fn nothing_leaves_the_page_or_runs_into_the_footer() {
    for order in [sample(60), hostile()] {
        for mark in pages(&order).iter().flatten().filter(|mark| !mark.glyphs().is_empty()) {
            let (left, right) = extent(mark);
            assert!(left >= MARGIN && right <= PAGE_WIDTH - MARGIN + 1, "{left}..{right}: {}", said(mark));
            assert!(mark.y <= CONTENT_BOTTOM || mark.y > FOOTER_TOP, "{}: {}", mark.y, said(mark));
        }
    }
}

#[test]
fn a_preview_says_so_on_every_page_and_an_order_does_not() {
    for page in pages(&sample_draft(60)) {
        assert!(texts(&page).contains(&"DRAFT \u{2013} not approved, not an order".to_owned()));
        assert!(texts(&page).contains(&"DRAFT".to_owned()));
    }
    assert!(!pages(&sample(60)).iter().any(|page| texts(page).iter().any(|text| text.contains("DRAFT"))));
}

#[test]
fn columns_that_are_empty_in_every_line_are_left_out() {
    let mut order = sample(3);
    order.lines.iter_mut().for_each(|line| line.discount.clear());
    assert!(!texts(&pages(&order)[0]).contains(&"DISCOUNT".to_owned()));
    assert!(texts(&pages(&sample(3))[0]).contains(&"DISCOUNT".to_owned()));
}

#[test]
fn comments_have_a_heading_only_if_there_are_any() {
    let mut order = sample(3);
    assert!(texts(&pages(&order)[0]).contains(&"COMMENT".to_owned()));
    order.approvals.iter_mut().for_each(|approval| approval.comment.clear());
    assert!(!texts(&pages(&order)[0]).contains(&"COMMENT".to_owned()));
}

#[test]
fn the_same_order_gives_the_same_bytes_and_another_order_another_id() {
    let bytes = |order: &OrderDocument| render(order, &faces()).unwrap();
    assert_eq!(bytes(&sample(40)), bytes(&sample(40)));
    let mut other = sample(40);
    other.revision = "3".into();
    assert_ne!(bytes(&sample(40)), bytes(&other));
}

#[test]
fn forty_lines_stay_far_below_the_size_limit() {
    let pdf = render(&sample(40), &faces()).unwrap();
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
}

#[test]
fn other_programs_read_every_text() {
    let order = sample(40);
    let rendered = render_with_report(&order, &faces()).unwrap();
    assert_eq!(rendered.missing, Vec::<char>::new());
    let Some(text) = poppler("pdftotext", &["-layout", "-", "-"], &rendered.pdf) else { return };
    for expected in [
        "PO-2026-00481",
        "Hydraulika \u{141}\u{F3}d\u{17A} Sp. z o.o.",
        "\u{3A0}\u{3B1}\u{3C0}\u{3B1}\u{3B4}\u{3AC}\u{3BA}\u{3B7}\u{3C2}",
        "rounded per line, half-up",
        "Page 4 of 4",
        "10 \u{3BC}m glass fibre",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    for line in &order.lines {
        let row = text
            .lines()
            .find(|row| row.trim_start().starts_with(&format!("{} ", line.position)) && row.contains(&line.net));
        assert!(row.is_some(), "line {} with {}\n{text}", line.position, line.net);
    }
}

#[test]
fn other_programs_find_the_fonts_embedded_as_subsets() {
    let pdf = render(&sample(3), &faces()).unwrap();
    let Some(report) = poppler("pdffonts", &["-"], &pdf) else { return };
    for font in ["+NotoSans-Regular", "+NotoSans-Bold"] {
        let row = report.lines().find(|row| row.contains(font)).unwrap();
        assert!(row.contains("yes yes yes"), "{row}");
    }
}

/// An order that means no good.
fn hostile() -> OrderDocument {
    let mut order = sample(500);
    let endless = "W".repeat(5_000);
    order.lines[1].description.clone_from(&endless);
    order.lines[2].description = "\u{0}\u{7}\u{1B}[31m\u{200B}\u{FEFF}".into();
    order.lines[3].description = "\u{202E}\u{645}\u{631}\u{62D}\u{628}\u{627} (\u{5E9}\u{5DC}\u{5D5}\u{5DD}) \u{65E5}\u{672C}\u{8A9E} \u{1F600} e\u{301}\u{301}\u{301}".into();
    order.lines[4].net = "9".repeat(300);
    order.lines[5].unit_price.clone_from(&endless);
    order.lines[6].description = "line\n".repeat(400);
    order.number.clone_from(&endless);
    order.company.name.clone_from(&endless);
    order.supplier.name.clone_from(&endless);
    order.labels.page_of.clone_from(&endless);
    order.labels.net.clone_from(&endless);
    order.terms.resize(300, Entry::new("label", "value"));
    order.totals.resize(20, Entry::new(endless.clone(), endless.clone()));
    order.note = Some(endless);
    order
}

#[test]
fn hostile_texts_are_set_and_reported() {
    let rendered = render_with_report(&hostile(), &faces()).unwrap();
    assert!(rendered.missing.contains(&'\u{65E5}') && rendered.missing.contains(&'\u{5E9}'), "{:?}", rendered.missing);
    assert!(rendered.pages < MAX_PAGES);
    if let Some(text) = poppler("pdftotext", &["-", "-"], &rendered.pdf) {
        assert!(text.contains(char::REPLACEMENT_CHARACTER));
    }
}

#[test]
fn an_order_of_empty_texts_is_a_page() {
    let mut order = sample(0);
    assert!(texts(&pages(&order)[0]).contains(&"No lines".to_owned()));
    (order.company, order.supplier, order.delivery) = (Company::default(), Party::default(), Party::default());
    for text in [
        &mut order.number,
        &mut order.revision,
        &mut order.date,
        &mut order.currency,
        &mut order.delivery_date,
        &mut order.rounding,
    ] {
        text.clear();
    }
    (order.terms, order.totals, order.approvals, order.note) =
        (Vec::new(), Vec::new(), Vec::new(), Some(" \n ".into()));
    order.banner = Some(Banner::default());
    assert_eq!(render_with_report(&order, &faces()).unwrap().pages, 1);
}

#[test]
fn a_text_of_a_thousand_pages_is_refused() {
    let mut order = sample(1);
    order.note = Some("\n".repeat(70_000) + ".");
    assert!(render(&order, &faces()).is_ok(), "empty lines at the start are trimmed");
    order.note = Some(".\n".repeat(70_000));
    assert!(matches!(render(&order, &faces()), Err(DocumentError::TooLong { .. })));
    order.note = Some("x".repeat(MAX_TEXT_BYTES));
    assert!(matches!(render(&order, &faces()), Err(DocumentError::TooMuchText { .. })));
}

#[test]
fn fallback_fonts_are_embedded_whatever_their_outlines() {
    let hebrew = include_bytes!("../../fonts/test/hebrew.ttf");
    let han = include_bytes!("../../fonts/test/han.otf");
    let faces = faces().with_fallback(hebrew).unwrap().with_fallback(han).unwrap();
    let mut order = sample(1);
    let (company, peace) =
        ("\u{6771}\u{4EAC}\u{6CB9}\u{5727}\u{682A}\u{5F0F}\u{4F1A}\u{793E}", "\u{5E9}\u{5DC}\u{5D5}\u{5DD}");
    order.supplier.name = format!("{company} A");
    order.lines[0].description = peace.into();
    let rendered = render_with_report(&order, &faces).unwrap();
    assert_eq!(rendered.missing, Vec::<char>::new());
    let Some(text) = poppler("pdftotext", &["-", "-"], &rendered.pdf) else { return };
    assert!(text.contains(&order.supplier.name) && text.contains(peace), "{text}");
    let fonts = poppler("pdffonts", &["-"], &rendered.pdf).unwrap();
    assert!(fonts.contains("CID Type 0C"), "{fonts}");
    assert_eq!(fonts.matches("yes yes yes").count(), 4, "{fonts}");
}

#[test]
fn a_stored_document_reads_back() {
    let order = sample_draft(2);
    let stored = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<OrderDocument>(&stored).unwrap(), order);
}

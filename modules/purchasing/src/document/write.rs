//! Turns marks into a PDF file.

use std::collections::BTreeMap;

use printpdf::{
    Codepoint, Color, FontId, Mm, Op, PaintMode, PdfDocument, PdfDocumentInfo, PdfFontHandle, PdfPage,
    PdfParseErrorSeverity, PdfSaveOptions, Point, Pt, Rect, Rgb, TextItem, TextMatrix,
};

use super::{
    DocumentError,
    block::{Mark, Shape},
    faces::{FaceId, Faces, Glyph},
    model::OrderDocument,
    style::{Ink, Mpt, PAGE_HEIGHT, PAGE_WIDTH, Type},
    subset::{Subset, Used},
    text,
};

/// Petrol: dark enough for white text on it, and not a colour that means good or bad.
const ACCENT: [u8; 3] = [0x0F, 0x4C, 0x5C];

/// The file that shows these pages; `file_id` is its id.
///
/// # Errors
/// [`DocumentError`] if a font cannot be cut or the writer reports an error.
pub(super) fn write(
    order: &OrderDocument,
    faces: &Faces,
    pages: &[Vec<Mark>],
    file_id: &str,
) -> Result<Vec<u8>, DocumentError> {
    let subsets = subsets(faces, pages)?;
    let pen = Pen { subsets: &subsets, accent: order.company.accent.unwrap_or(ACCENT) };
    let mut pdf = PdfDocument::new("");
    pdf.metadata.info = info(order);
    pdf.pages = pages.iter().map(|marks| pen.page(marks)).collect();
    for (face, subset) in &subsets {
        pdf.resources.fonts.map.insert(font_id(*face), subset.font.clone());
    }
    save(order, &pdf, file_id)
}

/// The subset of each face that is used.
fn subsets(faces: &Faces, pages: &[Vec<Mark>]) -> Result<BTreeMap<FaceId, Subset>, DocumentError> {
    let mut used: BTreeMap<FaceId, Used> = BTreeMap::new();
    for glyph in pages.iter().flatten().flat_map(Mark::glyphs) {
        let char = if glyph.missing { char::REPLACEMENT_CHARACTER } else { glyph.char };
        let shown = used.entry(glyph.face).or_default().entry(glyph.id).or_insert(char);
        // Two characters with one glyph, such as the two micro signs: which one is extracted must not depend on their order.
        *shown = char.min(*shown);
    }
    used.into_iter().map(|(face, used)| Ok((face, Subset::cut(faces.face(face), &used)?))).collect()
}

fn font_id(face: FaceId) -> FontId {
    FontId(format!("Face{}", face.0))
}

/// Draws marks.
struct Pen<'a> {
    subsets: &'a BTreeMap<FaceId, Subset>,
    accent: [u8; 3],
}

impl Pen<'_> {
    fn page(&self, marks: &[Mark]) -> PdfPage {
        let mut ops = Vec::new();
        let mut ink = None;
        for mark in marks {
            let wanted = mark.ink();
            if ink.replace(wanted) != Some(wanted) {
                ops.push(Op::SetFillColor { col: self.color(wanted) });
            }
            self.draw(mark, &mut ops);
        }
        // The page size is given in millimetres; its boxes are set exactly afterwards.
        let mut page = PdfPage::new(Mm(210.0), Mm(297.0), ops);
        let a4 = || Rect::from_wh(points(PAGE_WIDTH), points(PAGE_HEIGHT));
        (page.media_box, page.trim_box, page.crop_box) = (a4(), a4(), a4());
        page
    }

    fn draw(&self, mark: &Mark, ops: &mut Vec<Op>) {
        match &mark.shape {
            Shape::Fill { width, height, .. } => {
                ops.push(Op::DrawRectangle { rectangle: rectangle(mark, *width, *height) })
            }
            Shape::Text { line, style } => {
                let start = Op::SetTextCursor { pos: Point { x: points(mark.x), y: points(PAGE_HEIGHT - mark.y) } };
                self.show(line, *style, start, ops);
            }
            Shape::Stamp { line, style } => {
                let matrix = TextMatrix::Raw(rising(mark, text::width(line, *style)));
                self.show(line, *style, Op::SetTextMatrix { matrix }, ops);
            }
        }
    }

    fn show(&self, line: &[Glyph], style: Type, start: Op, ops: &mut Vec<Op>) {
        ops.extend([Op::StartTextSection, start]);
        for run in line.chunk_by(|a, b| a.face == b.face) {
            let Some(face) = run.first().map(|glyph| glyph.face) else { continue };
            let glyphs = run.iter().map(|glyph| self.codepoint(glyph, style)).collect();
            ops.push(Op::SetFont { font: PdfFontHandle::External(font_id(face)), size: points(style.size) });
            ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(glyphs)] });
        }
        ops.push(Op::EndTextSection);
    }

    fn codepoint(&self, glyph: &Glyph, style: Type) -> Codepoint {
        let subset = self.subsets.get(&glyph.face);
        let number = subset.map_or(0, |subset| subset.number(glyph.id));
        let char = if glyph.missing { char::REPLACEMENT_CHARACTER } else { glyph.char };
        // The offset is subtracted from the pen's position (ISO 32000-1, 9.4.3).
        Codepoint::with_cid(number, thousandths(-style.tracking), char.to_string())
    }

    fn color(&self, ink: Ink) -> Color {
        let [r, g, b] = match ink {
            Ink::Text => [0x1B, 0x1F, 0x24],
            Ink::Muted => [0x5B, 0x64, 0x70],
            Ink::Accent => self.accent,
            Ink::Hairline => [0xD3, 0xD8, 0xDD],
            Ink::Watermark => [0xEE, 0xF0, 0xF2],
            Ink::Paper => [0xFF, 0xFF, 0xFF],
        }
        .map(unit);
        Color::Rgb(Rgb { r, g, b, icc_profile: None })
    }
}

impl Mark {
    fn ink(&self) -> Ink {
        match &self.shape {
            Shape::Text { style, .. } | Shape::Stamp { style, .. } => style.ink,
            Shape::Fill { ink, .. } => *ink,
        }
    }

    /// The glyphs of a text.
    pub(super) fn glyphs(&self) -> &[Glyph] {
        match &self.shape {
            Shape::Text { line, .. } | Shape::Stamp { line, .. } => line,
            Shape::Fill { .. } => &[],
        }
    }
}

fn rectangle(mark: &Mark, width: Mpt, height: Mpt) -> Rect {
    let mut rectangle =
        Rect::from_xywh(points(mark.x), points(PAGE_HEIGHT - mark.y - height), points(width), points(height));
    rectangle.mode = Some(PaintMode::Fill);
    rectangle
}

/// The text matrix of a word centred on a mark, rising by the angle of the 3-4-5 triangle: nearly the diagonal of A4.
fn rising(mark: &Mark, width: Mpt) -> [f32; 6] {
    let x = mark.x - width * 3 / 10;
    let y = PAGE_HEIGHT - mark.y - width * 4 / 10;
    [0.6, 0.8, -0.8, 0.6, points(x).0, points(y).0]
}

fn info(order: &OrderDocument) -> PdfDocumentInfo {
    // The file's clock has seconds; a date outside its range cannot be stated.
    let created = printpdf::OffsetDateTime::from_unix_timestamp(order.created_at.unix_timestamp());
    let created = created.unwrap_or_else(|_| printpdf::OffsetDateTime::epoch());
    PdfDocumentInfo {
        creation_date: created,
        modification_date: created,
        metadata_date: created,
        document_title: format!("{} {}", order.labels.title, order.number),
        subject: format!("{} {}", order.labels.revision, order.revision),
        author: order.company.name.clone(),
        creator: "Countersign".to_owned(),
        producer: "Countersign".to_owned(),
        ..PdfDocumentInfo::default()
    }
}

fn save(order: &OrderDocument, pdf: &PdfDocument, file_id: &str) -> Result<Vec<u8>, DocumentError> {
    let mut warnings = Vec::new();
    let mut file = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
    if let Some(error) = warnings.iter().find(|warning| warning.severity == PdfParseErrorSeverity::Error) {
        return Err(DocumentError::NotWritten(error.msg.clone()));
    }
    file.version = "1.7".to_owned();
    let mut language = file.trailer.get(b"ID").and_then(|ids| ids.as_array()).ok().and_then(|ids| ids.first().cloned());
    if let Some(text) = language.as_mut().and_then(|text| text.as_str_mut().ok()) {
        *text = order.labels.language.clone().into_bytes();
    }
    if let (Ok(catalog), Some(language)) = (file.catalog_mut(), language) {
        catalog.set("Lang", language);
    }
    // The writer draws the id at random; the same order must give the same bytes.
    let ids = file.trailer.get_mut(b"ID").and_then(|ids| ids.as_array_mut());
    for id in ids.into_iter().flatten().filter_map(|id| id.as_str_mut().ok()) {
        *id = file_id.as_bytes().to_vec();
    }
    // An empty PDF/X version would still claim that the file is PDF/X.
    let info = file.trailer.get(b"Info").and_then(|info| info.as_reference());
    if let Ok(info) = info.and_then(|id| file.get_dictionary_mut(id)) {
        info.remove(b"GTS_PDFXVersion");
        info.remove(b"Identifier");
    }
    file.compress();
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).map_err(|error| DocumentError::NotWritten(error.to_string()))?;
    Ok(bytes)
}

#[expect(clippy::float_arithmetic, reason = "the file format has decimal points; no amount passes here")]
fn points(length: Mpt) -> Pt {
    Pt(thousandths(length) / 1000.0)
}

fn thousandths(value: i64) -> f32 {
    value as f32
}

#[expect(clippy::float_arithmetic, reason = "the file format has colours from 0 to 1")]
fn unit(channel: u8) -> f32 {
    f32::from(channel) / 255.0
}

//! The picture as SVG.

use super::graph::{Kind, Type};
use super::highlight::{Highlight, Move};
use super::layout::{End, LINE_HEIGHT, Label, NAME_BASELINE, Picture, Piece, Placed};
use super::style::CSS;
use super::text::{escaped, shortened};
use serde_json::Value;
use std::fmt::Write;

/// Around everything.
const MARGIN: i64 = 24;
/// From the edge of a box to its text.
const INSET: i64 = 16;
const ARROW: i64 = 7;

/// The SVG of a picture.
pub(super) fn draw(picture: &Picture, document: &Value, highlight: &Highlight) -> String {
    let (width, height) = (picture.width + 2 * MARGIN, picture.height + 2 * MARGIN);
    let seen = if highlight.is_empty() { "" } else { " class=\"seen\"" };
    let comment = document.get("Comment").and_then(Value::as_str).unwrap_or("A workflow");
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"{} {} {width} {height}\"{seen}><title>{}</title><style>{CSS}</style>\
         <rect class=\"paper\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>\n",
        -MARGIN,
        -MARGIN,
        escaped(comment),
        -MARGIN,
        -MARGIN,
    );
    // Frames lie below the ways within them, and labels above everything.
    let (frames, boxes): (Vec<&Placed>, Vec<&Placed>) = picture.boxes.iter().partition(|one| one.is_frame());
    frames.iter().for_each(|one| one.draw(highlight, &mut svg));
    picture.pieces.iter().for_each(|piece| piece.draw(highlight, &mut svg));
    boxes.iter().for_each(|one| one.draw(highlight, &mut svg));
    picture.labels.iter().for_each(|label| label.draw(highlight, &mut svg));
    svg.push_str("</svg>\n");
    svg
}

/// Writing to a text cannot fail.
fn put(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    let _ = svg.write_fmt(piece);
}

impl Placed {
    fn is_frame(&self) -> bool {
        matches!(self.kind, Kind::State(Type::Parallel | Type::Map))
    }

    fn draw(&self, highlight: &Highlight, svg: &mut String) {
        let Kind::State(kind) = self.kind else { return self.draw_dot(svg) };
        let class = format!(
            "{}{}{}",
            kind.name().to_lowercase(),
            if self.is_frame() { " frame" } else { "" },
            self.state_class(highlight)
        );
        put(svg, format_args!("<g class=\"{class}\"><title>{}</title>", escaped(&self.name)));
        self.draw_shape(kind, svg);
        let centred = self.is_centred(kind);
        let (x, anchor) =
            if centred { (self.x + self.width / 2, " text-anchor=\"middle\"") } else { (self.x + INSET, "") };
        let mut y = self.y + NAME_BASELINE;
        put(
            svg,
            format_args!(
                "<text class=\"name\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>",
                escaped(&shortened(&self.name, 40))
            ),
        );
        for (n, line) in self.lines.iter().enumerate() {
            y += LINE_HEIGHT + if n == 0 { 1 } else { 0 };
            put(
                svg,
                format_args!("<text class=\"line\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", line_of(kind, n, line)),
            );
        }
        if highlight.current.contains(&self.name) {
            put(
                svg,
                format_args!("<circle class=\"badge\" cx=\"{}\" cy=\"{}\" r=\"6\"/>", self.x + self.width, self.y),
            );
        }
        svg.push_str("</g>\n");
    }

    fn is_centred(&self, kind: Type) -> bool {
        matches!(kind, Type::Choice | Type::Succeed | Type::Fail)
    }

    fn state_class(&self, highlight: &Highlight) -> &'static str {
        if highlight.current.contains(&self.name) {
            " been here"
        } else if highlight.failed.as_ref() == Some(&self.name) {
            " been ended"
        } else if highlight.entered.contains(&self.name) {
            " been"
        } else {
            " away"
        }
    }

    fn draw_shape(&self, kind: Type, svg: &mut String) {
        let Self { x, y, width, height, .. } = self;
        match kind {
            Type::Choice => {
                let (right, bottom, middle) = (x + width, y + height, y + height / 2);
                put(
                    svg,
                    format_args!(
                        "<polygon class=\"box\" points=\"{},{y} {},{y} {right},{middle} {},{bottom} {},{bottom} {x},{middle}\"/>",
                        x + 14,
                        right - 14,
                        right - 14,
                        x + 14,
                    ),
                );
            }
            Type::Succeed | Type::Fail => {
                put(
                    svg,
                    format_args!(
                        "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{}\"/>",
                        height / 2
                    ),
                );
            }
            Type::Map => {
                // A second sheet: there is one for every item.
                put(
                    svg,
                    format_args!(
                        "<rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>",
                        x + 5,
                        y + 5
                    ),
                );
                put(
                    svg,
                    format_args!(
                        "<rect class=\"paper\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
                    ),
                );
                put(
                    svg,
                    format_args!(
                        "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
                    ),
                );
            }
            Type::Parallel => {
                put(
                    svg,
                    format_args!(
                        "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
                    ),
                );
            }
            _ => {
                put(
                    svg,
                    format_args!(
                        "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
                    ),
                );
                put(
                    svg,
                    format_args!(
                        "<rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"4\" height=\"{}\" rx=\"2\"/>",
                        y + 6,
                        height - 12
                    ),
                );
            }
        }
    }

    fn draw_dot(&self, svg: &mut String) {
        let (x, y) = (self.x + self.width / 2, self.y + self.height / 2);
        match self.kind {
            Kind::Start => put(svg, format_args!("<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"6\"/>\n")),
            _ => {
                put(svg, format_args!("<circle class=\"ring\" cx=\"{x}\" cy=\"{y}\" r=\"7\"/>"));
                put(svg, format_args!("<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>\n"));
            }
        }
    }
}

/// A line of a state, its type in the type's colour.
fn line_of(kind: Type, n: usize, line: &str) -> String {
    match line.strip_prefix(kind.name()).filter(|_| n == 0) {
        Some(rest) => format!("<tspan class=\"type\">{}</tspan>{}", kind.name(), escaped(rest)),
        None => escaped(line),
    }
}

impl Piece {
    fn draw(&self, highlight: &Highlight, svg: &mut String) {
        let class = class_of(&self.moves, highlight);
        let catch = if self.catch { " catch" } else { "" };
        let ((x, y), (to_x, to_y)) = (self.from, self.to);
        if self.end == End::Loop {
            put(svg, format_args!("<path class=\"way{catch}{class}\" d=\"M{x},{y} h12 a9,9 0 0 1 0,18 h-5\"/>"));
            return put(svg, format_args!("<path class=\"head{class}\" d=\"M{to_x},{to_y} l{ARROW},-4 v8 z\"/>\n"));
        }
        let (from_y, to_y) = match self.end {
            End::Below => (y, to_y - ARROW + 1),
            End::Above => (y + ARROW - 1, to_y),
            _ => (y, to_y),
        };
        let middle = i64::midpoint(from_y, to_y);
        match x == to_x {
            true => put(svg, format_args!("<path class=\"way{catch}{class}\" d=\"M{x},{from_y} V{to_y}\"/>")),
            false => put(
                svg,
                format_args!(
                    "<path class=\"way{catch}{class}\" d=\"M{x},{from_y} C{x},{middle} {to_x},{middle} {to_x},{to_y}\"/>"
                ),
            ),
        }
        match self.end {
            End::Below => {
                put(svg, format_args!("<path class=\"head{class}\" d=\"M{to_x},{} l-4,-{ARROW} h8 z\"/>", self.to.1))
            }
            End::Above => put(svg, format_args!("<path class=\"head{class}\" d=\"M{x},{y} l-4,{ARROW} h8 z\"/>")),
            _ => {}
        }
        svg.push('\n');
    }
}

/// Whether one of these ways was taken.
fn class_of(moves: &[Move], highlight: &Highlight) -> &'static str {
    match highlight.is_empty() {
        true => "",
        false if moves.iter().any(|way| highlight.took(way)) => " taken",
        false => " away",
    }
}

impl Label {
    fn draw(&self, highlight: &Highlight, svg: &mut String) {
        let class = if class_of(std::slice::from_ref(&self.way), highlight) == " away" { " away" } else { "" };
        let error = if self.catch { " error" } else { "" };
        let whole = self.whole.as_deref().map(|whole| format!("<title>{}</title>", escaped(whole))).unwrap_or_default();
        let (x, y, text) = (self.x, self.y, escaped(&self.text));
        // The way is interrupted where its label stands.
        let (left, top) = (x - self.width / 2 - 2, y - 11);
        put(
            svg,
            format_args!("<rect class=\"paper\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"15\"/>", self.width + 4),
        );
        put(svg, format_args!("<text class=\"label{error}{class}\" x=\"{x}\" y=\"{y}\">{whole}{text}</text>\n"));
    }
}

//! From a machine to shapes with places: boxes, pieces of ways, labels. Machines within states are laid out first.

use super::graph::{Kind, Machine, Node, Type};
use super::highlight::Move;
use super::layers::layers;
use super::order::order;
use super::place::place;
use super::route::{Mesh, Stop};
use super::text::{shortened, width};
use super::ways::Draft;

pub(super) const NAME_SIZE: i64 = 13;
pub(super) const LINE_SIZE: i64 = 11;
pub(super) const LABEL_SIZE: i64 = 11;
/// From a line of text to the next.
pub(super) const LINE_HEIGHT: i64 = 15;
/// From the upper edge of a box to the baseline of the name.
pub(super) const NAME_BASELINE: i64 = 21;
pub(super) const BOX_PADDING: i64 = 16;
const LEAST_WIDTH: i64 = 120;
const DOT: i64 = 16;
/// Between rows: room for a way to change its place.
const ROW_GAP: i64 = 20;
const LABEL_HEIGHT: i64 = 16;
const FRAME_PADDING: i64 = 18;
/// The width of the loop of a state that leads to itself, beside its label.
pub(super) const LOOP: i64 = 26;
const MOST_IN_A_BOX: usize = 40;
const MOST_IN_A_LABEL: usize = 36;

/// Shapes, and how much room they take.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) boxes: Vec<Placed>,
    pub(super) pieces: Vec<Piece>,
    pub(super) labels: Vec<Label>,
}

/// A state with its place: the upper left corner, and how large it is.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
}

/// A piece of a way, downwards.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) from: (i64, i64),
    pub(super) to: (i64, i64),
    pub(super) end: End,
    pub(super) catch: bool,
    /// The moves for which this is the way.
    pub(super) moves: Vec<Move>,
}

/// Where a piece has the head of an arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    None,
    Below,
    Above,
    /// A loop at the right side of a box.
    Loop,
}

/// The label of a way: its middle and its baseline.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) text: String,
    /// The whole text, where the label is shortened.
    pub(super) whole: Option<String>,
    pub(super) catch: bool,
    pub(super) way: Move,
    pub(super) width: i64,
}

/// A node before it has a place.
pub(super) struct Size {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) lines: Vec<String>,
    pub(super) inner: Picture,
}

/// The picture of a machine.
pub(super) fn lay_out(machine: &Machine) -> Picture {
    let layers = layers(machine);
    let mut mesh = Mesh::of(machine, &layers);
    order(&mut mesh);
    let sizes: Vec<Size> = machine.nodes.iter().map(size).collect();
    let widths: Vec<i64> = mesh.stops.iter().map(|stop| stop_width(*stop, machine, &sizes)).collect();
    let middles = place(&mesh, &widths);
    let rows = rows(&mesh, &sizes);
    let mut picture = Picture { height: rows.last().map_or(0, |(top, height)| top + height), ..Picture::default() };
    picture.width = middles.iter().zip(&widths).map(|(middle, width)| middle + width / 2).max().unwrap_or(0);
    let row_of = row_of(&mesh);
    let draft = Draft { machine, mesh: &mesh, middles: &middles, rows: &rows, row_of: &row_of };
    draft.pieces(&sizes, &layers.back, &mut picture);
    draft.labels(&mut picture);
    draft.loops(&sizes, &mut picture);
    for (place, (node, size)) in machine.nodes.iter().zip(sizes).enumerate() {
        draft.put(place, node, size, &mut picture);
    }
    picture
}

/// How large a node is, with what it holds.
fn size(node: &Node) -> Size {
    if node.kind == Kind::Start || node.kind == Kind::End {
        return Size { width: DOT, height: DOT, lines: Vec::new(), inner: Picture::default() };
    }
    let lines = lines(node);
    let texts = lines.iter().map(|line| width(line, LINE_SIZE)).chain([width(&name(node), NAME_SIZE) * 108 / 100]);
    let text = texts.max().unwrap_or(0) + 2 * BOX_PADDING;
    let head = NAME_BASELINE + LINE_HEIGHT * i64::try_from(lines.len()).unwrap_or(0) + 10;
    let inner = side_by_side(node.inner.iter().map(lay_out), head);
    let slant = if node.kind == Kind::State(Type::Choice) { 16 } else { 0 };
    let width = even((text + slant).max(inner.width).max(LEAST_WIDTH));
    Size { width, height: inner.height.max(head), lines, inner }
}

/// A width that has a middle.
fn even(width: i64) -> i64 {
    width + width % 2
}

/// The name as it is shown.
fn name(node: &Node) -> String {
    shortened(&node.name, MOST_IN_A_BOX)
}

/// The lines as they are shown: the type first.
fn lines(node: &Node) -> Vec<String> {
    let Kind::State(kind) = node.kind else { return Vec::new() };
    let mut lines: Vec<String> = node.lines.iter().map(|line| shortened(line, MOST_IN_A_BOX)).collect();
    match lines.first_mut() {
        Some(first) if first != kind.name() => *first = format!("{} · {first}", kind.name()),
        Some(_) => {}
        None => lines.push(kind.name().to_owned()),
    }
    lines
}

/// Pictures in a frame, below so much room for its head. Nothing, if there are none.
fn side_by_side(pictures: impl Iterator<Item = Picture>, head: i64) -> Picture {
    let mut whole = Picture::default();
    for mut picture in pictures {
        picture.shift(whole.width + FRAME_PADDING, head + FRAME_PADDING / 2);
        whole.width += FRAME_PADDING + picture.width;
        whole.height = whole.height.max(head + picture.height + 3 * FRAME_PADDING / 2);
        whole.append(picture);
    }
    if whole.width > 0 {
        whole.width += FRAME_PADDING;
    }
    whole
}

impl Picture {
    pub(super) fn shift(&mut self, x: i64, y: i64) {
        self.boxes.iter_mut().for_each(|one| (one.x, one.y) = (one.x + x, one.y + y));
        self.labels.iter_mut().for_each(|one| (one.x, one.y) = (one.x + x, one.y + y));
        for piece in &mut self.pieces {
            piece.from = (piece.from.0 + x, piece.from.1 + y);
            piece.to = (piece.to.0 + x, piece.to.1 + y);
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        self.boxes.extend(other.boxes);
        self.labels.extend(other.labels);
        self.pieces.extend(other.pieces);
    }
}

/// The label of an edge, as it is shown and as it is.
pub(super) fn label(machine: &Machine, edge: usize) -> (String, Option<String>) {
    let labels: Vec<&str> =
        machine.edges[edge].labels.iter().map(String::as_str).filter(|label| !label.is_empty()).collect();
    let whole = labels.join(", ");
    let text = shortened(&whole, MOST_IN_A_LABEL);
    let cut = text != whole;
    (text, Some(whole).filter(|_| cut))
}

fn stop_width(stop: Stop, machine: &Machine, sizes: &[Size]) -> i64 {
    match stop {
        Stop::Node(node) => sizes[node].width + 2 * loop_width(machine, node),
        Stop::Label(edge) => even(width(&label(machine, edge).0, LABEL_SIZE) + 6),
        Stop::Bend => 2,
    }
}

/// The room beside a node for its way to itself.
fn loop_width(machine: &Machine, node: usize) -> i64 {
    let own = machine.edges.iter().position(|edge| edge.from == node && edge.to == node);
    own.map_or(0, |edge| LOOP + 8 + width(&label(machine, edge).0, LABEL_SIZE))
}

/// The upper edge and the height of every row.
fn rows(mesh: &Mesh, sizes: &[Size]) -> Vec<(i64, i64)> {
    let mut top = 0;
    let mut found = Vec::new();
    for row in &mesh.rows {
        let heights = row.iter().map(|stop| match mesh.stops[*stop] {
            Stop::Node(node) => sizes[node].height,
            Stop::Label(_) => LABEL_HEIGHT,
            Stop::Bend => 0,
        });
        let height = heights.max().unwrap_or(0);
        found.push((top, height));
        top += height + ROW_GAP;
    }
    found
}

fn row_of(mesh: &Mesh) -> Vec<usize> {
    let mut row_of = vec![0; mesh.stops.len()];
    for (row, stops) in mesh.rows.iter().enumerate() {
        stops.iter().for_each(|stop| row_of[*stop] = row);
    }
    row_of
}

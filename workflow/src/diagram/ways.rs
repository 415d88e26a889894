//! The ways of a machine whose stops have their places: where they leave and enter boxes, how they run, and their labels.

use super::graph::{Machine, Node};
use super::highlight::Move;
use super::layout::{BOX_PADDING, End, LABEL_SIZE, LOOP, Label, Picture, Piece, Placed, Size, label};
use super::route::{Mesh, Stop};
use super::text::width;
use std::collections::BTreeMap;

/// Between the ends of two ways at one box.
const PORT_GAP: i64 = 12;

/// A machine whose stops have their places.
pub(super) struct Draft<'m> {
    pub(super) machine: &'m Machine,
    pub(super) mesh: &'m Mesh,
    pub(super) middles: &'m [i64],
    pub(super) rows: &'m [(i64, i64)],
    pub(super) row_of: &'m [usize],
}

impl Draft<'_> {
    fn row(&self, stop: usize) -> (i64, i64) {
        self.rows[self.row_of[stop]]
    }

    /// The middle of the room that a node takes, and its upper edge. It stands in the middle of its row.
    fn corner(&self, node: usize, size: &Size) -> (i64, i64) {
        let (top, height) = self.row(node);
        (self.middles[node] - size.width / 2, top + (height - size.height) / 2)
    }

    pub(super) fn put(&self, place: usize, node: &Node, size: Size, picture: &mut Picture) {
        let (x, y) = self.corner(place, &size);
        let Size { width, height, lines, mut inner } = size;
        picture.boxes.push(Placed { x, y, width, height, name: node.name.clone(), kind: node.kind, lines });
        // A frame that is wider than what it holds has it in its middle.
        inner.shift(x + (width - inner.width).max(0) / 2, y);
        picture.append(inner);
    }

    /// The ways: from row to row, through the rows that they pass, and up to the boxes in them.
    pub(super) fn pieces(&self, sizes: &[Size], back: &[bool], picture: &mut Picture) {
        let mut through: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (link, (out, into)) in self.mesh.links.iter().zip(self.ports(sizes)) {
            let up = link.edges.iter().any(|edge| back[*edge]);
            let node = |stop: usize| matches!(self.mesh.stops[stop], Stop::Node(_));
            let ((top, height), (next, _)) = (self.row(link.above), self.row(link.below));
            let begin = if up && node(link.above) { End::Above } else { End::None };
            let end = if !up && node(link.below) { End::Below } else { End::None };
            let stub = |from: i64, to: i64, x: i64, end: End| self.piece((x, from), (x, to), end, &link.edges);
            let (_, bottom) = self.reach(link.above, sizes);
            let (upper, _) = self.reach(link.below, sizes);
            let (before, after) = (bottom < top + height && node(link.above), upper > next && node(link.below));
            let middle = match (before, after) {
                (false, false) if begin == End::None => end,
                (false, _) => begin,
                (true, false) => end,
                (true, true) => End::None,
            };
            picture.pieces.extend(before.then(|| stub(bottom, top + height, out, begin)));
            picture.pieces.push(self.piece((out, top + height), (into, next), middle, &link.edges));
            picture.pieces.extend(after.then(|| stub(next, upper, into, end)));
            if !node(link.below) {
                through.entry(link.below).or_default().extend(&link.edges);
            }
        }
        for (stop, edges) in through {
            let (x, (top, height)) = (self.middles[stop], self.row(stop));
            picture.pieces.push(self.piece((x, top), (x, top + height), End::None, &edges));
        }
    }

    fn piece(&self, from: (i64, i64), to: (i64, i64), end: End, edges: &[usize]) -> Piece {
        let catch = edges.iter().all(|edge| self.machine.edges[*edge].catch);
        Piece { from, to, end, catch, moves: edges.iter().map(|edge| self.way(*edge)).collect() }
    }

    /// The upper and the lower end of a stop.
    fn reach(&self, stop: usize, sizes: &[Size]) -> (i64, i64) {
        match self.mesh.stops[stop] {
            Stop::Node(node) => {
                let (_, y) = self.corner(node, &sizes[node]);
                (y, y + sizes[node].height)
            }
            Stop::Label(_) | Stop::Bend => {
                let (top, height) = self.row(stop);
                (top, top + height)
            }
        }
    }

    /// Where each link leaves the stop above and enters the one below.
    fn ports(&self, sizes: &[Size]) -> Vec<(i64, i64)> {
        let links = &self.mesh.links;
        let mut ports: Vec<(i64, i64)> =
            links.iter().map(|link| (self.middles[link.above], self.middles[link.below])).collect();
        // The first stops are the nodes.
        let (mut above, mut below) = (vec![Vec::new(); sizes.len()], vec![Vec::new(); sizes.len()]);
        for (place, link) in links.iter().enumerate() {
            below.get_mut(link.above).into_iter().for_each(|links| links.push(place));
            above.get_mut(link.below).into_iter().for_each(|links| links.push(place));
        }
        for (node, (above, below)) in above.iter().zip(&below).enumerate() {
            for (link, port) in self.spread(node, &sizes[node], below, |link| links[link].below) {
                ports[link].0 = port;
            }
            for (link, port) in self.spread(node, &sizes[node], above, |link| links[link].above) {
                ports[link].1 = port;
            }
        }
        ports
    }

    /// The ends of ways at one side of a node: each opposite to where it leads, if there is room for all.
    fn spread(&self, node: usize, size: &Size, links: &[usize], other: impl Fn(usize) -> usize) -> Vec<(usize, i64)> {
        let middle = self.middles[node];
        let mut wanted: Vec<(i64, usize)> = links.iter().map(|link| (self.middles[other(*link)], *link)).collect();
        wanted.sort_unstable();
        let count = i64::try_from(wanted.len()).unwrap_or(1).max(1);
        let room = (size.width / 2 - BOX_PADDING).max(0);
        let gap = if count > 1 { PORT_GAP.min(2 * room / (count - 1)) } else { 0 };
        let mut found = Vec::new();
        let mut least = middle - room;
        for ((wanted, link), place) in wanted.into_iter().zip(0..) {
            let most = middle + room - gap * (count - 1 - place);
            let port = wanted.clamp(least, most.max(least));
            found.push((link, port));
            least = port + gap;
        }
        found
    }

    fn way(&self, edge: usize) -> Move {
        let edge = &self.machine.edges[edge];
        Move::new(&self.machine.nodes[edge.from].name, &self.machine.nodes[edge.to].name, edge.catch)
    }

    pub(super) fn labels(&self, picture: &mut Picture) {
        for (place, stop) in self.mesh.stops.iter().enumerate() {
            let Stop::Label(edge) = *stop else { continue };
            let (top, height) = self.row(place);
            let baseline = top + height / 2 + LABEL_SIZE / 3;
            picture.labels.push(self.label_at(edge, self.middles[place], baseline));
        }
    }

    fn label_at(&self, edge: usize, x: i64, y: i64) -> Label {
        let (text, whole) = label(self.machine, edge);
        let width = width(&text, LABEL_SIZE);
        Label { x, y, text, whole, catch: self.machine.edges[edge].catch, way: self.way(edge), width }
    }

    /// The ways from a state to itself.
    pub(super) fn loops(&self, sizes: &[Size], picture: &mut Picture) {
        let own = self.machine.edges.iter().enumerate().filter(|(_, edge)| edge.from == edge.to);
        for (place, edge) in own {
            let (x, y) = self.corner(edge.from, &sizes[edge.from]);
            let (right, middle) = (x + sizes[edge.from].width, y + sizes[edge.from].height / 2);
            let (from, to) = ((right, middle - 9), (right, middle + 9));
            picture.pieces.push(self.piece(from, to, End::Loop, &[place]));
            let text = width(&label(self.machine, place).0, LABEL_SIZE);
            picture.labels.push(self.label_at(place, right + LOOP + 2 + text / 2, middle + LABEL_SIZE / 3));
        }
    }
}

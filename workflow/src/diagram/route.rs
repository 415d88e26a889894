//! Ways between layers: an edge that passes a layer has a bend there, and one with a label has a place for it. Ways to the
//! same state run together, so that ten errors with one remedy are one line.

use super::graph::Machine;
use super::layers::Layers;
use std::collections::{HashMap, HashSet};

/// Something with a place in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A node, by its place in the machine.
    Node(usize),
    /// The label of an edge, by its place.
    Label(usize),
    /// Where ways pass.
    Bend,
}

/// Rows of stops, and what links a stop with one in the next row. States stand in the even rows, labels in the odd ones.
#[derive(Debug, Default)]
pub(super) struct Mesh {
    pub(super) stops: Vec<Stop>,
    pub(super) rows: Vec<Vec<usize>>,
    pub(super) links: Vec<Link>,
    /// Whether each edge is the first way out of its state.
    usual: Vec<bool>,
}

/// A piece of one or more edges, from a row to the next.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) above: usize,
    pub(super) below: usize,
    /// The edges that run here.
    pub(super) edges: Vec<usize>,
    /// Whether one of them is the first way out of its state.
    pub(super) usual: bool,
}

/// What runs together: the goal, whether it is for errors, and whether it leads up.
type Trunk = (usize, bool, bool);

impl Mesh {
    /// The mesh of a machine in layers. Edges from a state to itself are not in it.
    pub(super) fn of(machine: &Machine, layers: &Layers) -> Self {
        let mut seen = HashSet::new();
        let usual = machine.edges.iter().map(|edge| seen.insert(edge.from)).collect();
        let mut mesh = Self { usual, ..Self::default() };
        let deepest = layers.of.iter().max().copied().unwrap_or(0);
        mesh.rows = vec![Vec::new(); 2 * deepest + 1];
        for (node, layer) in layers.of.iter().enumerate() {
            mesh.stop(Stop::Node(node), 2 * layer);
        }
        let mut bends: HashMap<(Trunk, usize), usize> = HashMap::new();
        let mut links: HashMap<(usize, usize), usize> = HashMap::new();
        for place in 0..machine.edges.len() {
            mesh.thread(machine, layers, place, &mut bends, &mut links);
        }
        mesh
    }

    fn stop(&mut self, stop: Stop, row: usize) -> usize {
        self.stops.push(stop);
        self.rows[row].push(self.stops.len() - 1);
        self.stops.len() - 1
    }

    /// Leads an edge through the rows between its ends.
    fn thread(
        &mut self,
        machine: &Machine,
        layers: &Layers,
        place: usize,
        bends: &mut HashMap<(Trunk, usize), usize>,
        links: &mut HashMap<(usize, usize), usize>,
    ) {
        let edge = &machine.edges[place];
        if edge.from == edge.to {
            return;
        }
        let back = layers.back[place];
        let (top, bottom) = if back { (edge.to, edge.from) } else { (edge.from, edge.to) };
        let between = 2 * layers.of[top] + 1..2 * layers.of[bottom];
        let label_row = if back { between.end - 1 } else { between.start };
        let labelled = edge.labels.iter().any(|label| !label.is_empty());
        let mut above = top;
        for row in between {
            let here = match labelled && row == label_row {
                true => self.stop(Stop::Label(place), row),
                false => *bends.entry(((edge.to, edge.catch, back), row)).or_insert_with(|| {
                    self.stops.push(Stop::Bend);
                    self.rows[row].push(self.stops.len() - 1);
                    self.stops.len() - 1
                }),
            };
            self.link(above, here, place, links);
            above = here;
        }
        self.link(above, bottom, place, links);
    }

    fn link(&mut self, above: usize, below: usize, edge: usize, links: &mut HashMap<(usize, usize), usize>) {
        let place = *links.entry((above, below)).or_insert_with(|| {
            self.links.push(Link { above, below, edges: Vec::new(), usual: false });
            self.links.len() - 1
        });
        self.links[place].edges.push(edge);
        self.links[place].usual |= self.usual[edge];
    }
}

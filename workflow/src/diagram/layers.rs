//! Layers: every state stands below those that lead to it, along the longest way. What leads back is turned around for
//! that.

use super::graph::Machine;

/// Where the nodes and edges of a machine belong.
#[derive(Debug)]
pub(super) struct Layers {
    /// The layer of each node, from 0.
    pub(super) of: Vec<usize>,
    /// Whether each edge leads back up. One that leads to where it comes from does not.
    pub(super) back: Vec<bool>,
}

/// The layers of a machine.
pub(super) fn layers(machine: &Machine) -> Layers {
    let out = outgoing(machine);
    let mut walk =
        Walk { back: vec![false; machine.edges.len()], order: Vec::new(), seen: vec![Seen::Never; out.len()] };
    for node in 0..out.len() {
        walk.visit(machine, &out, node);
    }
    walk.order.reverse();
    let mut of = vec![0_usize; out.len()];
    for node in &walk.order {
        let down = out[*node].iter().filter(|edge| !walk.back[**edge]).map(|edge| machine.edges[*edge].to);
        for below in down.filter(|below| below != node) {
            of[below] = of[below].max(of[*node] + 1);
        }
        // What leads back here comes from further down.
        let up = machine.edges.iter().zip(&walk.back).filter(|(edge, back)| **back && edge.to == *node);
        for (edge, _) in up {
            of[edge.from] = of[edge.from].max(of[*node] + 1);
        }
    }
    Layers { of, back: walk.back }
}

fn outgoing(machine: &Machine) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); machine.nodes.len()];
    machine.edges.iter().enumerate().for_each(|(place, edge)| out[edge.from].push(place));
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    /// On the way that is being walked.
    OnTheWay,
    Done,
}

/// A walk in depth; an edge to a node on the way leads back.
struct Walk {
    back: Vec<bool>,
    order: Vec<usize>,
    seen: Vec<Seen>,
}

impl Walk {
    /// Without recursion: a definition may be a chain of a thousand states.
    fn visit(&mut self, machine: &Machine, out: &[Vec<usize>], from: usize) {
        let mut way = vec![(from, 0_usize)];
        if self.seen[from] != Seen::Never {
            return;
        }
        self.seen[from] = Seen::OnTheWay;
        while let Some((node, next)) = way.last_mut() {
            let Some(edge) = out[*node].get(*next).copied() else {
                self.seen[*node] = Seen::Done;
                self.order.push(*node);
                way.pop();
                continue;
            };
            *next += 1;
            let to = machine.edges[edge].to;
            match self.seen[to] {
                Seen::Never => {
                    self.seen[to] = Seen::OnTheWay;
                    way.push((to, 0));
                }
                Seen::OnTheWay => self.back[edge] = to != *node,
                Seen::Done => {}
            }
        }
    }
}

//! Where the stops of a row stand: as near as possible to those that they are linked with, in their order, without touching.

use super::route::{Mesh, Stop};
use super::straight::straighten;

/// So often every row is moved to where its neighbours are, at least and at most.
const SWEEPS: (usize, usize) = (8, 200);
/// So many moves of stops are made in all. A diagram with more stops is less pretty, not slower.
const MAX_MOVES: usize = 4_000_000;
/// Parts of a pixel, so that many small moves are not lost.
const FINE: i64 = 16;
/// Between two states.
const NODE_GAP: i64 = 32;
/// Beside a way.
const WAY_GAP: i64 = 16;

/// The middle of every stop, from 0 on, in pixels. `widths` has the width of every stop.
pub(super) fn place(mesh: &Mesh, widths: &[i64]) -> Vec<i64> {
    let mut middles = packed(mesh, widths);
    let pulls = pulls(mesh);
    let sweeps = (MAX_MOVES / mesh.stops.len().max(1)).clamp(SWEEPS.0, SWEEPS.1);
    for sweep in 0..sweeps {
        let rows: Vec<&Vec<usize>> =
            if sweep % 2 == 0 { mesh.rows.iter().collect() } else { mesh.rows.iter().rev().collect() };
        rows.into_iter().for_each(|row| settle(row, mesh, widths, &pulls, &mut middles));
    }
    straighten(mesh, widths, &mut middles);
    let left = middles.iter().zip(widths).map(|(middle, width)| middle / FINE - width / 2).min().unwrap_or(0);
    middles.into_iter().map(|middle| middle / FINE - left).collect()
}

/// Side by side, from the left.
fn packed(mesh: &Mesh, widths: &[i64]) -> Vec<i64> {
    let mut middles = vec![0; mesh.stops.len()];
    for row in &mesh.rows {
        let offsets = offsets(row, mesh, widths);
        row.iter().zip(offsets).for_each(|(stop, offset)| middles[*stop] = offset);
    }
    middles
}

/// The least distance of each stop of a row from the first one.
fn offsets(row: &[usize], mesh: &Mesh, widths: &[i64]) -> Vec<i64> {
    let mut found: Vec<i64> = row.first().map(|_| 0).into_iter().collect();
    for pair in row.windows(2) {
        let [left, right] = pair else { continue };
        found.push(found.last().copied().unwrap_or(0) + distance(*left, *right, mesh, widths));
    }
    found
}

/// The least distance between the middles of two neighbours.
pub(super) fn distance(left: usize, right: usize, mesh: &Mesh, widths: &[i64]) -> i64 {
    let nodes = [left, right].iter().all(|stop| matches!(mesh.stops[*stop], Stop::Node(_)));
    let gap = if nodes { NODE_GAP } else { WAY_GAP };
    ((widths[left] + widths[right]) / 2 + gap) * FINE
}

/// For every stop: to which others it is pulled, and how much. Long ways are to be straight, and so is the usual way.
fn pulls(mesh: &Mesh) -> Vec<Vec<(usize, i64)>> {
    let mut pulls = vec![Vec::new(); mesh.stops.len()];
    for link in &mesh.links {
        let bends = [link.above, link.below].iter().filter(|stop| mesh.stops[**stop] == Stop::Bend).count();
        let pull = match bends {
            2 => 64,
            _ if link.usual => 24,
            _ => 3,
        };
        pulls[link.above].push((link.below, pull));
        pulls[link.below].push((link.above, pull));
    }
    pulls
}

/// Moves a row to where it is pulled. Stops that would touch move together, to the middle of what pulls them: that is the
/// nearest that all of them can get (pool adjacent violators).
fn settle(row: &[usize], mesh: &Mesh, widths: &[i64], pulls: &[Vec<(usize, i64)>], middles: &mut [i64]) {
    let offsets = offsets(row, mesh, widths);
    let mut blocks: Vec<Block> = Vec::new();
    for (stop, offset) in row.iter().zip(&offsets) {
        let pull: i64 = pulls[*stop].iter().map(|(_, pull)| pull).sum();
        let sum: i64 = pulls[*stop].iter().map(|(other, pull)| middles[*other] * pull).sum();
        let (wanted, pull) = if pull == 0 { (middles[*stop], 1) } else { (sum / pull, pull) };
        blocks.push(Block { sum: (wanted - offset) * pull, pull, stops: 1 });
        while let [.., left, right] = blocks.as_slice()
            && left.middle() >= right.middle()
        {
            let merged = left.with(right);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let settled = blocks.iter().flat_map(|block| std::iter::repeat_n(block.middle(), block.stops));
    for ((stop, offset), middle) in row.iter().zip(&offsets).zip(settled) {
        middles[*stop] = middle + offset;
    }
}

/// Stops that move together.
struct Block {
    sum: i64,
    pull: i64,
    stops: usize,
}

impl Block {
    fn middle(&self) -> i64 {
        self.sum / self.pull
    }

    fn with(&self, other: &Self) -> Self {
        Self { sum: self.sum + other.sum, pull: self.pull + other.pull, stops: self.stops + other.stops }
    }
}

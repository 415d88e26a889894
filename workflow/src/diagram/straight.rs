//! Straight ways: the bends of a way are put under each other as far as what stands beside them allows.

use super::place::distance;
use super::route::{Mesh, Stop};

/// Straightens every way. `middles` are those that [`super::place`] has found, in its own unit.
pub(super) fn straighten(mesh: &Mesh, widths: &[i64], middles: &mut [i64]) {
    let next = next_bends(mesh);
    let mut done = vec![false; mesh.stops.len()];
    let places = places(mesh);
    for first in first_bends(mesh, &next) {
        let chain: Vec<usize> = std::iter::successors(Some(first), |bend| next[*bend]).collect();
        let chain: Vec<usize> =
            chain.into_iter().take_while(|bend| !std::mem::replace(&mut done[*bend], true)).collect();
        align(&chain, mesh, widths, &places, middles);
    }
}

/// The bend below each bend, if its way goes on to one.
fn next_bends(mesh: &Mesh) -> Vec<Option<usize>> {
    let mut next = vec![None; mesh.stops.len()];
    for link in &mesh.links {
        if mesh.stops[link.above] == Stop::Bend && mesh.stops[link.below] == Stop::Bend {
            next[link.above] = Some(link.below);
        }
    }
    next
}

/// The bends that no bend leads to, from the top: the longest ways come first where several run together.
fn first_bends(mesh: &Mesh, next: &[Option<usize>]) -> Vec<usize> {
    let mut led = vec![false; mesh.stops.len()];
    next.iter().flatten().for_each(|bend| led[*bend] = true);
    let bends = mesh.rows.iter().flatten().copied();
    bends.filter(|stop| mesh.stops[*stop] == Stop::Bend && !led[*stop]).collect()
}

/// Puts as many bends as possible under each other, then as many of the rest, and so on.
fn align(chain: &[usize], mesh: &Mesh, widths: &[i64], places: &[(usize, usize)], middles: &mut [i64]) {
    let rooms: Vec<(i64, i64)> = chain.iter().map(|bend| room(places[*bend], mesh, widths, middles)).collect();
    let mut begin = 0;
    while begin < chain.len() {
        let (mut least, mut most) = rooms[begin];
        let mut end = begin + 1;
        while end < chain.len() && least.max(rooms[end].0) <= most.min(rooms[end].1) {
            (least, most) = (least.max(rooms[end].0), most.min(rooms[end].1));
            end += 1;
        }
        let count = i64::try_from(end - begin).unwrap_or(1);
        let wanted = chain[begin..end].iter().map(|bend| middles[*bend]).sum::<i64>() / count;
        let middle = wanted.clamp(least, most.max(least));
        chain[begin..end].iter().for_each(|bend| middles[*bend] = middle);
        begin = end;
    }
}

/// The row of every stop and its place in it.
fn places(mesh: &Mesh) -> Vec<(usize, usize)> {
    let mut places = vec![(0, 0); mesh.stops.len()];
    for (row, stops) in mesh.rows.iter().enumerate() {
        stops.iter().enumerate().for_each(|(place, stop)| places[*stop] = (row, place));
    }
    places
}

/// How far a bend can go to the left and to the right.
fn room((row, place): (usize, usize), mesh: &Mesh, widths: &[i64], middles: &[i64]) -> (i64, i64) {
    const FAR: i64 = i64::MAX / 4;
    let row = &mesh.rows[row];
    let (bend, left, right) = (row[place], place.checked_sub(1).map(|left| row[left]), row.get(place + 1).copied());
    let left = left.map_or(-FAR, |left| middles[left] + distance(left, bend, mesh, widths));
    let right = right.map_or(FAR, |right| middles[right] - distance(bend, right, mesh, widths));
    // What settled last may stand a part of a pixel too near.
    (left.min(middles[bend]), right.max(middles[bend]))
}

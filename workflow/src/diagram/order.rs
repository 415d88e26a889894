//! The order within the rows, so that few ways cross: stops are sorted by where their neighbours stand (barycentres), down
//! and up, and neighbours change places where that helps.

use super::route::Mesh;

/// So often the rows are sorted; very large diagrams less often.
const SWEEPS: usize = 16;
const SWEEPS_IF_LARGE: usize = 4;
const LARGE: usize = 50_000;
/// Above this size changing places costs more than it gives.
const MAX_FOR_SWAPS: usize = 3_000;

/// The neighbours of every stop.
struct Neighbours {
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

/// Puts the stops of every row into a good order.
pub(super) fn order(mesh: &mut Mesh) {
    let neighbours = Neighbours::of(mesh);
    let mut places = places(mesh);
    let mut best = (crossings(mesh, &neighbours, &places), mesh.rows.clone());
    let sweeps = if mesh.stops.len() > LARGE { SWEEPS_IF_LARGE } else { SWEEPS };
    for sweep in 0..sweeps {
        let down = sweep % 2 == 0;
        let rows: Vec<usize> = if down { (0..mesh.rows.len()).collect() } else { (0..mesh.rows.len()).rev().collect() };
        for row in rows {
            let side = if down { &neighbours.above } else { &neighbours.below };
            sort(&mut mesh.rows[row], side, &mut places);
        }
        if mesh.stops.len() <= MAX_FOR_SWAPS {
            mesh.rows.iter_mut().for_each(|row| swap(row, &neighbours, &mut places));
        }
        let found = crossings(mesh, &neighbours, &places);
        if found < best.0 {
            best = (found, mesh.rows.clone());
        }
    }
    mesh.rows = best.1;
}

impl Neighbours {
    fn of(mesh: &Mesh) -> Self {
        let (mut above, mut below) = (vec![Vec::new(); mesh.stops.len()], vec![Vec::new(); mesh.stops.len()]);
        for link in &mesh.links {
            above[link.below].push(link.above);
            below[link.above].push(link.below);
        }
        Self { above, below }
    }
}

/// The place of each stop in its row.
fn places(mesh: &Mesh) -> Vec<usize> {
    let mut places = vec![0; mesh.stops.len()];
    mesh.rows.iter().for_each(|row| number(row, &mut places));
    places
}

fn number(row: &[usize], places: &mut [usize]) {
    row.iter().enumerate().for_each(|(place, stop)| places[*stop] = place);
}

/// Sorts a row by the middle of each stop's neighbours; one without neighbours stays about where it is.
fn sort(row: &mut [usize], side: &[Vec<usize>], places: &mut [usize]) {
    const FINE: usize = 1_000;
    let middle = |stop: &usize| match side[*stop].as_slice() {
        [] => places[*stop] * FINE,
        others => others.iter().map(|other| places[*other] * FINE).sum::<usize>() / others.len(),
    };
    row.sort_by_cached_key(middle);
    number(row, places);
}

/// Lets two neighbours change places as long as fewer ways cross then.
fn swap(row: &mut [usize], neighbours: &Neighbours, places: &mut [usize]) {
    for _ in 0..row.len().min(8) {
        let mut better = false;
        for place in 1..row.len() {
            let (left, right) = (row[place - 1], row[place]);
            let cost = |one: usize, other: usize| {
                pairs(&neighbours.above, one, other, places) + pairs(&neighbours.below, one, other, places)
            };
            if cost(right, left) < cost(left, right) {
                row.swap(place - 1, place);
                number(row, places);
                better = true;
            }
        }
        if !better {
            return;
        }
    }
}

/// How many ways of two neighbours cross if `left` stands left of `right`.
fn pairs(side: &[Vec<usize>], left: usize, right: usize, places: &[usize]) -> usize {
    let crossing = |one: &usize| side[right].iter().filter(|other| places[**other] < places[*one]).count();
    side[left].iter().map(crossing).sum()
}

/// How many ways cross in all.
fn crossings(mesh: &Mesh, neighbours: &Neighbours, places: &[usize]) -> usize {
    mesh.rows.iter().map(|row| crossings_below(row, &neighbours.below, places)).sum()
}

/// Counts pairs that are in the wrong order, with a Fenwick tree.
fn crossings_below(row: &[usize], below: &[Vec<usize>], places: &[usize]) -> usize {
    let mut ends = Vec::new();
    for stop in row {
        let mut own: Vec<usize> = below[*stop].iter().map(|other| places[*other]).collect();
        own.sort_unstable();
        ends.extend(own);
    }
    let mut tree = vec![0_usize; ends.iter().max().map_or(0, |last| last + 2)];
    let mut found = 0;
    for (before, end) in ends.into_iter().enumerate() {
        found += before - sum(&tree, end + 1);
        add(&mut tree, end + 1);
    }
    found
}

/// How many are at most at this place.
fn sum(tree: &[usize], mut place: usize) -> usize {
    let mut found = 0;
    while place > 0 {
        found += tree[place];
        place &= place - 1;
    }
    found
}

fn add(tree: &mut [usize], mut place: usize) {
    while place < tree.len() {
        tree[place] += 1;
        place += place & place.wrapping_neg();
    }
}

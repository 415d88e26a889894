//! Many measurements as a line of the table.

use super::super::table::Line;
use std::time::Duration;

pub(super) fn line(work: String, mut latencies: Vec<Duration>) -> Line {
    let took = latencies.iter().sum();
    latencies.sort_unstable();
    Line { work, clients: 1, database: "", count: latencies.len(), took, latencies }
}

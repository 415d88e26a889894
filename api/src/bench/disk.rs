//! How long the disk takes to make 4 KiB durable.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The median of so many `fdatasync`s after 4 KiB each, in this folder.
pub(super) fn fdatasync_median(folder: &Path, count: usize) -> std::io::Result<Duration> {
    let path = folder.join("fdatasync.probe");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        file.write_all(&[7; 4_096])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    std::fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(times.get(count / 2).copied().unwrap_or_default())
}

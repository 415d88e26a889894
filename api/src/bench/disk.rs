//! How long the disk takes to make 4 KiB durable.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file of its own on the disk that is measured. It is asked between the things that are measured, because what a
/// disk can do changes from second to second.
pub(super) struct Probe {
    file: File,
    path: PathBuf,
    times: Vec<Duration>,
}

impl Probe {
    pub(super) fn new(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join("fdatasync.probe");
        Ok(Self { file: File::create(&path)?, path, times: Vec::new() })
    }

    /// Takes the time of one `fdatasync` after 4 KiB.
    pub(super) fn sync(&mut self) -> std::io::Result<()> {
        self.file.write_all(&[7; 4_096])?;
        let started = Instant::now();
        self.file.sync_data()?;
        self.times.push(started.elapsed());
        Ok(())
    }

    /// The median of all that were taken.
    pub(super) fn median(mut self) -> std::io::Result<Duration> {
        std::fs::remove_file(&self.path)?;
        self.times.sort_unstable();
        Ok(self.times.get(self.times.len() / 2).copied().unwrap_or_default())
    }
}

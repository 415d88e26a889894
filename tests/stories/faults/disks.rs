//! Disks: one that does not make a commit durable any more, and one that is full. The process ends and says why, because
//! nobody knows what the disk holds; started again on a sound disk, nothing is lost.

use crate::stories::kill::people::{self, Clients};
use crate::stories::kill::{Service, ended_quietly};
use crate::stories::power_loss::disk::Disk;
use crate::support::Database;
use crate::support::chance::Chance;
use crate::support::power::Power;
use anyhow::{Context, Result, ensure};

/// The service runs into the fault that the shim is asked for, ends, and is started again without it.
async fn ends_and_begins_again(wishes: &[(&str, &str)], why: &str) -> Result<()> {
    let seed = Chance::seed()?;
    let (mut chance, mut power) = (Chance::from(seed), Power::new()?);
    let service = Service::new(Database::sqlite()?).await?;
    let disk = Disk::of(&service.database)?;
    let world = service.furnished().await?;
    let Clients { submitters, mut approvers } = people::begin(&world, &mut chance);
    let life = power.life(&service.program, disk.folder(), wishes);
    let ended = life.program.start(&["serve"])?.ends().await?;
    ensure!(ended.code == Some(1), "exit code {:?}: {}", ended.code, ended.err);
    let told = ["a commit has failed: the process ends", why];
    ensure!(told.iter().all(|words| ended.err.contains(words)), "{}", ended.err);
    let cut = life.cut(&mut chance)?;
    let lost = disk.looked_at(&service.program, &world).await?;
    ensure!(lost.is_empty(), "seed {seed}: answered and lost: {lost:?}");
    let answered = world.ledger().answered();
    println!("{why}: {answered} answers before, 0 lost; {} of {} writes undone", cut.undone, cut.writes);
    let last = tokio::select! {
        last = ended_quietly(&service, &world, submitters) => last?,
        Some(trouble) = approvers.join_next() => return trouble?.with_context(|| format!("seed {seed}")),
    };
    ensure!(last.terminate().await?.code == Some(0));
    service.database.remove().await
}

/// `fsync` of the log fails once: the kernel may have dropped what it could not write, so a second try would prove nothing.
#[tokio::test]
async fn a_sync_that_fails_ends_the_process_and_loses_nothing() -> Result<()> {
    ends_and_begins_again(&[("POWER_FAIL_SYNC", "30"), ("POWER_FAIL_NAME", "-wal")], "disk I/O error").await
}

#[tokio::test]
async fn a_full_disk_ends_the_process_and_loses_nothing() -> Result<()> {
    ends_and_begins_again(&[("POWER_FULL_AFTER", "600000")], "database or disk is full").await
}

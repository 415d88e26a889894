//! The power is cut, again and again, while orders are submitted and approved: what was answered stays.
//!
//! `kill -9` leaves the kernel with everything that it was given; a power cut does not. The real program runs over a shim
//! that remembers what no sync covers, is killed, and loses that: all of it, or any sectors of it. Each cut is looked at in a
//! copy, so that the next start finds the disk as the cut has left it.

pub(crate) mod disk;

use super::kill::people::{self, Clients, World};
use super::kill::{Service, ended_quietly, proof};
use crate::support::Database;
use crate::support::chance::Chance;
use crate::support::power::{Cut, Power};
use anyhow::{Context, Result, ensure};
use disk::Disk;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// `COUNTERSIGN_TEST_CUTS`, or 20 in CI and 5 elsewhere.
fn cuts() -> Result<u64> {
    match std::env::var("COUNTERSIGN_TEST_CUTS") {
        Ok(text) => text.parse().with_context(|| format!("COUNTERSIGN_TEST_CUTS must be a number, not {text}")),
        Err(_) if std::env::var_os("CI").is_some() => Ok(20),
        Err(_) => Ok(5),
    }
}

/// On a disk this slow most cuts fall between a write and the end of its sync.
const SLOW: (&str, &str) = ("POWER_SYNC_MS", "15");

/// On a busy machine few cuts may all fall between syncs; then there are up to so many times as many.
const PATIENCE: u64 = 5;

/// A service whose power can be cut.
struct House {
    service: Service,
    disk: Disk,
    power: Power,
    chance: Chance,
}

impl House {
    async fn new(seed: u64) -> Result<Self> {
        let service = Service::new(Database::sqlite()?).await?;
        let disk = Disk::of(&service.database)?;
        Ok(Self { service, disk, power: Power::new()?, chance: Chance::from(seed) })
    }

    /// One life: 20 to 600 ms after the service is ready, sometimes not even that long. Then the power is cut.
    async fn live_and_lose(&mut self) -> Result<Cut> {
        let life = self.power.life(&self.service.program, self.disk.folder(), &[SLOW]);
        let mut process = life.program.start(&["serve"])?;
        if self.chance.one_in(10) {
            sleep(self.chance.ms(0, 100)).await;
        } else {
            process.ready(&reqwest::Client::new(), &self.service.base).await?;
            sleep(self.chance.ms(20, 600)).await;
        }
        let complaints = process.err();
        process.kill()?;
        ensure!(!complaints.contains("ERROR"), "{complaints}");
        life.cut(&mut self.chance)
    }

    /// Cut after cut, each looked at; then a quiet end. What the cuts took in all.
    async fn cut_again_and_again(&mut self, world: &World, submitters: JoinSet<Result<()>>) -> Result<Cut> {
        let (mut taken, cuts) = (Cut::default(), cuts()?);
        for n in 1..=cuts * PATIENCE {
            if n > cuts && taken.undone > 0 {
                break;
            }
            let cut = async {
                let cut = self.live_and_lose().await?;
                let lost = self.disk.looked_at(&self.service.program, world).await?;
                ensure!(lost.is_empty(), "answered and lost: {lost:?}");
                anyhow::Ok(cut)
            };
            taken += cut.await.with_context(|| format!("in life {n}"))?;
        }
        let last = ended_quietly(&self.service, world, submitters).await?;
        let ended = last.terminate().await?;
        ensure!(ended.code == Some(0), "exit code {:?}\n{}", ended.code, ended.err);
        Ok(taken)
    }
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost_when_the_power_is_cut() -> Result<()> {
    let (seed, cuts) = (Chance::seed()?, cuts()?);
    println!("COUNTERSIGN_TEST_SEED={seed} COUNTERSIGN_TEST_CUTS={cuts}");
    let mut house = House::new(seed).await?;
    let world = house.service.furnished().await?;
    let Clients { submitters, mut approvers } = people::begin(&world, &mut house.chance);
    let taken = tokio::select! {
        taken = house.cut_again_and_again(&world, submitters) => taken.with_context(|| format!("seed {seed}"))?,
        Some(trouble) = approvers.join_next() => return trouble?.with_context(|| format!("seed {seed}")),
    };
    let mails = proof::of_mails(&world)?;
    let answered = world.ledger().answered();
    let Cut { writes, syncs, undone, survived } = taken;
    println!(
        "{cuts} power cuts: {answered} answers, 0 lost; {writes} writes and {syncs} syncs, {undone} writes undone, {survived} of their sectors had survived"
    );
    println!("{}; {mails}", world.ledger().summary());
    // A run in which nothing is undone would prove nothing.
    ensure!(undone > 0, "no write was undone");
    let check = house.service.program.must(&["check", "--deep"]).await?;
    ensure!(check.contains(" 0 differences"), "{check}");
    house.service.database.remove().await
}

/// The proof of the proof: on a disk that says it has synced and has not, answers are lost, and that is found.
#[tokio::test]
async fn a_disk_that_lies_is_found_out() -> Result<()> {
    let seed = Chance::seed()?;
    let mut house = House::new(seed).await?;
    let world = house.service.furnished().await?;
    let clients = people::begin(&world, &mut house.chance);
    let life = house.power.life(&house.service.program, house.disk.folder(), &[("POWER_LIE", "1")]);
    let mut process = life.program.start(&["serve"])?;
    process.ready(&reqwest::Client::new(), &house.service.base).await?;
    world.until_answered_so_often(5).await?;
    process.kill()?;
    drop(clients);
    let cut = life.cut(&mut house.chance)?;
    let answered = world.ledger().answered();
    let lost = house.disk.lost(&world).await?;
    println!(
        "a disk that lies: {answered} answers, {} lost; {} of {} writes undone",
        lost.len(),
        cut.undone,
        cut.writes
    );
    ensure!(!lost.is_empty() && cut.syncs == 0, "seed {seed}: {answered} answers and nothing lost, {cut:?}");
    house.service.database.remove().await
}

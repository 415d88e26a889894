//! `kill -9`, again and again, while orders are submitted and approved: what was answered stays, and nothing is done twice.
//!
//! The program is the real one, and so are the process, the disk and the mail server.

pub(crate) mod doors;
pub(crate) mod ledger;
pub(crate) mod people;
pub(crate) mod proof;

use crate::support::Database;
use crate::support::chance::Chance;
use crate::support::process::{Process, Program, fixed_address};
use crate::support::smtp::SmtpServer;
use anyhow::{Context, Result, ensure};
use doors::Doors;
use ledger::Ledger;
use people::{Clients, World};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Who takes part.
const PEOPLE: [&str; 6] = ["eva", "mira", "felix", "fiona", "hanna", "ada"];

/// `COUNTERSIGN_TEST_KILLS`, or 200 in CI and 20 elsewhere.
fn kills() -> Result<u64> {
    match std::env::var("COUNTERSIGN_TEST_KILLS") {
        Ok(text) => text.parse().with_context(|| format!("COUNTERSIGN_TEST_KILLS must be a number, not {text}")),
        Err(_) if std::env::var_os("CI").is_some() => Ok(200),
        Err(_) => Ok(20),
    }
}

async fn killed_again_and_again(database: Database, name: &str) -> Result<()> {
    let (seed, kills) = (Chance::seed()?, kills()?);
    println!("{name}: COUNTERSIGN_TEST_SEED={seed} COUNTERSIGN_TEST_KILLS={kills}");
    let mut chance = Chance::from(seed);
    let service = Service::new(database).await?;
    let world = service.furnished().await?;
    let Clients { submitters, mut approvers } = people::begin(&world, &mut chance);
    let story = told(&service, &world, submitters, &mut chance);
    let last = tokio::select! {
        last = story => last.with_context(|| format!("seed {seed}"))?,
        Some(trouble) = approvers.join_next() => return trouble?.with_context(|| format!("seed {seed}")),
    };
    let mails = proof::of_mails(&world)?;
    let ended = last.terminate().await?;
    ensure!(ended.code == Some(0), "exit code {:?}\n{}", ended.code, ended.err);
    let check = service.program.must(&["check", "--deep"]).await?;
    ensure!(check.contains(" 0 differences"), "{check}");
    println!("{name}: {kills} kills; {}; {mails}; {}", world.ledger().summary(), check.trim());
    service.database.remove().await
}

/// Kill after kill; then a quiet end, and the proofs. The last process is still running.
async fn told(
    service: &Service,
    world: &World,
    submitters: JoinSet<Result<()>>,
    chance: &mut Chance,
) -> Result<Process> {
    for n in 1..=kills()? {
        service.live_and_die(chance).await.with_context(|| format!("in life {n}"))?;
    }
    ended_quietly(service, world, submitters).await
}

/// Nobody submits any more, and everything that was begun is done; then the proofs. The process is still running.
pub(crate) async fn ended_quietly(
    service: &Service,
    world: &World,
    submitters: JoinSet<Result<()>>,
) -> Result<Process> {
    let last = service.start(world).await?;
    closed_and_proved(&service.database.url, world, submitters).await?;
    Ok(last)
}

/// Nobody submits any more, and everything that was begun is done; then the proofs.
pub(crate) async fn closed_and_proved(url: &str, world: &World, submitters: JoinSet<Result<()>>) -> Result<()> {
    world.nobody_submits_any_more();
    for ended in submitters.join_all().await {
        ended?;
    }
    proof::everything_is_sent(world).await?;
    proof::nothing_is_undone(url).await?;
    proof::of_what_was_answered(world).await
}

/// The program with its database and its mail server.
pub(crate) struct Service {
    pub(crate) program: Program,
    pub(crate) database: Database,
    pub(crate) base: String,
    smtp: Arc<SmtpServer>,
}

impl Service {
    pub(crate) async fn new(database: Database) -> Result<Self> {
        let (smtp, address) = (SmtpServer::start().await?, fixed_address()?);
        let base = format!("http://{address}");
        let program = Program::find()?
            .with("COUNTERSIGN_DATABASE", &database.url)
            .with("COUNTERSIGN_SMTP", format!("smtp://{}", smtp.address()))
            .with("COUNTERSIGN_LISTEN", address)
            .with("COUNTERSIGN_BASE_URL", &base)
            .with("COUNTERSIGN_DRAIN_SECONDS", "0")
            .with("COUNTERSIGN_LOG", "warn");
        Ok(Self { program, database, smtp: Arc::new(smtp), base })
    }

    /// The company, a token for everybody, and a supplier.
    pub(crate) async fn furnished(&self) -> Result<Arc<World>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../definitions/demo/acme.json");
        self.program.must(&["company".as_ref(), "apply".as_ref(), file.as_os_str()]).await?;
        let mut tokens = BTreeMap::new();
        for person in PEOPLE {
            let token = self.program.must(&["company", "token", "acme", person]).await?;
            tokens.insert(person.to_owned(), token.trim().to_owned());
        }
        let mut world = World::new(Doors::new([self.base.clone()]), tokens, Arc::clone(&self.smtp), Ledger::default())?;
        let process = self.start(&world).await?;
        world.add_supplier().await?;
        ensure!(process.terminate().await?.code == Some(0), "the service did not end well");
        Ok(Arc::new(world))
    }

    pub(crate) async fn start(&self, world: &World) -> Result<Process> {
        let mut process = self.program.start(&["serve"])?;
        process.ready(&world.http, &self.base).await?;
        Ok(process)
    }

    /// One life: mostly 20 to 400 ms after the service is ready, sometimes not even that long.
    async fn live_and_die(&self, chance: &mut Chance) -> Result<()> {
        let mut process = self.program.start(&["serve"])?;
        if chance.one_in(10) {
            sleep(chance.ms(0, 100)).await;
        } else {
            process.ready(&reqwest::Client::new(), &self.base).await?;
            sleep(chance.ms(20, 400)).await;
        }
        let complaints = process.err();
        process.kill()?;
        ensure!(!complaints.contains("ERROR"), "{complaints}");
        Ok(())
    }
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost_on_sqlite() -> Result<()> {
    killed_again_and_again(Database::sqlite()?, "sqlite").await
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost_on_postgres() -> Result<()> {
    killed_again_and_again(Database::postgres().await?, "postgres").await
}

//! The disk after a power cut, looked at in a copy.

use crate::stories::kill::people::World;
use crate::support::Database;
use crate::support::folder::Folder;
use crate::support::process::Program;
use anyhow::{Context, Result, ensure};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};

/// The folder of a SQLite database.
pub(crate) struct Disk {
    file: PathBuf,
}

impl Disk {
    pub(crate) fn of(database: &Database) -> Result<Self> {
        let file = database.url.strip_prefix("sqlite://").context("a file")?;
        Ok(Self { file: PathBuf::from(file) })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }

    /// The database file with its log, elsewhere. What is in the map of the log is not on the disk.
    fn copied(&self) -> Result<(Folder, PathBuf)> {
        let folder = Folder::new()?;
        for end in ["", "-wal"] {
            let from = PathBuf::from(format!("{}{end}", self.file.display()));
            if from.exists() {
                std::fs::copy(&from, folder.path().join(format!("copy.db{end}")))?;
            }
        }
        let file = folder.path().join("copy.db");
        Ok((folder, file))
    }

    /// Proves that the database is whole and that every invariant holds; what was answered and is not there.
    pub(crate) async fn looked_at(&self, program: &Program, world: &World) -> Result<Vec<String>> {
        let (_folder, file) = self.copied()?;
        let url = format!("sqlite://{}", file.display());
        let check = program.clone().with("COUNTERSIGN_DATABASE", &url).must(&["check", "--deep"]).await?;
        ensure!(check.contains(" 0 differences"), "{check}");
        let mut connection = SqliteConnection::connect(&url).await?;
        let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await?;
        ensure!(whole == "ok", "integrity_check says {whole}");
        lost(&mut connection, world).await
    }

    /// What was answered and is not there.
    pub(crate) async fn lost(&self, world: &World) -> Result<Vec<String>> {
        let (_folder, file) = self.copied()?;
        lost(&mut SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?, world).await
    }
}

async fn lost(connection: &mut SqliteConnection, world: &World) -> Result<Vec<String>> {
    // One lock at a time: a second one in the same statement would wait for the first.
    let orders = world.ledger().orders();
    let decisions = world.ledger().decisions();
    let mut lost = Vec::new();
    for (number, order) in orders {
        let sql = "SELECT count(*) FROM object WHERE id = $1 AND number = $2 AND instance = $3";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(&order.id).bind(&number).bind(&order.instance);
        if query.fetch_one(&mut *connection).await? != 1 {
            lost.push(number);
        }
    }
    for (instance, person) in decisions {
        let sql = "SELECT count(*) FROM transition WHERE instance = $1 AND event LIKE '%\"type\":\"voted\"%' AND event LIKE $2";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(&instance).bind(format!("%\"person\":\"{person}\"%"));
        if query.fetch_one(&mut *connection).await? != 1 {
            lost.push(format!("{person} on {instance}"));
        }
    }
    Ok(lost)
}

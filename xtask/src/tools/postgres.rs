//! A PostgreSQL server on which tests may create databases: the one that is named, the one that answers, or a private one.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use super::cluster::{self, Cluster};
use crate::run::{find, output, say};

/// The oldest version that Countersign supports.
pub(crate) const OLDEST_MAJOR: u32 = 15;
const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";
/// How a server on the standard port is set up on developers' and CI machines: trusting, or with the image's password.
const USUAL: [&str; 4] = [
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
    "postgres:///postgres?host=/var/run/postgresql",
    "postgres:///postgres?host=/tmp",
];

/// A server that the tests may use; a private one ends with this value.
#[derive(Debug)]
pub(crate) enum Postgres {
    /// Somebody else's: only used.
    Found(String),
    /// Ours, in the target folder.
    Private(Cluster),
}

impl Postgres {
    /// The URL of a database from which others can be created.
    pub(crate) fn url(&self) -> &str {
        match self {
            Postgres::Found(url) => url,
            Postgres::Private(cluster) => cluster.url(),
        }
    }
}

/// Gets a server: `COUNTERSIGN_TEST_POSTGRES`, else one on the standard port or socket, else a private one in `folder`,
/// else one that is installed first.
///
/// # Errors
/// If the variable names a server that cannot be used, or if there is no server and none can be had.
pub(crate) fn get(folder: &Path) -> Result<Postgres> {
    let server = match std::env::var(VARIABLE) {
        Ok(url) => named(url)?,
        Err(_) => match usual() {
            Some(url) => Postgres::Found(url),
            None => private(folder)?,
        },
    };
    say(format!("PostgreSQL: {}", without_password(server.url())));
    Ok(server)
}

/// A server that somebody set is meant: if it does not answer, that is an error and not a reason to take another one.
/// Without `psql` it is believed.
fn named(url: String) -> Result<Postgres> {
    if let Some(psql) = find_psql() {
        usable(&psql, &url).with_context(|| format!("{VARIABLE} names a server that cannot be used"))?;
    }
    Ok(Postgres::Found(url))
}

fn usual() -> Option<String> {
    let psql = find_psql()?;
    USUAL.into_iter().find(|url| usable(&psql, url).is_ok()).map(str::to_owned)
}

fn private(folder: &Path) -> Result<Postgres> {
    if cluster::programs().is_none() {
        apt::install("PostgreSQL", &["postgresql"]).with_context(|| {
            format!("PostgreSQL {OLDEST_MAJOR} or newer; or set {VARIABLE}=postgres://user:password@host/database")
        })?;
        // The package has started a server; it is not ours to reconfigure, so it is used only if it lets us in as it is.
        if let Some(url) = usual() {
            return Ok(Postgres::Found(url));
        }
    }
    let programs = cluster::programs().with_context(|| format!("no initdb of PostgreSQL {OLDEST_MAJOR} or newer"))?;
    Cluster::start(&programs, folder).map(Postgres::Private).context("cannot start a private PostgreSQL")
}

/// Checks that the server is new enough and that we may create databases.
fn usable(psql: &Path, url: &str) -> Result<()> {
    let question = "select current_setting('server_version_num')::int / 10000, rolcreatedb or rolsuper \
                    from pg_roles where rolname = current_user";
    let answer =
        output(Command::new(psql).args(["-XAtw", "-F", " ", "-c", question, "-d", url]).env("PGCONNECT_TIMEOUT", "5"))?;
    judge(&answer)
}

/// Reads `<major version> <t or f>`.
fn judge(answer: &str) -> Result<()> {
    let (major, may_create) = answer.split_once(' ').context("the server's answer cannot be understood")?;
    if major.parse::<u32>()? < OLDEST_MAJOR {
        bail!("it is version {major}, {OLDEST_MAJOR} is the oldest that is supported");
    }
    if may_create != "t" {
        bail!("its user may not create databases: `alter role .. createdb`");
    }
    Ok(())
}

fn find_psql() -> Option<std::path::PathBuf> {
    find(&["psql"]).or_else(|| cluster::programs().map(|folder| folder.join("psql")).filter(|path| path.is_file()))
}

/// The URL as it may be printed.
fn without_password(url: &str) -> String {
    let Some((head, tail)) = url.rsplit_once('@') else { return url.to_owned() };
    match head.split_once("://") {
        Some((scheme, user)) => format!("{scheme}://{}@{tail}", user.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_must_be_new_and_let_us_create_databases() {
        assert!(judge("15 t").is_ok());
        assert!(judge("18 t").is_ok());
        assert!(judge("14 t").unwrap_err().to_string().contains("version 14"));
        assert!(judge("16 f").unwrap_err().to_string().contains("createdb"));
        assert!(judge("").is_err());
    }

    #[test]
    fn passwords_are_not_printed() {
        assert_eq!(without_password("postgres://anna:s3cret@db/x"), "postgres://anna@db/x");
        assert_eq!(without_password("postgres://anna:a@b@db/x"), "postgres://anna@db/x");
        assert_eq!(without_password("postgres:///x?host=/tmp"), "postgres:///x?host=/tmp");
    }
}

//! A private PostgreSQL cluster: made with `initdb`, on a free port of loopback, stopped at the end.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::apt::is_root;
use super::postgres::OLDEST_MAJOR;
use crate::run::{find, output, say};

/// Where systems keep the server's programs, which are seldom on the `PATH`.
const INSTALLATIONS: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/usr/lib64/pgsql", "bin"),
];

/// A running server of our own. Dropping it stops the server and keeps its data, so that the next start is quick.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    pg_ctl: PathBuf,
    data: PathBuf,
    account: Option<Account>,
    /// Held while the server is ours: a second run in the same folder waits for the first.
    _lock: File,
}

/// PostgreSQL refuses to run as root, so root lends it another account.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

/// The folder that holds `initdb` and `pg_ctl` of the newest usable version.
pub(crate) fn programs() -> Option<PathBuf> {
    let on_path = find(&["initdb"]).and_then(|path| path.canonicalize().ok()?.parent().map(Path::to_owned));
    let installed = INSTALLATIONS.into_iter().flat_map(|(folder, bin)| below(Path::new(folder), bin));
    let usable = on_path.into_iter().chain(installed).filter_map(|folder| Some((major(&folder)?, folder)));
    usable.filter(|(major, _)| *major >= OLDEST_MAJOR).max_by_key(|(major, _)| *major).map(|(_, folder)| folder)
}

fn below(folder: &Path, bin: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path().join(bin)).filter(|path| path.join("initdb").is_file()).collect()
}

/// `initdb (PostgreSQL) 15.4 (Debian ..)` -> 15
fn major(folder: &Path) -> Option<u32> {
    if !folder.join("pg_ctl").is_file() {
        return None;
    }
    read_major(&output(Command::new(folder.join("initdb")).arg("--version")).ok()?)
}

fn read_major(version: &str) -> Option<u32> {
    let number = version.split_once(") ")?.1;
    number.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

impl Cluster {
    /// Starts a server in `folder`, with the programs of `programs`.
    ///
    /// # Errors
    /// If the cluster cannot be made or does not start; the server's log is named.
    pub(crate) fn start(programs: &Path, folder: &Path) -> Result<Cluster> {
        let account = if is_root() { Some(unprivileged()?) } else { None };
        let folder = prepare(folder, account)?;
        let (data, log) = (folder.join("data"), folder.join("server.log"));
        let port = free_port()?;
        let cluster = Cluster {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            pg_ctl: programs.join("pg_ctl"),
            data,
            account,
            _lock: lock(&folder)?,
        };
        if !cluster.data.join("PG_VERSION").exists() {
            say(format!("PostgreSQL: making a private cluster in {}", folder.display()));
            cluster.initialise(&programs.join("initdb"))?;
        }
        cluster.stop(); // one that an interrupted run has left
        cluster.serve(port, &log).with_context(|| format!("its log is {}", log.display()))?;
        Ok(cluster)
    }

    /// The URL of its database `postgres`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn initialise(&self, initdb: &Path) -> Result<()> {
        let options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        output(self.command(initdb).args(options)).map(drop)
    }

    /// Its data need not survive a power cut, so it does not wait for the disk. It listens on loopback only.
    fn serve(&self, port: u16, log: &Path) -> Result<()> {
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300"
        );
        let mut start = self.command(&self.pg_ctl);
        start.args(["start", "--wait", "--silent", "--options", &options, "--log"]).arg(log);
        // The server inherits these: a pipe would stay open and the start would never seem to end.
        start.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
        crate::run::run(&mut start)
    }

    fn stop(&self) {
        // It fails if no server is running, which is as good.
        let _ = output(self.command(&self.pg_ctl).args(["stop", "--wait", "--silent", "--mode=immediate"]));
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg("--pgdata").arg(&self.data).current_dir("/");
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `postgres` if the package has made that account, else `nobody`.
fn unprivileged() -> Result<Account> {
    let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let account = ["postgres", "nobody"].into_iter().find_map(|name| find_account(&accounts, name));
    account.context("PostgreSQL refuses to run as root and there is no account `postgres` or `nobody`")
}

fn find_account(accounts: &str, name: &str) -> Option<Account> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account { user: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
}

/// Makes the folder and gives it to the account. An account that may not enter the target folder (a checkout below
/// `/root`) gets one in the system's temporary folder.
fn prepare(folder: &Path, account: Option<Account>) -> Result<PathBuf> {
    let Some(account) = account else {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        return Ok(folder.to_owned());
    };
    let folder = match folder.ancestors().skip(1).filter(|parent| parent.exists()).all(everybody_may_enter) {
        true => folder.to_owned(),
        false => std::env::temp_dir().join("countersign-test-postgres"),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // The temporary folder is everybody's: a link that somebody laid there must not make root give away what it leads to.
    ensure!(fs::symlink_metadata(&folder)?.is_dir(), "{} is a link", folder.display());
    lchown(&folder, Some(account.user), Some(account.group))
        .with_context(|| format!("cannot hand over {}", folder.display()))?;
    Ok(folder)
}

fn everybody_may_enter(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
}

fn lock(folder: &Path) -> Result<File> {
    let file = File::create(folder.join("lock")).context("cannot make a lock file")?;
    if file.try_lock().is_err() {
        say("PostgreSQL: another run uses the private cluster, waiting for its end");
        file.lock().context("cannot lock the private cluster")?;
    }
    Ok(file)
}

/// A port that was free a moment ago. The server could not tell us which one it chose.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_initdb_prints() {
        assert_eq!(read_major("initdb (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"), Some(15));
        assert_eq!(read_major("initdb (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(read_major("initdb"), None);
    }

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgresql:x:1:1::/:/bin/sh\npostgres:x:106:112::/var:/bin/bash\n";
        let account = find_account(accounts, "postgres").unwrap();
        assert_eq!((account.user, account.group), (106, 112));
        assert!(find_account(accounts, "nobody").is_none());
    }
}

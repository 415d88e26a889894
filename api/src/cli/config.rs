//! The configuration of `serve`: a TOML file, `COUNTERSIGN_*` variables over it, flags over both.
//!
//! Every value is typed, every problem is reported at once, and no secret is ever printed.

use crate::consul::ConsulAgent;
use crate::operator::OperatorToken;
use crate::service::Operation;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Archive, StoreError};

/// A text that is not printed: a URL that may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What `serve` runs with.
#[derive(Debug, Clone)]
pub(super) struct Config {
    /// Where it listens.
    pub(super) listen: SocketAddr,
    /// The address in links, without a slash at the end; the address where it listens when absent.
    pub(super) base_url: Option<String>,
    /// `sqlite://PATH` or `postgres://...`.
    pub(super) database: Secret,
    /// `smtp://...`, or nothing, on a loopback address only: then mails go to the mailbox page, which everybody sees.
    pub(super) smtp: Option<Secret>,
    /// The sender of mails.
    pub(super) mail_from: String,
    /// How many effects are performed at once.
    pub(super) workers: usize,
    /// How long a node goes on answering after SIGTERM, while `/readyz` sends others elsewhere.
    pub(super) drain: Duration,
    /// The folder into which finished instances are moved, if any.
    archive: Option<PathBuf>,
    /// After how many days they are moved; only by hand when absent.
    pub(super) archive_after_days: Option<i64>,
    /// What metrics and services are told to, beside this machine.
    operator_token: Option<Secret>,
    /// The agent of Consul, and its token.
    consul: Option<String>,
    consul_token: Option<Secret>,
    /// The log filter: `info`, `countersign=debug`.
    pub(super) log: String,
}

/// What can be set, by its name in the file; `COUNTERSIGN_` and the name in capitals as a variable.
const KEYS: [&str; 13] = [
    "listen",
    "base_url",
    "database",
    "smtp",
    "mail_from",
    "workers",
    "drain_seconds",
    "archive",
    "archive_after_days",
    "operator_token",
    "consul",
    "consul_token",
    "log",
];

/// Values by name, from all layers.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers(BTreeMap<&'static str, (Secret, String)>);

/// What is wrong with a configuration, one sentence each.
#[derive(Debug)]
pub(super) struct Problems(pub(super) Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

impl std::error::Error for Problems {}

#[derive(Deserialize)]
struct File(BTreeMap<String, toml::Value>);

impl Layers {
    /// Puts a value over what is there. `source` says where it comes from.
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<String>, source: impl Into<String>) {
        self.0.insert(key, (Secret(value.into()), source.into()));
    }

    /// Puts the values of a file over what is there.
    pub(super) fn file(&mut self, path: &Path, problems: &mut Vec<String>) {
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return problems.push(format!("{shown}: {error}")),
        };
        match toml::from_str::<File>(&text) {
            Ok(File(values)) => {
                values.into_iter().for_each(|(key, value)| self.file_value(&key, value, path, problems))
            }
            // The library's sentence repeats the line, which may hold a secret.
            Err(error) => problems.push(format!(
                "{shown}: is not TOML at {:?}: {}",
                error.span().unwrap_or_default(),
                error.message()
            )),
        }
    }

    fn file_value(&mut self, key: &str, value: toml::Value, path: &Path, problems: &mut Vec<String>) {
        // Read beside this one, by module_layers and trust_layers.
        if matches!(key, "modules" | "limits" | "trust") {
            return;
        }
        let source = format!("{key} in {}", path.display());
        let Some(key) = KEYS.iter().find(|known| **known == key) else {
            return problems.push(format!("{source}: is not known; use one of: {}", KEYS.join(", ")));
        };
        match value {
            toml::Value::String(text) => self.set(key, text, source),
            toml::Value::Integer(number) => self.set(key, number.to_string(), source),
            _ => problems.push(format!("{source}: must be a text or a number")),
        }
    }

    /// Puts the variables of the environment over what is there.
    pub(super) fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
        problems: &mut Vec<String>,
    ) {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix("COUNTERSIGN_") else { continue };
            // The first are of tests, the others of commands and of the modules.
            let others = [
                "CA",
                "COMPANY",
                "CONFIG",
                "REGISTRY_PASSWORD",
                "REGISTRY_USERNAME",
                "SECRETS_KEY",
                "TOKEN",
                "TRUST_KEYS",
                "TRUST_REQUIRE",
                "URL",
            ];
            let of_others = ["TEST_", "MODULE_", "LIMITS_"].iter().any(|start| rest.starts_with(start));
            if of_others || others.contains(&rest) {
                continue;
            }
            match KEYS.iter().find(|key| key.eq_ignore_ascii_case(rest)) {
                Some(key) => self.set(key, value, name),
                None => problems.push(format!(
                    "{name}: is not known; use one of: {}",
                    KEYS.map(|key| format!("COUNTERSIGN_{}", key.to_uppercase())).join(", ")
                )),
            }
        }
    }

    /// The configuration of a service that people reach, or everything that is wrong with it.
    ///
    /// Without a mail server the mailbox page shows every mail, with its links, to whoever can open it; that is for this
    /// machine only.
    pub(super) fn read_served(&self, problems: Vec<String>) -> Result<Config, Problems> {
        let config = self.read(problems)?;
        if config.smtp.is_none() && !config.listen.ip().is_loopback() {
            let problem =
                "smtp: is missing; without it every mail is shown at /mailbox, so it listens on 127.0.0.1 only";
            return Err(Problems(vec![problem.to_owned()]));
        }
        Ok(config)
    }

    /// The configuration, or everything that is wrong with it.
    pub(super) fn read(&self, mut problems: Vec<String>) -> Result<Config, Problems> {
        let mut read = Reading { layers: self, problems: &mut problems };
        let listen = read.parsed("listen", "127.0.0.1:8080", "an address and port such as 127.0.0.1:8080", |text| {
            text.parse::<SocketAddr>().ok()
        });
        let base_url = read.parsed("base_url", "", "a URL such as https://approve.example.com", |text| match text {
            "" => Some(None),
            text => base_url(text).map(Some),
        });
        let database =
            read.parsed("database", "sqlite://countersign.db", "sqlite://PATH or postgres://USER@HOST/NAME", |text| {
                url(text, &["sqlite", "postgres", "postgresql"])
            });
        let smtp = read.parsed("smtp", "", "smtp://, smtp+starttls:// or smtps:// with HOST:PORT", |text| match text {
            "" => Some(None),
            text => url(text, &["smtp", "smtp+starttls", "smtps"]).map(Some),
        });
        let mail_from = read.parsed(
            "mail_from",
            "Countersign <no-reply@localhost>",
            "a mail address such as Countersign <no-reply@example.com>",
            |text| text.contains('@').then(|| text.to_owned()),
        );
        let workers = read.parsed("workers", "16", "a number from 1 to 64", |text| {
            text.parse().ok().filter(|workers| (1..=64).contains(workers))
        });
        let drain = read.parsed("drain_seconds", "5", "a number of seconds from 0 to 300", |text| {
            text.parse().ok().filter(|seconds| *seconds <= 300).map(Duration::from_secs)
        });
        let archive =
            read.parsed("archive", "", "a folder", |text| Some((!text.is_empty()).then(|| PathBuf::from(text))));
        let days = "a number of days from 90 (until then links show how it ended) to 36500";
        let archive_after_days = read.parsed("archive_after_days", "", days, |text| match text {
            "" => Some(None),
            text => text.parse().ok().filter(|days| (90..=36_500).contains(days)).map(Some),
        });
        let operator_token = read.parsed("operator_token", "", "16 to 512 letters, digits and signs", token);
        let consul =
            read.parsed("consul", "", "the address of an agent such as http://127.0.0.1:8500", |text| match text {
                "" => Some(None),
                text => url(text, &["http", "https"]).map(|url| Some(url.expose().trim_end_matches('/').to_owned())),
            });
        let consul_token = read.parsed("consul_token", "", "the token of Consul's agent", |text| {
            Some((!text.is_empty()).then(|| Secret(text.to_owned())))
        });
        let operation = operator_token.zip(consul).zip(consul_token);
        let log = read.parsed("log", "info", "a log filter such as info", |text| {
            text.parse::<tracing_subscriber::EnvFilter>().ok().map(|_| text.to_owned())
        });
        match (listen, base_url, database, smtp, mail_from, workers, drain, archive, archive_after_days, operation, log)
        {
            (
                Some(listen),
                Some(base_url),
                Some(database),
                Some(smtp),
                Some(mail_from),
                Some(workers),
                Some(drain),
                Some(archive),
                Some(archive_after_days),
                Some(((operator_token, consul), consul_token)),
                Some(log),
            ) if problems.is_empty() => Ok(Config {
                listen,
                base_url,
                database,
                smtp,
                mail_from,
                workers,
                drain,
                archive,
                archive_after_days,
                operator_token,
                consul,
                consul_token,
                log,
            }),
            _ => Err(Problems(problems)),
        }
    }
}

impl Config {
    /// Who looks after the service.
    pub(super) fn operation(&self) -> Operation {
        let token = self.operator_token.as_ref().map(|token| OperatorToken::of(token.expose()));
        let consul_token = self.consul_token.as_ref().map(|token| token.expose().to_owned());
        let consul = self.consul.as_ref().map(|url| ConsulAgent::at(url.clone(), consul_token));
        Operation { token, consul }
    }

    /// The archive, opened.
    pub(super) fn archive(&self) -> Result<Option<Archive>, StoreError> {
        self.archive.as_deref().map(Archive::folder).transpose()
    }
}

struct Reading<'a> {
    layers: &'a Layers,
    problems: &'a mut Vec<String>,
}

impl Reading<'_> {
    /// The value of a key; what does not fit is reported without being shown.
    fn parsed<T>(
        &mut self,
        key: &'static str,
        otherwise: &str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, source) = match self.layers.0.get(key) {
            Some((value, source)) => (value.expose(), source.as_str()),
            None => (otherwise, key),
        };
        let value = parse(text.trim());
        if value.is_none() {
            self.problems.push(format!("{source}: must be {wanted}"));
        }
        value
    }
}

fn url(text: &str, schemes: &[&str]) -> Option<Secret> {
    let (scheme, rest) = text.split_once("://")?;
    (schemes.contains(&scheme) && !rest.is_empty()).then(|| Secret(text.to_owned()))
}

/// Long enough that nobody guesses it.
fn token(text: &str) -> Option<Option<Secret>> {
    let sane = (16..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() { Some(None) } else { sane.then(|| Some(Secret(text.to_owned()))) }
}

fn base_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let plain = !rest.is_empty() && !rest.contains(char::is_whitespace) && !rest.contains(['?', '#', '@']);
    plain.then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Result<Config, Problems> {
        let mut layers = Layers::default();
        pairs.iter().for_each(|(key, value)| layers.set(key, *value, *key));
        layers.read(Vec::new())
    }

    #[test]
    fn every_problem_is_reported_at_once_and_no_secret_is_shown() {
        let wrong = [
            ("listen", "here"),
            ("database", "mysql://root:hunter2@db"),
            ("smtp", "hunter2"),
            ("workers", "0"),
            ("base_url", "ftp://x"),
            ("mail_from", "me"),
        ];
        let problems = read(&wrong).unwrap_err();
        assert_eq!(problems.0.len(), wrong.len(), "{problems}");
        assert!(!problems.to_string().contains("hunter2"));
        let config =
            read(&[("database", "postgres://app:hunter2@db/x"), ("smtp", "smtps://u:hunter2@mail:465")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn variables_lie_over_the_file_and_flags_over_both() {
        let folder = std::env::temp_dir().join(format!("countersign-config-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("countersign.toml");
        std::fs::write(&path, "workers = 2\nlog = \"warn\"\nbase_url = \"https://a.example/\"\n").unwrap();
        let (mut layers, mut problems) = (Layers::default(), Vec::new());
        layers.file(&path, &mut problems);
        layers.environment(
            [("COUNTERSIGN_WORKERS".to_owned(), "3".to_owned()), ("COUNTERSIGN_LOG".to_owned(), "debug".to_owned())]
                .into_iter(),
            &mut problems,
        );
        layers.set("log", "error", "--log");
        let config = layers.read(problems).unwrap();
        assert_eq!(
            (config.workers, config.log.as_str(), config.base_url.as_deref()),
            (3, "error", Some("https://a.example"))
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_mailbox_for_everybody_is_on_this_machine_only() {
        let served = |listen: &str, smtp: &str| {
            let mut layers = Layers::default();
            layers.set("listen", listen, "listen");
            layers.set("smtp", smtp, "smtp");
            layers.read_served(Vec::new()).is_ok()
        };
        assert!(served("127.0.0.1:80", "") && served("[::1]:80", "") && served("0.0.0.0:80", "smtp://mail:25"));
        assert!(!served("0.0.0.0:80", "") && !served("192.0.2.1:80", ""));
    }

    #[test]
    fn unknown_names_are_reported() {
        let (mut layers, mut problems) = (Layers::default(), Vec::new());
        layers.environment(
            [("COUNTERSIGN_WORKRES".to_owned(), "3".to_owned()), ("HOME".to_owned(), "x".to_owned())].into_iter(),
            &mut problems,
        );
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("COUNTERSIGN_WORKERS"));
    }
}

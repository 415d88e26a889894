//! As whom a registry is asked: by option and variable, or as `docker login` has noted it.

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The variable with the password, for programs.
const PASSWORD: &str = "COUNTERSIGN_REGISTRY_PASSWORD";

/// Name and password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// Docker's config.json, as far as it says who somebody is.
#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: HashMap<String, Entry>,
    #[serde(default, rename = "credHelpers")]
    helpers: HashMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Entry {
    /// `name:password` in base64.
    auth: Option<String>,
    #[serde(rename = "identitytoken")]
    identity_token: Option<String>,
}

/// What a credential helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// The header with which it is shown.
    pub(super) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }

    /// As whom to ask this registry; nobody if nothing is known.
    pub(super) fn find(host: &str, user: Option<&str>) -> Result<Option<Self>> {
        if let Some(user) = user {
            ensure!(!user.contains(':'), "--username: a name has no colon");
            return Ok(Some(Self { user: user.to_owned(), password: password(host)? }));
        }
        let Some(path) = file() else { return Ok(None) };
        let Ok(text) = std::fs::read(&path) else { return Ok(None) };
        let config: DockerConfig = serde_json::from_slice(&text)
            .with_context(|| format!("{} cannot be read; mend it, or give --username", path.display()))?;
        config.login(host)
    }
}

fn password(host: &str) -> Result<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    ensure!(std::io::stdin().is_terminal(), "there is no terminal to ask for a password at: set {PASSWORD}");
    Ok(rpassword::prompt_password(format!("Password for {host}: "))?)
}

fn file() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| std::env::home_dir().map(|home| home.join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

impl DockerConfig {
    fn login(&self, host: &str) -> Result<Option<Login>> {
        if let Some(helper) = self.helpers.get(host).or(self.store.as_ref()) {
            let helped = ask(helper, host)?;
            if helped.is_some() {
                return Ok(helped);
            }
        }
        let names = [host.to_owned(), format!("https://{host}"), format!("http://{host}")];
        let Some(entry) = names.iter().find_map(|name| self.auths.get(name)) else { return Ok(None) };
        ensure!(
            entry.identity_token.is_none(),
            "docker login has noted an identity token for {host}, which cannot be used here; give --username"
        );
        let Some(auth) = entry.auth.as_deref().filter(|auth| !auth.is_empty()) else { return Ok(None) };
        let wrong = || format!("what docker login has noted for {host} cannot be read; log in again");
        let text = STANDARD.decode(auth.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.with_context(wrong)?;
        let (user, password) = text.split_once(':').with_context(wrong)?;
        Ok(Some(Login { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() }))
    }
}

/// Asks the program that keeps the passwords: `docker-credential-NAME get`, with the host on its standard input.
fn ask(helper: &str, host: &str) -> Result<Option<Login>> {
    let plain = helper.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    ensure!(plain, "Docker's config.json names \"{helper}\" as a credential helper, which is no name of one");
    let program = format!("docker-credential-{helper}");
    let missing = || format!("{program}, which keeps the passwords of docker login, cannot be run; give --username");
    let mut command = Command::new(&program);
    let command = command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(missing)?;
    if let Some(mut given) = child.stdin.take() {
        given.write_all(host.as_bytes()).with_context(missing)?;
    }
    let ended = child.wait_with_output().with_context(missing)?;
    if !ended.status.success() {
        return Ok(None);
    }
    let Helped { username, secret } = serde_json::from_slice(&ended.stdout).with_context(missing)?;
    if username == "<token>" {
        bail!("{program} has an identity token for {host}, which cannot be used here; give --username");
    }
    Ok(Some(Login { user: username, password: secret }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn login(config: serde_json::Value, host: &str) -> Result<Option<Login>> {
        serde_json::from_value::<DockerConfig>(config)?.login(host)
    }

    #[test]
    fn what_docker_login_has_noted_is_found_by_host() {
        let config = json!({ "auths": { "ghcr.io": { "auth": STANDARD.encode("eva:a:b") },
                                         "https://old.example": { "auth": STANDARD.encode("ada:x") } } });
        let eva = login(config.clone(), "ghcr.io").unwrap().unwrap();
        assert_eq!(
            (eva.user.as_str(), eva.password.as_str(), eva.basic().as_str()),
            ("eva", "a:b", "Basic ZXZhOmE6Yg==")
        );
        assert_eq!(login(config.clone(), "old.example").unwrap().unwrap().user, "ada");
        assert_eq!(login(config, "other.example").unwrap(), None);
        assert!(!format!("{eva:?}").contains("a:b"));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let token = json!({ "auths": { "ghcr.io": { "identitytoken": "x" } } });
        assert!(login(token, "ghcr.io").unwrap_err().to_string().contains("--username"));
        let broken = json!({ "auths": { "ghcr.io": { "auth": "%" } } });
        assert!(login(broken, "ghcr.io").unwrap_err().to_string().contains("log in again"));
        let evil = json!({ "credsStore": "../../bin/sh" });
        assert!(login(evil, "ghcr.io").unwrap_err().to_string().contains("no name of one"));
        assert_eq!(login(json!({ "auths": { "ghcr.io": {} } }), "ghcr.io").unwrap(), None);
    }
}

//! Where a package is in a registry: `oci://host[:port]/repository[:tag|@digest]`, by the rules of the
//! [OCI Distribution Specification](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests).

use anyhow::{Context, Result, ensure};
use std::fmt;
use url::Url;

/// The beginning that tells it from the name of a file.
pub(crate) const SCHEME: &str = "oci://";

/// A place in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Host, and port if one was given.
    pub(super) host: String,
    pub(super) repository: String,
    pub(super) which: Which,
}

/// Which of the packages in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// The newest version; of a package that is sent, its own.
    Newest,
    Tag(String),
    /// `sha256:` and 64 hex digits.
    Digest(String),
}

impl Reference {
    pub(super) fn read(text: &str) -> Result<Self> {
        let wanted = || format!("{text}: it must be oci://HOST/REPOSITORY, with :TAG or @sha256:DIGEST if you like");
        let rest = text.strip_prefix(SCHEME).with_context(wanted)?;
        let (host, path) = rest.split_once('/').with_context(wanted)?;
        ensure!(is_host(host), "{text}: \"{host}\" is no host; {}", wanted());
        let (repository, which) = match (path.split_once('@'), path.rsplit_once(':')) {
            (Some((repository, digest)), _) => (repository, Which::Digest(digest.to_owned())),
            (None, Some((repository, tag))) => (repository, Which::Tag(tag.to_owned())),
            (None, None) => (path, Which::Newest),
        };
        ensure!(
            is_repository(repository),
            "{text}: \"{repository}\" is no name of a repository; it has small letters, digits, and single . _ - / between them"
        );
        match &which {
            Which::Digest(digest) => ensure!(is_digest(digest), "{text}: a digest is sha256: and 64 hex digits"),
            Which::Tag(tag) => ensure!(is_tag(tag), "{text}: a tag has letters, digits, . _ and -, at most 128"),
            Which::Newest => {}
        }
        Ok(Self { host: host.to_owned(), repository: repository.to_owned(), which })
    }

    /// What a request names it by, where it names one.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.which {
            Which::Newest => None,
            Which::Tag(name) | Which::Digest(name) => Some(name),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host, self.repository)?;
        match &self.which {
            Which::Newest => Ok(()),
            Which::Tag(tag) => write!(f, ":{tag}"),
            Which::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

fn is_host(host: &str) -> bool {
    let plain = !host.is_empty() && !host.contains(['@', '?', '#', '\\']);
    plain && Url::parse(&format!("http://{host}/")).is_ok_and(|url| url.has_host())
}

fn is_repository(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = part.starts_with(is_plain) && part.ends_with(is_plain);
        // Between letters and digits stand one dot, one or two underscores, or any number of hyphens.
        let mut between = part.split(is_plain);
        ends && between.all(|run| matches!(run, "" | "." | "_" | "__") || run.chars().all(|c| c == '-'))
    };
    name.len() <= 255 && name.split('/').all(is_part)
}

fn is_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=128).contains(&tag.len())
        && tag.starts_with(is_word)
        && tag.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
}

pub(super) fn is_digest(digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')))
}

/// The tag of a version. A tag has no `+`; others write `_` for it, as Helm does.
pub(super) fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_told_apart() {
        let read = |text: &str| Reference::read(text).unwrap();
        let one = read("oci://ghcr.io/acme/tools/travel:1.0.0");
        assert_eq!(
            (one.host.as_str(), one.repository.as_str(), one.name()),
            ("ghcr.io", "acme/tools/travel", Some("1.0.0"))
        );
        let local = read("oci://127.0.0.1:5000/travel");
        assert_eq!((local.host.as_str(), local.which), ("127.0.0.1:5000", Which::Newest));
        let digest = format!("sha256:{}", "ab".repeat(32));
        let pinned = format!("oci://[::1]:5000/a-b/c__d.e@{digest}");
        assert_eq!(read(&pinned).which, Which::Digest(digest));
        for text in [pinned.as_str(), "oci://ghcr.io/acme/tools/travel:1.0.0", "oci://localhost/travel"] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(tag_of("1.0.0-rc.1+build.5"), "1.0.0-rc.1_build.5");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "travel.csmod",
            "oci://",
            "oci://host",
            "oci:///travel",
            "oci://host/",
            "oci://user:secret@host/travel",
            "oci://host/Travel",
            "oci://host/a//b",
            "oci://host/../b",
            "oci://host/a..b",
            "oci://host/a-",
            "oci://host/travel:",
            "oci://host/travel:-x",
            "oci://host/travel@sha256:12",
            "oci://host/travel@md5:00",
            "oci://host:port/travel",
        ] {
            assert!(Reference::read(text).is_err(), "{text}");
        }
    }
}

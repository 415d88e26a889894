//! What somebody asks for.

use crate::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::fmt;
use store::PackageSigner;

/// A change of what a company has installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is to be done.
    pub kind: ChangeKind,
    /// With which module.
    pub module: String,
    /// The version to install or to update to.
    pub version: Option<String>,
    /// The hash of its package file; none if it is compiled in.
    pub sha256: Option<String>,
    /// What becomes of its workflows that run.
    #[serde(default)]
    pub running: RunningWorkflows,
}

/// What is to be done with a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Have it, where it was not.
    Install,
    /// Have a newer version.
    Update,
    /// Use it again.
    Enable,
    /// Set it aside.
    Disable,
    /// Take it out; its data stays.
    Uninstall,
    /// What it was before its last change.
    Rollback,
    /// Delete what it has left behind.
    Purge,
}

/// What becomes of the workflows of a module that is set aside or taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunningWorkflows {
    /// Nothing is done while there are some.
    #[default]
    Refuse,
    /// Nothing new is begun, and they are waited for.
    Wait,
    /// They are cancelled.
    Cancel,
}

/// A package that was sent and may not be stored yet.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its manifest.
    pub manifest: Manifest,
    /// The hash of its file.
    pub sha256: String,
    /// Who has signed it, of those who are trusted.
    pub signer: Option<PackageSigner>,
    /// Its file.
    pub bytes: Vec<u8>,
}

impl ChangeKind {
    /// `install`
    pub fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Update => "update",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Uninstall => "uninstall",
            Self::Rollback => "rollback",
            Self::Purge => "purge",
        }
    }

    /// Its definition. What takes the same steps is one machine, under two names.
    pub(crate) fn definition(self) -> &'static str {
        match self {
            Self::Install | Self::Update => include_str!("../../../definitions/lifecycle/install.asl.json"),
            Self::Enable | Self::Rollback => include_str!("../../../definitions/lifecycle/enable.asl.json"),
            Self::Purge => include_str!("../../../definitions/lifecycle/purge.asl.json"),
            Self::Disable | Self::Uninstall => include_str!("../../../definitions/lifecycle/disable.asl.json"),
        }
    }
}

/// `install travel 1.0.0`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.module)?;
        self.version.iter().try_for_each(|version| write!(f, " {version}"))
    }
}

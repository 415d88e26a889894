//! What a company has, and what it would have: the lists that changes make, and why some are refused.

use super::change::{Change, ChangeKind};
use crate::manifest::Manifest;
use crate::resolve::{Candidates, Wanted};
use semver::{Version, VersionReq};
use std::collections::BTreeMap;
use store::{LockedModule, ModuleState, StoreError};

/// The services that every installation has: mails go to a server, or to its own mailbox.
const SERVICES: [&str; 1] = ["smtp"];

/// What a company has, while a change of it is planned.
pub(super) struct Standing {
    pub(super) base: u64,
    pub(super) modules: Vec<LockedModule>,
    pub(super) candidates: Candidates,
}

impl Standing {
    pub(super) fn find(&self, module: &str) -> Option<&LockedModule> {
        self.modules.iter().find(|locked| locked.module == module)
    }

    fn installed(&self, module: &str) -> Result<&LockedModule, StoreError> {
        let missing = || StoreError::Missing { what: "module", id: module.to_owned() };
        self.find(module).ok_or_else(missing)
    }

    /// The list with another entry for a module, or without it.
    pub(super) fn with(&self, module: &str, entry: Option<LockedModule>) -> Vec<LockedModule> {
        let others = self.modules.iter().filter(|locked| locked.module != module).cloned();
        let mut modules: Vec<LockedModule> = others.chain(entry).collect();
        modules.sort_by(|one, two| one.module.cmp(&two.module));
        modules
    }

    pub(super) fn with_version(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        let version = self.version(change)?;
        self.check_order(change, &version)?;
        self.solved(&change.module, &version)
    }

    /// The version that is asked for, or the newest that is known.
    fn version(&self, change: &Change) -> Result<Version, StoreError> {
        let Change { module, version, .. } = change;
        let known = self.candidates.versions(module);
        let wanted = version.as_ref().map(|version| Version::parse(version)).transpose();
        let wanted = wanted.map_err(|error| StoreError::refused("version", format!("the version: {error}")))?;
        let found = wanted.as_ref().or(known.last().copied()).filter(|version| known.contains(version));
        let missing = || {
            let which = wanted.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
            StoreError::Missing { what: "package of a module", id: format!("{module}{which}") }
        };
        found.cloned().ok_or_else(missing)
    }

    fn check_order(&self, change: &Change, version: &Version) -> Result<(), StoreError> {
        let module = &change.module;
        let now = self.find(module);
        let refused = |code, sentence: String| Err(StoreError::refused(code, sentence));
        match (change.kind, now) {
            (ChangeKind::Install, Some(now)) => refused(
                "installed-already",
                format!("{module} {} is installed already; update it instead", now.version),
            ),
            (ChangeKind::Update, None) => {
                refused("not-installed", format!("{module} is not installed; install it instead"))
            }
            (_, Some(now)) if now.sha256.is_none() => {
                refused("compiled-in", format!("{module} comes with the program itself and is updated with it"))
            }
            (_, Some(now)) => match Version::parse(&now.version) {
                Ok(now) if *version == now => {
                    refused("same-version", format!("{module} {now} is what is installed already"))
                }
                Ok(now) if *version < now => refused(
                    "downgrade",
                    format!(
                        "{module} {now} is installed, and {version} is older; roll back instead, which also restores what it was"
                    ),
                ),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    pub(super) fn enabled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        let now = self.installed(&change.module)?;
        if now.state == ModuleState::Enabled {
            return Err(StoreError::refused("enabled-already", format!("{} is enabled already", change.module)));
        }
        let version = Version::parse(&now.version)
            .map_err(|error| StoreError::Corrupt(format!("the version of {}: {error}", change.module)))?;
        self.solved(&change.module, &version)
    }

    pub(super) fn disabled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        let now = self.installed(&change.module)?.clone();
        if now.state == ModuleState::Disabled {
            return Err(StoreError::refused("disabled-already", format!("{} is disabled already", change.module)));
        }
        self.check_needed(&change.module)?;
        Ok(self.with(&change.module, Some(LockedModule { state: ModuleState::Disabled, ..now })))
    }

    pub(super) fn uninstalled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        self.installed(&change.module)?;
        self.check_needed(&change.module)?;
        Ok(self.with(&change.module, None))
    }

    /// Refuses if others need it, and names them.
    fn check_needed(&self, module: &str) -> Result<(), StoreError> {
        let usable = self.modules.iter().filter(|locked| locked.state != ModuleState::Disabled);
        let needing = usable.filter(|locked| {
            let manifest = self.manifest(locked);
            manifest.is_some_and(|manifest| manifest.requires.modules.iter().any(|needed| needed.name == module))
        });
        let names: Vec<&str> = needing.map(|locked| locked.module.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let sentence = format!("{module} is needed by {}; disable or uninstall them first", names.join(", "));
        Err(StoreError::refused("module-needed", sentence))
    }

    pub(super) fn manifest(&self, locked: &LockedModule) -> Option<&Manifest> {
        let version = Version::parse(&locked.version).ok()?;
        let listed = self.candidates.get(&locked.module, &version);
        // A newer program brings a newer version of what is compiled in, and that one counts.
        let found = listed.or_else(|| self.candidates.compiled_in(&locked.module).filter(|_| locked.sha256.is_none()));
        found.map(|candidate| &candidate.manifest)
    }

    /// The list with this version of a module and of what it needs.
    fn solved(&self, module: &str, version: &Version) -> Result<Vec<LockedModule>, StoreError> {
        let (mut candidates, mut wanted) = (self.candidates.clone(), vec![exactly(module, version)?]);
        let others = self.modules.iter().filter(|locked| locked.module != module);
        for locked in others.clone().filter(|locked| locked.state != ModuleState::Disabled) {
            let Ok(version) = Version::parse(&locked.version) else { continue };
            wanted.push(Wanted { module: locked.module.clone(), versions: at_least(&version)? });
            candidates.prefer(&locked.module, version);
        }
        let solved = candidates.resolve(&wanted);
        let solved = solved.map_err(|sentences| StoreError::refused("no-solution", sentences.join("; ")))?;
        self.check_set_aside(&solved)?;
        self.check_services(&solved)?;
        let set_aside = others.filter(|locked| !solved.contains_key(&locked.module)).cloned();
        let mut modules: Vec<LockedModule> = solved.iter().map(|(name, version)| self.lock(name, version)).collect();
        modules.extend(set_aside);
        modules.sort_by(|one, two| one.module.cmp(&two.module));
        Ok(modules)
    }

    fn lock(&self, module: &str, version: &Version) -> LockedModule {
        let sha256 = self.candidates.get(module, version).and_then(|candidate| candidate.sha256.clone());
        LockedModule { module: module.to_owned(), version: version.to_string(), sha256, state: ModuleState::Enabled }
    }

    /// What comes along must not be what somebody has set aside.
    fn check_set_aside(&self, solved: &BTreeMap<String, Version>) -> Result<(), StoreError> {
        let set_aside = self.modules.iter().filter(|locked| locked.state == ModuleState::Disabled);
        let needing = |needed: &str| {
            let chosen = solved.iter().filter_map(|(name, version)| self.candidates.get(name, version));
            let by: Vec<String> = chosen
                .filter(|one| one.manifest.requires.modules.iter().any(|needs| needs.name == needed))
                .map(|one| one.manifest.name.clone())
                .collect();
            by
        };
        for locked in set_aside {
            let by = needing(&locked.module);
            if !by.is_empty() {
                let sentence = format!("{} needs {}, which is disabled; enable it first", by.join(", "), locked.module);
                return Err(StoreError::refused("needs-disabled", sentence));
            }
        }
        Ok(())
    }

    fn check_services(&self, solved: &BTreeMap<String, Version>) -> Result<(), StoreError> {
        let chosen = solved.iter().filter_map(|(name, version)| self.candidates.get(name, version));
        let missing = chosen.flat_map(|candidate| {
            let Manifest { name, requires, .. } = &candidate.manifest;
            let missing = requires.services.iter().filter(|service| !SERVICES.contains(&service.as_str()));
            missing.map(move |service| format!("{name} needs the service {service}, which this installation has not"))
        });
        let missing: Vec<String> = missing.collect();
        if missing.is_empty() { Ok(()) } else { Err(StoreError::refused("no-service", missing.join("; "))) }
    }

    /// Refuses a package that the company has not any more.
    pub(super) fn check_here(&self, locked: Option<&LockedModule>) -> Result<(), StoreError> {
        let gone = locked.filter(|locked| locked.sha256.is_some() && self.manifest(locked).is_none());
        let Some(LockedModule { module, version, .. }) = gone else { return Ok(()) };
        let sentence =
            format!("the package of {module} {version} is not here any more; upload it again and install it");
        Err(StoreError::refused("package-gone", sentence))
    }

    /// Refuses a list in which somebody misses what it needs.
    pub(super) fn fit(&self, modules: &[LockedModule]) -> Result<(), StoreError> {
        let usable = || modules.iter().filter(|locked| locked.state != ModuleState::Disabled);
        let mut missing = Vec::new();
        for locked in usable() {
            let needed = self.manifest(locked).into_iter().flat_map(|manifest| &manifest.requires.modules);
            for needed in needed {
                let met = usable().any(|other| {
                    other.module == needed.name
                        && Version::parse(&other.version).is_ok_and(|version| needed.version.matches(&version))
                });
                if !met {
                    missing
                        .push(format!("{} {} needs {} {}", locked.module, locked.version, needed.name, needed.version));
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(StoreError::refused("module-needed", missing.join("; "))) }
    }
}

fn exactly(module: &str, version: &Version) -> Result<Wanted, StoreError> {
    Ok(Wanted { module: module.to_owned(), versions: range(&format!("={version}"))? })
}

fn at_least(version: &Version) -> Result<VersionReq, StoreError> {
    range(&format!(">={version}"))
}

fn range(text: &str) -> Result<VersionReq, StoreError> {
    VersionReq::parse(text).map_err(|error| StoreError::Corrupt(format!("the versions {text}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::Candidate;

    fn standing(listed: &str, sha256: Option<&str>) -> Standing {
        let manifest = serde_json::json!({
            "name": "purchasing", "version": "0.2.0", "title": "P", "description": "P", "licence": "MIT",
            "requires": { "modules": [{ "name": "travel", "version": ">=1" }] },
        });
        let mut candidates = Candidates::default();
        candidates.add(Candidate { manifest: serde_json::from_value(manifest).unwrap(), sha256: None });
        let locked = |module: &str, version: &str, sha256: Option<&str>| LockedModule {
            module: module.to_owned(),
            version: version.to_owned(),
            sha256: sha256.map(str::to_owned),
            state: ModuleState::Enabled,
        };
        let modules = vec![locked("purchasing", listed, sha256), locked("travel", "1.0.0", Some("ab"))];
        Standing { base: 1, modules, candidates }
    }

    /// The list was written under an older program.
    #[test]
    fn what_comes_with_the_program_needs_what_its_version_of_now_needs() {
        for listed in ["0.1.0", "0.2.0"] {
            let refused = standing(listed, None).check_needed("travel").unwrap_err().to_string();
            assert!(refused.contains("travel is needed by purchasing"), "{listed}: {refused}");
        }
        // A package of another version is not what is compiled in.
        assert!(standing("0.1.0", Some("cd")).check_needed("travel").is_ok());
    }
}

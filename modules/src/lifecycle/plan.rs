//! What a change would do, worked out without doing it.

use super::change::{Change, ChangeKind, Offered, RunningWorkflows};
use super::differences::Differences;
use crate::manifest::Manifest;
use crate::registry::Registry;
use crate::resolve::{Candidate, Candidates, Wanted};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::{Generation, LockedModule, ModuleState, Session, StoreError};

/// The services that every installation has: mails go to a server, or to its own mailbox.
const SERVICES: [&str; 1] = ["smtp"];
/// So many workflows are counted; more are as many.
const MOST_RUNNING: u32 = 1_000;

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The hash of everything in it but what changes by the minute: whoever agrees names it.
    pub id: String,
    /// `install travel 1.0.0`
    pub title: String,
    /// The list of modules that it is made from; 0 is what is compiled in.
    pub base: u64,
    /// The list that counts again, where an old one does.
    pub back_to: Option<u64>,
    /// The list afterwards.
    pub modules: Vec<LockedModule>,
    /// What becomes of which module.
    pub changes: Vec<Changed>,
    /// What else is different afterwards, a sentence each.
    pub differences: Vec<String>,
    /// What somebody must agree to, a sentence each.
    pub consent: Vec<String>,
    /// How many workflows of a module that is set aside or taken out are under way.
    pub running: usize,
}

/// What becomes of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name.
    pub module: String,
    /// What it is.
    pub from: Option<LockedModule>,
    /// What it will be.
    pub to: Option<LockedModule>,
}

/// What a company has, while a change of it is planned.
pub(super) struct Standing {
    pub(super) base: u64,
    pub(super) modules: Vec<LockedModule>,
    pub(super) candidates: Candidates,
}

impl Registry {
    /// What a change would do now. `offered` is a package that was sent with it.
    ///
    /// # Errors
    /// `Refused` with why it cannot be done.
    pub async fn plan(
        &self,
        session: &mut Session,
        company: &str,
        change: &Change,
        offered: Option<&Offered>,
    ) -> Result<Plan, StoreError> {
        let standing = self.standing(session, company, offered).await?;
        let (modules, back_to) = match change.kind {
            ChangeKind::Install | ChangeKind::Update => (standing.with_version(change)?, None),
            ChangeKind::Enable => (standing.enabled(change)?, None),
            ChangeKind::Disable => (standing.disabled(change)?, None),
            ChangeKind::Uninstall => (standing.uninstalled(change)?, None),
            ChangeKind::Rollback => self.back(session, company, &standing, change).await?,
        };
        let mut plan = standing.plan(change, modules, back_to);
        let differences = Differences::of(self, session, company, &standing, &plan).await?;
        (plan.differences, plan.consent) = (differences.told, differences.consent);
        if matches!(change.kind, ChangeKind::Disable | ChangeKind::Uninstall) {
            plan.running = session.running_of(company, &change.module, "", MOST_RUNNING).await?.len();
            if plan.running > 0 && change.running == RunningWorkflows::Cancel {
                plan.consent.push(format!("workflows of {} that are under way are cancelled", change.module));
            }
        }
        plan.id = plan.hash(change);
        Ok(plan)
    }

    /// What counts for a company, and everything that could.
    pub(super) async fn standing(
        &self,
        session: &mut Session,
        company: &str,
        offered: Option<&Offered>,
    ) -> Result<Standing, StoreError> {
        let base = session.generation_number(company).await?;
        let modules = self.list(session, company, base).await?;
        let mut candidates = Candidates::default();
        for (sha256, manifest) in session.known_manifests(company).await? {
            let manifest: Manifest = serde_json::from_str(&manifest)
                .map_err(|error| StoreError::Corrupt(format!("the manifest of the package {sha256}: {error}")))?;
            candidates.add(Candidate { manifest, sha256: Some(sha256) });
        }
        for installed in self.built_in().modules() {
            candidates.add(Candidate { manifest: installed.manifest.clone(), sha256: None });
        }
        if let Some(Offered { manifest, sha256 }) = offered {
            candidates.add(Candidate { manifest: manifest.clone(), sha256: Some(sha256.clone()) });
        }
        Ok(Standing { base, modules, candidates })
    }

    /// A list of a company; that of number 0 is what is compiled in.
    pub(super) async fn list(
        &self,
        session: &mut Session,
        company: &str,
        number: u64,
    ) -> Result<Vec<LockedModule>, StoreError> {
        if number > 0 {
            let missing = || StoreError::Missing { what: "list of modules", id: number.to_string() };
            let Generation { modules, .. } = session.generation(company, number).await?.ok_or_else(missing)?;
            return Ok(modules);
        }
        let built_in = self.built_in().modules().iter().map(|installed| LockedModule {
            module: installed.manifest.name.clone(),
            version: installed.manifest.version.to_string(),
            sha256: None,
            state: ModuleState::Enabled,
        });
        Ok(built_in.collect())
    }

    /// The list with a module as it was before its last change, and the number of a list that is exactly so.
    async fn back(
        &self,
        session: &mut Session,
        company: &str,
        standing: &Standing,
        change: &Change,
    ) -> Result<(Vec<LockedModule>, Option<u64>), StoreError> {
        let now = standing.find(&change.module);
        let mut number = standing.base;
        while number > 0 {
            let Some(generation) = session.generation(company, number).await? else { break };
            number = generation.previous;
            let before = self.list(session, company, number).await?;
            let then = before.iter().find(|locked| locked.module == change.module);
            // A module on its way to be disabled is no state to go back to.
            if then == now || then.is_some_and(|then| then.state == ModuleState::Draining) {
                continue;
            }
            let modules = standing.with(&change.module, then.cloned());
            standing.fit(&modules)?;
            return Ok((modules.clone(), (modules == before).then_some(number)));
        }
        let sentence = format!("there is nothing that {} could go back to: it was never changed", change.module);
        Err(StoreError::refused("nothing-before", sentence))
    }
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
    fn with(&self, module: &str, entry: Option<LockedModule>) -> Vec<LockedModule> {
        let others = self.modules.iter().filter(|locked| locked.module != module).cloned();
        let mut modules: Vec<LockedModule> = others.chain(entry).collect();
        modules.sort_by(|one, two| one.module.cmp(&two.module));
        modules
    }

    fn with_version(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
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

    fn enabled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        let now = self.installed(&change.module)?;
        if now.state == ModuleState::Enabled {
            return Err(StoreError::refused("enabled-already", format!("{} is enabled already", change.module)));
        }
        let version = Version::parse(&now.version)
            .map_err(|error| StoreError::Corrupt(format!("the version of {}: {error}", change.module)))?;
        self.solved(&change.module, &version)
    }

    fn disabled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
        let now = self.installed(&change.module)?.clone();
        if now.state == ModuleState::Disabled {
            return Err(StoreError::refused("disabled-already", format!("{} is disabled already", change.module)));
        }
        self.check_needed(&change.module)?;
        Ok(self.with(&change.module, Some(LockedModule { state: ModuleState::Disabled, ..now })))
    }

    fn uninstalled(&self, change: &Change) -> Result<Vec<LockedModule>, StoreError> {
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
        self.candidates.get(&locked.module, &version).map(|candidate| &candidate.manifest)
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

    /// Refuses a list in which somebody misses what it needs.
    fn fit(&self, modules: &[LockedModule]) -> Result<(), StoreError> {
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

    fn plan(&self, change: &Change, modules: Vec<LockedModule>, back_to: Option<u64>) -> Plan {
        let (before, after) = (by_name(&self.modules), by_name(&modules));
        let names: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        let changed = names.into_iter().filter_map(|name| {
            let (from, to) = (before.get(name), after.get(name));
            let entry = |locked: Option<&&LockedModule>| locked.map(|locked| (*locked).clone());
            (from != to).then(|| Changed { module: name.to_owned(), from: entry(from), to: entry(to) })
        });
        Plan {
            id: String::new(),
            title: change.to_string(),
            base: self.base,
            back_to,
            changes: changed.collect(),
            modules,
            differences: Vec::new(),
            consent: Vec::new(),
            running: 0,
        }
    }
}

impl Plan {
    /// The change with the package that the plan has chosen.
    pub(super) fn pinned(&self, change: &Change) -> Change {
        if !matches!(change.kind, ChangeKind::Install | ChangeKind::Update) {
            return change.clone();
        }
        let chosen = self.modules.iter().find(|locked| locked.module == change.module);
        let version = chosen.map(|locked| locked.version.clone());
        Change { version, sha256: chosen.and_then(|locked| locked.sha256.clone()), ..change.clone() }
    }

    fn hash(&self, change: &Change) -> String {
        let Self { base, back_to, modules, differences, consent, .. } = self;
        let all = serde_json::json!([
            change.kind,
            change.module,
            change.running,
            base,
            back_to,
            modules,
            differences,
            consent
        ])
        .to_string();
        let mut hash = hex::encode(Sha256::digest(all));
        hash.truncate(32);
        hash
    }
}

fn by_name(modules: &[LockedModule]) -> BTreeMap<&str, &LockedModule> {
    modules.iter().map(|locked| (locked.module.as_str(), locked)).collect()
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

//! What a change would do, worked out without doing it.

use super::change::{Change, ChangeKind, Offered, RunningWorkflows};
use super::data::DataChange;
use super::differences::Differences;
use super::purge;
use super::standing::Standing;
use crate::manifest::Manifest;
use crate::registry::Registry;
use crate::resolve::{Candidate, Candidates};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::{Generation, LeftBehind, LockedModule, ModuleState, Session, StoreError};

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
    /// The modules whose objects become those of another version.
    #[serde(default)]
    pub data: Vec<DataChange>,
    /// What is deleted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge: Option<LeftBehind>,
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
            ChangeKind::Purge => (standing.modules.clone(), None),
        };
        let mut plan = standing.plan(change, modules, back_to);
        if change.kind == ChangeKind::Purge {
            let left = standing.purged(session, company, change).await?;
            (plan.consent, plan.purge) = (purge::sentences(&change.module, &left), Some(left));
            plan.id = plan.hash(change);
            return Ok(plan);
        }
        plan.running = self.running(session, company, &plan, change).await?;
        let differences = Differences::of(self, session, company, &standing, &plan).await?;
        (plan.differences, plan.consent) = (differences.told, differences.consent);
        plan.differences.extend(self.signers(session, &plan, offered).await?);
        plan.data = self.data_changes(session, company, (&standing, &plan)).await?;
        plan.consent.extend(standing.irreversible(&plan.data));
        if plan.running > 0 && change.running == RunningWorkflows::Cancel {
            plan.consent.push(format!("workflows of {} that are under way are cancelled", change.module));
        }
        plan.id = plan.hash(change);
        Ok(plan)
    }

    /// How many workflows of a module are under way that nobody may use afterwards.
    ///
    /// # Errors
    /// `Refused` where going back would leave them without their module: only setting aside and taking out know how to
    /// wait for them or to cancel them.
    async fn running(
        &self,
        session: &mut Session,
        company: &str,
        plan: &Plan,
        change: &Change,
    ) -> Result<usize, StoreError> {
        if plan.keeps(&change.module) {
            return Ok(0);
        }
        let Change { kind, module, .. } = change;
        let running = session.running_of(company, module, "", MOST_RUNNING).await?.len();
        if running > 0 && *kind == ChangeKind::Rollback {
            let sentence = format!(
                "{running} workflows of {module} are under way, and before its last change it was not in use; disable or \
                 uninstall it instead, which waits for them or cancels them"
            );
            return Err(StoreError::refused("workflows-running", sentence));
        }
        Ok(running)
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
        if let Some(Offered { manifest, sha256, .. }) = offered {
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
            standing.check_here(then)?;
            standing.fit(&modules)?;
            return Ok((modules.clone(), (modules == before).then_some(number)));
        }
        let sentence = format!("there is nothing that {} could go back to: it was never changed", change.module);
        Err(StoreError::refused("nothing-before", sentence))
    }
}

impl Plan {
    /// Whether the module can be used afterwards.
    fn keeps(&self, module: &str) -> bool {
        self.modules.iter().any(|locked| locked.module == module && locked.state != ModuleState::Disabled)
    }

    /// What can be used afterwards and could not be before, or is another.
    pub(super) fn brought(&self) -> impl Iterator<Item = &LockedModule> {
        let after = self.changes.iter().filter_map(|changed| changed.to.as_ref());
        after.filter(|locked| locked.state == ModuleState::Enabled)
    }

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

impl Standing {
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
            data: Vec::new(),
            purge: None,
        }
    }
}

fn by_name(modules: &[LockedModule]) -> BTreeMap<&str, &LockedModule> {
    modules.iter().map(|locked| (locked.module.as_str(), locked)).collect()
}

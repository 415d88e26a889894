//! The objects of modules whose version changes: what a plan says of them.

use super::plan::Plan;
use super::standing::Standing;
use crate::installed::Installed;
use crate::migrate::{Conversion, Misfit, Sides, Way};
use crate::registry::Registry;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{LockedModule, Session, StoreError};

/// A module whose objects become those of another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataChange {
    /// The module.
    pub module: String,
    /// The version that its objects are of.
    pub from: LockedModule,
    /// The version that they are to be of.
    pub to: LockedModule,
    /// What that means for each collection, as far as it was tried; empty before that.
    #[serde(default)]
    pub collections: Vec<CollectionChange>,
}

/// What a change of versions means for the objects of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionChange {
    /// `travel/requests`
    pub kind: String,
    /// How many objects there are.
    pub objects: u64,
    /// Migrations and other differences, a sentence each.
    pub differences: Vec<String>,
    /// How many objects were tried: the first ones.
    pub tried: u64,
    /// How many of these go back exactly to what they were.
    pub unchanged: u64,
    /// Those of them that do not fit, as far as they are told.
    pub misfits: Vec<Misfit>,
}

impl Registry {
    /// The modules of a plan whose objects become those of another version. What is compiled in changes with the program.
    pub(super) async fn data_changes(
        &self,
        session: &mut Session,
        company: &str,
        plan: &Plan,
    ) -> Result<Vec<DataChange>, StoreError> {
        let mut found = Vec::new();
        for changed in &plan.changes {
            let Some(to) = changed.to.clone().filter(|to| to.sha256.is_some()) else { continue };
            let from = match changed.from.clone() {
                Some(from) => Some(from),
                // What was purged is of no version.
                None if session.left_behind(company, &changed.module).await?.objects == 0 => None,
                None => self.last_had(session, company, plan.base, &changed.module).await?,
            };
            let Some(from) = from.filter(|from| from.sha256.is_some() && from.version != to.version) else { continue };
            found.push(DataChange { module: changed.module.clone(), from, to, collections: Vec::new() });
        }
        Ok(found)
    }

    /// What a company had of a module before it was taken out: its objects are still of that version.
    async fn last_had(
        &self,
        session: &mut Session,
        company: &str,
        base: u64,
        module: &str,
    ) -> Result<Option<LockedModule>, StoreError> {
        let mut number = base;
        while number > 0 {
            let Some(generation) = session.generation(company, number).await? else { break };
            if let Some(locked) = generation.modules.into_iter().find(|locked| locked.module == module) {
                return Ok(Some(locked));
            }
            number = generation.previous;
        }
        Ok(None)
    }

    /// What becomes of which collection. `offered` is a package that nobody has stored yet.
    pub(super) async fn conversions(
        &self,
        session: &mut Session,
        company: &str,
        changes: &[DataChange],
        offered: Option<&Arc<Installed>>,
    ) -> Result<Vec<Arc<Conversion>>, StoreError> {
        let mut all = Vec::new();
        for change in changes {
            let sides = self.sides(session, company, change, offered).await?;
            let collections = sides.new.manifest.objects.iter();
            all.extend(collections.filter_map(|object| Conversion::of(&sides, &object.collection)).map(Arc::new));
        }
        Ok(all)
    }

    async fn sides(
        &self,
        session: &mut Session,
        company: &str,
        change: &DataChange,
        offered: Option<&Arc<Installed>>,
    ) -> Result<Sides, StoreError> {
        let DataChange { module, from, to, .. } = change;
        let new = match offered.filter(|offered| offered.sha256 == to.sha256) {
            Some(offered) => offered.clone(),
            None => self.locked(session, company, to).await?,
        };
        let old = match self.locked(session, company, from).await {
            Ok(old) => Some(old),
            Err(StoreError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        let sides = Sides { old, from: version(from)?, new, to: version(to)? };
        let broken = sides.new.broken().or_else(|| sides.old.as_deref().and_then(Installed::broken));
        if let Some(broken) = broken {
            return Err(StoreError::refused("module-broken", format!("{module}: {broken}")));
        }
        if sides.old.is_none() && sides.way() == Way::Down {
            let sentence = format!(
                "the package of {module} {} is not here any more, and it says how objects go back; upload it again",
                from.version
            );
            return Err(StoreError::refused("package-gone", sentence));
        }
        Ok(sides)
    }
}

impl Standing {
    /// What cannot be taken back of a change, a sentence each.
    pub(super) fn irreversible(&self, changes: &[DataChange]) -> Vec<String> {
        let mut sentences = Vec::new();
        for DataChange { module, from, to, .. } in changes {
            let (Ok(from), Ok(after)) = (Version::parse(&from.version), Version::parse(&to.version)) else { continue };
            let all = self.manifest(to).into_iter().flat_map(|manifest| &manifest.migrations);
            let between = all.filter(|one| one.version > from && one.version <= after);
            sentences.extend(between.filter_map(|one| {
                let why = one.irreversible.as_ref()?;
                Some(format!(
                    "{module}/{} is migrated to {}, and there is no way back: {why}",
                    one.collection, one.version
                ))
            }));
        }
        sentences
    }
}

fn version(locked: &LockedModule) -> Result<Version, StoreError> {
    Version::parse(&locked.version)
        .map_err(|error| StoreError::Corrupt(format!("the version of {}: {error}", locked.module)))
}

//! The objects of modules whose version changes: what a plan says of them.

use super::plan::{Changed, Plan};
use super::standing::Standing;
use crate::installed::Installed;
use crate::migrate::{Conversion, Misfit, Sides, Way};
use crate::registry::Registry;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// Of which collections; empty in a change that was begun before there was this list: of all.
    #[serde(default)]
    pub of: Vec<String>,
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

impl DataChange {
    fn of(from: LockedModule, to: &LockedModule) -> Self {
        Self { module: to.module.clone(), from, to: to.clone(), of: Vec::new(), collections: Vec::new() }
    }

    /// Whether that is how it is done.
    pub(super) fn is_of(&self, conversion: &Conversion) -> bool {
        let module = &conversion.sides.new.manifest.name;
        *module == self.module && conversion.sides.from.to_string() == self.from.version
    }

    /// Whether objects of that collection are among them.
    fn concerns(&self, collection: &String) -> bool {
        self.of.is_empty() || self.of.contains(collection)
    }
}

impl Registry {
    /// The modules of a plan whose objects become those of another version, for each version that they are of now. What is
    /// compiled in changes with the program.
    pub(super) async fn data_changes(
        &self,
        session: &mut Session,
        company: &str,
        (standing, plan): (&Standing, &Plan),
    ) -> Result<Vec<DataChange>, StoreError> {
        let mut found = Vec::new();
        for Changed { module, from: now, to } in &plan.changes {
            let Some(to) = to.as_ref().filter(|to| to.sha256.is_some()) else { continue };
            let versions = self.versions(session, company, standing, (module, now.as_ref())).await?;
            let (mut changes, manifest) = (BTreeMap::new(), standing.manifest(to));
            for object in manifest.into_iter().flat_map(|manifest| &manifest.objects) {
                let from = versions.of(session, company, &object.collection).await?;
                let Some(from) = from.filter(|from| from.sha256.is_some() && from.version != to.version) else {
                    continue;
                };
                let change = changes.entry(from.version.clone()).or_insert_with(|| DataChange::of(from, to));
                change.of.push(object.collection.clone());
            }
            found.extend(changes.into_values());
        }
        Ok(found)
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
            let collections = sides.new.manifest.objects.iter().map(|object| &object.collection);
            let concerned = collections.filter(|collection| change.concerns(collection));
            all.extend(concerned.filter_map(|collection| Conversion::of(&sides, collection)).map(Arc::new));
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
        for change @ DataChange { module, from, to, .. } in changes {
            let (Ok(from), Ok(after)) = (Version::parse(&from.version), Version::parse(&to.version)) else { continue };
            let all = self.manifest(to).into_iter().flat_map(|manifest| &manifest.migrations);
            let concerned = all.filter(|one| change.concerns(&one.collection));
            let between = concerned.filter(|one| one.version > from && one.version <= after);
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

//! Of which version the objects of a collection are: what is to become of them starts there.
//!
//! Objects stay when their module is taken out, or goes back to a version that has no such collection, and whatever comes
//! next finds them as they were left. The lists do not tell: a rollback has an old list count again. So the commit in which
//! a list comes to count notes it.

use super::standing::Standing;
use crate::manifest::Manifest;
use crate::registry::Registry;
use std::collections::BTreeMap;
use store::{LockedModule, Session, StoreError, Unit};

/// What is known of the objects of a module that another version is to have.
pub(super) struct Versions<'a> {
    module: &'a str,
    /// The version that is installed, and what it says of itself if its package is here.
    now: Option<&'a LockedModule>,
    manifest: Option<&'a Manifest>,
    noted: BTreeMap<String, LockedModule>,
    /// What the lists say of a module that is not installed.
    listed: Option<LockedModule>,
}

impl Registry {
    pub(super) async fn versions<'a>(
        &self,
        session: &mut Session,
        company: &str,
        standing: &'a Standing,
        (module, now): (&'a str, Option<&'a LockedModule>),
    ) -> Result<Versions<'a>, StoreError> {
        let noted = session.data_versions(company, module).await?;
        let listed = match now {
            Some(_) => None,
            None => last_listed(session, company, standing.base, module).await?,
        };
        let manifest = now.and_then(|now| standing.manifest(now));
        Ok(Versions { module, now, manifest, noted, listed })
    }

    /// Notes of which version the objects are of all that another list has otherwise: of what goes, that which it leaves
    /// behind, and of what comes, all.
    pub(super) async fn note_versions(
        &self,
        unit: &mut Unit,
        company: &str,
        (from, to): (u64, u64),
    ) -> Result<(), StoreError> {
        let (before, after) = (self.list(unit, company, from).await?, self.list(unit, company, to).await?);
        let gone = before.iter().filter(|locked| !after.contains(locked));
        let come = after.iter().filter(|locked| !before.contains(locked));
        for locked in gone.chain(come).filter(|locked| locked.sha256.is_some()) {
            let installed = match self.locked(unit, company, locked).await {
                Ok(installed) => installed,
                // Nobody could use it, so it has made no objects.
                Err(StoreError::Missing { .. }) => continue,
                Err(error) => return Err(error),
            };
            for object in &installed.manifest.objects {
                unit.put_data_version(company, &format!("{}/{}", locked.module, object.collection), locked).await?;
            }
        }
        Ok(())
    }
}

impl Versions<'_> {
    /// Of which version the objects of a collection are. Nothing if there are none, and none can be made meanwhile.
    pub(super) async fn of(
        &self,
        session: &mut Session,
        company: &str,
        collection: &str,
    ) -> Result<Option<LockedModule>, StoreError> {
        let has = |manifest: &Manifest| manifest.objects.iter().any(|object| object.collection == collection);
        if let Some(now) = self.now.filter(|_| self.manifest.is_none_or(has)) {
            return Ok(Some(now.clone()));
        }
        let kind = format!("{}/{collection}", self.module);
        let left = self.noted.get(&kind).or(self.now).or(self.listed.as_ref());
        match left {
            // What was purged is of no version.
            Some(left) if session.has_objects(company, &kind).await? => Ok(Some(left.clone())),
            _ => Ok(None),
        }
    }
}

/// What a company had of a module before it was taken out.
async fn last_listed(
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

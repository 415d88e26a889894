//! What is different after a change, beside versions: rights, kinds of objects, and what of that needs a word.

use super::plan::Plan;
use super::standing::Standing;
use crate::manifest::{Endpoint, Manifest, Method, Permission};
use crate::registry::Registry;
use std::collections::BTreeMap;
use store::{LockedModule, ModuleState, Session, StoreError};

/// Sentences for those who decide on a change.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) told: Vec<String>,
    pub(super) consent: Vec<String>,
}

impl Differences {
    pub(super) async fn of(
        registry: &Registry,
        session: &mut Session,
        company: &str,
        standing: &Standing,
        plan: &Plan,
    ) -> Result<Self, StoreError> {
        let mut differences = Self::default();
        for changed in &plan.changes {
            let before = usable(changed.from.as_ref()).and_then(|locked| standing.manifest(locked));
            let after = usable(changed.to.as_ref()).and_then(|locked| standing.manifest(locked));
            differences.rights(before, after);
            differences.code(before, after);
            differences.subscriptions(before, after);
            differences.endpoints(before, after);
            differences.kinds(session, company, before, after).await?;
        }
        Self::names(registry, plan)?;
        Ok(differences)
    }

    /// Rights that more people have than before need a word.
    fn rights(&mut self, before: Option<&Manifest>, after: Option<&Manifest>) {
        let (before, after) = (rights(before), rights(after));
        for (name, right) in &after {
            let roles = right.roles.join(", ");
            match before.get(name) {
                None => self.consent.push(format!("{roles} may: {} ({name})", right.title)),
                Some(old) if right.roles.iter().any(|role| !old.roles.contains(role)) => {
                    self.consent.push(format!(
                        "{roles} may: {} ({name}); so far only {}",
                        right.title,
                        old.roles.join(", ")
                    ));
                }
                Some(_) => {}
            }
        }
        let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
        self.told.extend(gone.map(|(name, right)| format!("nobody may any more: {} ({name})", right.title)));
    }

    /// Code that was not there before, or may ask for more, needs a word.
    fn code(&mut self, before: Option<&Manifest>, after: Option<&Manifest>) {
        let Some((manifest, code)) = after.and_then(|after| Some((after, after.code.as_ref()?))) else { return };
        let known = before.and_then(|before| before.code.as_ref()).map_or(&[][..], |code| &code.asks);
        let is_new = before.is_none_or(|before| before.code.is_none());
        if is_new || code.asks.iter().any(|ask| !known.contains(ask)) {
            let asks: Vec<String> = code.asks.iter().map(ToString::to_string).collect();
            let asks = if asks.is_empty() { "nothing".to_owned() } else { asks.join(" and ") };
            self.consent.push(format!("code of {} runs here, in a sandbox, and may ask for {asks}", manifest.name));
        }
    }

    /// Events of others that a module has not heard before need a word: their data is told to it.
    fn subscriptions(&mut self, before: Option<&Manifest>, after: Option<&Manifest>) {
        let Some(after) = after else { return };
        let known: Vec<&str> =
            before.iter().flat_map(|before| &before.consumes).map(|known| known.kind.as_str()).collect();
        let new = after.consumes.iter().filter(|new| !known.contains(&new.kind.as_str()));
        self.consent.extend(new.map(|new| format!("{} hears of events {}", after.name, new.kind)));
    }

    /// What a module answers by itself. Whatever is no `GET` does something, so it needs a word.
    fn endpoints(&mut self, before: Option<&Manifest>, after: Option<&Manifest>) {
        let known = answered(before);
        for (sentence, method) in answered(after) {
            match (known.contains(&(sentence.clone(), method)), method) {
                (true, _) => {}
                (false, Method::Get) => self.told.push(sentence),
                (false, _) => self.consent.push(sentence),
            }
        }
    }

    /// Objects that nobody can see afterwards need a word, although they are kept.
    async fn kinds(
        &mut self,
        session: &mut Session,
        company: &str,
        before: Option<&Manifest>,
        after: Option<&Manifest>,
    ) -> Result<(), StoreError> {
        let (before, after) = (kinds(before), kinds(after));
        for kind in before.iter().filter(|kind| !after.contains(kind)) {
            let count = session.count_objects(company, kind).await?;
            let kept = format!("{count} objects of {kind} are kept, but nobody sees them until it is back");
            if count > 0 {
                self.consent.push(kept)
            } else {
                self.told.push(format!("{kind} is gone; it has no objects"))
            }
        }
        let new = after.into_iter().filter(|kind| !before.contains(kind));
        self.told.extend(new.map(|kind| format!("{kind} is new")));
        Ok(())
    }

    /// A package may not take the place of what is compiled in.
    fn names(registry: &Registry, plan: &Plan) -> Result<(), StoreError> {
        for locked in plan.changes.iter().filter_map(|changed| usable(changed.to.as_ref())) {
            if locked.sha256.is_some() && registry.built_in().module(&locked.module).is_some() {
                let sentence = format!("{} comes with the program itself; give the module another name", locked.module);
                return Err(StoreError::refused("compiled-in", sentence));
            }
        }
        Ok(())
    }
}

/// The entry of a module that may be used.
fn usable(locked: Option<&LockedModule>) -> Option<&LockedModule> {
    locked.filter(|locked| locked.state != ModuleState::Disabled)
}

fn rights(manifest: Option<&Manifest>) -> BTreeMap<&str, &Permission> {
    let all = manifest.into_iter().flat_map(|manifest| &manifest.permissions);
    all.map(|right| (right.name.as_str(), right)).collect()
}

/// `travel answers POST trips/{id}/keep (travel.trips.keep)`
fn answered(manifest: Option<&Manifest>) -> Vec<(String, Method)> {
    let all = manifest.into_iter().flat_map(|manifest| manifest.endpoints.iter().map(move |one| (&manifest.name, one)));
    let told = |(module, one): (&String, &Endpoint)| {
        (format!("{module} answers {} {} ({})", one.method, one.path, one.permission), one.method)
    };
    all.map(told).collect()
}

fn kinds(manifest: Option<&Manifest>) -> Vec<String> {
    let all = manifest.into_iter().flat_map(|manifest| manifest.objects.iter().map(move |object| (manifest, object)));
    all.map(|(manifest, object)| format!("{}/{}", manifest.name, object.collection)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    fn manifest(endpoints: &str) -> Manifest {
        let text =
            format!("name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n{endpoints}");
        serde_json::from_value(read(&text).0.value).unwrap()
    }

    #[test]
    fn an_endpoint_that_is_new_or_for_others_is_told() {
        let get = "endpoints:\n  - { method: GET, path: cost, permission: travel.see, title: Cost }\n";
        let both = format!("{get}  - {{ method: POST, path: keep, permission: travel.keep, title: Keep }}\n");
        let told = |before: Option<&str>, after: &str| {
            let mut differences = Differences::default();
            differences.endpoints(before.map(manifest).as_ref(), Some(&manifest(after)));
            (differences.told, differences.consent)
        };
        let (cost, keep) = ("travel answers GET cost (travel.see)", "travel answers POST keep (travel.keep)");
        assert_eq!(told(None, &both), (vec![cost.to_owned()], vec![keep.to_owned()]));
        assert_eq!(told(Some(get), &both), (vec![], vec![keep.to_owned()]));
        assert_eq!(told(Some(&both), &both), (vec![], vec![]));
        let others = both.replace("travel.keep", "travel.see");
        assert_eq!(told(Some(&both), &others).1, ["travel answers POST keep (travel.see)"]);
    }
}

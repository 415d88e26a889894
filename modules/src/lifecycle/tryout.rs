//! A change of data tried on the first objects, for people who decide on it. Nothing is written.

use super::change::Offered;
use super::convert::{Made, made};
use super::data::CollectionChange;
use super::plan::Plan;
use crate::installed::Installed;
use crate::migrate::{Conversion, Misfit, clash};
use crate::registry::Registry;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use store::{Clash, Session, StagedObject, StoreError};
use workflow::expression::Moment;

/// So many objects of a collection are tried; the change itself looks at all.
const MOST_TRIED: u64 = 1_000;
/// So many are read at once.
const AT_ONCE: u32 = 200;
/// So many that do not fit are told of a collection.
const MOST_TOLD: usize = 100;

impl Registry {
    /// Says in a plan what would become of the objects of each collection. Longer than what a unit of work should do.
    pub async fn try_out(
        &self,
        session: &mut Session,
        company: &str,
        plan: &mut Plan,
        offered: Option<&Offered>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let moment = Moment { at_ms: now_ms, seed: 0 };
        let offered = offered.map(|Offered { manifest, sha256, bytes, .. }| {
            Arc::new(Installed::uploaded(manifest.clone(), sha256.clone(), bytes.clone(), Weak::new()))
        });
        let conversions = self.conversions(session, company, &plan.data, offered.as_ref()).await?;
        for change in &mut plan.data {
            change.collections.clear();
            let own: Vec<&Arc<Conversion>> = conversions.iter().filter(|one| change.is_of(one)).collect();
            for conversion in own {
                change.collections.push(tried(session, company, conversion, moment).await?);
            }
        }
        Ok(())
    }
}

async fn tried(
    session: &mut Session,
    company: &str,
    conversion: &Arc<Conversion>,
    moment: Moment,
) -> Result<CollectionChange, StoreError> {
    let kind = conversion.kind.clone();
    let objects = session.count_objects(company, &kind).await?;
    let differences = conversion.sentences();
    let mut change = CollectionChange { kind, objects, differences, tried: 0, unchanged: 0, misfits: Vec::new() };
    let (mut after, mut taken) = (None, HashMap::new());
    while change.tried < MOST_TRIED && change.misfits.len() < MOST_TOLD {
        let objects = session.objects_after(company, &change.kind, after.as_deref(), AT_ONCE).await?;
        let Some(last) = objects.last() else { break };
        after = Some(last.id.clone());
        change.tried += objects.len() as u64;
        let Made { staged, misfits, unchanged } = made(session, company, conversion, objects, moment).await?;
        change.unchanged += unchanged;
        change.misfits.extend(misfits);
        change.misfits.extend(staged.iter().flat_map(|one| clashes(one, &mut taken)));
    }
    change.misfits.truncate(MOST_TOLD);
    Ok(change)
}

/// The keys of an object that another one of those that were tried has.
fn clashes(one: &StagedObject, taken: &mut HashMap<(String, String), String>) -> Vec<Misfit> {
    let mut found = Vec::new();
    for key in &one.keys.unique {
        let other = taken.insert((key.field.clone(), key.value.clone()), one.id.clone());
        found.extend(
            other.map(|other| clash(&one.kind, &Clash { id: one.id.clone(), other, field: key.field.clone() })),
        );
    }
    found
}

impl Plan {
    /// Everything that does not fit, as far as it was tried and is told.
    pub fn misfits(&self) -> impl Iterator<Item = &Misfit> {
        self.data.iter().flat_map(|change| &change.collections).flat_map(|collection| &collection.misfits)
    }
}

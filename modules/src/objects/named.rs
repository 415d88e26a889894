//! Objects that an object names.

use super::MOST_PROBLEMS;
use super::schema::{Keywords, Reference};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::{Object, StoreError, Unit};
use workflow::Problem;

/// The most other objects that an object may begin to name at once.
const MOST_NAMED: usize = 1_000;

/// Names of objects that are not there. What was named before is not looked for again: it may be gone by now, and the
/// object that names it can be changed nevertheless.
pub(super) async fn problems(
    unit: &mut Unit,
    company: &str,
    keywords: &Keywords,
    before: Option<&Object>,
    data: &Value,
) -> Result<Vec<Problem>, StoreError> {
    let mut places: Vec<(&str, String, &str)> = Vec::new();
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut count = 0;
    for Reference { path, kind } in &keywords.references {
        let named = before.map(|before| path.values(&before.data)).unwrap_or_default();
        let named: BTreeSet<&str> = named.iter().filter_map(|(_, value)| value.as_str()).collect();
        let ids = path.values(data).into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str()?)));
        for (pointer, id) in ids.filter(|(_, id)| !named.contains(id)) {
            count += usize::from(wanted.entry(kind).or_default().insert(id));
            if count > MOST_NAMED {
                let message = format!("is one too many: at most {MOST_NAMED} other objects are named at once");
                return Ok(vec![Problem::new(pointer, "too-many-objects", message)]);
            }
            places.push((kind, pointer, id));
        }
    }
    let mut there: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (kind, ids) in &wanted {
        there.insert(kind, unit.ids_of_objects(company, kind, ids).await?);
    }
    let missing = places.into_iter().filter(|(kind, _, id)| there.get(kind).is_none_or(|ids| !ids.contains(*id)));
    let problem = |(kind, pointer, id): (&str, String, &str)| {
        let shown: String = id.chars().take(100).collect();
        let message = format!("there is no \"{shown}\" in {kind}; make it first, or name another");
        Problem::new(pointer, "unknown-object", message)
    };
    Ok(missing.map(problem).take(MOST_PROBLEMS).collect())
}

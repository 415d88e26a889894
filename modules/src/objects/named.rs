//! Objects that an object names.

use super::schema::{Keywords, Reference};
use serde_json::Value;
use std::collections::BTreeSet;
use store::{Object, StoreError, Unit};
use workflow::Problem;

/// Names of objects that are not there. What was named before is not looked for again: it may be gone by now, and the
/// object that names it can be changed nevertheless.
pub(super) async fn problems(
    unit: &mut Unit,
    company: &str,
    keywords: &Keywords,
    before: Option<&Object>,
    data: &Value,
) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    for Reference { path, kind } in &keywords.references {
        let named = before.map(|before| path.values(&before.data)).unwrap_or_default();
        let named: BTreeSet<&str> = named.iter().filter_map(|(_, value)| value.as_str()).collect();
        let ids = path.values(data).into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str()?)));
        for (pointer, id) in ids.filter(|(_, id)| !named.contains(id)) {
            match unit.object(company, kind, id).await {
                Ok(_) => {}
                Err(StoreError::Missing { .. }) => {
                    let shown: String = id.chars().take(100).collect();
                    let message = format!("there is no \"{shown}\" in {kind}; make it first, or name another");
                    problems.push(Problem::new(pointer, "unknown-object", message));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(problems)
}

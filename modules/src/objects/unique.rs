//! What no two objects may have the same.

use super::keys::name;
use super::schema::Keywords;
use store::{ObjectKeys, StoreError, Unit};
use workflow::Problem;

/// The fields that another object has the same. Two that are stored at the same moment on two nodes meet in the database;
/// the slower one is run again, and hears it here.
pub(super) async fn problems(
    unit: &mut Unit,
    company: &str,
    kind: &str,
    id: Option<&str>,
    keywords: &Keywords,
    keys: &ObjectKeys,
) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    for key in &keys.unique {
        let Some(other) = unit.object_with(company, kind, key).await?.filter(|other| Some(other.as_str()) != id) else {
            continue;
        };
        let fields = keywords.unique.iter().find(|fields| name(fields) == key.field);
        let pointer = fields.and_then(|fields| fields.first()).map(|first| first.path.pointer()).unwrap_or_default();
        let message = match fields.map(Vec::len) {
            Some(2..) => format!(
                "{} are together the same as those of \"{other}\"; they must differ",
                key.field.replace('+', " and ")
            ),
            _ => format!("is the same as that of \"{other}\"; it must be another"),
        };
        problems.push(Problem::new(pointer, "not-unique", message));
    }
    Ok(problems)
}

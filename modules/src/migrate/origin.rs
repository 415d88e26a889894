//! Whether an object is still what a migration has made of it, and what it was before.

use semver::Version;
use serde_json::Value;
use store::{Object, Origin, Session, StoreError};

/// So many migrations are gone back through at most.
const MOST: usize = 1_000;

/// The mark of a revision that goes from one version to another: `up 1.0.0 1.1.0`.
pub(super) fn mark(word: &str, from: &Version, to: &Version) -> String {
    format!("{word} {from} {to}")
}

/// The same of an object whose origin is known, where one migration has made it of what it was; nothing where more has to be
/// asked.
pub(crate) fn direct(
    (origin, data): (Origin, Option<Value>),
    (from, to): (&Version, &Version),
) -> Option<Option<(u64, Value)>> {
    let Some((made_of, version)) = before(&origin, &from.to_string()) else { return Some(None) };
    (version == to.to_string()).then(|| data.map(|data| (made_of, data)))
}

/// The revision and data of an object under the version `to`, if it is an object of `from` that nobody has changed since a
/// migration made it. What came by going back is followed to what it came back to.
pub(crate) async fn original(
    session: &mut Session,
    company: &str,
    object: &Object,
    (from, to): (&Version, &Version),
) -> Result<Option<(u64, Value)>, StoreError> {
    let (mut revision, mut version) = (object.revision, from.to_string());
    for _ in 0..MOST {
        if version == to.to_string() {
            let data = session.object_at_revision(company, &object.kind, &object.id, revision).await?;
            return Ok(data.map(|data| (revision, data)));
        }
        let Some(origin) = session.origin(company, &object.kind, &object.id, revision).await? else { return Ok(None) };
        let Some((made_of, before)) = before(&origin, &version) else { return Ok(None) };
        (revision, version) = (made_of, before);
    }
    Ok(None)
}

/// The revision that one was made of, and the version that it belongs to.
fn before(origin: &Origin, version: &str) -> Option<(u64, String)> {
    let mut words = origin.migration.as_deref()?.split(' ');
    let (way, from, to, made_of) = (words.next()?, words.next()?, words.next()?, origin.made_of?);
    match way {
        "up" if to == version => Some((made_of, from.to_owned())),
        "back" if to == version => Some((made_of, version.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_migration_made_has_something_before() {
        let origin = |migration: Option<&str>| Origin { migration: migration.map(str::to_owned), made_of: Some(3) };
        assert_eq!(before(&origin(Some("up 1.0.0 1.1.0")), "1.1.0"), Some((3, "1.0.0".to_owned())));
        assert_eq!(before(&origin(Some("back 1.2.0 1.1.0")), "1.1.0"), Some((3, "1.1.0".to_owned())));
        assert_eq!(before(&origin(Some("down 1.2.0 1.1.0")), "1.1.0"), None);
        assert_eq!(before(&origin(Some("up 1.0.0 1.1.0")), "1.2.0"), None);
        assert_eq!(before(&origin(None), "1.1.0"), None);
    }
}

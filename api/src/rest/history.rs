//! The history of an instance, one numbered list over all of its events.

use super::moment::rfc3339;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use store::{Session, StoreError, StoredTransition};
use workflow::{Actor, Channel, Entry};

/// Every entry in order, numbered from 1. What states and tasks were given and yielded is shown to admins only, like
/// the variables, because a definition may put anything there.
pub(crate) async fn history(
    session: &mut Session,
    company: &str,
    transitions: &[StoredTransition],
    is_admin: bool,
) -> Result<Vec<Value>, StoreError> {
    let names = names(session, company, transitions).await?;
    let lines =
        transitions.iter().flat_map(|transition| transition.entries.iter().map(move |entry| (transition, entry)));
    let numbered = (1_u64..).zip(lines);
    Ok(numbered.map(|(seq, (transition, entry))| line(seq, transition, entry, &names, is_admin)).collect())
}

/// The names of those who acted, by id.
async fn names(
    session: &mut Session,
    company: &str,
    transitions: &[StoredTransition],
) -> Result<HashMap<String, String>, StoreError> {
    let mut names = HashMap::new();
    for transition in transitions {
        let Actor::Person { id, .. } = &transition.event.by else { continue };
        if names.contains_key(id) {
            continue;
        }
        if let Some(person) = session.person(company, id).await? {
            names.insert(id.clone(), person.name);
        }
    }
    Ok(names)
}

fn line(
    seq: u64,
    transition: &StoredTransition,
    entry: &Entry,
    names: &HashMap<String, String>,
    is_admin: bool,
) -> Value {
    let mut line = Map::new();
    line.insert("seq".to_owned(), json!(seq));
    line.insert("version".to_owned(), json!(transition.version));
    line.insert("at".to_owned(), json!(rfc3339(transition.event.at)));
    line.insert("by".to_owned(), actor(&transition.event.by, names));
    line.insert("type".to_owned(), json!(entry.kind));
    let texts = [("name", &entry.name), ("error", &entry.error), ("cause", &entry.cause)];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, json!(text.as_ref()?))));
    let data = [("input", &entry.input), ("output", &entry.output)].into_iter().filter(|_| is_admin);
    let data = data.chain([("details", &entry.details)]).filter_map(|(key, value)| Some((key, value.clone()?)));
    line.extend(texts.chain(data).map(|(key, value)| (key.to_owned(), value)));
    Value::Object(line)
}

fn actor(by: &Actor, names: &HashMap<String, String>) -> Value {
    match by {
        Actor::System => json!({ "kind": "system" }),
        Actor::Person { id, through } => {
            json!({ "kind": "person", "id": id, "name": names.get(id), "through": channel(*through) })
        }
    }
}

fn channel(through: Channel) -> &'static str {
    match through {
        Channel::Link => "link",
        Channel::Token => "token",
    }
}

//! What the files of a package say of events: the schemas of those that it publishes, and which of others it wants.

use crate::catalogue::Catalogue;
use crate::manifest::{EVENT, Manifest};
use crate::objects::schema::{Flaw, PlainSchema};
use crate::package::{Package, PackageError};
use serde_json::{Map, Value};
use std::collections::HashMap;
use workflow::Problem;
use workflow::expression::{Expression, Moment, Scope};

/// So many problems of an event are told.
const MOST_TOLD: usize = 10;

/// The schema of the data of an event.
#[derive(Debug)]
pub(crate) struct EventSchema(PlainSchema);

impl EventSchema {
    /// Reads it, or says what is wrong with it.
    pub(crate) fn read(document: &Value) -> Result<Self, Vec<Flaw>> {
        PlainSchema::read(document).map(Self)
    }
}

/// Schemas by type, and filters by subscription.
#[derive(Debug, Default)]
pub(crate) struct EventFiles {
    schemas: HashMap<String, EventSchema>,
    filters: HashMap<String, Expression>,
}

impl EventFiles {
    pub(crate) fn read(package: &Package, manifest: &Manifest) -> Result<Self, PackageError> {
        let mut files = Self::default();
        for published in &manifest.publishes {
            let Some(path) = &published.schema else { continue };
            let schema = EventSchema::read(&package.json(path)?).map_err(|flaws| PackageError::Schema {
                path: path.clone(),
                error: flaws.first().map(|flaw| format!("{}: {}", flaw.pointer, flaw.message)).unwrap_or_default(),
            })?;
            files.schemas.insert(published.kind.clone(), schema);
        }
        for subscription in &manifest.consumes {
            let Some(filter) = subscription.compiled_filter() else { continue };
            let name = &subscription.name;
            let unread =
                |(message, _): (String, String)| PackageError::Code(format!("the filter of {name}: {message}"));
            files.filters.insert(name.clone(), filter.map_err(unread)?);
        }
        Ok(files)
    }

    /// Why an event does not fit its schema, if it has one.
    pub(crate) fn misfit(&self, kind: &str, data: &Value) -> Option<String> {
        let EventSchema(schema) = self.schemas.get(kind)?;
        let told: Vec<String> = schema.problems(data).iter().take(MOST_TOLD).map(Problem::to_string).collect();
        (!told.is_empty()).then(|| format!("the data of {kind} does not fit its schema: {}", told.join("; ")))
    }

    /// Whether a subscription wants an event. An error if its filter cannot say.
    pub(crate) fn wants(&self, subscription: &str, event: &Value, moment: Moment) -> Result<bool, String> {
        let Some(filter) = self.filters.get(subscription) else { return Ok(true) };
        let seen = Map::from_iter([(EVENT.to_owned(), event.clone())]);
        match filter.evaluate(&Scope::new(&Value::Null, &seen, moment)) {
            Ok(Some(Value::Bool(wants))) => Ok(wants),
            // A field that is not there.
            Ok(None) => Ok(false),
            Ok(Some(other)) => Err(format!("the filter gives {}, which is neither true nor false", shown(&other))),
            Err(error) => Err(format!("the filter cannot be computed: {error}")),
        }
    }
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

impl Catalogue {
    /// Why an event does not fit the schema that its module gives it.
    pub(crate) fn event_misfit(&self, kind: &str, data: &Value) -> Option<String> {
        let owner = self.owner(kind)?;
        if !owner.manifest.publishes.iter().any(|known| known.kind == kind && known.schema.is_some()) {
            return None;
        }
        owner.events().misfit(kind, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Moment = Moment { at_ms: 0, seed: 0 };

    fn with_filter(text: &str) -> EventFiles {
        let filter = Expression::parse(text).unwrap();
        EventFiles { filters: HashMap::from([("a".to_owned(), filter)]), ..EventFiles::default() }
    }

    #[test]
    fn a_filter_says_yes_or_no() {
        let event = json!({ "type": "fleet.car.made", "data": { "seats": 5 } });
        for (text, wanted) in [
            ("$event.data.seats > 4", true),
            ("$event.data.seats > 5", false),
            ("$event.data.doors = 2", false),
            ("$event.data.is_new", false),
            ("$event.type = 'fleet.car.made'", true),
        ] {
            assert_eq!(with_filter(text).wants("a", &event, NOW), Ok(wanted), "{text}");
        }
        assert_eq!(EventFiles::default().wants("a", &event, NOW), Ok(true));
    }

    #[test]
    fn a_filter_that_cannot_say_is_told() {
        let event = json!({ "data": { "seats": "five" } });
        for (text, why) in [("$event.data.seats", "gives \"five\""), ("$event.data.seats > 4", "cannot be computed")] {
            let told = with_filter(text).wants("a", &event, NOW).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}

//! Fields that expressions make.

use super::schema::{Keywords, Starts};
use serde_json::{Map, Value, json};
use store::{Object, Person, StoreError, Unit};
use workflow::Problem;
use workflow::definition::below;
use workflow::expression::{Expression, Moment, Scope};

/// What was sent, with the fields that are made of it, one after the other: each sees those before it.
pub(super) fn completed(unit: &Unit, keywords: &Keywords, sent: &Value) -> Result<Value, StoreError> {
    computed_at(moment(unit), keywords, sent).map_err(StoreError::Problems)
}

/// The same at a moment, outside a unit of work.
pub(crate) fn computed_at(moment: Moment, keywords: &Keywords, sent: &Value) -> Result<Value, Vec<Problem>> {
    let (mut data, mut problems) = (sent.clone(), Vec::new());
    for (name, expression) in &keywords.computed {
        let seen = Map::from_iter([("object".to_owned(), data.clone())]);
        match expression.evaluate(&Scope::new(&Value::Null, &seen, moment)) {
            Ok(made) => set(&mut data, name, made),
            Err(error) => {
                let message = format!("cannot be computed: {error}");
                problems.push(Problem::new(below("", name), "computed", message));
            }
        }
    }
    if problems.is_empty() { Ok(data) } else { Err(problems) }
}

fn set(data: &mut Value, name: &str, made: Option<Value>) {
    let Value::Object(fields) = data else { return };
    match made {
        Some(value) => _ = fields.insert(name.to_owned(), value),
        None => _ = fields.shift_remove(name),
    }
}

/// What a workflow that is declared starts with.
pub(super) fn input(unit: &Unit, starts: &Starts, object: &Object, requester: &Person) -> Result<Value, StoreError> {
    let requester = json!({ "id": requester.id, "name": requester.name, "email": requester.email });
    let Some(expression) = &starts.input else {
        return Ok(json!({ "data": object.data, "requester": requester }));
    };
    let seen = Map::from_iter([("object".to_owned(), object.data.clone()), ("requester".to_owned(), requester)]);
    evaluated(unit, expression, &seen)
}

fn evaluated(unit: &Unit, expression: &Expression, seen: &Map<String, Value>) -> Result<Value, StoreError> {
    let wrong = |why: String| {
        let message = format!("the input of its workflow cannot be computed: {why}");
        StoreError::Problems(vec![Problem::new("", "computed", message)])
    };
    match expression.evaluate(&Scope::new(&Value::Null, seen, moment(unit))) {
        Ok(Some(input @ Value::Object(_))) => Ok(input),
        Ok(_) => Err(wrong("its expression makes no group of fields".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn moment(unit: &Unit) -> Moment {
    // The low half of an id is chance.
    let seed = uuid::Uuid::parse_str(&unit.new_id()).map_or(0, |id| id.as_u64_pair().1);
    Moment { at_ms: unit.now_ms(), seed }
}

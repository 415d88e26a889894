//! `object.create`, `object.update` and `object.find`: tasks with which a workflow keeps objects of its own module.

use serde_json::{Map, Value, json};
use store::{Call, Object, OwnCall, OwnChange, OwnDeed, StoreError, TaskError, Unit};
use workflow::Problem;

/// So many objects are found, unless the task says otherwise.
const USUAL_FOUND: u32 = 10;
/// So many objects are made, changed or found at once at most.
const MOST: usize = 500;
/// So many problems are told in the cause of an error.
const MOST_TOLD: usize = 10;

/// Does one of the tasks. What is wrong with the object is an error for the workflow, which can catch it.
pub(crate) async fn own_task(unit: &mut Unit, call: &Call) -> Result<Result<Value, TaskError>, StoreError> {
    let own = match own_call(call) {
        Ok(own) => own,
        Err(error) => return Ok(Err(error)),
    };
    let shape = Shape::of(&call.arguments, &own.deed);
    Ok(match unit.own_objects(own).await? {
        Ok(objects) => Ok(shape.answer(&objects)),
        Err(error) => Err(told(&error)),
    })
}

/// How what was made, changed or found is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The object.
    One,
    /// Several without their data, in the order in which they were given: those who asked have it.
    Several,
    /// Those that were found.
    Found,
}

impl Shape {
    /// By how it was asked for.
    pub(crate) fn of(arguments: &Value, deed: &OwnDeed) -> Self {
        match deed {
            OwnDeed::Find { .. } => Self::Found,
            _ if arguments.get("changes").is_some() || arguments.get("data").is_some_and(Value::is_array) => {
                Self::Several
            }
            _ => Self::One,
        }
    }

    /// The answer.
    pub(crate) fn answer(self, objects: &[Object]) -> Value {
        match self {
            Self::One => objects.first().map_or(Value::Null, shown),
            Self::Found => json!({ "objects": objects.iter().map(shown).collect::<Vec<_>>() }),
            Self::Several => {
                let brief = |Object { id, revision, status, number, .. }: &Object| json!({ "id": id, "revision": revision, "status": status, "number": number });
                json!({ "objects": objects.iter().map(brief).collect::<Vec<_>>() })
            }
        }
    }
}

/// An object as code and workflows of its module see it.
pub(crate) fn shown(object: &Object) -> Value {
    let Object { id, revision, status, number, data, .. } = object;
    json!({ "id": id, "revision": revision, "status": status, "number": number, "data": data })
}

/// What the code or the workflow of a module asks for, of its arguments.
///
/// # Errors
/// What is missing or does not fit, in a sentence.
pub(crate) fn deed(what: &str, arguments: &Value) -> Result<OwnDeed, String> {
    match what {
        "create" => match arguments.get("data") {
            Some(data @ Value::Object(_)) => Ok(OwnDeed::Create(vec![data.clone()])),
            Some(Value::Array(all)) if all.iter().all(Value::is_object) => {
                Ok(OwnDeed::Create(few(all, "data")?.clone()))
            }
            _ => Err("it needs data, a group of fields, or a list of them".to_owned()),
        },
        "update" => match arguments.get("changes") {
            None => Ok(OwnDeed::Update(vec![change(arguments)?])),
            Some(Value::Array(all)) => {
                Ok(OwnDeed::Update(few(all, "changes")?.iter().map(change).collect::<Result<_, _>>()?))
            }
            Some(_) => Err("changes must be a list, each with id and patch".to_owned()),
        },
        _ => {
            let wanted = wanted(arguments)?;
            let usual = USUAL_FOUND.max(u32::try_from(wanted.len()).unwrap_or(USUAL_FOUND));
            Ok(OwnDeed::Find { limit: number(arguments, "limit")?.map_or(Ok(usual), limit)?, wanted })
        }
    }
}

fn few<'v>(all: &'v Vec<Value>, name: &str) -> Result<&'v Vec<Value>, String> {
    if all.len() <= MOST {
        Ok(all)
    } else {
        Err(format!("{name}: at most {MOST} at once, and these are {}", all.len()))
    }
}

fn change(arguments: &Value) -> Result<OwnChange, String> {
    let id = arguments.get("id").and_then(Value::as_str).ok_or("it needs the text id")?;
    let patch = arguments.get("patch").filter(|patch| patch.is_object()).ok_or("it needs patch, a group of fields")?;
    Ok(OwnChange { id: storable(id)?.to_owned(), patch: patch.clone(), revision: number(arguments, "revision")? })
}

/// Databases differ in what they make of control characters.
fn storable(text: &str) -> Result<&str, String> {
    if text.chars().any(char::is_control) {
        Err("a text to look for has a control character".to_owned())
    } else {
        Ok(text)
    }
}

fn number(arguments: &Value, name: &str) -> Result<Option<u64>, String> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("{name} must be a whole number, 0 or more")),
    }
}

fn limit(wanted: u64) -> Result<u32, String> {
    let fits = u32::try_from(wanted).ok().filter(|wanted| (1..=MOST).contains(&(*wanted as usize)));
    fits.ok_or_else(|| format!("limit must be a whole number from 1 to {MOST}"))
}

/// What one of the objects must have. A list stands for one of its values; there may be one.
fn wanted(arguments: &Value) -> Result<Vec<Map<String, Value>>, String> {
    let fields = match (arguments.get("id"), arguments.get("where")) {
        (Some(id @ (Value::String(_) | Value::Array(_))), None) => Map::from_iter([("id".to_owned(), id.clone())]),
        (None, Some(Value::Object(fields))) if !fields.is_empty() => fields.clone(),
        _ => return Err("it needs id, or where with fields and what they are to be".to_owned()),
    };
    let mut lists = fields.iter().filter_map(|(name, value)| Some((name, value.as_array()?)));
    let (list, second) = (lists.next(), lists.next());
    if let Some((name, _)) = second {
        return Err(format!("where: {name} is the second list; one field may have a list of values"));
    }
    let all: Vec<Map<String, Value>> = match list {
        None => vec![fields.clone()],
        Some((name, values)) => {
            let each = few(values, name)?.iter().map(|value| {
                let mut one = fields.clone();
                one.insert(name.clone(), value.clone());
                one
            });
            each.collect()
        }
    };
    all.iter().flatten().try_for_each(|(name, value)| comparable(name, value))?;
    Ok(all)
}

fn comparable(name: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => storable(text).map(|_| ()),
        Value::Number(_) | Value::Bool(_) => Ok(()),
        _ => Err(format!("where: {name} must be a text, a number, or yes or no")),
    }
}

fn own_call(call: &Call) -> Result<OwnCall, TaskError> {
    let invalid = |why: String| TaskError::new("Object.Invalid", format!("{}: {why}", call.resource));
    let kind = call.arguments.get("kind").and_then(Value::as_str);
    let kind = kind.ok_or_else(|| invalid("it needs the text kind, such as travel/trips".to_owned()))?;
    let (module, _) = call.definition.split_once('/').unwrap_or_default();
    let Some((_, collection)) = kind.split_once('/').filter(|(owner, _)| !owner.is_empty() && *owner == module) else {
        let cause = format!("{kind} are not objects of {module}: a workflow keeps those of its own module only");
        return Err(TaskError::new("Object.Forbidden", cause));
    };
    let (_, what) = call.resource.split_once('.').unwrap_or_default();
    let deed = deed(what, &call.arguments).map_err(invalid)?;
    Ok(OwnCall {
        company: call.company.clone(),
        module: module.to_owned(),
        collection: collection.to_owned(),
        instance: Some(call.instance.clone()),
        deed,
    })
}

/// The error of a task, by which a workflow catches it.
fn told(error: &StoreError) -> TaskError {
    let name = match error {
        StoreError::Missing { .. } => "Object.Missing",
        StoreError::Outdated(_) => "Object.Outdated",
        StoreError::Problems(_) | StoreError::Guarded(_) => "Object.Invalid",
        _ => "Object.Refused",
    };
    let cause = match error {
        StoreError::Problems(problems) | StoreError::Guarded(problems) => {
            let told: Vec<String> = problems.iter().take(MOST_TOLD).map(Problem::to_string).collect();
            told.join("; ")
        }
        other => other.to_string(),
    };
    TaskError::new(name, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_or_told() {
        let find = deed("find", &json!({ "where": { "sku": "A" }, "limit": 3 }));
        assert!(matches!(find, Ok(OwnDeed::Find { limit: 3, wanted }) if wanted[0]["sku"] == "A"));
        let several = deed("find", &json!({ "where": { "sku": ["A", "B"], "place": "Hall" } }));
        let both = |wanted: &[Map<String, Value>]| {
            wanted.len() == 2 && wanted[1]["sku"] == "B" && wanted[1]["place"] == "Hall"
        };
        assert!(matches!(several, Ok(OwnDeed::Find { wanted, .. }) if both(&wanted)));
        let update = deed("update", &json!({ "id": "1", "patch": { "n": null }, "revision": 2 }));
        assert!(matches!(update, Ok(OwnDeed::Update(all)) if all[0].revision == Some(2)));
        let changes = deed("update", &json!({ "changes": [{ "id": "1", "patch": {} }, { "id": "2", "patch": {} }] }));
        assert!(matches!(changes, Ok(OwnDeed::Update(all)) if all[1].id == "2"));
        let made = deed("create", &json!({ "data": [{}, {}] }));
        assert!(matches!(made, Ok(OwnDeed::Create(all)) if all.len() == 2));
        let many = vec![json!({}); 501];
        for (what, arguments, why) in [
            ("create", json!({}), "it needs data"),
            ("create", json!({ "data": [1] }), "it needs data"),
            ("create", json!({ "data": many }), "data: at most 500 at once, and these are 501"),
            ("update", json!({ "patch": {} }), "it needs the text id"),
            ("update", json!({ "id": "1" }), "it needs patch"),
            ("update", json!({ "id": "1", "patch": {}, "revision": "2" }), "revision must be"),
            ("update", json!({ "changes": {} }), "changes must be a list"),
            ("find", json!({}), "it needs id, or where"),
            ("find", json!({ "where": {} }), "it needs id, or where"),
            ("find", json!({ "id": "1", "where": { "a": 1 } }), "it needs id, or where"),
            ("find", json!({ "where": { "a": {} } }), "where: a must be"),
            ("find", json!({ "where": { "a": [1], "b": [2] } }), "where: b is the second list"),
            ("find", json!({ "where": { "a": "x\u{0}" } }), "a text to look for"),
            ("find", json!({ "id": "1", "limit": 501 }), "limit must be"),
        ] {
            let told = deed(what, &arguments).err().unwrap_or_default();
            assert!(told.starts_with(why), "{what} {arguments}: {told}");
        }
    }

    #[test]
    fn a_workflow_keeps_objects_of_its_own_module_only() {
        let call = |definition: &str, kind: &str| Call {
            company: "acme".to_owned(),
            instance: "i".to_owned(),
            definition: definition.to_owned(),
            resource: "object.create".to_owned(),
            arguments: json!({ "kind": kind, "data": {} }),
        };
        assert!(own_call(&call("travel/trip", "travel/trips")).is_ok());
        for (definition, kind) in [("travel/trip", "fleet/cars"), ("travel/trip", "trips"), ("house", "/trips")] {
            let refused = own_call(&call(definition, kind)).err().unwrap();
            assert!(refused.error == "Object.Forbidden" || definition == "house", "{definition} {kind}");
        }
    }
}

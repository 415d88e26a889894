//! Objects that their module makes, changes and finds by itself: for its code, and for tasks of its workflows. They are
//! checked, completed, kept and told of like those that people send, in the name of the module.

use super::keys::{name, together};
use super::schema::Keywords;
use super::{Caller, Collection, Seen, refuse_unless_seen};
use crate::merge_patch;
use crate::registry::Registry;
use serde_json::{Map, Value};
use store::{Bound, FieldFilter, Object, ObjectSearch, OwnCall, OwnChange, OwnDeed, StoreError, Unit};
use workflow::Problem;
use workflow::definition::below;

impl Registry {
    /// Does what a module wants with its objects.
    pub(crate) async fn own_objects(&self, unit: &mut Unit, call: OwnCall) -> Result<Vec<Object>, StoreError> {
        let OwnCall { company, module, collection, instance, deed } = call;
        let catalogue = self.of(unit, &company).await?;
        if let Some(sentence) = catalogue.set_aside(&module) {
            return Err(StoreError::refused("module-disabled", sentence));
        }
        let collection = catalogue.known(&module, &collection)?;
        let caller = Caller::module(&company, &collection.installed.manifest);
        let mut objects = Vec::new();
        match deed {
            OwnDeed::Create(all) => {
                for (n, data) in all.iter().enumerate() {
                    refuse_unstorable(data)?;
                    objects
                        .push(collection.create(unit, &caller, data).await.map_err(|error| of_many(n, &all, error))?);
                }
            }
            OwnDeed::Update(all) => {
                for (n, change) in all.iter().enumerate() {
                    let changed = collection.change_own(unit, &caller, change, instance.as_deref()).await;
                    objects.push(changed.map_err(|error| of_many(n, &all, error))?);
                }
            }
            OwnDeed::Find { wanted, limit } => {
                for wanted in &wanted {
                    let left = limit.saturating_sub(u32::try_from(objects.len()).unwrap_or(u32::MAX));
                    if left > 0 {
                        objects.extend(collection.find(unit, &company, wanted, left).await?);
                    }
                }
            }
        }
        Ok(objects)
    }
}

/// Which of several has problems.
fn of_many<T>(n: usize, all: &[T], error: StoreError) -> StoreError {
    let moved = |problem: Problem| Problem { pointer: format!("/{n}{}", problem.pointer), ..problem };
    match error {
        StoreError::Problems(problems) if all.len() > 1 => {
            StoreError::Problems(problems.into_iter().map(moved).collect())
        }
        other => other,
    }
}

impl Collection<'_> {
    async fn change_own(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        OwnChange { id, patch, revision }: &OwnChange,
        instance: Option<&str>,
    ) -> Result<Object, StoreError> {
        refuse_unstorable(patch)?;
        let company = caller.company.as_str();
        let before = unit.object(company, &self.kind(), id).await?;
        refuse_unless_seen(&before, &revision.map_or(Seen::Any, |revision| Seen::At(vec![revision])))?;
        // The workflow that decides on an object is the one that may change it meanwhile.
        if before.instance.is_none() || before.instance.as_deref() != instance {
            self.refuse_while_running(unit, company, &before).await?;
        }
        let sent = merge_patch(&before.data, patch);
        let data = self.completed(unit, caller, Some(&before), &sent).await?;
        if data == before.data {
            return Ok(before);
        }
        self.store(unit, (company, &caller.person.id, &caller.person.roles), &before, data).await
    }

    /// Objects that have all that is wanted, oldest first.
    async fn find(
        &self,
        unit: &mut Unit,
        company: &str,
        wanted: &Map<String, Value>,
        limit: u32,
    ) -> Result<Vec<Object>, StoreError> {
        let kind = self.kind();
        let id = match (wanted.get("id").and_then(Value::as_str), wanted.len()) {
            (Some(id), 1) => Some(id.to_owned()),
            _ => match unique(&self.schema.keywords, wanted) {
                Some(key) => match unit.object_with(company, &kind, &key).await? {
                    Some(id) => Some(id),
                    None => return Ok(Vec::new()),
                },
                None => None,
            },
        };
        if let Some(id) = id {
            return match unit.object(company, &kind, &id).await {
                Ok(object) => Ok(vec![object]),
                Err(StoreError::Missing { .. }) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let search =
            ObjectSearch { filters: filters(&self.schema.keywords, wanted)?, limit, ..ObjectSearch::default() };
        let found = unit.find_objects(company, &kind, &search).await?;
        Ok(found.into_iter().map(|found| found.object).collect())
    }
}

/// The key of the fields that are unique, if they are just those that are wanted.
fn unique(keywords: &Keywords, wanted: &Map<String, Value>) -> Option<store::KeyOf> {
    let fields = keywords.unique.iter().find(|fields| {
        fields.len() == wanted.len() && fields.iter().all(|index| wanted.contains_key(&index.path.to_string()))
    })?;
    let value = |field: &str| wanted.get(field);
    let keys: Vec<String> = fields.iter().map(|index| index.kind.key(value(&index.path.to_string()))).collect();
    together(name(fields), &keys)
}

fn filters(keywords: &Keywords, wanted: &Map<String, Value>) -> Result<Vec<FieldFilter>, StoreError> {
    let mut filters = Vec::new();
    for (field, value) in wanted {
        let index = keywords.indexes.iter().find(|index| index.path.to_string() == *field);
        let index = index.ok_or_else(|| StoreError::Problems(vec![not_declared(keywords, field)]))?;
        filters.push(FieldFilter { field: field.clone(), bound: Bound::Equal, value: index.kind.key(Some(value)) });
    }
    Ok(filters)
}

fn not_declared(keywords: &Keywords, field: &str) -> Problem {
    let indexes = keywords.indexes.iter().map(|index| index.path.to_string());
    let unique = keywords.unique.iter().map(|fields| name(fields));
    let known: Vec<String> = indexes.chain(unique).chain(["id".to_owned()]).collect();
    let message = format!(
        "objects are not found by \"{field}\"; give the field x-index in the schema, or use: {}",
        known.join(", ")
    );
    Problem::new(below("", field), "not-declared", message)
}

/// PostgreSQL stores no U+0000; over the API nobody sends one either.
fn refuse_unstorable(value: &Value) -> Result<(), StoreError> {
    let fits = match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => return items.iter().try_for_each(refuse_unstorable),
        Value::Object(fields) => {
            fields.values().try_for_each(refuse_unstorable)?;
            fields.keys().all(|name| !name.contains('\0'))
        }
        _ => true,
    };
    let message = "a text holds the character U+0000; leave it out";
    if fits { Ok(()) } else { Err(StoreError::Problems(vec![Problem::new("", "unstorable", message)])) }
}

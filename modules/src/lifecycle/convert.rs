//! The step of a change that makes the objects of the new version, while the old one serves: some hundred objects a
//! commit, some commits each time the step is taken.

use super::plan::Plan;
use super::worker::{blocking, unread};
use crate::action::{Action, ActionError};
use crate::migrate::{Conversion, Misfit, Way, clash, direct, original};
use crate::registry::Registry;
use futures::FutureExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Object, Session, StagedObject, StoreError};
use workflow::expression::Moment;

/// So many objects within one commit.
const AT_ONCE: u32 = 200;
/// So many commits each time the step is taken: no code takes longer for them than a step may.
const COMMITS: usize = 5;
/// So often what was changed meanwhile is made again.
const MOST_ROUNDS: u64 = 1_000;
/// So many that do not fit are told.
const MOST_TOLD: usize = 100;

/// How far it has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    /// Whether what another change may have left was thrown away.
    begun: bool,
    /// Which of the collections.
    collection: usize,
    /// The last object of it.
    after: Option<String>,
    /// How many were made.
    made: u64,
    /// How often what was changed meanwhile was made again.
    rounds: u64,
    /// Whether all are made.
    done: bool,
}

/// What was made of some objects.
pub(super) struct Made {
    pub(super) staged: Vec<StagedObject>,
    pub(super) misfits: Vec<Misfit>,
    /// How many are what they were before.
    pub(super) unchanged: u64,
}

pub(super) async fn act(registry: &Registry, action: &Action<'_>) -> Result<Value, ActionError> {
    let plan: Plan = argument(action, "plan")?;
    let mut place: Place = argument::<Option<Place>>(action, "place")?.unwrap_or_default();
    let mut reader = action.store.read().await.map_err(unread)?;
    let conversions = registry.conversions(&mut reader, action.company, &plan.data, None).await.map_err(unread)?;
    let mut objects = 0;
    for conversion in &conversions {
        objects += reader.count_objects(action.company, &conversion.kind).await.map_err(unread)?;
    }
    drop(reader);
    if !place.begun {
        write(action, Vec::new(), true).await?;
    }
    place = Place { begun: true, done: false, ..place };
    for _ in 0..COMMITS {
        if !step(action, &conversions, &mut place).await? {
            place.done = true;
            break;
        }
    }
    let progress = json!({ "made": place.made.min(objects), "objects": objects });
    Ok(json!({ "place": place, "progress": progress, "done": place.done }))
}

fn argument<T: DeserializeOwned>(action: &Action<'_>, name: &str) -> Result<T, ActionError> {
    let value = action.arguments.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| ActionError::give_up("Module.Refused", format!("{name}: {error}")))
}

/// Makes the next objects; whether there may be more.
async fn step(action: &Action<'_>, conversions: &[Arc<Conversion>], place: &mut Place) -> Result<bool, ActionError> {
    let company = action.company;
    let mut reader = action.store.read().await.map_err(unread)?;
    if let Some(conversion) = conversions.get(place.collection) {
        let after = place.after.as_deref();
        let objects = reader.objects_after(company, &conversion.kind, after, AT_ONCE).await.map_err(unread)?;
        match objects.last() {
            None => (place.collection, place.after) = (place.collection + 1, None),
            Some(last) => place.after = Some(last.id.clone()),
        }
        place.made += objects.len() as u64;
        make(action, reader, conversion, objects).await?;
        return Ok(true);
    }
    for conversion in conversions {
        let objects = reader.objects_not_staged(company, &conversion.kind, AT_ONCE).await.map_err(unread)?;
        if !objects.is_empty() {
            place.rounds += 1;
            if place.rounds > MOST_ROUNDS {
                let cause = format!(
                    "objects of {} change faster than they are migrated; try again when less is done",
                    conversion.kind
                );
                return Err(ActionError::give_up("Module.Busy", cause));
            }
            make(action, reader, conversion, objects).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

async fn make(
    action: &Action<'_>,
    mut reader: Session,
    conversion: &Arc<Conversion>,
    objects: Vec<Object>,
) -> Result<(), ActionError> {
    let moment = Moment { at_ms: action.store.now_ms(), seed: 0 };
    let Made { staged, mut misfits, .. } =
        made(&mut reader, action.company, conversion, objects, moment).await.map_err(unread)?;
    drop(reader);
    misfits.extend(write(action, staged, false).await?);
    if misfits.is_empty() { Ok(()) } else { Err(ActionError::give_up("Module.DoesNotFit", told(conversion, &misfits))) }
}

/// Stages objects; those that would have in common what no two may. Only for the change that is under way: a worker that
/// was slow may come when it is over.
async fn write(action: &Action<'_>, staged: Vec<StagedObject>, anew: bool) -> Result<Vec<Misfit>, ActionError> {
    let (company, instance) = (action.company.to_owned(), action.instance.to_owned());
    let staged = Arc::new(staged);
    let work = action.store.write(move |unit| {
        let (company, instance, staged) = (company.clone(), instance.clone(), staged.clone());
        async move {
            let last = unit.last_operation(&company).await?;
            let (running, _) = unit.instance(&company, &instance).await?;
            if last.is_none_or(|last| last.instance != instance) || running.running().is_none() {
                return Err(StoreError::refused("over", "this change is over"));
            }
            if anew {
                unit.discard_staged(&company).await?;
            }
            let clashes = unit.stage_objects(&company, &staged).await?;
            let kind = staged.first().map(|one| one.kind.clone()).unwrap_or_default();
            Ok(clashes.iter().map(|one| clash(&kind, one)).collect())
        }
        .boxed()
    });
    work.await.map_err(unread)
}

/// What becomes of objects. Computing takes long enough to keep others of the same thread waiting.
pub(super) async fn made(
    session: &mut Session,
    company: &str,
    conversion: &Arc<Conversion>,
    objects: Vec<Object>,
    moment: Moment,
) -> Result<Made, StoreError> {
    let objects = with_originals(session, company, conversion, objects).await?;
    let conversion = conversion.clone();
    blocking(move || convert_all(&conversion, objects, moment))
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Each with what it was under the version that it goes to, if nobody has changed it since.
pub(super) async fn with_originals(
    session: &mut Session,
    company: &str,
    conversion: &Conversion,
    objects: Vec<Object>,
) -> Result<Vec<(Object, Option<(u64, Value)>)>, StoreError> {
    let (sides, mut all) = (&conversion.sides, Vec::with_capacity(objects.len()));
    if sides.way() == Way::Up {
        return Ok(objects.into_iter().map(|object| (object, None)).collect());
    }
    let (versions, mut origins) = ((&sides.from, &sides.to), session.origins(company, &objects).await?);
    for object in objects {
        let known = origins.remove(&object.id).and_then(|origin| direct(origin, versions));
        let original = match known {
            Some(known) => known,
            None => original(session, company, &object, versions).await?,
        };
        all.push((object, original));
    }
    Ok(all)
}

pub(super) fn convert_all(
    conversion: &Conversion,
    objects: Vec<(Object, Option<(u64, Value)>)>,
    moment: Moment,
) -> Made {
    let mut made = Made { staged: Vec::with_capacity(objects.len()), misfits: Vec::new(), unchanged: 0 };
    for (object, original) in objects {
        made.unchanged += u64::from(original.is_some());
        match conversion.convert(&object, original, moment) {
            Ok(staged) => made.staged.push(staged),
            Err(problems) => {
                let told = problems.into_iter().map(|problem| Misfit::of(&conversion.kind, &object.id, problem));
                made.misfits.extend(told);
            }
        }
    }
    made
}

/// Those that do not fit, in a sentence.
pub(super) fn told(conversion: &Conversion, misfits: &[Misfit]) -> String {
    let (kind, to) = (&conversion.kind, &conversion.sides.to);
    let lines: Vec<String> = misfits.iter().take(MOST_TOLD).map(ToString::to_string).collect();
    let sentence = format!("objects of {kind} do not fit {to}: {}", lines.join("; "));
    match conversion.irreversible() {
        Some(why) => {
            format!("there is no way back for objects of {kind} that were made or changed since: {why} ({sentence})")
        }
        None => sentence,
    }
}

//! The steps of a change that only touch the store, and their undos.

use super::change::Change;
use super::plan::Plan;
use crate::registry::Registry;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::{Call, LockedModule, ModuleState, NewGeneration, StoreError, Unit};
use workflow::{Actor, EventKind};

/// So many workflows are cancelled within one commit.
const CANCELLED_AT_ONCE: u32 = 100;

/// A step that is to be undone.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Undo {
    Stage { generation: u64, made: bool },
    Convert {},
    Migrate { from: u64, to: u64 },
    Activate { from: u64, to: u64 },
}

pub(super) async fn call(registry: &Registry, unit: &mut Unit, call: &Call) -> Result<Value, StoreError> {
    let company = call.company.as_str();
    match call.resource.as_str() {
        "module.resolve" => resolve(registry, unit, call).await,
        "module.stage" => {
            let plan: Plan = read(call, "plan")?;
            let (generation, made) = match plan.back_to {
                Some(old) => (old, false),
                None => (stage(unit, company, plan.base, plan.modules, (plan.title, read(call, "by")?)).await?, true),
            };
            Ok(json!({ "generation": generation, "made": made }))
        }
        "module.migrate" => migrate(registry, unit, company, read(call, "from")?, read(call, "to")?).await,
        "module.activate" => {
            let (from, to) = (read(call, "from")?, read(call, "to")?);
            // A change that was begun before there were migrations names no plan.
            if let Some(plan) = read::<Option<Plan>>(call, "plan")?
                && !registry.take_over(unit, company, &plan).await?
            {
                return Ok(json!({ "activated": false }));
            }
            point(registry, unit, company, from, to).await?;
            tell(unit, company, from, to).await
        }
        "module.running" => running(unit, company, &read::<String>(call, "module")?).await,
        "module.drain" => drain(registry, unit, call).await,
        "module.cancel" => cancel(unit, call).await,
        "module.undo" => undo(registry, unit, company, read(call, "undo")?).await,
        other => Err(StoreError::refused("unknown", format!("there is no code for {other}"))),
    }
}

fn read<T: DeserializeOwned>(call: &Call, name: &str) -> Result<T, StoreError> {
    let value = call.arguments.get(name).cloned().unwrap_or(Value::Null);
    let wrong = |error| StoreError::refused("arguments", format!("{} needs {name}: {error}", call.resource));
    serde_json::from_value(value).map_err(wrong)
}

/// Somebody else has moved the pointer, which only an operator with the database in hand can have done.
fn moved(error: StoreError) -> StoreError {
    match error {
        StoreError::Conflict => StoreError::refused("moved", "another list of modules counts by now"),
        other => other,
    }
}

async fn resolve(registry: &Registry, unit: &mut Unit, call: &Call) -> Result<Value, StoreError> {
    let (change, shown): (Change, String) = (read(call, "change")?, read(call, "plan")?);
    let plan = registry.plan(unit, &call.company, &change, None).await?;
    if plan.id != shown {
        let sentence = "what would be done is not what was shown any more; ask for the plan again";
        return Err(StoreError::refused("plan-changed", sentence));
    }
    serde_json::to_value(plan).map_err(|error| StoreError::Corrupt(format!("a plan: {error}")))
}

async fn stage(
    unit: &mut Unit,
    company: &str,
    previous: u64,
    modules: Vec<LockedModule>,
    (reason, made_by): (String, String),
) -> Result<u64, StoreError> {
    unit.stage_generation(company, &NewGeneration { previous, modules, reason, made_by }).await
}

/// Stores the definitions of what another list has otherwise; those that are there already stay as they are.
async fn migrate(registry: &Registry, unit: &mut Unit, company: &str, from: u64, to: u64) -> Result<Value, StoreError> {
    let before = registry.list(unit, company, from).await?;
    let after = registry.list(unit, company, to).await?;
    let (mut saved, changed) = (0, after.iter().filter(|locked| !before.contains(locked)));
    for locked in changed.filter(|locked| locked.state != ModuleState::Disabled) {
        let installed = registry.locked(unit, company, locked).await?;
        for (name, document) in installed.workflows() {
            unit.save_definition(company, name, document).await?;
            saved += 1;
        }
    }
    Ok(json!({ "definitions": saved }))
}

/// Has another list count. Subscriptions begin, go on and rest with it, and objects are of what it has or what it leaves.
async fn point(registry: &Registry, unit: &mut Unit, company: &str, from: u64, to: u64) -> Result<(), StoreError> {
    unit.point_to_generation(company, from, to).await.map_err(moved)?;
    registry.note_versions(unit, company, (from, to)).await?;
    registry.follow_subscriptions(unit, company).await
}

/// Publishes what has become of whom.
async fn tell(unit: &mut Unit, company: &str, from: u64, to: u64) -> Result<Value, StoreError> {
    let data = json!({ "from": from, "to": to });
    unit.publish(company, "module.generation.activated", &format!("modules/generations/{to}"), &data).await?;
    Ok(json!({ "generation": to, "activated": true }))
}

async fn running(unit: &mut Unit, company: &str, module: &str) -> Result<Value, StoreError> {
    let running = unit.running_of(company, module, "", CANCELLED_AT_ONCE).await?;
    Ok(json!({ "running": running.len() }))
}

/// Has nothing new begun with a module, while it may still be used.
async fn drain(registry: &Registry, unit: &mut Unit, call: &Call) -> Result<Value, StoreError> {
    let (plan, module): (Plan, String) = (read(call, "plan")?, read(call, "module")?);
    let number = unit.generation_number(&call.company).await?;
    let kept =
        plan.changes.iter().filter(|changed| changed.module == module).filter_map(|changed| changed.from.clone());
    let drained = kept.map(|locked| LockedModule { state: ModuleState::Draining, ..locked });
    let others = plan.modules.iter().filter(|locked| locked.module != module).cloned();
    let mut modules: Vec<LockedModule> = others.chain(drained).collect();
    modules.sort_by(|one, two| one.module.cmp(&two.module));
    let why = (format!("drain {module}"), read(call, "by")?);
    let generation = stage(unit, &call.company, number, modules, why).await?;
    point(registry, unit, &call.company, plan.base, generation).await?;
    Ok(json!({ "generation": generation }))
}

/// Tells those that run and come after one that was told; which was the last, and whether there may be more.
async fn cancel(unit: &mut Unit, call: &Call) -> Result<Value, StoreError> {
    let (module, by): (String, String) = (read(call, "module")?, read(call, "by")?);
    let reason = format!("{by} has the module {module} taken away");
    // A change that was begun before there was such an argument tells the first ones.
    let after = read::<Option<String>>(call, "after")?.unwrap_or_default();
    let untold = unit.running_of(&call.company, &module, &after, CANCELLED_AT_ONCE).await?;
    for id in &untold {
        let cancelled = EventKind::Cancelled { reason: reason.clone() };
        match unit.advance(&call.company, id, Actor::System, cancelled).await {
            // It has ended with one before it.
            Ok(_) | Err(StoreError::Rejected(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let more = untold.len() >= CANCELLED_AT_ONCE as usize;
    Ok(json!({ "told": untold.last().unwrap_or(&after), "more": more }))
}

/// Whatever was done of a step is taken back; what was not done is no error.
async fn undo(registry: &Registry, unit: &mut Unit, company: &str, step: Undo) -> Result<Value, StoreError> {
    match step {
        Undo::Stage { generation, made: true } => unit.drop_generation(company, generation).await?,
        Undo::Stage { made: false, .. } => {}
        Undo::Convert {} => unit.discard_staged(company).await?,
        Undo::Migrate { from, to } => migrate(registry, unit, company, to, from).await.map(|_| ())?,
        Undo::Activate { from, to } => {
            if unit.generation_number(company).await? == to {
                point(registry, unit, company, to, from).await?;
                tell(unit, company, to, from).await?;
            }
        }
    }
    Ok(Value::Null)
}

//! The core by itself: no database, no network, one thread. What a condition, a transition and the text of an instance cost.

mod conditions;
mod machines;
mod player;
mod timing;

use super::table::{HEAD_OF_CORE, Line};
use anyhow::{Context, Result, ensure};
use conditions::conditions;
use modules::Registry;
use player::{Play, Step};
use serde_json::Value;
use std::time::Instant;
use timing::line;
use workflow::{Definition, Instance, step_from};

/// A condition of a `Choice`, in microseconds at most.
const CONDITION_GOAL: f64 = 5.0;
/// A transition, in microseconds at most.
const TRANSITION_GOAL: f64 = 20.0;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Core {
    /// How often each thing is measured.
    pub times: usize,
    /// How many steps the long instance makes.
    pub steps: usize,
}

/// Runs the benchmark and prints its table through `say`.
pub fn core(plan: Core, registry: &Registry, say: impl Fn(String)) -> Result<()> {
    say(HEAD_OF_CORE.to_owned());
    for (name, document) in registry.built_in().modules().iter().flat_map(|installed| installed.workflows()) {
        for lines in [1, 200] {
            let found = conditions(&parsed(document)?, lines, plan.times)?;
            found.iter().for_each(|line| say(line.row_of_core(Some(CONDITION_GOAL))));
            ensure!(!found.is_empty(), "{name} has no condition that can be measured");
        }
    }
    for (name, document) in machines::all() {
        transitions(name, &parsed(&document)?, plan.times, &say)?;
    }
    long(plan, &say)
}

fn parsed(document: &Value) -> Result<Definition> {
    Definition::parse(document).map_err(|problems| anyhow::anyhow!("{problems:?}"))
}

/// Every step of a whole execution, and the text of the instance after each.
fn transitions(name: &str, definition: &Definition, times: usize, say: &impl Fn(String)) -> Result<()> {
    let steps = Play::of(definition).whole()?;
    let each = times.div_ceil(steps.len());
    say(moved(format!("{name}: a step of {}", steps.len()), definition, &steps, each)
        .row_of_core(Some(TRANSITION_GOAL)));
    say(stored(format!("{name}: its text, written and read"), &steps, each)?.row_of_core(None));
    Ok(())
}

fn moved(work: String, definition: &Definition, steps: &[Step], each: usize) -> Line {
    let mut latencies = Vec::with_capacity(each * steps.len());
    for Step { before, event, .. } in steps.iter().cycle().take(each * steps.len()) {
        let before = before.clone();
        let began = Instant::now();
        let after = step_from(definition, before, event);
        latencies.push(began.elapsed());
        drop(after);
    }
    line(work, latencies)
}

fn stored(work: String, steps: &[Step], each: usize) -> Result<Line> {
    let mut latencies = Vec::with_capacity(each * steps.len());
    for Step { after, .. } in steps.iter().cycle().take(each * steps.len()) {
        let began = Instant::now();
        let read: Instance = serde_json::from_str(&serde_json::to_string(after)?)?;
        latencies.push(began.elapsed());
        ensure!(read == *after, "an instance is another one after it was stored");
    }
    Ok(line(work, latencies))
}

/// One instance that goes round and round: its tenth step and its last.
fn long(plan: Core, say: &impl Fn(String)) -> Result<()> {
    let definition = parsed(&machines::endless())?;
    let mut play = Play::of(&definition);
    let mut early = Vec::new();
    for n in 1..=plan.steps {
        let step = play.step()?.context("the loop ended")?;
        if (10..10 + machines::STEPS_OF_A_ROUND).contains(&n) {
            early.push(step);
        }
    }
    let late = (0..machines::STEPS_OF_A_ROUND).map(|_| play.step()?.context("the loop ended"));
    let late = late.collect::<Result<Vec<_>>>()?;
    for (n, steps) in [(10, early), (plan.steps, late)] {
        let each = plan.times.div_ceil(steps.len());
        say(moved(format!("long instance: step {n}"), &definition, &steps, each).row_of_core(Some(TRANSITION_GOAL)));
        say(stored(format!("long instance: its text at step {n}"), &steps, each)?.row_of_core(None));
    }
    Ok(())
}

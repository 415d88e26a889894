//! `Task`, and what `Retry` and `Catch` make of a failure.

use super::run::{Failure, Flow, Run};
use crate::definition::{Catcher, Jitter, Retrier, StateKind, Task, matches_error};
use crate::effect::Effect;
use crate::history::Entry;
use crate::instance::Activity;
use rand_like::part_of;
use serde_json::{Value, json};

/// The largest result of a task, as in Step Functions: 256 KiB.
const MAX_RESULT_BYTES: usize = 262_144;

impl Run<'_> {
    pub(super) fn schedule(&mut self, task: &Task) -> Flow {
        self.try_schedule(task).unwrap_or_else(|failure| self.caught(failure))
    }

    fn try_schedule(&mut self, task: &Task) -> Result<Flow, Failure> {
        let states = self.states();
        let input = self.running.branch.input.clone();
        let arguments = self.evaluate_or(task.arguments.as_ref(), &states, &input)?;
        let deadline = task.timeout_seconds.as_ref().map(|seconds| self.after_seconds(seconds, &states)).transpose()?;
        let activity = self.new_activity();
        self.running.branch.activity = Activity::Task { activity, deadline };
        self.log(Entry::new("TaskScheduled").details(json!({ "resource": task.resource, "activity": activity })));
        self.cause(Effect::Perform { activity, resource: task.resource.clone(), arguments });
        Ok(Flow::Rest)
    }

    pub(super) fn task_succeeded(&mut self, result: Value) {
        if result.to_string().len() > MAX_RESULT_BYTES {
            let cause = format!("the result of the task is larger than {MAX_RESULT_BYTES} bytes");
            return self.task_failed("TaskFailed", "States.DataLimitExceeded", &cause);
        }
        self.log(Entry::new("TaskSucceeded").output(result.clone()));
        let flow = self.task_done(&result).unwrap_or_else(|failure| self.caught(failure));
        self.go(flow);
    }

    fn task_done(&mut self, result: &Value) -> Result<Flow, Failure> {
        let definition = self.definition;
        let Some(StateKind::Task(task)) = definition.state(&self.running.branch.state).map(|state| &state.kind) else {
            return Err(Failure::new("States.Runtime", "the state is not a Task"));
        };
        let states = self.states_with("result", result);
        let output = self.evaluate_or(task.output.as_ref(), &states, result)?;
        let assigned = self.assigned(task.assign.as_ref(), &states)?;
        self.leave(&output, assigned);
        Ok(Flow::next(&task.next, output))
    }

    /// A task failed, or ran out of time: tried again, caught, or the end.
    pub(super) fn task_failed(&mut self, entry: &str, error: &str, cause: &str) {
        self.log(Entry::new(entry).failure(error, cause));
        let failure = Failure::new(error, cause);
        let flow = self.retried(&failure).unwrap_or_else(|| self.caught(failure));
        self.go(flow);
    }

    /// Waits for the next attempt, if a rule of `Retry` grants one.
    fn retried(&mut self, failure: &Failure) -> Option<Flow> {
        let definition = self.definition;
        let StateKind::Task(task) = &definition.state(&self.running.branch.state)?.kind else { return None };
        let rule = task.retry.iter().position(|rule| matches_error(&rule.errors, &failure.error))?;
        let retrier = task.retry.get(rule)?;
        let retries = &mut self.running.branch.retries;
        retries.resize(task.retry.len(), 0);
        let used = retries.get_mut(rule)?;
        if *used >= retrier.max_attempts {
            return None;
        }
        *used += 1;
        let delay = delay_ms(retrier, *used, self.data.moment().seed);
        self.running.branch.activity = Activity::Retry { until: self.at.saturating_add(delay) };
        Some(Flow::Rest)
    }

    /// Goes where a rule of `Catch` says, or ends with the error.
    pub(super) fn caught(&mut self, failure: Failure) -> Flow {
        let definition = self.definition;
        let catch = match definition.state(&self.running.branch.state).map(|state| &state.kind) {
            Some(StateKind::Task(task)) => task.catch.as_slice(),
            Some(StateKind::Approval(approval)) => approval.catch.as_slice(),
            _ => &[],
        };
        match catch.iter().find(|rule| matches_error(&rule.errors, &failure.error)) {
            Some(rule) => self.catch(rule, &failure).unwrap_or_else(Flow::Fail),
            None => Flow::Fail(failure),
        }
    }

    fn catch(&mut self, rule: &Catcher, failure: &Failure) -> Result<Flow, Failure> {
        let error = json!({ "Error": failure.error, "Cause": failure.cause });
        let states = self.states_with("errorOutput", &error);
        let output = self.evaluate_or(rule.output.as_ref(), &states, &error)?;
        let assigned = self.assigned(rule.assign.as_ref(), &states)?;
        self.leave(&output, assigned);
        Ok(Flow::To(rule.next.clone(), output))
    }
}

/// The wait before attempt `n` again, counted from 1, in milliseconds.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a back-off factor is a float in the language; seconds are below 2^53"
)]
fn delay_ms(rule: &Retrier, n: u64, seed: u64) -> i64 {
    let exponent = i32::try_from(n - 1).unwrap_or(i32::MAX);
    let longest = rule.max_delay_seconds.unwrap_or(31_622_400);
    let seconds = (rule.interval_seconds as f64 * rule.backoff_rate.powi(exponent)).min(longest as f64);
    let ms = (seconds * 1_000.0) as i64;
    match rule.jitter {
        Jitter::None => ms,
        Jitter::Full => part_of(ms, seed),
    }
}

mod rand_like {
    /// A part of `whole` from 0 up to it, by chance.
    pub(super) fn part_of(whole: i64, seed: u64) -> i64 {
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let share = (mixed ^ (mixed >> 27)) >> 32;
        let part = i128::from(whole) * i128::from(share) / i128::from(u32::MAX);
        i64::try_from(part).unwrap_or(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(jitter: Jitter) -> Retrier {
        Retrier {
            errors: vec![],
            interval_seconds: 2,
            max_attempts: 9,
            backoff_rate: 2.0,
            max_delay_seconds: Some(60),
            jitter,
        }
    }

    #[test]
    fn the_wait_grows_by_the_factor_up_to_the_longest() {
        let waits: Vec<i64> = (1..=7).map(|n| delay_ms(&rule(Jitter::None), n, 1) / 1_000).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(delay_ms(&rule(Jitter::None), u64::MAX, 1), 60_000);
    }

    #[test]
    fn jitter_keeps_the_wait_within_its_bounds_and_spreads_it() {
        let waits: std::collections::HashSet<i64> =
            (0..100).map(|seed| delay_ms(&rule(Jitter::Full), 5, seed * 7_919)).collect();
        assert!(waits.iter().all(|wait| (0..=32_000).contains(wait)));
        assert!(waits.len() > 50);
    }
}

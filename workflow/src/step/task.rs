//! `Task`, and what `Retry` and `Catch` make of a failure.

use super::run::{Failure, Flow, Run};
use super::scope::Seen;
use super::signal;
use crate::definition::{Catcher, Computed, FOR_TOKEN, Jitter, MOST_SECONDS, Retrier, StateKind, Task, matches_error};
use crate::effect::Effect;
use crate::history::Entry;
use crate::instance::{Activity, Branch, Heartbeat};
use crate::size;
use crate::token::TaskToken;
use rand_like::part_of;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The task that starts another workflow and waits for its end.
pub(super) const RUN: &str = "workflow.run";

impl Run<'_> {
    pub(super) fn schedule(&mut self, task: &Task) -> Flow {
        self.try_schedule(task).unwrap_or_else(|failure| self.retried_or_caught(failure))
    }

    fn retried_or_caught(&mut self, failure: Failure) -> Flow {
        self.retried(&failure).unwrap_or_else(|| self.caught(failure))
    }

    fn try_schedule(&mut self, task: &Task) -> Result<Flow, Failure> {
        let token = self.token_of(task);
        let arguments = self.arguments(&task.shape, Seen::token(token.as_deref()))?;
        if task.resource == signal::WAIT_FOR_SIGNAL {
            return self.wait_for_signal(task, &arguments);
        }
        let deadline = self.deadline_after(task.timeout.as_ref(), task, "TimeoutSeconds")?;
        let heartbeat = self.deadline_after(task.heartbeat.as_ref(), task, "HeartbeatSeconds")?;
        let heartbeat = heartbeat.map(|due| Heartbeat { every_ms: due - self.at, due });
        let activity = self.new_activity();
        let child = (task.resource == RUN).then(|| self.child_id(activity));
        self.branch.activity = Activity::Task { activity, deadline, heartbeat, child: child.clone() };
        self.log(Entry::new("TaskScheduled").details(json!({ "resource": task.resource, "activity": activity })));
        self.cause(Effect::Perform { activity, resource: task.resource.clone(), arguments, child });
        Ok(Flow::Rest)
    }

    /// The token of a task that is answered from outside.
    fn token_of(&self, task: &Task) -> Option<String> {
        // The number that the activity gets once its arguments are known.
        let activity = self.running.next_activity + 1;
        let token = || TaskToken::new(&self.instance.id, activity, &self.running.secret);
        task.resource.ends_with(FOR_TOKEN).then(|| token().to_string())
    }

    /// When the seconds of a task are over. None at all would be no time for the work.
    pub(super) fn deadline_after(
        &self,
        seconds: Option<&Computed>,
        task: &Task,
        name: &str,
    ) -> Result<Option<i64>, Failure> {
        seconds.map(|seconds| self.after_seconds(seconds, &task.shape, (name, 1))).transpose()
    }

    /// The task is still at work.
    pub(super) fn heartbeat(&mut self) {
        let at = self.at;
        if let Activity::Task { heartbeat: Some(heartbeat), .. } = &mut self.branch.activity {
            heartbeat.due = at.saturating_add(heartbeat.every_ms);
        }
    }

    pub(super) fn task_succeeded(&mut self, result: Value) {
        let flow = self.succeeded(result);
        self.go(flow);
    }

    /// The result of a task is there.
    pub(super) fn succeeded(&mut self, result: Value) -> Flow {
        if !size::is_payload(&result) {
            let cause = "the result of the task is larger than 262144 bytes";
            return self.failed("TaskFailed", "States.DataLimitExceeded", cause);
        }
        self.log(Entry::new("TaskSucceeded").output(result.clone()));
        // The work is done: a mistake in what is made of its result must not have it done once more.
        self.task_done(&result).unwrap_or_else(|failure| self.caught(failure))
    }

    fn task_done(&mut self, result: &Value) -> Result<Flow, Failure> {
        let definition = self.definition;
        let Some(StateKind::Task(task)) = definition.state(&self.branch.state).map(|state| &state.kind) else {
            return Err(Failure::new("States.Runtime", "the state is not a Task"));
        };
        let output = self.conclude(&task.shape, "result", result)?;
        Ok(Flow::next(&task.next, output))
    }

    /// A task failed, or ran out of time: tried again, caught, or the end.
    pub(super) fn task_failed(&mut self, entry: &str, error: &str, cause: &str) {
        let flow = self.failed(entry, error, cause);
        self.go(flow);
    }

    fn failed(&mut self, entry: &str, error: &str, cause: &str) -> Flow {
        self.log(Entry::new(entry).failure(error, cause));
        let branch = std::mem::replace(&mut self.branch, Branch::nowhere());
        self.stop_branch(&branch, "stopped");
        self.branch = branch;
        self.retried_or_caught(Failure::new(error, cause))
    }

    /// A state with lanes failed. Its own entry comes when it is not tried again; an error of the definition has none.
    pub(super) fn state_failed(&mut self, entry: &str, failure: Failure) -> Flow {
        if let Some(flow) = self.retried(&failure) {
            return flow;
        }
        if failure.error != "States.Runtime" {
            self.log(Entry::new(entry));
        }
        self.caught(failure)
    }

    /// Waits for the next attempt, if a rule of `Retry` grants one.
    fn retried(&mut self, failure: &Failure) -> Option<Flow> {
        let definition = self.definition;
        let rules = definition.state(&self.branch.state)?.kind.retry();
        let rule = rules.iter().position(|rule| matches_error(&rule.errors, &failure.error))?;
        let retrier = rules.get(rule)?;
        let retries = &mut self.branch.retries;
        retries.resize(rules.len(), 0);
        let used = retries.get_mut(rule)?;
        if *used >= retrier.max_attempts {
            return None;
        }
        *used += 1;
        let delay = delay_ms(retrier, *used, self.data.moment().seed);
        self.branch.activity = Activity::Retry { until: self.at.saturating_add(delay) };
        Some(Flow::Rest)
    }

    /// Goes where a rule of `Catch` says, or ends with the error.
    pub(super) fn caught(&mut self, failure: Failure) -> Flow {
        let definition = self.definition;
        let catch = definition.state(&self.branch.state).map(|state| state.kind.catch()).unwrap_or_default();
        match catch.iter().find(|rule| matches_error(&rule.errors, &failure.error)) {
            Some(rule) => self.catch(rule, &failure).unwrap_or_else(Flow::Fail),
            None => Flow::Fail(failure),
        }
    }

    fn catch(&mut self, rule: &Catcher, failure: &Failure) -> Result<Flow, Failure> {
        let error = json!({ "Error": failure.error, "Cause": failure.cause });
        let output = self.conclude(&rule.shape, "errorOutput", &error)?;
        Ok(Flow::To(rule.next.clone(), output))
    }

    /// The id of the instance that a task starts: time-ordered (RFC 9562, version 7), the same whenever this is replayed.
    fn child_id(&self, activity: u64) -> String {
        let digest = Sha256::digest(format!("{}/{activity}", self.instance.id));
        let mut chance = [0_u8; 10];
        chance.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let millis = u64::try_from(self.at).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().to_string()
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
    let longest = rule.max_delay_seconds.unwrap_or(MOST_SECONDS);
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

//! The states that need nobody: `Pass`, `Choice`, `Wait`, `Succeed`, `Fail`.

use super::run::{Failure, Flow, Run};
use crate::definition::{Choice, ChoiceRule, Fail, Pass, Seconds, Succeed, Until, Wait, parse_timestamp};
use crate::instance::Activity;
use serde_json::Value;

impl Run<'_> {
    pub(super) fn pass(&mut self, pass: &Pass) -> Flow {
        self.try_pass(pass).unwrap_or_else(Flow::Fail)
    }

    fn try_pass(&mut self, pass: &Pass) -> Result<Flow, Failure> {
        let states = self.states();
        let input = self.running.branch.input.clone();
        let output = self.evaluate_or(pass.output.as_ref(), &states, &input)?;
        let assigned = self.assigned(pass.assign.as_ref(), &states)?;
        self.leave(&output, assigned);
        Ok(Flow::next(&pass.next, output))
    }

    pub(super) fn choose(&mut self, choice: &Choice) -> Flow {
        self.try_choose(choice).unwrap_or_else(Flow::Fail)
    }

    fn try_choose(&mut self, choice: &Choice) -> Result<Flow, Failure> {
        let states = self.states();
        let input = self.running.branch.input.clone();
        let taken = self.first_true(&choice.rules, &states)?;
        let (next, output, assign) = match (taken, &choice.default) {
            (Some(rule), _) => (&rule.next, &rule.output, &rule.assign),
            (None, Some(next)) => (next, &choice.output, &choice.assign),
            (None, None) => {
                return Err(Failure::new("States.NoChoiceMatched", "no rule is true and there is no Default"));
            }
        };
        let output = self.evaluate_or(output.as_ref(), &states, &input)?;
        let assigned = self.assigned(assign.as_ref(), &states)?;
        self.leave(&output, assigned);
        Ok(Flow::To(next.clone(), output))
    }

    fn first_true<'r>(&mut self, rules: &'r [ChoiceRule], states: &Value) -> Result<Option<&'r ChoiceRule>, Failure> {
        for rule in rules {
            if self.condition(&rule.condition, states)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    pub(super) fn wait(&mut self, wait: &Wait) -> Flow {
        let states = self.states();
        match self.wake_time(&wait.until, &states) {
            Ok(until) if until <= self.at => self.waited(wait),
            Ok(until) => {
                self.running.branch.activity = Activity::Time { until };
                Flow::Rest
            }
            Err(failure) => Flow::Fail(failure),
        }
    }

    fn wake_time(&mut self, until: &Until, states: &Value) -> Result<i64, Failure> {
        match until {
            Until::Seconds(seconds) => self.after_seconds(seconds, states),
            Until::Timestamp(timestamp) => {
                let value = self.evaluate(timestamp, states)?;
                let read = value.as_str().and_then(parse_timestamp);
                read.ok_or_else(|| self.unusable(format!("Timestamp {value} is not a time in RFC 3339")))
            }
        }
    }

    /// The time so many seconds from now.
    pub(super) fn after_seconds(&mut self, seconds: &Seconds, states: &Value) -> Result<i64, Failure> {
        let seconds = match seconds {
            Seconds::Fixed(seconds) => *seconds,
            Seconds::Computed(expression) => self.computed_seconds(expression, states)?,
        };
        let ms = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000)?.checked_add(self.at));
        ms.ok_or_else(|| Failure::new("States.Runtime", format!("{seconds} seconds are too many")))
    }

    fn computed_seconds(&mut self, expression: &crate::expression::Expression, states: &Value) -> Result<u64, Failure> {
        let value = self.expression(expression, states)?.unwrap_or(Value::Null);
        let seconds = value.as_u64().filter(|seconds| *seconds <= 99_999_999);
        let wrong =
            || format!("{{% {} %}} gave {value}; it must be a whole number from 0 to 99999999", expression.source());
        seconds.ok_or_else(|| self.unusable(wrong()))
    }

    /// Leaves a `Wait` whose time has come.
    pub(super) fn waited(&mut self, wait: &Wait) -> Flow {
        let states = self.states();
        let input = self.running.branch.input.clone();
        let output = self.evaluate_or(wait.output.as_ref(), &states, &input);
        let assigned = self.assigned(wait.assign.as_ref(), &states);
        match (output, assigned) {
            (Ok(output), Ok(assigned)) => {
                self.leave(&output, assigned);
                Flow::next(&wait.next, output)
            }
            (Err(failure), _) | (_, Err(failure)) => Flow::Fail(failure),
        }
    }

    pub(super) fn end_well(&mut self, succeed: &Succeed) -> Flow {
        let states = self.states();
        let input = self.running.branch.input.clone();
        match self.evaluate_or(succeed.output.as_ref(), &states, &input) {
            Ok(output) => {
                self.leave(&output, serde_json::Map::new());
                Flow::Succeed(output)
            }
            Err(failure) => Flow::Fail(failure),
        }
    }

    pub(super) fn end_badly(&mut self, fail: &Fail) -> Flow {
        let states = self.states();
        let text = |value: Result<Value, Failure>| match value {
            Ok(Value::String(text)) => Ok(text),
            Ok(Value::Null) => Ok(String::new()),
            Ok(other) => Ok(other.to_string()),
            Err(failure) => Err(failure),
        };
        let error = text(self.evaluate_or(fail.error.as_ref(), &states, &Value::Null));
        let cause = text(self.evaluate_or(fail.cause.as_ref(), &states, &Value::Null));
        match (error, cause) {
            (Ok(error), Ok(cause)) => Flow::Fail(Failure { error, cause }),
            (Err(failure), _) | (_, Err(failure)) => Flow::Fail(failure),
        }
    }
}

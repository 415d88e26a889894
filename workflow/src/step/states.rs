//! The states that need nobody: `Pass`, `Choice`, `Wait`, `Succeed`, `Fail`.

use super::run::{Failure, Flow, Run};
use super::scope::Seen;
use crate::definition::{
    Choice, ChoiceRule, Computed, Condition, Fail, MOST_SECONDS, Pass, Shape, Succeed, Told, Until, Wait,
    parse_timestamp,
};
use crate::instance::Activity;
use serde_json::Value;

/// The longest wait: 2^31 - 1 seconds, which is 24,855 days. Step Functions waits for so long and not for a day more
/// (recorded executions `test_timestamp_too_far_in_future_boundary`).
const MAX_WAIT_MS: i64 = i32::MAX as i64 * 1_000;

impl Run<'_> {
    pub(super) fn pass(&mut self, pass: &Pass) -> Flow {
        self.try_pass(pass).unwrap_or_else(Flow::Fail)
    }

    /// In JSONPath a `Pass` is a task that yields what it is given.
    fn try_pass(&mut self, pass: &Pass) -> Result<Flow, Failure> {
        let output = match &pass.shape {
            Shape::Jsonata(_) => self.pass_on(&pass.shape)?,
            Shape::JsonPath(_) => {
                let given = self.arguments(&pass.shape, Seen::NOTHING)?;
                self.conclude(&pass.shape, "result", pass.result.as_ref().unwrap_or(&given))?
            }
        };
        Ok(Flow::next(&pass.next, output))
    }

    pub(super) fn choose(&mut self, choice: &Choice) -> Flow {
        self.try_choose(choice).unwrap_or_else(Flow::Fail)
    }

    fn try_choose(&mut self, choice: &Choice) -> Result<Flow, Failure> {
        let taken = self.first_true(choice)?;
        let (next, output) = match (taken, &choice.default) {
            (Some(rule), _) => (&rule.next, self.chosen(choice, rule)?),
            (None, Some(next)) => (next, self.pass_on(&choice.shape)?),
            (None, None) => {
                return Err(Failure::new("States.NoChoiceMatched", "no rule is true and there is no Default"));
            }
        };
        Ok(Flow::To(next.clone(), output))
    }

    /// The output of a choice that goes by a rule. In JSONPath the paths are those of the state.
    fn chosen(&mut self, choice: &Choice, rule: &ChoiceRule) -> Result<Value, Failure> {
        match (&choice.shape, &rule.shape) {
            (Shape::JsonPath(shape), Shape::JsonPath(own)) => {
                let mut shape = shape.clone();
                shape.assign.clone_from(&own.assign);
                self.pass_on(&Shape::JsonPath(shape))
            }
            _ => self.pass_on(&rule.shape),
        }
    }

    fn first_true<'r>(&self, choice: &'r Choice) -> Result<Option<&'r ChoiceRule>, Failure> {
        for rule in &choice.rules {
            if self.condition(&rule.condition, &choice.shape)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    fn condition(&self, condition: &Condition, shape: &Shape) -> Result<bool, Failure> {
        match (condition, shape) {
            (Condition::Expression(expression), _) => self.is_true(expression, Seen::NOTHING),
            (Condition::Rule(rule), Shape::JsonPath(shape)) => {
                let document = self.effective_input(shape, Seen::NOTHING)?;
                self.with_view(&document, Seen::NOTHING, |view| rule.holds(view))
            }
            (Condition::Rule(_), Shape::Jsonata(_)) => Ok(false),
        }
    }

    pub(super) fn wait(&mut self, wait: &Wait) -> Flow {
        match self.wake_time(wait) {
            Ok(until) if until <= self.at => self.waited(wait),
            Ok(until) => {
                self.branch.activity = Activity::Time { until };
                Flow::Rest
            }
            Err(failure) => Flow::Fail(failure),
        }
    }

    fn wake_time(&self, wait: &Wait) -> Result<i64, Failure> {
        let until = match &wait.until {
            Until::Seconds(seconds) => self.after_seconds(seconds, &wait.shape, ("Seconds", 0))?,
            Until::Timestamp(timestamp) => {
                let value = self.computed(timestamp, &wait.shape)?;
                let wrong = || format!("Timestamp {value} is not a time in RFC 3339");
                match value.as_str().and_then(parse_timestamp) {
                    Some(until) => until,
                    None => return Err(self.unfit(wait.shape.is_jsonata(), wrong())),
                }
            }
        };
        if until.saturating_sub(self.at) > MAX_WAIT_MS {
            let cause = format!("a wait of more than {} seconds is too long", MAX_WAIT_MS / 1_000);
            return Err(Failure::new("States.Runtime", cause));
        }
        Ok(until)
    }

    /// The time so many seconds from now.
    pub(super) fn after_seconds(
        &self,
        seconds: &Computed,
        shape: &Shape,
        (name, least): (&str, u64),
    ) -> Result<i64, Failure> {
        let value = self.computed(seconds, shape)?;
        let whole = value.as_u64().filter(|seconds| (least..=MOST_SECONDS).contains(seconds));
        match whole.and_then(|seconds| i64::try_from(seconds).ok()) {
            Some(seconds) => Ok(self.at.saturating_add(seconds * 1_000)),
            None => {
                let cause = format!("{name} must be a whole number from {least} to {MOST_SECONDS}, not {value}");
                Err(self.unfit(shape.is_jsonata(), cause))
            }
        }
    }

    /// Leaves a `Wait` whose time has come.
    pub(super) fn waited(&mut self, wait: &Wait) -> Flow {
        match self.pass_on(&wait.shape) {
            Ok(output) => Flow::next(&wait.next, output),
            Err(failure) => Flow::Fail(failure),
        }
    }

    pub(super) fn end_well(&mut self, succeed: &Succeed) -> Flow {
        match self.pass_on(&succeed.shape) {
            Ok(output) => Flow::Succeed(output),
            Err(failure) => Flow::Fail(failure),
        }
    }

    pub(super) fn end_badly(&mut self, fail: &Fail) -> Flow {
        match (self.told(fail.error.as_ref()), self.told(fail.cause.as_ref())) {
            (Ok(error), Ok(cause)) => Flow::Fail(Failure { error, cause }),
            (Err(failure), _) | (_, Err(failure)) => Flow::Fail(failure),
        }
    }

    fn told(&self, told: Option<&Told>) -> Result<String, Failure> {
        let seen = Seen::NOTHING;
        let (value, jsonata) = match told {
            None => return Ok(String::new()),
            Some(Told::Text(text)) => return Ok(text.clone()),
            Some(Told::Template(template)) => (self.evaluate(template, seen)?, true),
            Some(Told::Source(source)) => {
                (self.with_view(&self.branch.input, seen, |view| source.evaluate(view))?, false)
            }
        };
        match value {
            Value::String(text) => Ok(text),
            other => Err(self.unfit(jsonata, format!("Error and Cause of a Fail must be texts, not {other}"))),
        }
    }
}

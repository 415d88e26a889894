//! What expressions see: `$states`, the variables, and a moment that replay can repeat.

use super::run::{Failure, Run};
use crate::expression::{Expression, ExpressionError, Moment, Scope, Template};
use crate::history::Entry;
use crate::instance::Instance;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Where an expression's time and chance come from.
pub(super) struct Data {
    at: i64,
    seed: u64,
    draws: u64,
}

impl Data {
    /// Chance that is the same whenever this version of this instance is reached.
    pub(super) fn new(instance: &Instance, at: i64) -> Self {
        let digest = Sha256::digest(format!("{}/{}", instance.id, instance.version));
        let seed = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Self { at, seed, draws: 0 }
    }

    /// The next moment: the same time, other chance.
    pub(super) fn moment(&mut self) -> Moment {
        self.draws += 1;
        Moment { at_ms: self.at, seed: self.seed.wrapping_add(self.draws.wrapping_mul(0x9E37_79B9_7F4A_7C15)) }
    }
}

/// `2026-11-23T09:30:00Z` in RFC 3339, with a fraction where there is one.
pub(super) fn rfc3339(at_ms: i64) -> String {
    let at =
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}

impl Run<'_> {
    /// `$states` of the current state.
    pub(super) fn states(&self) -> Value {
        let (running, branch) = (&self.running, &self.running.branch);
        json!({
            "input": branch.input,
            "context": {
                "Execution": { "Id": self.instance.id, "Input": running.input, "Name": self.instance.id, "StartTime": rfc3339(running.started_at) },
                "State": { "Name": branch.state, "EnteredTime": rfc3339(branch.entered_at), "RetryCount": branch.retries.iter().sum::<u64>() },
                "StateMachine": { "Id": self.instance.definition.to_string(), "Name": self.instance.definition.name },
            },
        })
    }

    /// `$states` with one more field: `result` or `errorOutput`.
    pub(super) fn states_with(&self, field: &str, value: &Value) -> Value {
        let mut states = self.states();
        if let Value::Object(fields) = &mut states {
            fields.insert(field.to_owned(), value.clone());
        }
        states
    }

    pub(super) fn evaluate(&mut self, template: &Template, states: &Value) -> Result<Value, Failure> {
        let moment = self.data.moment();
        let scope = Scope { states, variables: &self.running.branch.variables, moment };
        template.evaluate(&scope).map_err(|error| self.expression_failed(&error))
    }

    /// The value of a template, or `otherwise` where there is none.
    pub(super) fn evaluate_or(
        &mut self,
        template: Option<&Template>,
        states: &Value,
        otherwise: &Value,
    ) -> Result<Value, Failure> {
        match template {
            Some(template) => self.evaluate(template, states),
            None => Ok(otherwise.clone()),
        }
    }

    /// The variables that `Assign` sets, all computed from those that were there before.
    pub(super) fn assigned(
        &mut self,
        template: Option<&Template>,
        states: &Value,
    ) -> Result<Map<String, Value>, Failure> {
        match template.map(|template| self.evaluate(template, states)).transpose()? {
            Some(Value::Object(variables)) => Ok(variables),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn expression(&mut self, expression: &Expression, states: &Value) -> Result<Option<Value>, Failure> {
        let moment = self.data.moment();
        let scope = Scope { states, variables: &self.running.branch.variables, moment };
        expression.evaluate(&scope).map_err(|error| self.expression_failed(&error))
    }

    pub(super) fn condition(&mut self, expression: &Expression, states: &Value) -> Result<bool, Failure> {
        let moment = self.data.moment();
        let scope = Scope { states, variables: &self.running.branch.variables, moment };
        expression.evaluate_bool(&scope).map_err(|error| self.expression_failed(&error))
    }

    fn expression_failed(&mut self, error: &ExpressionError) -> Failure {
        self.evaluation_failed(error.error_name(), error.to_string())
    }

    /// An expression failed, or gave what cannot be used here.
    pub(super) fn unusable(&mut self, cause: String) -> Failure {
        self.evaluation_failed("States.QueryEvaluationError", cause)
    }

    fn evaluation_failed(&mut self, error: &str, cause: String) -> Failure {
        let state = json!({ "state": self.running.branch.state });
        self.log(Entry::new("EvaluationFailed").failure(error, &cause).details(state));
        Failure::new(error, cause)
    }
}

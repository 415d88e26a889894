//! What expressions see: `$states`, the variables, and a moment that replay can repeat.

use super::run::{Failure, Run};
use crate::expression::{Expression, ExpressionError, Moment, Scope, Template};
use crate::history::Entry;
use crate::instance::Instance;
use crate::jsonpath::{PathError, View};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
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
        let (running, branch, instance) = (&self.running, &self.branch, &self.instance);
        let mut state = json!({ "Name": branch.state, "EnteredTime": rfc3339(branch.entered_at) });
        if self.definition.state(&branch.state).is_some_and(|state| state.kind.can_retry()) {
            state["RetryCount"] = json!(branch.retries.iter().sum::<u64>());
        }
        json!({
            "input": branch.input,
            "context": {
                "Execution": {
                    "Id": instance.id, "Input": running.input, "Name": instance.id,
                    "RedriveCount": 0, "RoleArn": instance.company, "StartTime": rfc3339(running.started_at),
                },
                "State": state,
                "StateMachine": { "Id": instance.definition.to_string(), "Name": instance.definition.name },
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

    /// The variables that the current branch sees: its own, and those of the branches above it.
    fn variables(&self) -> Cow<'_, Map<String, Value>> {
        let mut outer =
            self.above.iter().map(|above| &above.branch.variables).filter(|variables| !variables.is_empty());
        let Some(first) = outer.next() else { return Cow::Borrowed(&self.branch.variables) };
        let mut all = first.clone();
        for variables in outer.chain([&self.branch.variables]) {
            all.extend(variables.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Cow::Owned(all)
    }

    pub(super) fn evaluate(&mut self, template: &Template, states: &Value) -> Result<Value, Failure> {
        let moment = self.data.moment();
        let variables = self.variables();
        let evaluated = template.evaluate(&Scope { states, variables: &variables, moment });
        evaluated.map_err(|error| self.expression_failed(&error))
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
        let variables = self.variables();
        let evaluated = expression.evaluate(&Scope { states, variables: &variables, moment });
        evaluated.map_err(|error| self.expression_failed(&error))
    }

    pub(super) fn is_true(&mut self, expression: &Expression, states: &Value) -> Result<bool, Failure> {
        let moment = self.data.moment();
        let variables = self.variables();
        let evaluated = expression.evaluate_bool(&Scope { states, variables: &variables, moment });
        evaluated.map_err(|error| self.expression_failed(&error))
    }

    /// Something of JSONPath, on `document` as `$` and `context` as `$$`.
    pub(super) fn with_view<T>(
        &mut self,
        document: &Value,
        context: &Value,
        evaluate: impl FnOnce(&View<'_>) -> Result<T, PathError>,
    ) -> Result<T, Failure> {
        let moment = self.data.moment();
        let variables = self.variables();
        evaluate(&View { document, context, variables: &variables, moment })
            .map_err(|PathError { error, cause }| Failure { error, cause })
    }

    fn expression_failed(&mut self, error: &ExpressionError) -> Failure {
        self.evaluation_failed(error.error_name(), error.to_string())
    }

    /// A value cannot be used here: the error depends on the language that made it.
    pub(super) fn unfit(&mut self, jsonata: bool, cause: String) -> Failure {
        if jsonata { self.unusable(cause) } else { Failure::new("States.Runtime", cause) }
    }

    /// An expression failed, or gave what cannot be used here.
    pub(super) fn unusable(&mut self, cause: String) -> Failure {
        self.evaluation_failed("States.QueryEvaluationError", cause)
    }

    fn evaluation_failed(&mut self, error: &str, cause: String) -> Failure {
        let state = json!({ "state": self.branch.state });
        self.log(Entry::new("EvaluationFailed").failure(error, &cause).details(state));
        Failure::new(error, cause)
    }
}

//! What expressions see: `$states`, the variables, and a moment that replay can repeat.

use super::again::Stopped;
use super::run::{Failure, Run};
use crate::expression::{
    Expression, ExpressionError, Moment, Patience, STEP_NODES, Scope, States, Template, Variables,
};
use crate::history::Entry;
use crate::instance::{Activity, Instance};
use crate::jsonpath::{Context, PathError, View};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::cell::{Cell, OnceCell};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Where an expression's time and chance come from.
pub(super) struct Data<'a> {
    at: i64,
    seed: u64,
    draws: Cell<u64>,
    /// The work that the expressions of this step may still do.
    left: Cell<usize>,
    recorded: Option<&'a Stopped>,
}

impl<'a> Data<'a> {
    /// Chance that is the same whenever this version of this instance is reached.
    pub(super) fn new(instance: &Instance, at: i64, recorded: Option<&'a Stopped>) -> Self {
        let digest = Sha256::digest(format!("{}/{}", instance.id, instance.version));
        let seed = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Self { at, seed, draws: Cell::new(0), left: Cell::new(STEP_NODES), recorded }
    }

    /// What the evaluation under way failed with, if the clock stopped it when the step was taken.
    fn stopped(&self) -> Option<&'a String> {
        self.recorded?.cause(self.draws.get())
    }

    fn patience(&self) -> Patience {
        if self.recorded.is_some() { Patience::Replay } else { Patience::Usual }
    }

    /// The next moment: the same time, other chance.
    pub(super) fn moment(&self) -> Moment {
        let draws = self.draws.get() + 1;
        self.draws.set(draws);
        Moment { at_ms: self.at, seed: self.seed.wrapping_add(draws.wrapping_mul(0x9E37_79B9_7F4A_7C15)) }
    }
}

/// What an expression fails with.
const QUERY_ERROR: &str = "States.QueryEvaluationError";

/// `2026-11-23T09:30:00Z` in RFC 3339, with a fraction where there is one.
pub(super) fn rfc3339(at_ms: i64) -> String {
    let at =
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}

/// What the expressions of a state see beside its input, the variables and the context that every state has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen<'v> {
    /// The name in `$states` of what the work has led to, and what that is.
    work: Option<(&'static str, &'v Value)>,
    /// The place and the value of the item that a `Map` is about to begin.
    item: Option<(usize, &'v Value)>,
    /// The token of a task that is answered from outside.
    token: Option<&'v str>,
}

impl<'v> Seen<'v> {
    /// Nothing beside.
    pub(super) const NOTHING: Self = Self { work: None, item: None, token: None };

    /// `$states.result` or `$states.errorOutput`.
    pub(super) fn work(name: &'static str, value: &'v Value) -> Self {
        Self { work: Some((name, value)), ..Self::NOTHING }
    }

    /// `$states.context.Map.Item`.
    pub(super) fn item(item: Option<(usize, &'v Value)>) -> Self {
        Self { item, ..Self::NOTHING }
    }

    /// `$states.context.Task.Token`.
    pub(super) fn token(token: Option<&'v str>) -> Self {
        Self { token, ..Self::NOTHING }
    }
}

/// `$states` and the variables of the current state. What must be put together is put together when it is asked for, which
/// it seldom is.
struct Sight<'r> {
    run: &'r Run<'r>,
    seen: Seen<'r>,
    context: OnceCell<Value>,
    whole: OnceCell<Value>,
}

impl fmt::Debug for Sight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sight").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl States for Sight<'_> {
    fn field(&self, name: &str) -> Option<&Value> {
        match name {
            "input" => Some(&self.run.branch.input),
            "context" => Some(self.value()),
            name => self.seen.work.filter(|(known, _)| *known == name).map(|(_, value)| value),
        }
    }

    fn whole(&self) -> &Value {
        self.whole.get_or_init(|| {
            let names = ["input", "context"].into_iter().chain(self.seen.work.map(|(name, _)| name));
            let fields = names.filter_map(|name| Some((name.to_owned(), self.field(name)?.clone())));
            Value::Object(fields.collect())
        })
    }
}

impl Context for Sight<'_> {
    fn value(&self) -> &Value {
        self.context.get_or_init(|| self.run.context(self.seen))
    }
}

/// A branch sees its own variables and those of the branches above it.
impl Variables for Sight<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        let above = || self.run.above.iter().rev().find_map(|above| above.branch.variables.get(name));
        self.run.branch.variables.get(name).or_else(above)
    }
}

impl Run<'_> {
    fn sight<'r>(&'r self, seen: Seen<'r>) -> Sight<'r> {
        Sight { run: self, seen, context: OnceCell::new(), whole: OnceCell::new() }
    }

    /// The context object of the current state.
    fn context(&self, seen: Seen<'_>) -> Value {
        let (running, branch, instance) = (&self.running, &self.branch, &self.instance);
        let mut state = json!({ "Name": branch.state, "EnteredTime": rfc3339(branch.entered_at) });
        if self.definition.state(&branch.state).is_some_and(|state| state.kind.can_retry()) {
            state["RetryCount"] = json!(branch.retries.iter().sum::<u64>());
        }
        let mut context = json!({
            "Execution": {
                "Id": instance.id, "Input": running.input, "Name": instance.id,
                "RedriveCount": 0, "RoleArn": instance.company, "StartTime": rfc3339(running.started_at),
            },
            "State": state,
            "StateMachine": { "Id": instance.definition.to_string(), "Name": instance.definition.name },
        });
        if let Some((index, value)) = seen.item.or_else(|| self.item_above()) {
            context["Map"] = json!({ "Item": { "Index": index, "Value": value } });
        }
        if let Some(token) = seen.token {
            context["Task"] = json!({ "Token": token });
        }
        context
    }

    /// The item of the innermost `Map` around the current branch, with its place.
    fn item_above(&self) -> Option<(usize, &Value)> {
        self.above.iter().rev().find_map(|above| match &above.branch.activity {
            Activity::Items(items) => {
                let place = items.lanes.get(above.lane)?.item;
                items.items.get(place).map(|value| (place, value))
            }
            _ => None,
        })
    }

    pub(super) fn evaluate(&self, template: &Template, seen: Seen<'_>) -> Result<Value, Failure> {
        self.with_scope(seen, |scope| template.evaluate(scope))
    }

    /// The value of a template, or `otherwise` where there is none.
    pub(super) fn evaluate_or(
        &self,
        template: Option<&Template>,
        seen: Seen<'_>,
        otherwise: &Value,
    ) -> Result<Value, Failure> {
        match template {
            Some(template) => self.evaluate(template, seen),
            None => Ok(otherwise.clone()),
        }
    }

    /// The variables that `Assign` sets, all computed from those that were there before.
    pub(super) fn assigned(&self, template: Option<&Template>, seen: Seen<'_>) -> Result<Map<String, Value>, Failure> {
        match template.map(|template| self.evaluate(template, seen)).transpose()? {
            Some(Value::Object(variables)) => Ok(variables),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn expression(&self, expression: &Expression, seen: Seen<'_>) -> Result<Option<Value>, Failure> {
        self.with_scope(seen, |scope| expression.evaluate(scope))
    }

    pub(super) fn is_true(&self, expression: &Expression, seen: Seen<'_>) -> Result<bool, Failure> {
        self.with_scope(seen, |scope| expression.evaluate_bool(scope))
    }

    /// Something of JSONata.
    fn with_scope<T>(
        &self,
        seen: Seen<'_>,
        evaluate: impl FnOnce(&Scope<'_>) -> Result<T, ExpressionError>,
    ) -> Result<T, Failure> {
        let moment = self.data.moment();
        if let Some(cause) = self.data.stopped() {
            return Err(self.stopped(cause.clone()));
        }
        let sight = self.sight(seen);
        let scope = Scope::new(&sight, &sight, moment).in_step(self.data.patience(), &self.data.left);
        evaluate(&scope).map_err(|error| match error {
            ExpressionError::TimedOut { .. } => self.stopped(error.to_string()),
            _ => self.evaluation_failed(error.error_name(), error.to_string()),
        })
    }

    /// Something of JSONPath, on `document` as `$`.
    pub(super) fn with_view<T>(
        &self,
        document: &Value,
        seen: Seen<'_>,
        evaluate: impl FnOnce(&View<'_>) -> Result<T, PathError>,
    ) -> Result<T, Failure> {
        let moment = self.data.moment();
        let sight = self.sight(seen);
        evaluate(&View { document, context: &sight, variables: &sight, moment })
            .map_err(|PathError { error, cause }| Failure { error, cause })
    }

    /// A value cannot be used here: the error depends on the language that made it.
    pub(super) fn unfit(&self, jsonata: bool, cause: String) -> Failure {
        if jsonata { self.unusable(cause) } else { Failure::new("States.Runtime", cause) }
    }

    /// An expression failed, or gave what cannot be used here.
    pub(super) fn unusable(&self, cause: String) -> Failure {
        self.evaluation_failed(QUERY_ERROR, cause)
    }

    /// The clock stopped an evaluation. Another clock would not have, so its place is kept for whoever replays the step.
    fn stopped(&self, cause: String) -> Failure {
        let details = json!({ "state": self.branch.state, Stopped::FIELD: self.data.draws.get() });
        self.log(Entry::new(Stopped::ENTRY).failure(QUERY_ERROR, &cause).details(details));
        Failure::new(QUERY_ERROR, cause)
    }

    fn evaluation_failed(&self, error: &str, cause: String) -> Failure {
        let state = json!({ "state": self.branch.state });
        self.log(Entry::new(Stopped::ENTRY).failure(error, &cause).details(state));
        Failure::new(error, cause)
    }
}

//! One evaluation by the engine: bind what is read, run within the limits, take the result out.

use super::budget::Run;
use super::compiled::Compiled;
use super::convert::{self, Unfit};
use super::{ExpressionError, Patience, STATES, Scope, error, limits, rewrite};
use crate::size;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions};
use jsonata_core::value::JValue;
use serde_json::Value;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Evaluates with the engine.
///
/// The engine has no counter, only a clock, which goes on while a busy machine does something else: an expression of a
/// microsecond could fail, and with it the workflow. So what was too late is begun again. What is usually stopped is stopped
/// by a count (`count`, `budget`).
pub(super) fn run(compiled: &Compiled, scope: &Scope<'_>) -> Result<Option<Value>, ExpressionError> {
    let mut answers = (1..limits::ATTEMPTS).map(|_| attempt(compiled, scope));
    answers.find(|answer| !is_late(answer)).unwrap_or_else(|| attempt(compiled, scope))
}

fn is_late(answer: &Result<Option<Value>, ExpressionError>) -> bool {
    matches!(answer, Err(ExpressionError::TimedOut { .. }))
}

fn attempt(compiled: &Compiled, scope: &Scope<'_>) -> Result<Option<Value>, ExpressionError> {
    let patience_ms = match scope.patience {
        Patience::Usual => limits::TIME_MS,
        Patience::Replay => limits::REPLAY_MS,
    };
    let left = scope.left.map_or(limits::PASSED_NODES, Cell::get);
    if left == 0 {
        let limit = format!("the expressions of this step work on more than {} parts together", limits::STEP_NODES);
        return Err(ExpressionError::TooLarge { expression: error::shown(&compiled.source), limit });
    }
    let run = Rc::new(Run::new(scope.moment, patience_ms, left));
    let evaluator = Evaluator::with_options(context(compiled, scope)?, options(patience_ms));
    let answer = evaluated(compiled, evaluator, &run);
    // How far an evaluation came that the clock stopped is chance, and a replay does not begin it.
    if let Some(left) = scope.left.filter(|_| !is_late(&answer)) {
        left.set(left.get().saturating_sub(run.work()));
    }
    answer
}

fn evaluated(compiled: &Compiled, mut evaluator: Evaluator, run: &Rc<Run>) -> Result<Option<Value>, ExpressionError> {
    for function in &compiled.functions {
        function.register(&mut evaluator, run).map_err(|problem| failed(compiled, &problem))?;
    }
    // A defect of the engine (a picture string with an absurd width is one) fails this expression, not the service.
    let outcome = catch_unwind(AssertUnwindSafe(|| evaluator.evaluate(&compiled.ast, &JValue::Undefined)));
    let result = match outcome {
        Ok(Ok(value)) => convert::from_engine(&value).map_err(|unfit| unfit_error(&compiled.source, &unfit))?,
        Ok(Err(problem)) => return Err(engine_error(compiled, run, &problem)),
        Err(_) => return Err(evaluate_error(compiled, "the engine could not carry it out".to_owned())),
    };
    match result {
        // A scalar cannot be too long: its text was counted when it was taken out.
        Some(value) if !size::is_payload(&value) => Err(too_large(&compiled.source)),
        result => Ok(result),
    }
}

fn options(patience_ms: u64) -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(patience_ms),
        cancel: None,
        max_stack_depth: Some(limits::EVALUATION_DEPTH),
        max_sequence_length: Some(limits::SEQUENCE_LENGTH),
    }
}

fn context(compiled: &Compiled, scope: &Scope<'_>) -> Result<Context, ExpressionError> {
    let mut context = Context::new();
    for (name, fields) in &compiled.reads {
        let value = if name == STATES {
            convert::states_into_engine(scope.states, fields)
        } else {
            let Some(value) = scope.variables.get(name) else { continue };
            convert::into_engine(value, fields)
        };
        let value = value.map_err(|stop| stop.into_error(&compiled.source))?;
        context.bind(rewrite::engine_name(name).to_owned(), value);
    }
    Ok(context)
}

/// The named variant for the engine's code (docs.jsonata.org, error codes); our own guards say why they stopped.
fn engine_error(compiled: &Compiled, run: &Run, problem: &EvaluatorError) -> ExpressionError {
    if let Some(stop) = run.reason() {
        return stop.into_error(&compiled.source);
    }
    let expression = error::shown(&compiled.source);
    match problem.code() {
        Some("D1012") => ExpressionError::TimedOut { expression },
        Some("D1011" | "U1001") => {
            let limit = format!("it recurses more than {} levels", limits::EVALUATION_DEPTH);
            ExpressionError::TooDeep { expression, limit }
        }
        Some("D2014" | "D2015") => {
            let limit = format!("a sequence is longer than {} items", limits::SEQUENCE_LENGTH);
            ExpressionError::TooLarge { expression, limit }
        }
        _ => failed(compiled, problem),
    }
}

fn failed(compiled: &Compiled, problem: &EvaluatorError) -> ExpressionError {
    evaluate_error(compiled, problem.message().trim_end_matches('.').replace("safe ", ""))
}

fn evaluate_error(compiled: &Compiled, message: String) -> ExpressionError {
    ExpressionError::Evaluate { expression: error::shown(&compiled.source), message }
}

/// The result is longer than a result may be.
pub(super) fn too_large(source: &str) -> ExpressionError {
    let limit = format!("the result is longer than {} bytes of JSON", limits::PAYLOAD_BYTES);
    ExpressionError::TooLarge { expression: error::shown(source), limit }
}

fn unfit_error(source: &str, unfit: &Unfit) -> ExpressionError {
    let expression = error::shown(source);
    match unfit {
        Unfit::NotJson(found) => ExpressionError::NotJson { expression, found },
        Unfit::TooLarge => too_large(source),
        Unfit::TooDeep => {
            let limit = format!("the result is nested more than {} levels deep", limits::VALUE_DEPTH);
            ExpressionError::TooDeep { expression, limit }
        }
    }
}

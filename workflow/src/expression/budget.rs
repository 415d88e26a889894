//! What one evaluation may use, and where a guard says that it was too much.

use super::limits;
use super::{ExpressionError, Moment, error};
use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::JValue;
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// Why a guard or a function of ours stopped the evaluation.
#[derive(Debug)]
pub(super) enum Stop {
    /// It failed, and this says why.
    Failed(String),
    /// It took too long.
    TimedOut,
    /// Its loops went on for too long: the nodes that they may pass through.
    TooLong(usize),
    /// A value is nested too deeply.
    TooDeep,
    /// It produced too much; the limit, as a clause.
    TooLarge(String),
}

impl Stop {
    /// The failure that `message` describes.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// The error, with the expression named.
    pub(super) fn into_error(self, source: &str) -> ExpressionError {
        let expression = error::shown(source);
        match self {
            Self::Failed(message) => ExpressionError::Evaluate { expression, message },
            Self::TimedOut => ExpressionError::TimedOut { expression },
            Self::TooLong(most) => ExpressionError::TooLong { expression, most },
            Self::TooDeep => {
                let limit = format!("a value is nested more than {} levels deep", limits::VALUE_DEPTH);
                ExpressionError::TooDeep { expression, limit }
            }
            Self::TooLarge(limit) => ExpressionError::TooLarge { expression, limit },
        }
    }
}

/// One evaluation under way: its moment, its deadline and what it has produced so far.
#[derive(Debug)]
pub(super) struct Run {
    /// The instant that the expression sees.
    pub(super) at_ms: i64,
    random: Cell<u64>,
    deadline: Instant,
    left: Cell<usize>,
    passed: Cell<usize>,
    may_pass: usize,
    stopped: RefCell<Option<Stop>>,
}

impl Run {
    /// An evaluation that starts now.
    pub(super) fn new(moment: Moment, patience_ms: u64, may_pass: usize) -> Self {
        Self {
            at_ms: moment.at_ms,
            random: Cell::new(moment.seed),
            deadline: Instant::now() + Duration::from_millis(patience_ms),
            left: Cell::new(limits::WORK_BYTES),
            passed: Cell::new(0),
            may_pass: may_pass.min(limits::PASSED_NODES),
            stopped: RefCell::new(None),
        }
    }

    /// The next number of the evaluation's own sequence (splitmix64, Steele et al. 2014).
    pub(super) fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        mixed(state)
    }

    /// Counts a value against the budget: [`limits::NODE_BYTES`] a node and the bytes of its text, shared parts as often
    /// as they occur, because whoever reads the value reads them as often. That is what makes `[$a, $a]` in a loop end.
    pub(super) fn charge(&self, value: &JValue) -> Result<(), Stop> {
        let mut left = self.left.get();
        let charged = weigh(value, &mut left, limits::VALUE_DEPTH);
        self.left.set(left);
        charged
    }

    /// Counts `bytes` of new text against the budget.
    pub(super) fn charge_bytes(&self, bytes: usize) -> Result<(), Stop> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(work_is_done)?;
        self.left.set(left);
        Ok(())
    }

    /// Counts a pass through so many nodes.
    pub(super) fn pass(&self, nodes: usize) -> Result<(), Stop> {
        let passed = self.passed.get().saturating_add(nodes);
        self.passed.set(passed);
        if passed > self.may_pass { Err(Stop::TooLong(self.may_pass)) } else { Ok(()) }
    }

    /// What it has done so far, in nodes.
    pub(super) fn work(&self) -> usize {
        self.passed.get().saturating_add((limits::WORK_BYTES - self.left.get()) / limits::BYTES_OF_A_NODE)
    }

    /// Refuses a text that would be longer than [`limits::TEXT_BYTES`], before it is made, and counts it.
    pub(super) fn charge_text(&self, bytes: usize) -> Result<(), Stop> {
        self.check_text(bytes)?;
        self.charge_bytes(bytes)
    }

    /// Refuses a text that would be longer than [`limits::TEXT_BYTES`].
    pub(super) fn check_text(&self, bytes: usize) -> Result<(), Stop> {
        if bytes > limits::TEXT_BYTES {
            return Err(Stop::TooLarge(format!("a text is longer than {} bytes", limits::TEXT_BYTES)));
        }
        Ok(())
    }

    /// Refuses to go on after the deadline. For loops that the engine does not see.
    pub(super) fn check_time(&self) -> Result<(), Stop> {
        if Instant::now() > self.deadline { Err(Stop::TimedOut) } else { Ok(()) }
    }

    /// Keeps the reason, and gives the engine an error that carries nothing.
    pub(super) fn stop(&self, reason: Stop) -> EvaluatorError {
        self.stopped.replace(Some(reason));
        EvaluatorError::EvaluationError(String::new())
    }

    /// Why a guard stopped the evaluation, if one did.
    pub(super) fn reason(&self) -> Option<Stop> {
        self.stopped.take()
    }
}

/// The output function of splitmix64.
pub(super) fn mixed(state: u64) -> u64 {
    let once = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    twice ^ (twice >> 31)
}

fn work_is_done() -> Stop {
    Stop::TooLarge(format!("its intermediate values are larger than {} bytes in all", limits::WORK_BYTES))
}

fn weigh(value: &JValue, left: &mut usize, depth: usize) -> Result<(), Stop> {
    let text = if let JValue::String(text) = value { text.len() } else { 0 };
    take(left, limits::NODE_BYTES + text)?;
    match value {
        JValue::Array(items) => {
            let below = depth.checked_sub(1).ok_or(Stop::TooDeep)?;
            items.iter().try_for_each(|item| weigh(item, left, below))
        }
        JValue::Object(fields) => {
            let below = depth.checked_sub(1).ok_or(Stop::TooDeep)?;
            fields.iter().try_for_each(|(name, field)| {
                take(left, name.len())?;
                weigh(field, left, below)
            })
        }
        _ => Ok(()),
    }
}

fn take(left: &mut usize, bytes: usize) -> Result<(), Stop> {
    *left = left.checked_sub(bytes).ok_or_else(work_is_done)?;
    Ok(())
}

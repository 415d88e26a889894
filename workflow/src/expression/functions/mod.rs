//! The functions that are ours: what is added to JSONata, and what replaces a built-in function under a guarded name.
//!
//! A function takes its arguments evaluated; undefined is a value here. Arguments beyond the last are ignored, because
//! `$map` and its like pass an index and the whole array as well.

mod arguments;
mod arrays;
mod chance;
mod clock;
mod decimal;
mod decimal_functions;
mod guards;
mod intrinsic;
mod patterns;
mod text;

pub(crate) use chance::{random_bits, uuid_of};
pub(crate) use intrinsic::digest;

use super::budget::{Run, Stop};
use super::count::COUNT;
use super::walk;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;
use std::rc::Rc;

/// What a function answers.
pub(super) type Answer = Result<JValue, Stop>;

/// A function that an expression can call as `$name(...)`.
pub(super) struct Function {
    name: &'static str,
    body: fn(&Run, &[JValue]) -> Answer,
}

/// Every function, by name.
static FUNCTIONS: [Function; 36] = [
    Function { name: "dec", body: decimal_functions::normalise },
    Function { name: "dec_add", body: decimal_functions::add },
    Function { name: "dec_cmp", body: decimal_functions::cmp },
    Function { name: "dec_eq", body: decimal_functions::eq },
    Function { name: "dec_gt", body: decimal_functions::gt },
    Function { name: "dec_gte", body: decimal_functions::gte },
    Function { name: "dec_lt", body: decimal_functions::lt },
    Function { name: "dec_lte", body: decimal_functions::lte },
    Function { name: "dec_mul", body: decimal_functions::mul },
    Function { name: "dec_round", body: decimal_functions::round },
    Function { name: "dec_sub", body: decimal_functions::sub },
    Function { name: "dec_sum", body: decimal_functions::sum },
    Function { name: "hash", body: intrinsic::hash },
    Function { name: "parse", body: intrinsic::parse },
    Function { name: "partition", body: intrinsic::partition },
    Function { name: "range", body: intrinsic::range },
    Function { name: "safe charge", body: guards::charge },
    Function { name: "safe concat", body: text::concat },
    Function { name: COUNT, body: guards::count },
    Function { name: "safe dated picture", body: clock::picture },
    Function { name: "safe dated text", body: clock::text },
    Function { name: "safe distinct", body: arrays::distinct },
    Function { name: "safe join", body: text::join },
    Function { name: "safe match", body: patterns::matches },
    Function { name: "safe millis", body: chance::millis },
    Function { name: "safe now", body: chance::now },
    Function { name: "safe pad", body: text::pad },
    Function { name: "safe picture", body: clock::checked },
    Function { name: "safe random", body: chance::random },
    Function { name: "safe range", body: guards::range },
    Function { name: "safe replace", body: patterns::replace },
    Function { name: "safe roman", body: guards::roman },
    Function { name: "safe shuffle", body: chance::shuffle },
    Function { name: "safe split", body: patterns::split },
    Function { name: "safe string", body: text::string },
    Function { name: "uuid", body: chance::uuid },
];

impl Function {
    /// Makes the function known to an evaluator.
    pub(super) fn register(&self, evaluator: &mut Evaluator, run: &Rc<Run>) -> Result<(), EvaluatorError> {
        let (body, run) = (self.body, Rc::clone(run));
        evaluator.register_fn(self.name, move |args: &[JValue]| body(&run, args).map_err(|stop| run.stop(stop)))
    }
}

/// The functions of ours that an expression names, called or as a value.
pub(super) fn called_by(ast: &AstNode) -> Vec<&'static Function> {
    let mut found = Vec::new();
    collect(ast, &mut found);
    found
}

fn collect(node: &AstNode, found: &mut Vec<&'static Function>) {
    if let AstNode::Function { name, .. } | AstNode::Variable(name) = node
        && let Some(function) = named(name)
        && !found.iter().any(|known| known.name == function.name)
    {
        found.push(function);
    }
    walk::children(node, &mut |child| collect(child, found));
}

fn named(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Whether `$name` is a function that is added to JSONata.
pub(super) fn is_added(name: &str) -> bool {
    named(name).is_some()
}

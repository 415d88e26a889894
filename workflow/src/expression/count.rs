//! Counts what loops do, so that an expression that goes on for too long ends at the same place on every machine.
//!
//! The engine has no counter, only a clock. So whatever an expression evaluates again and again (the body of a function, a
//! predicate, a computed step of a path, the keys of a sort or a group) begins with a guard that charges the evaluation for the
//! size of that body. A loop that stands in no other and holds none is left as it is: it ends after the items of one value,
//! which are bounded, and nearly every expression has no other loops.

use super::{limits, walk};
use jsonata_core::ast::{AstNode, PathStep, Stage};

/// The guard that charges for a pass. With a second argument it hands that on.
pub(super) const COUNT: &str = "safe count";

/// Built-in functions that call a function for each item.
const CALLING: [&str; 9] = ["each", "filter", "map", "match", "reduce", "replace", "sift", "single", "sort"];

/// Puts a guard into every loop that needs one.
pub(super) fn loops(node: &mut AstNode) {
    within(node, false);
}

fn within(node: &mut AstNode, in_loop: bool) {
    match node {
        AstNode::Lambda { params, body, .. } => {
            within(body, true);
            // What the rewriting has put in does not call itself.
            if !params.iter().any(|name| name.starts_with("safe ")) {
                begin_with_a_guard(body);
            }
        }
        AstNode::Function { name, args, .. } if !in_loop && CALLING.contains(&name.as_str()) => {
            args.iter_mut().for_each(argument);
        }
        // What stands between a step and the bindings of another would hide them.
        AstNode::Path { steps } if steps.iter().any(walk::is_tuple) => {
            each_child(node, &mut |child| within(child, true));
        }
        AstNode::Path { steps } => steps.iter_mut().enumerate().for_each(|(at, step)| path_step(step, at > 0, in_loop)),
        AstNode::Sort { input, terms } => {
            within(input, in_loop);
            terms.iter_mut().for_each(|(term, _)| body_of_a_loop(term, in_loop));
        }
        AstNode::ObjectTransform { input, pattern } => {
            within(input, in_loop);
            pattern.iter_mut().for_each(|(key, value)| {
                body_of_a_loop(key, in_loop);
                within(value, true);
            });
        }
        AstNode::Transform { location, update, delete } => {
            within(location, true);
            body_of_a_loop(update, true);
            delete.iter_mut().for_each(|names| within(names, true));
        }
        _ => each_child(node, &mut |child| within(child, in_loop)),
    }
}

/// An argument of a function that calls it for each item, in no other loop. One without a name cannot call itself.
fn argument(node: &mut AstNode) {
    match node {
        AstNode::Lambda { body, .. } if !holds_a_loop(body) => within(body, true),
        node => within(node, false),
    }
}

fn path_step(step: &mut PathStep, is_repeated: bool, in_loop: bool) {
    match &mut step.node {
        AstNode::Name(_) | AstNode::Wildcard | AstNode::Descendant | AstNode::Parent(_) => {}
        AstNode::FunctionApplication(inner) if is_repeated => body_of_a_loop(inner, in_loop),
        node if is_repeated => body_of_a_loop(node, in_loop),
        node => within(node, in_loop),
    }
    for stage in &mut step.stages {
        if let Stage::Filter(condition) = stage {
            body_of_a_loop(condition, in_loop);
        }
    }
}

/// What is evaluated for each of some items.
fn body_of_a_loop(node: &mut AstNode, in_loop: bool) {
    if is_constant(node) {
        return;
    }
    let weight = weight(node);
    let is_nested = in_loop || holds_a_loop(node);
    within(node, true);
    if is_nested {
        wrap(node, weight);
    }
}

/// Puts a guard around a body. The engine tells constructors from other values, so theirs stands inside.
fn wrap(node: &mut AstNode, weight: f64) {
    match node {
        AstNode::Array(items) | AstNode::ArrayGroup(items) => {
            items.iter_mut().take(1).for_each(|item| wrap(item, weight))
        }
        AstNode::Object(pairs) => pairs.iter_mut().take(1).for_each(|(_, value)| wrap(value, weight)),
        _ => {
            let body = std::mem::replace(node, AstNode::Undefined);
            *node = guard(weight, vec![body]);
        }
    }
}

fn begin_with_a_guard(body: &mut AstNode) {
    let guard = guard(weight(body), Vec::new());
    match body {
        AstNode::Block(items) => items.insert(0, guard),
        _ => *body = AstNode::Block(vec![guard, std::mem::replace(body, AstNode::Undefined)]),
    }
}

fn guard(weight: f64, body: Vec<AstNode>) -> AstNode {
    let args = std::iter::once(AstNode::Number(weight)).chain(body).collect();
    AstNode::Function { name: COUNT.to_owned(), args, is_builtin: true }
}

/// An index, which the engine looks for.
fn is_constant(node: &AstNode) -> bool {
    match node {
        AstNode::Number(_) | AstNode::String(_) | AstNode::Boolean(_) | AstNode::Null => true,
        AstNode::Unary { operand, .. } => is_constant(operand),
        _ => false,
    }
}

/// Whether something in it is evaluated again and again. A function that it calls counts for itself, and the fields of a
/// path are taken by the engine in one go.
fn holds_a_loop(node: &AstNode) -> bool {
    let plain =
        |step: &PathStep| matches!(step.node, AstNode::Name(_) | AstNode::Variable(_)) && step.stages.is_empty();
    let is_loop = match node {
        AstNode::Lambda { .. } | AstNode::Sort { .. } | AstNode::ObjectTransform { .. } => true,
        AstNode::Transform { .. } | AstNode::Descendant => true,
        AstNode::Function { name, .. } => CALLING.contains(&name.as_str()),
        AstNode::Path { steps } => !steps.iter().all(plain),
        _ => false,
    };
    let mut holds = is_loop;
    walk::children(node, &mut |child| holds = holds || holds_a_loop(child));
    holds
}

/// What a pass through a body costs, in nodes; the guard itself costs about as much as some of them.
fn weight(node: &AstNode) -> f64 {
    let mut nodes = 1_u32;
    count_below(node, &mut nodes);
    f64::from(nodes.saturating_add(limits::GUARD_NODES))
}

fn count_below(node: &AstNode, nodes: &mut u32) {
    walk::children(node, &mut |child| {
        *nodes = nodes.saturating_add(1);
        count_below(child, nodes);
    });
}

fn each_child(node: &mut AstNode, visit: &mut dyn FnMut(&mut AstNode)) {
    let done: Result<(), std::convert::Infallible> = walk::try_children_mut(node, &mut |child| {
        visit(child);
        Ok(())
    });
    match done {
        Ok(()) => {}
    }
}

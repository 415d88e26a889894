//! The children of a syntax node, in one place, so that no analysis forgets one.

use jsonata_core::ast::{AstNode, PathStep, Stage};

/// Calls `visit` with every direct child of `node`, in source order.
pub(super) fn children<'a>(node: &'a AstNode, visit: &mut dyn FnMut(&'a AstNode)) {
    match node {
        AstNode::Path { steps } => steps.iter().for_each(|step| step_children(step, visit)),
        AstNode::Binary { lhs, rhs, .. } => [lhs, rhs].into_iter().for_each(|child| visit(child)),
        AstNode::Unary { operand: child, .. } | AstNode::Lambda { body: child, .. } => visit(child),
        AstNode::FunctionApplication(child) => visit(child),
        AstNode::Function { args: items, .. }
        | AstNode::Array(items)
        | AstNode::Block(items)
        | AstNode::ArrayGroup(items) => items.iter().for_each(visit),
        AstNode::Call { procedure, args } => {
            visit(procedure);
            args.iter().for_each(visit);
        }
        AstNode::Object(pairs) => pairs.iter().for_each(|(key, value)| [key, value].into_iter().for_each(&mut *visit)),
        AstNode::ObjectTransform { input, pattern } => {
            visit(input);
            pattern.iter().for_each(|(key, value)| [key, value].into_iter().for_each(&mut *visit));
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            visit(condition);
            visit(then_branch);
            else_branch.iter().for_each(|child| visit(child));
        }
        AstNode::Sort { input, terms } => {
            visit(input);
            terms.iter().for_each(|(term, _)| visit(term));
        }
        AstNode::Transform { location, update, delete } => {
            visit(location);
            visit(update);
            delete.iter().for_each(|child| visit(child));
        }
        _ => {}
    }
}

fn step_children<'a>(step: &'a PathStep, visit: &mut dyn FnMut(&'a AstNode)) {
    visit(&step.node);
    for stage in &step.stages {
        if let Stage::Filter(condition) = stage {
            visit(condition);
        }
    }
}

/// What a visit of a child may fail with.
pub(super) type Visit<'v, E> = &'v mut dyn FnMut(&mut AstNode) -> Result<(), E>;

/// Calls `visit` with every direct child of `node`, in source order, until one fails.
pub(super) fn try_children_mut<E>(node: &mut AstNode, visit: Visit<'_, E>) -> Result<(), E> {
    match node {
        AstNode::Path { steps } => steps.iter_mut().try_for_each(|step| try_step_children_mut(step, visit)),
        AstNode::Binary { lhs, rhs, .. } => [lhs, rhs].into_iter().try_for_each(|child| visit(child)),
        AstNode::Unary { operand: child, .. } | AstNode::Lambda { body: child, .. } => visit(child),
        AstNode::FunctionApplication(child) => visit(child),
        AstNode::Function { args: items, .. }
        | AstNode::Array(items)
        | AstNode::Block(items)
        | AstNode::ArrayGroup(items) => items.iter_mut().try_for_each(visit),
        AstNode::Call { procedure, args } => {
            visit(procedure)?;
            args.iter_mut().try_for_each(visit)
        }
        AstNode::Object(pairs) => try_pairs_mut(pairs, visit),
        AstNode::ObjectTransform { input, pattern } => {
            visit(input)?;
            try_pairs_mut(pattern, visit)
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            visit(condition)?;
            visit(then_branch)?;
            else_branch.iter_mut().try_for_each(|child| visit(child))
        }
        AstNode::Sort { input, terms } => {
            visit(input)?;
            terms.iter_mut().try_for_each(|(term, _)| visit(term))
        }
        AstNode::Transform { location, update, delete } => {
            visit(location)?;
            visit(update)?;
            delete.iter_mut().try_for_each(|child| visit(child))
        }
        _ => Ok(()),
    }
}

fn try_pairs_mut<E>(pairs: &mut [(AstNode, AstNode)], visit: Visit<'_, E>) -> Result<(), E> {
    pairs.iter_mut().try_for_each(|(key, value)| [key, value].into_iter().try_for_each(&mut *visit))
}

fn try_step_children_mut<E>(step: &mut PathStep, visit: Visit<'_, E>) -> Result<(), E> {
    visit(&mut step.node)?;
    for stage in &mut step.stages {
        if let Stage::Filter(condition) = stage {
            visit(condition)?;
        }
    }
    Ok(())
}

/// Whether a step takes part in a tuple stream (`@$v`, `#$i`, `%`), whose bindings a guard would drop.
pub(super) fn is_tuple(step: &PathStep) -> bool {
    step.is_tuple
        || step.inner_tuple
        || step.focus.is_some()
        || step.index_var.is_some()
        || step.ancestor_label.is_some()
}

/// The depth of the tree, or `None` when it is deeper than `most`.
pub(super) fn depth(node: &AstNode, most: usize) -> Option<usize> {
    let mut deepest = Some(0);
    let below = most.checked_sub(1)?;
    children(node, &mut |child| {
        deepest = deepest.and_then(|so_far: usize| depth(child, below).map(|found| so_far.max(found)));
    });
    deepest.map(|found| found + 1)
}

//! What an expression reads: its free variables, and of each only the fields that it can reach.

use super::walk;
use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use std::collections::BTreeMap;

/// The part of a variable that is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fields {
    /// Everything.
    All,
    /// Only these fields.
    Some(BTreeMap<String, Fields>),
}

impl Fields {
    /// Adds the field path `names`, and everything below it.
    fn add(&mut self, names: &[&str]) {
        let Some((first, rest)) = names.split_first() else {
            *self = Self::All;
            return;
        };
        if let Self::Some(fields) = self {
            fields.entry((*first).to_owned()).or_insert_with(|| Self::Some(BTreeMap::new())).add(rest);
        }
    }
}

/// The free variables of an expression and what is read of each.
pub(super) fn reads(ast: &AstNode) -> BTreeMap<String, Fields> {
    let mut analysis = Analysis::default();
    analysis.visit(ast);
    analysis.reads
}

#[derive(Default)]
struct Analysis<'a> {
    reads: BTreeMap<String, Fields>,
    /// The names bound at this place, innermost last.
    bound: Vec<&'a str>,
}

impl<'a> Analysis<'a> {
    fn visit(&mut self, node: &'a AstNode) {
        match node {
            AstNode::Variable(name) => self.read(name, &[]),
            AstNode::Path { steps } => self.visit_path(steps),
            AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => {
                self.visit(rhs);
                if let AstNode::Variable(name) = &**lhs {
                    self.bound.push(name);
                }
            }
            AstNode::Lambda { params, body, .. } => self.scoped(|inner| {
                inner.bound.extend(params.iter().map(String::as_str));
                inner.visit(body);
            }),
            AstNode::Block(_) => self.scoped(|inner| walk::children(node, &mut |child| inner.visit(child))),
            _ => walk::children(node, &mut |child| self.visit(child)),
        }
    }

    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        visit(self);
        self.bound.truncate(outside);
    }

    fn visit_path(&mut self, steps: &'a [PathStep]) {
        let mut rest = steps;
        if let Some((PathStep { node: AstNode::Variable(name), .. }, _)) = steps.split_first() {
            self.read(name, &field_path(steps));
            steps[0].stages.iter().for_each(|stage| self.visit_stage(stage));
            self.bind(&steps[0]);
            rest = &steps[1..];
        }
        for step in rest {
            self.visit(&step.node);
            // `@$v` and `#$i` are seen by the predicates of their own step.
            self.bind(step);
            step.stages.iter().for_each(|stage| self.visit_stage(stage));
        }
    }

    fn bind(&mut self, step: &'a PathStep) {
        self.bound.extend(step.focus.as_deref().into_iter().chain(step.index_var.as_deref()));
    }

    fn visit_stage(&mut self, stage: &'a Stage) {
        match stage {
            Stage::Filter(condition) => self.visit(condition),
            Stage::Index(name) => self.bound.push(name),
            Stage::KeepArray => {}
        }
    }

    fn read(&mut self, name: &str, fields: &[&str]) {
        if name.is_empty() || self.bound.contains(&name) {
            return;
        }
        self.reads.entry(name.to_owned()).or_insert_with(|| Fields::Some(BTreeMap::new())).add(fields);
    }
}

/// The field names that follow the variable at the head of a path, as far as nothing but these fields can be seen.
fn field_path(steps: &[PathStep]) -> Vec<&str> {
    let mut names = Vec::new();
    // `%` looks back up the path, so nothing may be left out.
    if steps.iter().any(walk::is_tuple) || !steps[0].stages.is_empty() {
        return names;
    }
    for step in &steps[1..] {
        let AstNode::Name(name) = &step.node else { break };
        names.push(name.as_str());
        // A predicate sees the whole of the step that it filters.
        if !step.stages.is_empty() {
            break;
        }
    }
    names
}

//! An expression, compiled once.

use super::analyze::{self, Fields};
use super::path::{Found, PurePath};
use super::{ExpressionError, Scope, convert, count, error, evaluate, functions, limits, rewrite, walk, warnings};
use crate::size;
use jsonata_core::ast::AstNode;
use jsonata_core::parser;
use serde_json::Value;
use std::fmt;
use std::panic::catch_unwind;
use std::sync::Arc;

/// A JSONata expression. Cheap to clone, and usable from any thread.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

/// What is known about an expression before it is evaluated.
pub(super) struct Compiled {
    /// As it was written.
    pub(super) source: String,
    /// What the engine evaluates.
    pub(super) ast: AstNode,
    /// The functions of ours that it may call.
    pub(super) functions: Vec<&'static functions::Function>,
    /// Its free variables, and what is read of each.
    pub(super) reads: Vec<(String, Fields)>,
    variables: Vec<String>,
    warnings: Vec<String>,
    shortcut: Option<Shortcut>,
}

/// An expression that needs no engine.
enum Shortcut {
    Constant(Value),
    Path(PurePath),
}

impl Expression {
    /// Compiles `source`, which stands without `{%` and `%}`.
    ///
    /// # Errors
    /// [`ExpressionError::Parse`] when it is not JSONata, is too long or too deep, or uses what is not available.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        let refused = |message| ExpressionError::Parse { expression: error::shown(source), message, position: None };
        if source.len() > limits::SOURCE_BYTES {
            return Err(refused(format!("it is longer than {} bytes", limits::SOURCE_BYTES)));
        }
        check_brackets(source).map_err(|position| ExpressionError::Parse {
            expression: error::shown(source),
            message: too_deep_to_read(),
            position: Some(position),
        })?;
        let ast = parsed(source).map_err(refused)?;
        Compiled::of(source, ast).map(|compiled| Self(Arc::new(compiled))).map_err(refused)
    }

    /// The source.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The free variables that it reads, without `$`, in alphabetical order. `states` is one of them.
    pub fn variables(&self) -> &[String] {
        &self.0.variables
    }

    /// What an author should change, one sentence each: amounts that are compared or added as floating point numbers,
    /// functions that do not exist, names that mean nothing.
    pub fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    /// The result; `None` for undefined.
    ///
    /// # Errors
    /// Every variant of [`ExpressionError`] but `Parse`, `Undefined` and `NotBoolean`.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>, ExpressionError> {
        match &self.0.shortcut {
            Some(Shortcut::Constant(value)) => Ok(Some(value.clone())),
            Some(Shortcut::Path(path)) => match path.walk(scope) {
                Found::Value(value) if size::is_payload(value) => Ok(Some(value.clone())),
                Found::Value(_) => Err(evaluate::too_large(&self.0.source)),
                Found::Nothing => Ok(None),
                Found::Mapping => evaluate::run(&self.0, scope),
            },
            None => evaluate::run(&self.0, scope),
        }
    }

    /// The result of a condition.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], and [`ExpressionError::NotBoolean`] when the result is neither true nor false:
    /// a misspelt field must not quietly mean "false".
    pub fn evaluate_bool(&self, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
        match self.evaluate(scope)? {
            Some(Value::Bool(truth)) => Ok(truth),
            other => {
                let expression = error::shown(&self.0.source);
                Err(ExpressionError::NotBoolean { expression, found: kind(other.as_ref()) })
            }
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.0.source).finish()
    }
}

impl Compiled {
    fn of(source: &str, mut ast: AstNode) -> Result<Self, rewrite::Refusal> {
        let reads = analyze::reads(&ast);
        let variables: Vec<String> = reads.keys().cloned().collect();
        let warnings = warnings::of(&ast);
        let shortcut = constant(&ast).map(Shortcut::Constant).or_else(|| PurePath::of(&ast).map(Shortcut::Path));
        rewrite::guard(&mut ast)?;
        count::loops(&mut ast);
        let functions = functions::called_by(&ast);
        let reads = reads.into_iter().collect();
        Ok(Self { source: source.to_owned(), ast, functions, reads, variables, warnings, shortcut })
    }
}

/// The engine's parser, behind a net: a defect in it must not take the service down.
fn parsed(source: &str) -> Result<AstNode, rewrite::Refusal> {
    let ast = match catch_unwind(|| parser::parse(source)) {
        Ok(Ok(ast)) => ast,
        Ok(Err(problem)) => return Err(problem.to_string()),
        Err(_) => return Err("the parser failed on it".to_owned()),
    };
    if walk::depth(&ast, limits::SYNTAX_DEPTH).is_none() {
        return Err(too_deep_to_read());
    }
    Ok(ast)
}

fn too_deep_to_read() -> String {
    format!("it is nested more than {} levels deep", limits::SYNTAX_DEPTH)
}

/// Keeps a flood of brackets away from the parser, which recurses. Brackets in strings count as well: an expression that
/// needs two hundred of them in a string can build it.
fn check_brackets(source: &str) -> Result<(), usize> {
    let mut depth = 0_usize;
    for (position, byte) in source.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits::SYNTAX_DEPTH {
            return Err(position);
        }
    }
    Ok(())
}

fn constant(ast: &AstNode) -> Option<Value> {
    use jsonata_core::value::JValue;
    let value = match ast {
        AstNode::String(text) => return Some(Value::String(text.clone())),
        AstNode::Number(number) => JValue::Number(*number),
        AstNode::Boolean(truth) => JValue::Bool(*truth),
        AstNode::Null => JValue::Null,
        _ => return None,
    };
    convert::from_engine(&value).ok().flatten()
}

/// What a value is, for an error sentence.
fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing (undefined)",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a string",
        Some(Value::Array(_)) => "an array",
        Some(Value::Object(_)) => "an object",
    }
}

//! stub
use serde_json::{Map, Value};
pub struct Scope<'a> {
    pub states: &'a Value,
    pub variables: &'a Map<String, Value>,
    pub moment: Moment,
}
#[derive(Clone, Copy)]
pub struct Moment {
    pub at_ms: i64,
    pub seed: u64,
}
#[derive(Debug, Clone)]
pub struct Expression(String);
#[derive(Debug, Clone)]
pub struct Template(Value);
#[derive(Debug, Clone)]
pub struct TemplateProblem {
    pub pointer: String,
    pub message: String,
}
#[derive(Debug, Clone, thiserror::Error)]
#[error("x")]
pub struct ExpressionError;
impl ExpressionError {
    pub fn error_name(&self) -> &'static str {
        "x"
    }
}
impl Expression {
    pub fn parse(s: &str) -> Result<Self, ExpressionError> {
        Ok(Self(s.into()))
    }
    pub fn source(&self) -> &str {
        &self.0
    }
    pub fn evaluate(&self, _s: &Scope) -> Result<Option<Value>, ExpressionError> {
        Ok(None)
    }
    pub fn evaluate_bool(&self, _s: &Scope) -> Result<bool, ExpressionError> {
        Ok(true)
    }
}
impl Template {
    pub fn parse(v: &Value) -> Result<Self, Vec<TemplateProblem>> {
        Ok(Self(v.clone()))
    }
    pub fn evaluate(&self, _s: &Scope) -> Result<Value, ExpressionError> {
        Ok(self.0.clone())
    }
}

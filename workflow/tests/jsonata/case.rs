//! One case of the suite: its expression as our language writes it, and whether the answer is the expected one.

use serde_json::{Map, Value};
use workflow::expression::{Expression, ExpressionError, Moment, Scope};

/// The time and the chance of every case.
const MOMENT: Moment = Moment { at_ms: 1_700_000_000_123, seed: 7 };
/// A case, ready to be evaluated.
pub(crate) struct Case<'a> {
    pub(crate) id: String,
    given: Value,
    input: Option<&'a Value>,
    data: Option<Value>,
}

impl<'a> Case<'a> {
    /// Reads a line. Two lines hold half of a surrogate pair, which is no text in Rust; they are told by their beginning.
    pub(crate) fn read(line: &str, datasets: &'a Value) -> Self {
        let Ok(given) = serde_json::from_str::<Value>(line) else {
            let id = line.split('"').nth(3).unwrap().to_owned();
            return Self { id, given: Value::Null, input: None, data: None };
        };
        let id = given["id"].as_str().unwrap().to_owned();
        let input = given["dataset"].as_str().map(|name| &datasets[name]);
        let data = given.get("data").cloned();
        Self { id, given, input, data }
    }

    /// In what the answer is not the expected one.
    pub(crate) fn differs(&self) -> Option<String> {
        let source = self.given["expr"].as_str();
        let Some(source) = source else { return Some("the case cannot be read".to_owned()) };
        let answer = self.answer(source);
        (!self.expects(&answer)).then(|| format!("{source} gives {answer:?}"))
    }

    fn input(&self) -> Option<&Value> {
        self.data.as_ref().or(self.input)
    }

    /// Our language has no input document, so the input of the suite is a variable. Of the ways to make it the context, a
    /// group leaves an array whole and keeps an array of one, which a step of a path (`$input.(...)`) would not. What
    /// cannot be read is not changed, so that it fails for its own reason.
    fn answer(&self, source: &str) -> Result<Option<Value>, ExpressionError> {
        let mut variables = self.given["bindings"].as_object().cloned().unwrap_or_default();
        let Some(input) = self.input().filter(|_| Expression::parse(source).is_ok()) else {
            return evaluate(source, &variables);
        };
        variables.insert("input".to_owned(), input.clone());
        let grouped = format!("$input{{'answer': ({}\n)}}", source.replace("$$", "$input"));
        let answer = evaluate(&grouped, &variables)?;
        Ok(answer.and_then(|groups| groups.get("answer").cloned()))
    }

    fn expects(&self, answer: &Result<Option<Value>, ExpressionError>) -> bool {
        let expected = |field: &str| self.given.get(field);
        match answer {
            Ok(None) => expected("undefined").is_some(),
            Ok(Some(Value::String(text))) if expected("result_re").is_some() => {
                let pattern = expected("result_re").and_then(Value::as_str).unwrap();
                regex::Regex::new(pattern).unwrap().is_match(text)
            }
            Ok(Some(value)) if expected("unordered").is_some() => {
                expected("result").is_some_and(|result| sorted(value) == sorted(result))
            }
            Ok(Some(value)) => expected("result").is_some_and(|result| same(value, result)),
            Err(problem) => expected("code").and_then(Value::as_str).is_some_and(|code| has_code(problem, code)),
        }
    }
}

fn evaluate(source: &str, variables: &Map<String, Value>) -> Result<Option<Value>, ExpressionError> {
    let expression = Expression::parse(source)?;
    let scope = Scope::new(&Value::Null, variables, MOMENT);
    expression.evaluate(&scope)
}

/// Whether a problem is the one with that code. What a limit of ours stops has a sentence of its own.
fn has_code(problem: &ExpressionError, code: &str) -> bool {
    use ExpressionError::{TimedOut, TooDeep, TooLarge, TooLong};
    match (problem, code) {
        (TooDeep { .. } | TimedOut { .. } | TooLong { .. }, "U1001") | (TooLarge { .. }, "D2014") => true,
        _ => problem.to_string().contains(&format!("{code}: ")),
    }
}

/// Numbers are compared as the engine holds them: `1` is `1.0`.
fn same(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Number(got), Value::Number(expected)) => got.as_f64() == expected.as_f64(),
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(got, expected)| same(got, expected))
        }
        (Value::Object(got), Value::Object(expected)) => {
            let field = |(name, value)| expected.get(name).is_some_and(|expected| same(value, expected));
            got.len() == expected.len() && got.iter().all(field)
        }
        (got, expected) => got == expected,
    }
}

fn sorted(value: &Value) -> Vec<String> {
    let mut items: Vec<String> = value.as_array().into_iter().flatten().map(Value::to_string).collect();
    items.sort();
    items
}

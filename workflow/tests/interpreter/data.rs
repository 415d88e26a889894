//! The data flow of a state, in both languages, as the specification tells it.

use serde_json::{Map, Value, json};
use workflow::expression::{Expression, Moment, Scope, Template};
use workflow::jsonpath::{Path, PathError, Payload, ReferencePath, Rule, Source, View};

/// Time and chance are asked for by nothing that the generator makes.
const MOMENT: Moment = Moment { at_ms: 0, seed: 0 };

/// The name of an error and, where it matters, its cause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure(pub(crate) String, pub(crate) String);

pub(crate) type Outcome<T> = Result<T, Failure>;

pub(crate) fn failure(error: &str) -> Failure {
    Failure(error.to_owned(), String::new())
}

impl From<PathError> for Failure {
    fn from(problem: PathError) -> Self {
        Self(problem.error, problem.cause)
    }
}

/// A state that was entered, and everything that its fields may ask for.
pub(crate) struct Entered<'a> {
    pub(crate) state: &'a Value,
    pub(crate) jsonata: bool,
    pub(crate) input: Value,
    pub(crate) variables: Map<String, Value>,
    pub(crate) context: Value,
}

impl<'a> Entered<'a> {
    /// `$states` with the result, or the error, if there is one.
    fn states(&self, more: Option<(&str, &Value)>) -> Value {
        let mut states = json!({ "input": self.input, "context": self.context });
        if let Some((name, value)) = more {
            states[name] = value.clone();
        }
        states
    }

    pub(crate) fn template(&self, template: &Value, more: Option<(&str, &Value)>) -> Outcome<Value> {
        let states = self.states(more);
        let scope = Scope::new(&states, &self.variables, MOMENT);
        let problem = |problem: workflow::expression::ExpressionError| {
            Failure(problem.error_name().to_owned(), problem.to_string())
        };
        Template::parse(template).unwrap().evaluate(&scope).map_err(problem)
    }

    fn view<T>(&self, document: &Value, ask: impl FnOnce(&View<'_>) -> Result<T, PathError>) -> Outcome<T> {
        let view = View { document, context: &self.context, variables: &self.variables, moment: MOMENT };
        Ok(ask(&view)?)
    }

    pub(crate) fn payload(&self, payload: &Value, document: &Value) -> Outcome<Value> {
        self.view(document, |view| Payload::parse(payload).unwrap().evaluate(view))
    }

    /// `InputPath`, `OutputPath`.
    fn selected(&self, field: &str, document: &Value) -> Outcome<Value> {
        match self.state.get(field) {
            None => Ok(document.clone()),
            Some(Value::Null) => Ok(json!({})),
            Some(path) => self.view(document, |view| Path::parse(path.as_str().unwrap()).unwrap().evaluate(view)),
        }
    }

    pub(crate) fn effective_input(&self) -> Outcome<Value> {
        self.selected("InputPath", &self.input)
    }

    /// What the work of the state is given.
    pub(crate) fn arguments(&self) -> Outcome<Value> {
        if self.jsonata {
            return self.state.get("Arguments").map_or(Ok(self.input.clone()), |given| self.template(given, None));
        }
        let input = self.effective_input()?;
        self.state.get("Parameters").map_or(Ok(input.clone()), |given| self.payload(given, &input))
    }

    /// A value that stands in the field, or is computed by an expression or by the path in the field's twin.
    pub(crate) fn computed(&self, field: &str) -> Outcome<Option<Value>> {
        match (self.state.get(field), self.state.get(format!("{field}Path"))) {
            (Some(Value::String(text)), _) if self.jsonata => {
                let source = text.trim_start_matches("{%").trim_end_matches("%}");
                let states = self.states(None);
                let scope = Scope::new(&states, &self.variables, MOMENT);
                let value = Expression::parse(source).unwrap().evaluate(&scope);
                value.map(|value| Some(value.unwrap_or_default())).map_err(|_| failure("States.QueryEvaluationError"))
            }
            (Some(value), _) => Ok(Some(value.clone())),
            (None, Some(path)) => {
                let input = self.effective_input()?;
                self.view(&input, |view| Source::parse(path.as_str().unwrap()).unwrap().evaluate(view)).map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    /// The error of a value that cannot be used.
    pub(crate) fn unfit(&self) -> Failure {
        failure(if self.jsonata { "States.QueryEvaluationError" } else { "States.Runtime" })
    }

    /// A whole number that may be computed.
    pub(crate) fn number(&self, field: &str) -> Outcome<Option<u64>> {
        self.computed(field)?.map(|value| value.as_u64().ok_or_else(|| self.unfit())).transpose()
    }

    pub(crate) fn is_true(&self, rule: &Value) -> Outcome<bool> {
        if let Some(condition) = rule.get("Condition") {
            return match self.template(condition, None)? {
                Value::Bool(truth) => Ok(truth),
                _ => Err(self.unfit()),
            };
        }
        let mut rule = rule.as_object().unwrap().clone();
        rule.remove("Next");
        rule.remove("Assign");
        let input = self.effective_input()?;
        self.view(&input, |view| Rule::parse(&rule).unwrap().holds(view))
    }

    /// Output and variables. `owner` holds the fields that say so: the state, or a rule of it.
    pub(crate) fn left(&self, owner: &Value, more: Option<(&str, &Value)>) -> Outcome<(Value, Map<String, Value>)> {
        let result = more.map(|(_, value)| value);
        if self.jsonata {
            let otherwise = result.unwrap_or(&self.input).clone();
            let output = owner.get("Output").map_or(Ok(otherwise), |output| self.template(output, more))?;
            let assigned = owner.get("Assign").map_or(Ok(json!({})), |assign| self.template(assign, more))?;
            return Ok((output, assigned.as_object().unwrap().clone()));
        }
        let document = result.map_or_else(|| self.effective_input(), |result| Ok(result.clone()))?;
        let output = match result {
            None => self.selected("OutputPath", &document)?,
            Some(result) => {
                let selected =
                    owner.get("ResultSelector").map_or(Ok(result.clone()), |made| self.payload(made, result))?;
                let placed = self.placed(owner, selected)?;
                // A rule of `Catch` has no OutputPath, nor does the one of its state count.
                if std::ptr::eq(owner, self.state) { self.selected("OutputPath", &placed)? } else { placed }
            }
        };
        let assigned = owner.get("Assign").map_or(Ok(json!({})), |assign| self.payload(assign, &document))?;
        Ok((output, assigned.as_object().unwrap().clone()))
    }

    /// `ResultPath`.
    fn placed(&self, owner: &Value, result: Value) -> Outcome<Value> {
        match owner.get("ResultPath") {
            None => Ok(result),
            Some(Value::Null) => Ok(self.input.clone()),
            Some(path) => Ok(ReferencePath::parse(path.as_str().unwrap()).unwrap().put(self.input.clone(), result)?),
        }
    }
}

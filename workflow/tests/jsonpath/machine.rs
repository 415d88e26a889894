//! A machine of plain states in JSONPath mode, run in memory: as much of the language as shows that the values flow right.

use serde_json::{Map, Value, json};
use workflow::expression::Moment;
use workflow::jsonpath::{Path, PathError, Payload, ReferencePath, Rule, Source, View};

/// How a machine ends: its output, or the name of its error.
pub(crate) type Outcome = Result<Value, String>;

/// A machine under way.
pub(crate) struct Machine<'d> {
    definition: &'d Value,
    context: Value,
    variables: Map<String, Value>,
}

/// What a state leaves behind.
struct Left {
    output: Value,
    assigned: Value,
    next: Option<String>,
}

type Step<T> = Result<T, PathError>;

/// Runs a definition to its end.
pub(crate) fn run(definition: &Value, input: &Value) -> Outcome {
    let execution = json!({
        "Id": "<execution>", "Input": input, "Name": "<execution>", "RedriveCount": 0, "RoleArn": "<role>",
        "StartTime": "start-time",
    });
    let context = json!({"Execution": execution, "StateMachine": {"Id": "<machine>", "Name": "<machine>"}});
    let mut machine = Machine { definition, context, variables: Map::new() };
    machine.run(input.clone()).map_err(|problem| problem.error)
}

impl Machine<'_> {
    fn run(&mut self, input: Value) -> Step<Value> {
        let mut name = self.definition["StartAt"].as_str().unwrap().to_owned();
        let mut value = input;
        loop {
            self.context["State"] = json!({"Name": name, "EnteredTime": "entered-time"});
            let left = self.enter(&self.definition["States"][&name], value)?;
            self.variables.extend(left.assigned.as_object().cloned().unwrap_or_default());
            match left.next {
                None => return Ok(left.output),
                Some(next) => (name, value) = (next, left.output),
            }
        }
    }

    fn view<'v>(&'v self, document: &'v Value) -> View<'v> {
        let moment = Moment { at_ms: 0, seed: 1 };
        View { document, context: &self.context, variables: &self.variables, moment }
    }

    fn enter(&self, state: &Value, raw: Value) -> Step<Left> {
        let input = self.path(state, "InputPath", &raw)?;
        let input = self.payload(state, "Parameters", &input)?.unwrap_or(input);
        match state["Type"].as_str().unwrap() {
            "Pass" => {
                let result = state.get("Result").cloned().unwrap_or(input);
                let output = put(state, raw, result.clone())?;
                self.leave(state, state, &result, output)
            }
            "Choice" => {
                let chosen = self.choose(state, &input)?;
                self.leave(state, chosen, &input, input.clone())
            }
            "Wait" => {
                self.wait(state, &input)?;
                self.leave(state, state, &input, input.clone())
            }
            "Succeed" => self.leave(state, state, &input, input.clone()),
            "Fail" => Err(self.fail(state, &input)?),
            other => panic!("{other} is not for this machine"),
        }
    }

    /// `rule` says what is assigned and what follows. `OutputPath` sees the variables as they were before.
    fn leave(&self, state: &Value, rule: &Value, result: &Value, output: Value) -> Step<Left> {
        let output = self.path(state, "OutputPath", &output)?;
        let assigned = self.payload(rule, "Assign", result)?.unwrap_or_default();
        let next = rule.get("Next").or_else(|| rule.get("Default"));
        Ok(Left { output, assigned, next: next.and_then(Value::as_str).map(str::to_owned) })
    }

    /// The rule that holds first, or the state itself, which holds `Default`.
    fn choose<'s>(&self, state: &'s Value, input: &Value) -> Step<&'s Value> {
        for rule in state["Choices"].as_array().unwrap() {
            let test =
                rule.as_object().unwrap().iter().filter(|(name, _)| !["Next", "Assign"].contains(&name.as_str()));
            let test = test.map(|(name, value)| (name.clone(), value.clone())).collect();
            if Rule::parse(&test).unwrap().holds(&self.view(input))? {
                return Ok(rule);
            }
        }
        Ok(state)
    }

    fn wait(&self, state: &Value, input: &Value) -> Step<()> {
        for (field, test) in [("SecondsPath", "NumericGreaterThanEquals"), ("TimestampPath", "IsTimestamp")] {
            let Some(path) = state.get(field) else { continue };
            let operand = if test == "IsTimestamp" { json!(true) } else { json!(0) };
            let rule = Map::from_iter([("Variable".to_owned(), path.clone()), (test.to_owned(), operand)]);
            if !Rule::parse(&rule).unwrap().holds(&self.view(input))? {
                return Err(PathError { error: "States.Runtime".to_owned(), cause: String::new() });
            }
        }
        Ok(())
    }

    fn fail(&self, state: &Value, input: &Value) -> Step<PathError> {
        let text = |name: &str| match state.get(format!("{name}Path")).and_then(Value::as_str) {
            Some(source) => Source::parse(source).unwrap().evaluate(&self.view(input)),
            None => Ok(state.get(name).cloned().unwrap_or_default()),
        };
        let text = |name: &str| text(name).map(|text| text.as_str().unwrap_or_default().to_owned());
        Ok(PathError { error: text("Error")?, cause: text("Cause")? })
    }

    /// `InputPath` and `OutputPath`: null gives an empty object.
    fn path(&self, state: &Value, field: &str, document: &Value) -> Step<Value> {
        match state.get(field) {
            None => Ok(document.clone()),
            Some(Value::Null) => Ok(json!({})),
            Some(path) => Path::parse(path.as_str().unwrap()).unwrap().evaluate(&self.view(document)),
        }
    }

    fn payload(&self, state: &Value, field: &str, document: &Value) -> Step<Option<Value>> {
        let template = state.get(field).map(|template| Payload::parse(template).unwrap());
        template.map(|template| template.evaluate(&self.view(document))).transpose()
    }
}

/// `ResultPath`: null keeps the input.
fn put(state: &Value, raw: Value, result: Value) -> Step<Value> {
    match state.get("ResultPath") {
        None => Ok(result),
        Some(Value::Null) => Ok(raw),
        Some(path) => ReferencePath::parse(path.as_str().unwrap()).unwrap().put(raw, result),
    }
}

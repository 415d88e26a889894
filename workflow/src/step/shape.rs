//! The data flow of a state, in either language: from its input to what its work is given, and from the result of the
//! work to output and variables.

use super::run::{Failure, Run};
use crate::definition::{Computed, ItemSource, JsonPath, MapState, Placed, Selected, Shape};
use crate::jsonpath::Payload;
use crate::size;
use serde_json::{Map, Value};

impl Run<'_> {
    /// What the work of the state is given.
    pub(super) fn arguments(&mut self, shape: &Shape, states: &Value) -> Result<Value, Failure> {
        match shape {
            Shape::Jsonata(shape) => {
                let input = self.branch.input.clone();
                self.evaluate_or(shape.arguments.as_ref(), states, &input)
            }
            Shape::JsonPath(shape) => {
                let document = self.effective_input(shape, states)?;
                match &shape.parameters {
                    Some(parameters) => self.payload(parameters, &document, states),
                    None => Ok(document),
                }
            }
        }
    }

    /// Leaves a state whose work has yielded `result`; its output. `field` is its name in `$states`.
    pub(super) fn conclude(&mut self, shape: &Shape, field: &str, result: &Value) -> Result<Value, Failure> {
        let states = self.states_with(field, result);
        match shape {
            Shape::Jsonata(shape) => {
                let output = within_limit(self.evaluate_or(shape.output.as_ref(), &states, result)?)?;
                let assigned = self.assigned(shape.assign.as_ref(), &states)?;
                self.leave(&output, assigned);
                Ok(output)
            }
            Shape::JsonPath(shape) => self.concluded(shape, result, &states),
        }
    }

    fn concluded(&mut self, shape: &JsonPath, result: &Value, states: &Value) -> Result<Value, Failure> {
        let made = match &shape.selector {
            Some(selector) => self.payload(selector, result, states)?,
            None => result.clone(),
        };
        let placed = self.placed(&shape.place, made)?;
        let output = within_limit(self.selected_by(&shape.output, placed, states)?)?;
        let assigned = self.assigned_by(shape.assign.as_ref(), result, states)?;
        self.leave(&output, assigned);
        Ok(output)
    }

    fn placed(&mut self, place: &Placed, result: Value) -> Result<Value, Failure> {
        let input = self.branch.input.clone();
        match place {
            Placed::Whole => Ok(result),
            Placed::Nowhere => Ok(input),
            Placed::At(path) => path.put(input, result).map_err(|problem| Failure::new(problem.error, problem.cause)),
        }
    }

    /// Leaves a state that hands its input on; its output.
    pub(super) fn pass_on(&mut self, shape: &Shape) -> Result<Value, Failure> {
        let states = self.states();
        match shape {
            Shape::Jsonata(shape) => {
                let input = self.branch.input.clone();
                let output = self.evaluate_or(shape.output.as_ref(), &states, &input)?;
                let assigned = self.assigned(shape.assign.as_ref(), &states)?;
                self.leave(&output, assigned);
                Ok(output)
            }
            Shape::JsonPath(shape) => {
                let input = self.effective_input(shape, &states)?;
                let output = self.selected_by(&shape.output, input.clone(), &states)?;
                let assigned = self.assigned_by(shape.assign.as_ref(), &input, &states)?;
                self.leave(&output, assigned);
                Ok(output)
            }
        }
    }

    /// What `InputPath` leaves of the input.
    pub(super) fn effective_input(&mut self, shape: &JsonPath, states: &Value) -> Result<Value, Failure> {
        let input = self.branch.input.clone();
        self.selected_by(&shape.input, input, states)
    }

    fn selected_by(&mut self, selected: &Selected, document: Value, states: &Value) -> Result<Value, Failure> {
        match selected {
            Selected::All => Ok(document),
            Selected::Nothing => Ok(Value::Object(Map::new())),
            Selected::Part(path) => self.with_view(&document, &states["context"], |view| path.evaluate(view)),
        }
    }

    /// The variables that `Assign` sets with JSONPath.
    pub(super) fn assigned_by(
        &mut self,
        assign: Option<&Payload>,
        document: &Value,
        states: &Value,
    ) -> Result<Map<String, Value>, Failure> {
        match assign.map(|assign| self.payload(assign, document, states)).transpose()? {
            Some(Value::Object(variables)) => Ok(variables),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn payload(&mut self, payload: &Payload, document: &Value, states: &Value) -> Result<Value, Failure> {
        self.with_view(document, &states["context"], |view| payload.evaluate(view))
    }

    /// The items of a `Map`.
    pub(super) fn items_of(&mut self, map: &MapState) -> Result<Value, Failure> {
        let states = self.states();
        match (&map.items, &map.shape) {
            (Some(ItemSource::Template(items)), _) => self.evaluate(items, &states),
            (Some(ItemSource::Path(path)), Shape::JsonPath(shape)) => {
                let document = self.effective_input(shape, &states)?;
                self.with_view(&document, &states["context"], |view| path.evaluate(view))
            }
            (_, Shape::JsonPath(shape)) => self.effective_input(shape, &states),
            _ => Ok(self.branch.input.clone()),
        }
    }

    /// A value that may be computed from the input. In JSONPath `$` is the effective input of `shape`.
    pub(super) fn computed(&mut self, computed: &Computed, shape: &Shape) -> Result<Value, Failure> {
        let states = self.states();
        match computed {
            Computed::Fixed(value) => Ok(value.clone()),
            Computed::Expression(expression) => Ok(self.expression(expression, &states)?.unwrap_or(Value::Null)),
            Computed::Source(source) => {
                let document = match shape {
                    Shape::JsonPath(shape) => self.effective_input(shape, &states)?,
                    Shape::Jsonata(_) => self.branch.input.clone(),
                };
                self.with_view(&document, &states["context"], |view| source.evaluate(view))
            }
        }
    }

    /// A whole number that may be computed, or `otherwise` where there is none.
    pub(super) fn count_or(
        &mut self,
        computed: Option<&Computed>,
        shape: &Shape,
        name: &str,
        otherwise: usize,
    ) -> Result<usize, Failure> {
        let Some(computed) = computed else { return Ok(otherwise) };
        let value = self.computed(computed, shape)?;
        match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
            Some(count) => Ok(count),
            None => {
                Err(self.unfit(shape.is_jsonata(), format!("{name} must be a whole number of at least 0, not {value}")))
            }
        }
    }
}

/// States hand at most 256 KiB on, as in Step Functions.
fn within_limit(output: Value) -> Result<Value, Failure> {
    match size::is_payload(&output) {
        true => Ok(output),
        false => Err(Failure::new("States.DataLimitExceeded", "the output of the state is larger than 262144 bytes")),
    }
}

//! The data flow of a state, in either language: from its input to what its work is given, and from the result of the
//! work to output and variables.

use super::run::{Failure, Run};
use super::scope::Seen;
use crate::definition::{Computed, ItemSource, JsonPath, MapState, Placed, Selected, Shape};
use crate::jsonpath::Payload;
use crate::size;
use serde_json::{Map, Value};
use std::borrow::Cow;

impl Run<'_> {
    /// What the work of the state is given.
    pub(super) fn arguments(&self, shape: &Shape, seen: Seen<'_>) -> Result<Value, Failure> {
        match shape {
            Shape::Jsonata(shape) => self.evaluate_or(shape.arguments.as_ref(), seen, &self.branch.input),
            Shape::JsonPath(shape) => {
                let document = self.effective_input(shape, seen)?;
                match &shape.parameters {
                    Some(parameters) => self.payload(parameters, &document, seen),
                    None => Ok(document.into_owned()),
                }
            }
        }
    }

    /// Leaves a state whose work has yielded `result`; its output. `field` is its name in `$states`.
    pub(super) fn conclude(&mut self, shape: &Shape, field: &'static str, result: &Value) -> Result<Value, Failure> {
        let seen = Seen::work(field, result);
        match shape {
            Shape::Jsonata(shape) => {
                let output = within_limit(self.evaluate_or(shape.output.as_ref(), seen, result)?)?;
                let assigned = self.assigned(shape.assign.as_ref(), seen)?;
                self.leave(&output, assigned)?;
                Ok(output)
            }
            Shape::JsonPath(shape) => self.concluded(shape, result, seen),
        }
    }

    fn concluded(&mut self, shape: &JsonPath, result: &Value, seen: Seen<'_>) -> Result<Value, Failure> {
        let made = match &shape.selector {
            Some(selector) => Cow::Owned(self.payload(selector, result, seen)?),
            None => Cow::Borrowed(result),
        };
        let placed = self.placed(&shape.place, made)?;
        let output = within_limit(self.selected_by(&shape.output, placed, seen)?.into_owned())?;
        let assigned = self.assigned_by(shape.assign.as_ref(), result, seen)?;
        self.leave(&output, assigned)?;
        Ok(output)
    }

    fn placed<'v>(&'v self, place: &Placed, result: Cow<'v, Value>) -> Result<Cow<'v, Value>, Failure> {
        let input = &self.branch.input;
        match place {
            Placed::Whole => Ok(result),
            Placed::Nowhere => Ok(Cow::Borrowed(input)),
            Placed::At(path) => {
                let placed = path.put(input.clone(), result.into_owned());
                placed.map(Cow::Owned).map_err(|problem| Failure::new(problem.error, problem.cause))
            }
        }
    }

    /// Leaves a state that hands its input on; its output.
    pub(super) fn pass_on(&mut self, shape: &Shape) -> Result<Value, Failure> {
        let seen = Seen::NOTHING;
        let (output, assigned) = match shape {
            Shape::Jsonata(shape) => {
                let output = shape.output.as_ref().map(|output| self.evaluate(output, seen)).transpose()?;
                let assigned = self.assigned(shape.assign.as_ref(), seen)?;
                // What hands its input on needs it no more, and has no `Catch` that could.
                (output.unwrap_or_else(|| std::mem::take(&mut self.branch.input)), assigned)
            }
            Shape::JsonPath(shape) => {
                let input = self.effective_input(shape, seen)?;
                let output = self.selected_by(&shape.output, Cow::Borrowed(&*input), seen)?.into_owned();
                (output, self.assigned_by(shape.assign.as_ref(), &input, seen)?)
            }
        };
        self.leave(&output, assigned)?;
        Ok(output)
    }

    /// What `InputPath` leaves of the input.
    pub(super) fn effective_input(&self, shape: &JsonPath, seen: Seen<'_>) -> Result<Cow<'_, Value>, Failure> {
        self.selected_by(&shape.input, Cow::Borrowed(&self.branch.input), seen)
    }

    fn selected_by<'v>(
        &self,
        selected: &Selected,
        document: Cow<'v, Value>,
        seen: Seen<'_>,
    ) -> Result<Cow<'v, Value>, Failure> {
        match selected {
            Selected::All => Ok(document),
            Selected::Nothing => Ok(Cow::Owned(Value::Object(Map::new()))),
            Selected::Part(path) => self.with_view(&document, seen, |view| path.evaluate(view)).map(Cow::Owned),
        }
    }

    /// The variables that `Assign` sets with JSONPath.
    pub(super) fn assigned_by(
        &self,
        assign: Option<&Payload>,
        document: &Value,
        seen: Seen<'_>,
    ) -> Result<Map<String, Value>, Failure> {
        match assign.map(|assign| self.payload(assign, document, seen)).transpose()? {
            Some(Value::Object(variables)) => Ok(variables),
            _ => Ok(Map::new()),
        }
    }

    pub(super) fn payload(&self, payload: &Payload, document: &Value, seen: Seen<'_>) -> Result<Value, Failure> {
        self.with_view(document, seen, |view| payload.evaluate(view))
    }

    /// The items of a `Map`.
    pub(super) fn items_of(&self, map: &MapState) -> Result<Value, Failure> {
        let seen = Seen::NOTHING;
        match (&map.items, &map.shape) {
            (Some(ItemSource::Template(items)), _) => self.evaluate(items, seen),
            (Some(ItemSource::Path(path)), Shape::JsonPath(shape)) => {
                let document = self.effective_input(shape, seen)?;
                self.with_view(&document, seen, |view| path.evaluate(view))
            }
            (_, Shape::JsonPath(shape)) => self.effective_input(shape, seen).map(Cow::into_owned),
            _ => Ok(self.branch.input.clone()),
        }
    }

    /// A value that may be computed from the input. In JSONPath `$` is the effective input of `shape`.
    pub(super) fn computed(&self, computed: &Computed, shape: &Shape) -> Result<Value, Failure> {
        let seen = Seen::NOTHING;
        match computed {
            Computed::Fixed(value) => Ok(value.clone()),
            Computed::Expression(expression) => Ok(self.expression(expression, seen)?.unwrap_or(Value::Null)),
            Computed::Source(source) => {
                let document = match shape {
                    Shape::JsonPath(shape) => self.effective_input(shape, seen)?,
                    Shape::Jsonata(_) => Cow::Borrowed(&self.branch.input),
                };
                self.with_view(&document, seen, |view| source.evaluate(view))
            }
        }
    }

    /// A whole number that may be computed, or `otherwise` where there is none.
    pub(super) fn count_or(
        &self,
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

//! `Map`: the same states for every item, so many at a time.

use super::room::check_room;
use super::run::{Failure, Flow, Run};
use super::scope::Seen;
use crate::definition::{Batch, MapState, Selector, Shape};
use crate::history::Entry;
use crate::instance::{Activity, Branch, ItemOutput, Items};
use crate::size;
use serde_json::{Map, Value, json};

/// The most items of one `Map`.
const MAX_ITEMS: usize = 10_000;
/// The most iterations under way at once, whatever `MaxConcurrency` says: each is part of the instance's row.
const MAX_LANES: usize = 1_000;

/// What a `Map` needs to know before it begins.
struct Plan {
    items: Vec<Value>,
    concurrency: usize,
    tolerated: usize,
}

impl Run<'_> {
    /// Begins the iterations.
    pub(super) fn iterate(&mut self, map: &MapState) -> Flow {
        match self.plan(map) {
            Ok(Plan { items, concurrency, tolerated }) => {
                if map.distributed {
                    self.log(Entry::new("MapRunStarted"));
                }
                self.branch.activity = Activity::Items(Items::of(items, concurrency, tolerated));
                self.items_done(map)
            }
            Err(failure) => self.state_failed("MapStateFailed", failure),
        }
    }

    fn plan(&self, map: &MapState) -> Result<Plan, Failure> {
        let concurrency = self.count_or(map.max_concurrency.as_ref(), &map.shape, "MaxConcurrency", 0)?;
        let items = self.items(map)?;
        self.log(Entry::new("MapStateStarted"));
        let tolerated = self.tolerated(map, items.iter().map(|item| weight(map, item)).sum())?;
        let concurrency = if concurrency == 0 { MAX_LANES } else { concurrency.min(MAX_LANES) };
        Ok(Plan { items, concurrency, tolerated })
    }

    /// The items, in batches where the state asks for them.
    fn items(&self, map: &MapState) -> Result<Vec<Value>, Failure> {
        let value = self.items_of(map)?;
        let Value::Array(items) = value else {
            return Err(self.unfit(map.shape.is_jsonata(), format!("Items must be a list, not {}", kind(&value))));
        };
        if items.len() > MAX_ITEMS {
            let cause = format!("the Map has {} items; the most is {MAX_ITEMS}", items.len());
            return Err(Failure::new("States.ItemReaderFailed", cause));
        }
        let items = match &map.batch {
            Some(batch) => self.batches(map, batch, items)?,
            None => items,
        };
        self.room_for_values(items.iter())?;
        Ok(items)
    }

    /// `ItemBatcher`: each batch is one item, `{BatchInput?, Items}`. What the selector makes of an item goes into it.
    fn batches(&self, map: &MapState, batch: &Batch, items: Vec<Value>) -> Result<Vec<Value>, Failure> {
        let most = self.count_or(batch.max_items.as_ref(), &map.shape, "MaxItemsPerBatch", MAX_ITEMS)?.max(1);
        let bytes = self.count_or(batch.max_bytes.as_ref(), &map.shape, "MaxInputBytesPerBatch", usize::MAX)?;
        let input = batch.input.as_ref().map(|input| self.selected(map, input, None)).transpose()?;
        let mut batches: Vec<Vec<Value>> = Vec::new();
        let (mut size, mut in_all) = (0, 0_usize);
        for (place, item) in items.into_iter().enumerate() {
            let item = self.select(map, place, item)?;
            let length = size::length(&item, usize::MAX).unwrap_or(usize::MAX).saturating_add(1);
            in_all = in_all.saturating_add(length);
            // Each item may be made as large as a payload, so this cannot wait until all are made.
            check_room(in_all)?;
            match batches.last_mut().filter(|last| last.len() < most && size + length <= bytes) {
                Some(last) => last.push(item),
                None => {
                    size = 0;
                    batches.push(vec![item]);
                }
            }
            size += length;
        }
        let shared = input.as_ref().map_or(0, |input| size::length(input, usize::MAX).unwrap_or(usize::MAX));
        check_room(shared.saturating_mul(batches.len()))?;
        Ok(batches.into_iter().map(|items| batch_of(input.clone(), items)).collect())
    }

    /// How many iterations may fail. Of a count and a percentage the smaller one holds, as in Step Functions.
    fn tolerated(&self, map: &MapState, items: usize) -> Result<usize, Failure> {
        let count = self.count_or(map.tolerated_count.as_ref(), &map.shape, "ToleratedFailureCount", usize::MAX)?;
        let share = match &map.tolerated_percentage {
            Some(percentage) => {
                let value = self.computed(percentage, &map.shape)?;
                let wrong = || format!("ToleratedFailurePercentage must be a number from 0 to 100, not {value}");
                match value.as_f64().filter(|percentage| (0.0..=100.0).contains(percentage)) {
                    Some(percentage) => share(percentage, items),
                    None => return Err(self.unfit(map.shape.is_jsonata(), wrong())),
                }
            }
            None => usize::MAX,
        };
        let none = map.tolerated_count.is_none() && map.tolerated_percentage.is_none();
        Ok(if none { 0 } else { count.min(share) })
    }

    /// Begins the iteration of an item.
    pub(super) fn begin_item(&mut self, item: usize) -> Flow {
        let definition = self.definition;
        let Some(map) = definition.state(&self.branch.state).and_then(|state| state.kind.map()) else {
            return Flow::Rest;
        };
        self.log_iteration("MapIterationStarted", item);
        let input = self.item_input(map, item);
        match input.and_then(|input| self.room_for_value(&input).map(|()| input)) {
            Ok(input) => {
                let branch = Branch::at(&map.start_at, self.at, Value::Null);
                let Activity::Items(items) = &mut self.branch.activity else { return Flow::Rest };
                let lane = items.begin(branch);
                self.descend(lane);
                Flow::To(map.start_at.clone(), input)
            }
            Err(failure) => self.lanes_failed("MapStateFailed", failure),
        }
    }

    fn item_input(&self, map: &MapState, item: usize) -> Result<Value, Failure> {
        let Activity::Items(items) = &self.branch.activity else { return Ok(Value::Null) };
        let value = items.items.get(item).cloned().unwrap_or(Value::Null);
        if map.batch.is_some() { Ok(value) } else { self.select(map, item, value) }
    }

    /// What an iteration is given: the item, or what `ItemSelector` makes of it.
    fn select(&self, map: &MapState, place: usize, value: Value) -> Result<Value, Failure> {
        match &map.selector {
            Some(selector) => self.selected(map, selector, Some((place, &value))),
            None => Ok(value),
        }
    }

    fn selected(&self, map: &MapState, selector: &Selector, item: Option<(usize, &Value)>) -> Result<Value, Failure> {
        let seen = Seen::item(item);
        match (selector, &map.shape) {
            (Selector::Jsonata(template), _) => self.evaluate(template, seen),
            (Selector::JsonPath(payload), Shape::JsonPath(shape)) => {
                let document = self.effective_input(shape, seen)?;
                self.payload(payload, &document, seen)
            }
            (Selector::JsonPath(_), Shape::Jsonata(_)) => Ok(Value::Null),
        }
    }

    pub(super) fn item_succeeded(&mut self, lane: usize, output: Value) -> Flow {
        self.item_ended("MapIterationSucceeded", lane, output);
        self.next_item()
    }

    /// A failure within the tolerance stands in the result, so that the results keep the order of the items.
    pub(super) fn item_failed(&mut self, lane: usize, failure: Failure) -> Flow {
        let output = json!({ "Status": "FAILED", "Error": failure.error, "Cause": failure.cause });
        let Some(item) = self.item_ended("MapIterationFailed", lane, output) else { return Flow::Rest };
        let definition = self.definition;
        let Some(map) = definition.state(&self.branch.state).and_then(|state| state.kind.map()) else {
            return Flow::Rest;
        };
        let Activity::Items(items) = &mut self.branch.activity else { return Flow::Rest };
        items.failed += items.items.get(item).map_or(1, |item| weight(map, item));
        if items.failed <= items.tolerated {
            return self.next_item();
        }
        if map.distributed {
            self.log(Entry::new("MapRunFailed"));
        }
        let failure = match map.distributed && failure.error != "States.Runtime" {
            true => Failure::new("States.ExceedToleratedFailureThreshold", exceeded(&failure)),
            false => failure,
        };
        self.lanes_failed("MapStateFailed", failure)
    }

    /// An iteration has ended; the place of its item.
    fn item_ended(&mut self, entry: &str, lane: usize, output: Value) -> Option<usize> {
        let Activity::Items(items) = &mut self.branch.activity else { return None };
        if lane >= items.lanes.len() {
            return None;
        }
        let item = items.lanes.remove(lane).item;
        items.outputs.push(ItemOutput { item, output });
        self.log_iteration(entry, item);
        Some(item)
    }

    /// In distributed mode Step Functions tells of an iteration in an execution of its own only.
    fn log_iteration(&self, entry: &str, item: usize) {
        let entry = Entry::of(entry, &self.branch.state).details(json!({ "index": item }));
        let child = self.is_distributed(&self.branch.state);
        self.log(Entry { child, ..entry });
    }

    fn next_item(&mut self) -> Flow {
        let definition = self.definition;
        match definition.state(&self.branch.state).and_then(|state| state.kind.map()) {
            Some(map) => self.items_done(map),
            None => Flow::Rest,
        }
    }

    /// Goes on once every iteration has ended.
    fn items_done(&mut self, map: &MapState) -> Flow {
        let Activity::Items(items) = &mut self.branch.activity else { return Flow::Rest };
        if !items.is_done() {
            return Flow::Rest;
        }
        let results = items.results();
        if map.distributed {
            self.log(Entry::new("MapRunSucceeded"));
        }
        self.log(Entry::new("MapStateSucceeded"));
        self.lanes_succeeded(Value::Array(results))
    }
}

/// How many items fail with an iteration: those of its batch.
fn weight(map: &MapState, item: &Value) -> usize {
    let batch = map.batch.as_ref().and_then(|_| item.get("Items")).and_then(Value::as_array);
    batch.map_or(1, Vec::len)
}

/// `{BatchInput?, Items}`.
fn batch_of(input: Option<Value>, items: Vec<Value>) -> Value {
    let mut fields = Map::new();
    fields.extend(input.map(|input| ("BatchInput".to_owned(), input)));
    fields.insert("Items".to_owned(), Value::Array(items));
    Value::Object(fields)
}

fn exceeded(failure: &Failure) -> String {
    format!("more iterations failed than are tolerated; the last one with {}: {}", failure.error, failure.cause)
}

/// That share of so many, rounded down: a share of 50 % tolerates one failure of three.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a percentage may have decimals; it lies between 0 and 100, and there are at most 10,000 items"
)]
fn share(percentage: f64, items: usize) -> usize {
    (items as f64 * percentage / 100.0) as usize
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

//! A second interpreter, written from the specification (states-language.net) and as simply as possible: it recurses, it
//! keeps nothing, and it knows neither events nor instances. Time is a number that is handed along.
//!
//! Branches are run one after the other, each to its end, and what would not have happened any more when another one failed
//! is left out afterwards, by the clock.

use crate::data::{Entered, Failure, Outcome, failure};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use workflow::definition::matches_error;
use workflow::rehearsal::Answer;

/// How a machine ends.
pub(crate) struct End {
    pub(crate) result: Outcome<Value>,
    /// In milliseconds.
    at: i64,
    pub(crate) visits: Vec<Visit>,
}

/// A state that was entered.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) name: String,
    at: i64,
    /// False where another branch failed at the same time: it may have come first.
    pub(crate) certain: bool,
}

/// The interpreter.
pub(crate) struct Reference {
    answers: BTreeMap<String, VecDeque<Answer>>,
    execution: Value,
    jsonata: bool,
    /// Two branches failed at the same time with different errors, so that either may be the one that counts.
    pub(crate) ambiguous: bool,
}

type Variables = Map<String, Value>;

/// Where a state leads, with its output and the variables that it sets.
struct Left {
    next: Option<String>,
    output: Value,
    assigned: Variables,
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

impl Reference {
    pub(crate) fn new(definition: &Value, input: &Value, answers: &BTreeMap<String, Vec<Answer>>) -> Self {
        let answers = answers.iter().map(|(name, answers)| (name.clone(), answers.clone().into())).collect();
        let jsonata = definition["QueryLanguage"] == "JSONata";
        Self { answers, execution: json!({ "Input": input }), jsonata, ambiguous: false }
    }

    /// Runs a machine from its first state on. `around` are the variables that it sees and does not set.
    pub(crate) fn machine(&mut self, machine: &Value, input: Value, around: &Variables, at: i64) -> End {
        let (mut at, mut input, mut own, mut visits) = (at, input, Variables::new(), Vec::new());
        let mut name = machine["StartAt"].as_str().unwrap().to_owned();
        loop {
            visits.push(Visit { name: name.clone(), at, certain: true });
            let state = &machine["States"][&name];
            let mut variables = around.clone();
            variables.extend(own.clone());
            let context = json!({ "Execution": self.execution, "State": { "Name": name } });
            let jsonata = self.jsonata || state["QueryLanguage"] == "JSONata";
            let mut entered = Entered { state, jsonata, input, variables, context };
            match self.state(&mut entered, &name, &mut at, &mut visits) {
                Ok(Left { next: Some(next), output, assigned }) => {
                    own.extend(assigned);
                    (name, input) = (next, output);
                }
                Ok(Left { next: None, output, .. }) => return End { result: Ok(output), at, visits },
                Err(failure) => return End { result: Err(failure), at, visits },
            }
        }
    }

    fn state(&mut self, entered: &mut Entered<'_>, name: &str, at: &mut i64, visits: &mut Vec<Visit>) -> Outcome<Left> {
        let state = entered.state;
        match state["Type"].as_str().unwrap() {
            "Pass" if entered.jsonata => passed(entered),
            "Pass" => {
                let given = entered.arguments()?;
                concluded(entered, state.get("Result").unwrap_or(&given))
            }
            "Succeed" => passed(entered),
            "Fail" => Err(fail(entered)?),
            "Choice" => choice(entered),
            "Wait" => {
                let seconds = entered.number("Seconds")?.unwrap();
                *at += i64::try_from(seconds).unwrap() * 1_000;
                passed(entered)
            }
            _ => self.worked(entered, name, at, visits),
        }
    }

    /// `Task`, `Parallel` and `Map`: work that may be tried again, and whose errors may be caught.
    fn worked(
        &mut self,
        entered: &mut Entered<'_>,
        name: &str,
        at: &mut i64,
        visits: &mut Vec<Visit>,
    ) -> Outcome<Left> {
        let mut used: BTreeMap<usize, i32> = BTreeMap::new();
        loop {
            entered.context["State"]["RetryCount"] = json!(used.values().sum::<i32>());
            let failed = match self.work(entered, name, at, visits) {
                Ok(result) => match concluded(entered, &result) {
                    Ok(left) => return Ok(left),
                    // The work is done, so it is not done again.
                    Err(failure) => return caught(entered, &failure),
                },
                Err(failure) => failure,
            };
            match delay(entered.state, &failed, &mut used) {
                Some(ms) => *at += ms,
                None => return caught(entered, &failed),
            }
        }
    }

    fn work(&mut self, entered: &Entered<'_>, name: &str, at: &mut i64, visits: &mut Vec<Visit>) -> Outcome<Value> {
        let lanes = match entered.state["Type"].as_str().unwrap() {
            "Task" => {
                entered.arguments()?;
                return self.answer(name);
            }
            "Parallel" => {
                let given = entered.arguments()?;
                let branches = entered.state["Branches"].as_array().unwrap();
                let ends = branches.iter().map(|branch| self.machine(branch, given.clone(), &entered.variables, *at));
                Lanes { ends: ends.collect(), tolerated: 0, broken: None }
            }
            _ => self.iterations(entered, *at)?,
        };
        self.gathered(lanes, at, visits)
    }

    fn answer(&mut self, name: &str) -> Outcome<Value> {
        let answers = self.answers.get_mut(name).unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        match answer.unwrap() {
            Answer::Result(result) => Ok(result),
            Answer::Error { error, cause } => Err(Failure(error, cause)),
        }
    }

    /// Every item, as soon as there is a place for it.
    fn iterations(&mut self, entered: &Entered<'_>, at: i64) -> Outcome<Lanes> {
        let most = entered.number("MaxConcurrency")?.unwrap_or(0);
        let items = items(entered)?;
        let tolerated = tolerated(entered, items.len())?;
        let mut lanes = Lanes { ends: Vec::new(), tolerated, broken: None };
        let mut places: Vec<i64> = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let begins = match most {
                0 => at,
                most if places.len() < usize::try_from(most).unwrap() => at,
                _ => *places.iter().min().unwrap(),
            };
            if let Some(place) = places.iter().position(|end| *end == begins && most > 0 && places.len() as u64 >= most)
            {
                places.remove(place);
            }
            match selected(entered, n, item) {
                Ok(input) => {
                    let end = self.machine(&entered.state["ItemProcessor"], input, &entered.variables, begins);
                    places.push(end.at);
                    lanes.ends.push(end);
                }
                Err(failure) => {
                    lanes.broken = Some((begins, failure));
                    break;
                }
            }
        }
        Ok(lanes)
    }

    /// What the lanes come to: their results, or the failure that ended them all.
    fn gathered(&mut self, lanes: Lanes, at: &mut i64, visits: &mut Vec<Visit>) -> Outcome<Value> {
        let mut failures: Vec<(i64, &Failure)> =
            lanes.ends.iter().filter_map(|end| Some((end.at, end.result.as_ref().err()?))).collect();
        failures.sort_by_key(|(at, _)| *at);
        let fatal = failures.get(lanes.tolerated).map(|(at, failure)| (*at, (*failure).clone()));
        let broken = lanes.broken.clone();
        let first = fatal.clone().into_iter().chain(broken.clone()).min_by_key(|(at, _)| *at);
        let Some((ended, failure)) = first else {
            *at = lanes.ends.iter().map(|end| end.at).max().unwrap_or(*at);
            visits.extend(lanes.ends.iter().flat_map(|end| end.visits.clone()));
            return Ok(lanes
                .ends
                .into_iter()
                .map(|end| end.result.unwrap_or_else(|failed| stood_for(&failed)))
                .collect());
        };
        // Whoever fails at that time may be the one that counts.
        let rivals = failures.iter().map(|(at, failure)| (*at, (*failure).clone())).chain(broken);
        let mut rivals = rivals.filter(|(at, _)| *at == ended);
        self.ambiguous |= rivals.any(|(_, rival)| rival.0 != failure.0);
        for end in &lanes.ends {
            let in_time = end.visits.iter().filter(|visit| visit.at <= ended);
            visits.extend(in_time.map(|visit| Visit { certain: visit.certain && visit.at < ended, ..visit.clone() }));
        }
        *at = ended;
        Err(failure)
    }
}

/// The lanes of a `Parallel` or a `Map`, each run to its end.
struct Lanes {
    ends: Vec<End>,
    tolerated: usize,
    /// An iteration could not begin.
    broken: Option<(i64, Failure)>,
}

fn stood_for(failed: &Failure) -> Value {
    json!({ "Status": "FAILED", "Error": failed.0, "Cause": failed.1 })
}

fn items(entered: &Entered<'_>) -> Outcome<Vec<Value>> {
    let found = match (entered.state.get("Items"), entered.computed("Items")) {
        (Some(items), _) => entered.template(items, None)?,
        (None, found) => match found? {
            Some(found) => found,
            None => entered.effective_input()?,
        },
    };
    found.as_array().cloned().ok_or_else(|| entered.unfit())
}

fn tolerated(entered: &Entered<'_>, items: usize) -> Outcome<usize> {
    let count = entered.number("ToleratedFailureCount")?.map(|count| usize::try_from(count).unwrap());
    let share =
        entered.number("ToleratedFailurePercentage")?.map(|share| items * usize::try_from(share).unwrap() / 100);
    Ok(count.or(share).unwrap_or(0))
}

fn selected(entered: &Entered<'_>, index: usize, item: &Value) -> Outcome<Value> {
    let Some(selector) = entered.state.get("ItemSelector") else { return Ok(item.clone()) };
    let mut context = entered.context.clone();
    context["Map"] = json!({ "Item": { "Index": index, "Value": item } });
    let (input, variables) = (entered.input.clone(), entered.variables.clone());
    let inside = Entered { state: entered.state, jsonata: entered.jsonata, input, variables, context };
    if entered.jsonata { inside.template(selector, None) } else { inside.payload(selector, &inside.effective_input()?) }
}

/// Leaves a state that hands its input on.
fn passed(entered: &Entered<'_>) -> Outcome<Left> {
    let (output, assigned) = entered.left(entered.state, None)?;
    Ok(Left { next: text(entered.state, "Next"), output, assigned })
}

/// Leaves a state whose work has a result.
fn concluded(entered: &Entered<'_>, result: &Value) -> Outcome<Left> {
    let (output, assigned) = entered.left(entered.state, Some(("result", result)))?;
    Ok(Left { next: text(entered.state, "Next"), output, assigned })
}

fn choice(entered: &Entered<'_>) -> Outcome<Left> {
    for rule in entered.state["Choices"].as_array().unwrap() {
        if entered.is_true(rule)? {
            let (output, assigned) = match entered.jsonata {
                true => entered.left(rule, None)?,
                // The paths are those of the state, the variables those of the rule.
                false => {
                    let mut state = entered.state.clone();
                    state["Assign"] = rule.get("Assign").cloned().unwrap_or(json!({}));
                    entered.left(&state, None)?
                }
            };
            return Ok(Left { next: text(rule, "Next"), output, assigned });
        }
    }
    let Some(next) = text(entered.state, "Default") else { return Err(failure("States.NoChoiceMatched")) };
    let (output, assigned) = entered.left(entered.state, None)?;
    Ok(Left { next: Some(next), output, assigned })
}

fn fail(entered: &Entered<'_>) -> Outcome<Failure> {
    let told = |field: &str| match entered.state.get(field) {
        None => Ok(String::new()),
        Some(text) if entered.jsonata => {
            entered.template(text, None)?.as_str().map(str::to_owned).ok_or_else(|| entered.unfit())
        }
        Some(text) => Ok(text.as_str().unwrap().to_owned()),
    };
    Ok(Failure(told("Error")?, told("Cause")?))
}

/// The wait before the next attempt, in milliseconds, if a rule of `Retry` grants one.
fn delay(state: &Value, failed: &Failure, used: &mut BTreeMap<usize, i32>) -> Option<i64> {
    let rules = state.get("Retry")?.as_array()?;
    let (n, rule) = rules.iter().enumerate().find(|(_, rule)| takes(rule, failed))?;
    let times = used.entry(n).or_insert(0);
    if i64::from(*times) >= rule["MaxAttempts"].as_i64()? {
        return None;
    }
    let rate = rule.get("BackoffRate").and_then(Value::as_f64).unwrap_or(2.0);
    let seconds = rule["IntervalSeconds"].as_f64()? * rate.powi(*times);
    *times += 1;
    let most = rule.get("MaxDelaySeconds").and_then(Value::as_f64).unwrap_or(f64::MAX);
    Some((seconds.min(most) * 1_000.0) as i64)
}

fn caught(entered: &Entered<'_>, failed: &Failure) -> Outcome<Left> {
    let rules = entered.state.get("Catch").and_then(Value::as_array).into_iter().flatten();
    let Some(rule) = rules.into_iter().find(|rule| takes(rule, failed)) else { return Err(failed.clone()) };
    let error = json!({ "Error": failed.0, "Cause": failed.1 });
    let (output, assigned) = entered.left(rule, Some(("errorOutput", &error)))?;
    Ok(Left { next: text(rule, "Next"), output, assigned })
}

fn takes(rule: &Value, failed: &Failure) -> bool {
    let names: Vec<String> = serde_json::from_value(rule["ErrorEquals"].clone()).unwrap();
    matches_error(&names, &failed.0)
}

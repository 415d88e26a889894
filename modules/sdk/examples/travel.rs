//! The code of a module for trips. Build it for WebAssembly:
//! `cargo build -p countersign-module --example travel --release --target wasm32-unknown-unknown`

use countersign_module::{export, host, Act, Compute, Problem, Result, Saving, Task, TaskError, Validate, Value};
use serde::Deserialize;
use serde_json::json;

struct Travel;

export!(Travel: Compute, Validate, Act);

#[derive(Deserialize)]
struct Trip {
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    days: u64,
}

#[derive(Deserialize)]
struct Line {
    n: u64,
    price: String,
}

impl Compute for Travel {
    fn compute(trip: &Saving) -> Result<Value> {
        let Trip { days, .. } = trip.read()?;
        let mut data = trip.data.clone();
        data["allowance"] = json!(days * 28);
        Ok(data)
    }
}

impl Validate for Travel {
    fn validate(trip: &Saving) -> Vec<Problem> {
        let trip: Trip = match trip.read() {
            Ok(trip) => trip,
            Err(unread) => return vec![Problem::at("", unread.0)],
        };
        let dear = trip.lines.iter().filter(|line| line.price.len() > 8);
        let mut problems: Vec<Problem> =
            dear.map(|line| Problem::at(format!("/lines/{}/price", line.n), "costs too much")).collect();
        if trip.days > 30 {
            problems.push(Problem::at("/days", "a trip has at most 30 days"));
        }
        problems
    }
}

impl Act for Travel {
    fn act(task: &Task) -> Result<Value, TaskError> {
        let seat = host::random::<1>()[0] % 30;
        host::log(format!("{} takes seat {seat}", task.resource));
        Ok(json!({ "seat": seat }))
    }
}

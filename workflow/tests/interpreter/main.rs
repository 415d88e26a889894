//! Random definitions, played by the core and by a second interpreter that was written from the specification.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_arithmetic,
    reason = "a test that meets the unexpected stops where it happened, and a back-off factor is a float"
)]

mod data;
mod generator;
mod player;
mod reference;

use generator::Case;
use player::Player;
use proptest::prelude::*;
use reference::{Reference, Visit};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use workflow::rehearsal::{Cast, Rehearsal, Rest};
use workflow::{Definition, Status};

/// What both interpreters must agree on.
#[derive(Debug, PartialEq)]
enum Ended {
    Succeeded(Value),
    Failed(String),
}

/// Sentences about what went wrong are not compared.
fn without_causes(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "Cause");
            Value::Object(kept.map(|(name, field)| (name.clone(), without_causes(field))).collect())
        }
        Value::Array(items) => items.iter().map(without_causes).collect(),
        other => other.clone(),
    }
}

fn count<'n>(names: impl Iterator<Item = &'n str>) -> BTreeMap<&'n str, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}

/// The states that the core entered are those that it must enter, and of those that it may have entered any.
fn check_visits(path: &[&str], visits: &[Visit]) {
    let got = count(path.iter().copied());
    let must = count(visits.iter().filter(|visit| visit.certain).map(|visit| visit.name.as_str()));
    let may = count(visits.iter().map(|visit| visit.name.as_str()));
    for name in got.keys().chain(must.keys()) {
        let times = |counts: &BTreeMap<&str, usize>| counts.get(name).copied().unwrap_or(0);
        assert!((times(&must)..=times(&may)).contains(&times(&got)), "{name}: {got:?}, must {must:?}, may {may:?}");
    }
}

fn ended(status: &Status) -> Ended {
    match status {
        Status::Succeeded { output, .. } => Ended::Succeeded(without_causes(output)),
        Status::Failed { error, .. } => Ended::Failed(error.clone()),
        other => panic!("neither succeeded nor failed: {other:?}"),
    }
}

/// Some definitions end in one way or another, depending on which of two branches fails first: they say nothing.
fn compare(case: &Case) -> Result<(), TestCaseError> {
    let definition = Definition::parse(&case.definition).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let answers = case.answers.iter().map(|(name, answers)| (name.clone(), answers.clone().into()));
    let mut rehearsal = Rehearsal::new(&definition, Cast { answers: answers.collect(), ..Cast::default() });
    assert_eq!(rehearsal.play(case.input.clone(), None), Ok(Rest::Ended));
    let mut reference = Reference::new(&case.definition, &case.input, &case.answers);
    let end = reference.machine(&case.definition, case.input.clone(), &Map::new(), 0);
    prop_assume!(!reference.ambiguous);
    let expected = match &end.result {
        Ok(output) => Ended::Succeeded(without_causes(output)),
        Err(failure) => Ended::Failed(failure.0.clone()),
    };
    assert_eq!(ended(&rehearsal.instance.status), expected);
    check_visits(&rehearsal.path(), &end.visits);
    assert_eq!(ended(&Player::play(&definition, case).instance.status), expected, "event by event");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_interpreters_agree(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let case = Case::of(&bytes);
        match std::panic::catch_unwind(|| compare(&case)) {
            Ok(compared) => compared?,
            Err(panicked) => {
                println!("{:#}\n{}\n{:?}", case.definition, case.input, case.answers);
                std::panic::resume_unwind(panicked);
            }
        }
    }
}

//! The official test suite of JSONata, run against our expressions.
//!
//! `suite.jsonl` and `datasets.json` restate the 1,602 cases that jsonata-rs 0.3.4 ships in `tests/testsuite` (Apache-2.0),
//! which are those of jsonata-js/jsonata, `test/test-suite` (MIT; the notice stands in `LICENSE`). What stays the same in
//! all of them was left out: a case has an expression, an input or the name of one, variables, and what must come of it.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected stops where it happened")]

mod apart;
mod case;

use apart::APART;
use case::Case;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_official_suite_gives_what_it_expects() {
    let datasets: Value = serde_json::from_str(include_str!("datasets.json")).unwrap();
    let cases: Vec<Case<'_>> = include_str!("suite.jsonl").lines().map(|line| Case::read(line, &datasets)).collect();
    let differ: Vec<(&str, String)> =
        cases.iter().filter_map(|case| Some((case.id.as_str(), case.differs()?))).collect();
    let apart: BTreeSet<&str> = APART.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let found: BTreeSet<&str> = differ.iter().map(|(id, _)| *id).collect();
    let unexpected: Vec<_> = differ.iter().filter(|(id, _)| !apart.contains(id)).collect();
    assert!(unexpected.is_empty(), "these differ from the suite: {unexpected:#?}");
    let passing: Vec<_> = apart.difference(&found).collect();
    assert!(passing.is_empty(), "these pass, so they are not apart any more: {passing:#?}");
    assert_eq!((cases.len(), apart.len()), (1_602, 36), "docs/CONFORMANCE.md states these counts");
}

//! The events that a module hears of, and what it does with them.

use super::Manifest;
use super::check::at;
use crate::finding::Finding;
use crate::yaml::Document;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::EventTypes;
use workflow::expression::Expression;
use workflow::nearest;

/// What a filter sees.
pub(crate) const EVENT: &str = "event";

/// A subscription.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumes {
    /// Its name, under which it keeps its place in the log.
    pub name: String,
    /// The type of events, or a pattern with `*` at its end.
    #[serde(rename = "type")]
    pub kind: String,
    /// The condition that an event must meet: JSONata over `$event`, in `{% %}`.
    pub filter: Option<String>,
    /// The definition that is started with an event.
    pub start: Option<String>,
    /// Whether the code is called with an event. If absent: where nothing is started.
    pub code: Option<bool>,
    /// Where a new one begins.
    #[serde(default)]
    pub from: Begins,
}

/// Where a new subscription begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Begins {
    /// With what is published from then on.
    #[default]
    End,
    /// With the first event of the company.
    Beginning,
}

impl Consumes {
    /// The types of events that it wants.
    #[must_use]
    pub fn types(&self) -> EventTypes {
        EventTypes::read(&self.kind)
    }

    /// Whether the code of the module is called.
    #[must_use]
    pub fn calls_code(&self) -> bool {
        self.code.unwrap_or(self.start.is_none())
    }

    /// Its filter, compiled.
    pub(crate) fn compiled_filter(&self) -> Option<Result<Expression, (String, String)>> {
        self.filter.as_deref().map(filter)
    }
}

/// A condition, or what is wrong with it and what to do.
fn filter(text: &str) -> Result<Expression, (String, String)> {
    let inner = text.trim().strip_prefix("{%").and_then(|text| text.strip_suffix("%}"));
    let write = || "write it as \"{% $event.data.amount > 100 %}\"".to_owned();
    let inner = inner.ok_or_else(|| ("a condition stands between {% and %}".to_owned(), write()))?;
    let mend = "mend the condition; it is JSONata, as in definitions".to_owned();
    let expression = Expression::parse(inner.trim()).map_err(|error| (error.to_string(), mend))?;
    match expression.variables().iter().find(|name| name.as_str() != EVENT) {
        None => Ok(expression),
        Some(name) => Err((format!("there is nothing named ${name}"), "use $event".to_owned())),
    }
}

impl Manifest {
    /// The subscription of that name.
    pub(crate) fn subscription(&self, name: &str) -> Option<&Consumes> {
        self.consumes.iter().find(|known| known.name == name)
    }
}

/// Everything that is wrong with the subscriptions of a manifest.
pub(super) fn check(manifest: &Manifest, document: &Document) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let each = manifest.consumes.iter().enumerate();
    each.flat_map(|(n, subscription)| {
        let twice = (!seen.insert(subscription.name.as_str())).then(|| {
            let message = format!("\"{}\" is given twice", subscription.name);
            (format!("/consumes/{n}/name"), message, "keep one of them".to_owned())
        });
        let others = [own(manifest, n, subscription), starts(manifest, n, subscription), idle(n, subscription)];
        let filter = subscription.compiled_filter().and_then(Result::err);
        let filter = filter.map(|(message, remedy)| (format!("/consumes/{n}/filter"), message, remedy));
        let found = [twice, filter].into_iter().chain(others).flatten();
        found.map(|(pointer, message, remedy)| at(document, pointer, message, remedy)).collect::<Vec<_>>()
    })
    .collect()
}

/// Pointer, message, remedy.
type Wrong = (String, String, String);

/// A module that hears itself would turn in circles.
fn own(manifest: &Manifest, n: usize, subscription: &Consumes) -> Option<Wrong> {
    let is_own = subscription.kind.split('.').next() == Some(manifest.name.as_str());
    let message = format!("\"{}\" are events of the module itself, which it does not hear", subscription.kind);
    let remedy = "do what follows where the event is published".to_owned();
    is_own.then(|| (format!("/consumes/{n}/type"), message, remedy))
}

fn starts(manifest: &Manifest, n: usize, subscription: &Consumes) -> Option<Wrong> {
    let start = subscription.start.as_deref()?;
    let known: Vec<&str> = manifest.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    if known.contains(&start) {
        return None;
    }
    let remedy = match nearest(start, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "name one of its workflows".to_owned(),
    };
    Some((format!("/consumes/{n}/start"), format!("this module has no workflow \"{start}\""), remedy))
}

/// Nobody would do anything with the event.
fn idle(n: usize, subscription: &Consumes) -> Option<Wrong> {
    let is_idle = subscription.start.is_none() && !subscription.calls_code();
    let message = "nothing is done with these events".to_owned();
    is_idle.then(|| {
        (format!("/consumes/{n}"), message, "name a workflow under start, or leave out code: false".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    const PLACE: &str = "actions: [travel.book]\n";

    fn with(line: &str) -> Vec<String> {
        found(PLACE, &format!("{PLACE}consumes:\n  - {line}\n"))
    }

    #[test]
    fn subscriptions_in_order_are_read() {
        for line in [
            "{ name: sent, type: purchasing.order.sent, start: travel/trip }",
            "{ name: sent, type: purchasing.*, start: travel/trip, filter: \"{% $event.data.total > 5 %}\", from: beginning }",
            "{ name: every, type: \"*\", start: travel/trip }",
        ] {
            assert_eq!(with(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_subscription_has_its_place_and_a_remedy() {
        let cases = [
            (
                "{ name: a, type: travel.trip.made, start: travel/trip }",
                "module.yaml:19:16: \"travel.trip.made\" are events of the module itself, which it does not hear; do what follows where the event is published",
            ),
            (
                "{ name: a, type: travel.*, start: travel/trip }",
                "module.yaml:19:16: \"travel.*\" are events of the module itself",
            ),
            (
                "{ name: a, type: fleet.car, start: travel/trop }",
                "module.yaml:19:33: this module has no workflow \"travel/trop\"; did you mean \"travel/trip\"?",
            ),
            (
                "{ name: a, type: fleet.car, code: false }",
                "module.yaml:19:5: nothing is done with these events; name a workflow under start",
            ),
            (
                "{ name: a, type: fleet.car, start: travel/trip, filter: $event.x }",
                "a condition stands between {% and %}; write it as",
            ),
            (
                "{ name: a, type: fleet.car, start: travel/trip, filter: \"{% $order.x %}\" }",
                "there is nothing named $order; use $event",
            ),
            ("{ name: a, type: fleet.car, start: travel/trip, filter: \"{% $event.( %}\" }", "mend the condition"),
            (
                "{ name: a, type: fleet, start: travel/trip }",
                "\"fleet\" does not fit; name a type such as purchasing.order.sent, or end it with *: purchasing.order.*",
            ),
            ("{ name: a, type: fleet*, start: travel/trip }", "\"fleet*\" does not fit"),
            ("{ name: A, type: fleet.car, start: travel/trip }", "\"A\" does not fit"),
            (
                "{ name: a, type: fleet.car, from: middle, start: travel/trip }",
                "\"middle\" does not fit; write end or beginning",
            ),
            (
                "{ name: a, start: travel/trip }",
                "the field \"type\" is missing; add it, such as type: purchasing.order.sent",
            ),
        ];
        for (line, expected) in cases {
            let found = with(line);
            assert!(found.len() == 1 && found[0].contains(expected), "{line}: {found:?}");
        }
        let twice = with(
            "{ name: a, type: fleet.car, start: travel/trip }\n  - { name: a, type: fleet.*, start: travel/trip }",
        );
        assert!(twice.len() == 1 && twice[0].contains("\"a\" is given twice; keep one of them"), "{twice:?}");
    }

    #[test]
    fn a_subscription_without_workflow_needs_code() {
        let found = with("{ name: a, type: fleet.car }");
        assert_eq!(found, [""; 0], "whether there is code is seen when the package becomes a module");
    }
}

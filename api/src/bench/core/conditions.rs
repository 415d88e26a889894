//! The conditions of a definition, on an order with so many lines.

use super::super::table::Line;
use super::timing::line;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::time::Instant;
use workflow::Definition;
use workflow::definition::{Condition, StateKind};
use workflow::expression::{Expression, Moment, Scope};

/// The conditions that read nothing but what an order has.
pub(super) fn conditions(definition: &Definition, lines: usize, times: usize) -> Result<Vec<Line>> {
    let (states, variables) = (json!({ "input": {}, "context": {} }), variables(lines)?);
    let known = |name: &String| name == "states" || variables.contains_key(name);
    let rules = definition.states().filter_map(|state| match &state.kind {
        StateKind::Choice(choice) => Some((&state.name, &choice.rules)),
        _ => None,
    });
    let all = rules.flat_map(|(name, rules)| rules.iter().map(move |rule| (name, &rule.condition)));
    let mut found = Vec::new();
    for (name, condition) in all {
        let Condition::Expression(expression) = condition else { continue };
        if expression.variables().iter().all(known) {
            let scope = Scope::new(&states, &variables, Moment { at_ms: 0, seed: 1 });
            found.push(measured(format!("condition {name}, {lines} lines"), expression, &scope, times)?);
        }
    }
    Ok(found)
}

fn measured(work: String, expression: &Expression, scope: &Scope<'_>, times: usize) -> Result<Line> {
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        let holds = expression.evaluate_bool(scope);
        latencies.push(began.elapsed());
        holds.context("a condition that can be computed")?;
    }
    Ok(line(work, latencies))
}

/// What the workflow of an order keeps in its variables.
fn variables(lines: usize) -> Result<Map<String, Value>> {
    let line = |n: usize| {
        json!({ "sku": format!("A-{n:05}"), "text": "A chair with arm rests, grey", "quantity": "3", "unit": "C62",
            "price": "149.90", "discount": "0", "tax": { "category": "S", "percent": "19" }, "total": "449.70" })
    };
    let variables = json!({
        "object": { "kind": "orders", "id": "0193-7a", "number": "PO-2026-00017", "revision": 3 },
        "po": {
            "supplier": { "id": "s-1", "name": "Chairs and more", "email": "orders@chairs.example" },
            "currency": "EUR", "department": "it", "date": "2026-11-23", "total": "4200.00",
            "lines": (0..lines).map(line).collect::<Vec<_>>(),
        },
        "requester": { "id": "eva", "name": "Eva Ernst", "email": "eva@acme.example" },
        "limits": { "baseCurrency": "EUR", "managerOnly": "5000.00", "cfo": "50000.00" },
        "base": "4200.00", "rates": [], "round": 2, "trail": [], "problem": "", "delivery": null,
    });
    variables.as_object().cloned().context("an object of variables")
}

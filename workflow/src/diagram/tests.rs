//! Diagrams of definitions that somebody wrote, that chance made, and that want to do harm.

use super::graph::{Kind, Machine, Type};
use super::layout::{Picture, Placed, lay_out};
use super::{Highlight, mermaid, svg};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ORDER: &str = include_str!("../../../definitions/purchasing/order.asl.json");

fn order() -> Value {
    serde_json::from_str(ORDER).unwrap()
}

/// A branch, items, a loop, errors and an outcome that leads back to its own state.
fn small() -> Value {
    json!({ "Comment": "A small one", "QueryLanguage": "JSONata", "StartAt": "Ask", "States": {
        "Ask": {
            "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "legal" }], "Quorum": "All" }],
            "Outcomes": { "approved": { "Next": "Both" }, "rejected": { "Next": "Stop" }, "expired": { "Next": "Ask" } },
        },
        "Both": {
            "Type": "Parallel", "Next": "Each", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Stop" }],
            "Branches": [
                { "StartAt": "Left", "States": { "Left": { "Type": "Wait", "Seconds": 30, "End": true } } },
                { "StartAt": "Right", "States": { "Right": { "Type": "Task", "Resource": "mail.send", "End": true } } },
            ],
        },
        "Each": {
            "Type": "Map", "Items": "{% $list %}", "Next": "Again",
            "ItemProcessor": { "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } },
        },
        "Again": {
            "Type": "Choice", "Default": "Good", "Choices": [{ "Condition": "{% $dec_lt($total, $limit) %}", "Next": "Ask" }],
        },
        "Good": { "Type": "Succeed" },
        "Stop": { "Type": "Fail", "Error": "Order.Stopped" },
    } })
}

#[test]
fn the_diagram_of_a_small_definition() {
    insta::assert_snapshot!(svg(&small(), &Highlight::default()));
}

#[test]
fn the_flowchart_of_a_small_definition() {
    insta::assert_snapshot!(mermaid(&small()));
}

#[test]
fn every_state_and_every_condition_of_the_order_is_shown() {
    let (document, svg) = (order(), svg(&order(), &Highlight::default()));
    for name in document["States"].as_object().unwrap().keys() {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}");
    }
    for words in ["$base ≤ $limits.managerOnly", "2 of authority finance", "withdrawn, expired", "Approval.NoApprover"]
    {
        assert!(svg.contains(words), "{words}");
    }
    assert!(svg.contains("prefers-color-scheme:dark") && !svg.contains("<script"));
}

#[test]
fn an_instance_shows_its_way() {
    let moves = ["Ask", "Both"].map(str::to_owned);
    let mut highlight = Highlight::default();
    highlight.entered.extend(moves.clone());
    highlight.current.insert("Both".to_owned());
    highlight.moves.insert(super::Move::new("Ask", "Both", false));
    let svg = svg(&small(), &highlight);
    assert_eq!(svg.matches(" been here\"").count(), 1);
    assert_eq!(svg.matches("class=\"badge\"").count(), 1);
    assert!(svg.contains("class=\"head taken\"") && svg.contains("class=\"head away\""));
}

#[test]
fn what_stands_in_a_definition_is_text_and_nothing_else() {
    let evil = "</text><script>alert(1)</script>\"' onload=\"x\u{0}";
    let states = json!({
        evil: { "Type": "Task", "Resource": evil, "Next": "B", "Catch": [{ "ErrorEquals": [evil], "Next": "B" }] },
        "B": { "Type": "Choice", "Choices": [{ "Condition": evil, "Next": "C" }] },
        "C": { "Type": evil },
    });
    let document = json!({ "Comment": evil, "StartAt": evil, "States": states });
    let (svg, chart) = (svg(&document, &Highlight::default()), mermaid(&document));
    assert!(!svg.contains("<script") && !svg.contains("onload=\"") && !svg.contains('\u{0}'));
    assert!(!chart.contains("<script") && !chart.contains("alert(1)"));
}

#[test]
fn what_is_no_definition_has_a_diagram_of_what_can_be_read() {
    for document in [json!(null), json!([]), json!({ "States": 1 }), json!({ "StartAt": 1, "States": { "A": [] } })] {
        assert!(svg(&document, &Highlight::default()).ends_with("</svg>\n"));
        assert!(mermaid(&document).starts_with("flowchart TD\n"));
    }
}

#[test]
fn a_definition_of_the_largest_size_is_drawn() {
    let name = |n: usize| format!("S{n}");
    let state = |n: usize| {
        let back = json!([{ "ErrorEquals": ["States.ALL"], "Next": name(n * 7 % (n + 1)) }]);
        (name(n), json!({ "Type": "Task", "Resource": "a.b", "Catch": back, "Next": name((n + 1).min(299)) }))
    };
    let states: Map<String, Value> = (0..300).map(state).collect();
    assert!(svg(&json!({ "StartAt": "S0", "States": states }), &Highlight::default()).len() > 100_000);
}

/// Frames hold boxes; everything else keeps its distance.
fn touching(picture: &Picture) -> Option<(String, String)> {
    let is_frame = |one: &Placed| matches!(one.kind, Kind::State(Type::Parallel | Type::Map));
    let boxes: Vec<&Placed> = picture.boxes.iter().filter(|one| !is_frame(one)).collect();
    let apart = |one: &Placed, other: &Placed| {
        one.x + one.width < other.x
            || other.x + other.width < one.x
            || one.y + one.height < other.y
            || other.y + other.height < one.y
    };
    let pairs = boxes.iter().enumerate().flat_map(|(n, one)| boxes[n + 1..].iter().map(move |other| (*one, *other)));
    let mut wrong = pairs.filter(|(one, other)| !apart(one, other));
    wrong.next().map(|(one, other)| (one.name.clone(), other.name.clone()))
}

fn outside(picture: &Picture) -> Option<String> {
    let inside = |one: &&Placed| {
        one.x >= 0 && one.y >= 0 && one.x + one.width <= picture.width && one.y + one.height <= picture.height
    };
    picture.boxes.iter().find(|one| !inside(one)).map(|one| one.name.clone())
}

#[test]
fn the_boxes_of_the_order_keep_their_distance() {
    let picture = lay_out(&Machine::read(&order()));
    assert_eq!((touching(&picture), outside(&picture)), (None, None));
    let within = |label: &super::layout::Label| {
        label.x - label.width / 2 >= -4 && label.x + label.width / 2 <= picture.width + 4
    };
    assert!(picture.labels.iter().all(within));
}

/// States that lead anywhere, some of them with machines of their own.
fn machine(depth: u32) -> BoxedStrategy<Value> {
    let ways = prop::collection::vec((0_usize..8, any::<bool>()), 0..4);
    let inner = if depth == 0 { Just(None).boxed() } else { prop::option::weighted(0.2, machine(depth - 1)).boxed() };
    let states = prop::collection::vec((ways, inner), 1..8);
    states.prop_map(|states| {
        let count = states.len();
        let state = |(ways, inner): (Vec<(usize, bool)>, Option<Value>)| {
            let rules = |catch: bool| {
                let ways = ways.iter().filter(move |way| way.1 == catch);
                ways.map(|(to, _)| json!({ "Condition": "{% $a %}", "ErrorEquals": ["E"], "Next": format!("s{}", to % count) })).collect::<Vec<_>>()
            };
            let kind = if inner.is_some() { "Parallel" } else { "Task" };
            json!({ "Type": kind, "Choices": rules(false), "Catch": rules(true), "Branches": inner.into_iter().collect::<Vec<_>>(), "End": ways.is_empty() })
        };
        let states: Map<String, Value> =
            states.into_iter().map(state).enumerate().map(|(n, state)| (format!("s{n}"), state)).collect();
        json!({ "StartAt": "s0", "States": states })
    }).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn boxes_never_touch_and_the_same_document_gives_the_same_bytes(document in machine(2)) {
        let picture = lay_out(&Machine::read(&document));
        prop_assert_eq!(touching(&picture), None);
        prop_assert_eq!(outside(&picture), None);
        let drawn = svg(&document, &Highlight::default());
        prop_assert_eq!(&drawn, &svg(&document, &Highlight::default()));
    }
}

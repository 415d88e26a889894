//! The pieces that the sample pages share: one order, its votes and its form.

use modules::view::{Column, Fact, Table, View};
use serde_json::json;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::pages::decision::{Choice, DecisionForm};
use crate::pages::form::{self, Field};
use crate::pages::outcome::Standing;
use crate::pages::parts::{Moment, Tone, Vote};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-23 15:21 UTC);

pub(super) fn closed() -> Standing {
    let (outcome, by) = ("approved".to_owned(), Some("Anna Weber".to_owned()));
    Standing::Decided { outcome, tone: Tone::Good, by, at: Moment(NOW) }
}

pub(super) fn open_form() -> DecisionForm {
    let choice = |value: &str, label: &str, effect: &str, primary| Choice {
        value: value.into(),
        label: label.into(),
        effect: Some(effect.into()),
        primary,
    };
    DecisionForm {
        nonce: "nonce-1".into(),
        choices: vec![
            choice("approve", "Approve", "The order goes to Finance.", true),
            choice("return", "Ask for changes", "Eva Berg can correct and resubmit it.", false),
            choice("reject", "Reject", "The order ends here.", false),
        ],
        comment_required_for: vec!["Reject".into()],
        ..DecisionForm::default()
    }
}

/// One field of each kind.
pub(super) fn form_fields() -> Vec<Field> {
    let centres = json!([{"const": "4711", "title": "4711 Laboratory"}, {"const": "4712", "title": "4712 Workshop"}]);
    let schema = json!({"required": ["cost_centre", "read"], "properties": {
        "cost_centre": {"title": "Cost centre", "oneOf": centres},
        "limit": {"type": "string", "format": "decimal", "title": "Up to which amount", "description": "With a point: 1250.00"},
        "from": {"type": "string", "format": "date", "title": "Not before"},
        "remark": {"type": "string", "maxLength": 500, "title": "Remark for the supplier"},
        "read": {"type": "boolean", "title": "I have read the contract"}
    }});
    form::fields(&schema, &["approve".to_owned()]).unwrap_or_default()
}

pub(super) fn approved() -> Vote {
    Vote {
        who: "Anna Weber".into(),
        on_behalf_of: Some("Bob Stone".into()),
        decision: "approved".into(),
        tone: Tone::Good,
        at: Moment(NOW),
        step: "Budget check".into(),
        round: 2,
        comment: None,
        void: None,
    }
}

pub(super) fn returned() -> Vote {
    Vote {
        who: "Carla Nunes".into(),
        on_behalf_of: None,
        decision: "asked for changes".into(),
        tone: Tone::Neutral,
        at: Moment(datetime!(2026-11-20 09:05 +1)),
        step: "Budget check".into(),
        round: 1,
        comment: Some("Twenty balances are too many for this year. Twelve fit the budget.".into()),
        void: Some("the order was changed afterwards.".into()),
    }
}

pub(super) fn column(title: &str, numeric: bool) -> Column {
    Column { title: title.into(), numeric }
}

pub(super) fn order(lines: usize) -> View {
    let titles = [("Item", false), ("Quantity", true), ("Unit price", true), ("Tax", true), ("Amount", true)];
    let items = ["Laboratory chair, antistatic", "Analytical balance 0.1 mg, with calibration certificate", "Delivery"];
    let row = |n: usize| {
        [items[n % items.len()], "12 pcs", "1,033.33 EUR", "19 %", "12,399.96 EUR"].map(str::to_owned).to_vec()
    };
    View {
        title: "Purchase order 2026-000017".into(),
        headline: "12,400.00 EUR".into(),
        facts: vec![
            Fact::new("Supplier", "Nordwind GmbH"),
            Fact::new("Deliver to", "Hafenstraße 12, 20457 Hamburg, Germany"),
            Fact::new("Wanted by", "15 December 2026"),
            Fact::new("Cost centre", "4711 Laboratory"),
        ],
        table: Some(Table {
            columns: titles.map(|(title, numeric)| column(title, numeric)).to_vec(),
            rows: (0..lines).map(row).collect(),
        }),
        totals: vec![
            Fact::new("Net", "10,420.17 EUR"),
            Fact::new("Tax 19 %", "1,979.83 EUR"),
            Fact::new("Total", "12,400.00 EUR"),
        ],
        note: Some("The old balances fail the calibration in January.\nOffer 8812 is attached to the order.".into()),
    }
}

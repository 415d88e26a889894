//! The order as a document: `purchasing.render_order`, and the draft that approvers see.

use crate::document::{Approval, Banner, Company, Entry, Labels, Line, OrderDocument, Party, render as render_pdf};
use crate::fonts::Fonts;
use crate::module::Purchasing;
use crate::money;
use crate::order::{AdjustmentValue, LineAdjustment, Order};
use crate::rates::Step;
use crate::record::{CompanySettings, SUPPLIERS, SupplierData, read};
use crate::rounding::RoundingMode;
use crate::totals::Totals;
use crate::views::{long_day, sums, unit_name};
use futures::FutureExt;
use modules::{Action, ActionError, Approved, Module, NewDocument, Rendering, StoreError, variables};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// The name under which the document of an order is kept.
const FILE: &str = "document.pdf";

/// Takes `{object: {kind, id}}`, keeps the document, gives `{name, revision, sha256}`.
pub(crate) async fn render_order(module: &Purchasing, action: Action<'_>) -> Result<Value, ActionError> {
    let field = |name: &str| action.arguments.pointer(&format!("/object/{name}")).and_then(Value::as_str);
    let (Some(kind), Some(id)) = (field("kind"), field("id")) else {
        return Err(ActionError::give_up("Pdf.Failed", "purchasing.render_order needs object.kind and object.id"));
    };
    let mut reader = action.store.read().await.map_err(retry)?;
    let company = reader.company(action.company).await.map_err(retry)?;
    let object = reader.object(action.company, kind, id).await.map_err(retry)?;
    let (instance, _) = reader.instance(action.company, action.instance).await.map_err(retry)?;
    let mut related = Vec::new();
    for (kind, id) in module.related(&object) {
        related.push(reader.object(action.company, &kind, &id).await.map_err(retry)?);
    }
    drop(reader);
    let (approvals, variables) = (Approved::standing(&instance), variables(&instance));
    let (company, object, related) = (&company, &object, related.as_slice());
    let (approvals, variables) = (approvals.as_slice(), &variables);
    let rendering = Rendering { company, object, related, approvals, variables, is_final: true };
    let bytes = module.render(&rendering)?;
    let document = NewDocument {
        company: action.company.to_owned(),
        kind: kind.to_owned(),
        object: id.to_owned(),
        name: FILE.to_owned(),
        revision: object.revision,
        media_type: "application/pdf".to_owned(),
        bytes,
    };
    let kept = action.store.write(move |unit| {
        let document = document.clone();
        async move { unit.put_document(&document).await }.boxed()
    });
    let kept = kept.await.map_err(retry)?;
    Ok(json!({ "name": kept.name, "revision": kept.revision, "sha256": kept.sha256 }))
}

/// A missing row will not appear; a busy database will answer again.
fn retry(error: StoreError) -> ActionError {
    match error {
        StoreError::Missing { .. } | StoreError::Corrupt(_) => ActionError::give_up("Pdf.Failed", error),
        other => ActionError::retry("Pdf.Busy", other),
    }
}

pub(crate) fn render(fonts: &Fonts, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
    let fail = |cause: String| ActionError::give_up("Pdf.Failed", cause);
    let (order, totals) = read(rendering.object).map_err(fail)?;
    let settings = CompanySettings::of(rendering.company).map_err(|error| fail(error.to_string()))?;
    let faces = fonts.faces(&settings.document_fonts);
    let document = document(rendering, &order, &totals, settings);
    render_pdf(&document, &faces).map_err(|error| fail(error.to_string()))
}

fn document(rendering: &Rendering<'_>, order: &Order, totals: &Totals, settings: CompanySettings) -> OrderDocument {
    let (object, letterhead) = (rendering.object, settings.letterhead);
    let date = object.data.get("date").and_then(Value::as_str).unwrap_or_default();
    let banner =
        Banner { text: "Draft: not approved yet. This is not an order.".to_owned(), stamp: "DRAFT".to_owned() };
    OrderDocument {
        company: Company {
            name: rendering.company.name.clone(),
            address: letterhead.address.clone(),
            ids: letterhead.ids,
            email: letterhead.email,
            accent: None,
        },
        supplier: supplier(rendering),
        number: object.number.clone().unwrap_or_default(),
        revision: object.revision.to_string(),
        date: read_day(date),
        currency: totals.currency.code().to_owned(),
        delivery: delivery(rendering, order, letterhead.address),
        delivery_date: order.delivery_date.map(long_day).unwrap_or_default(),
        terms: Vec::new(),
        lines: lines(order, totals),
        totals: sums(totals).into_iter().map(|fact| Entry::new(fact.label, fact.value)).collect(),
        rounding: rounding(totals.rounding),
        exchange_rate: exchange_rate(rendering.variables),
        note: order.note.clone(),
        approvals: rendering.approvals.iter().map(|approved| approval(approved, rendering.is_final)).collect(),
        banner: (!rendering.is_final).then_some(banner),
        // Not the time of this attempt: every attempt must give the same bytes.
        created_at: moment(object.created_at),
        labels: Labels::default(),
    }
}

fn supplier(rendering: &Rendering<'_>) -> Party {
    let found = rendering.related.iter().find(|object| object.kind == SUPPLIERS);
    let data = found.and_then(|object| serde_json::from_value::<SupplierData>(object.data.clone()).ok());
    match data {
        Some(data) => {
            let tax_id = data.tax_id.map(|id| format!("VAT ID {id}"));
            Party { name: data.name, address: data.address, details: tax_id.into_iter().chain([data.email]).collect() }
        }
        None => Party { name: String::new(), address: Vec::new(), details: Vec::new() },
    }
}

fn delivery(rendering: &Rendering<'_>, order: &Order, own: Vec<String>) -> Party {
    let address = match &order.delivery_address {
        Some(address) => address.lines().map(str::to_owned).collect(),
        None => own,
    };
    Party { name: rendering.company.name.clone(), address, details: Vec::new() }
}

fn lines(order: &Order, totals: &Totals) -> Vec<Line> {
    let bare = |value| money::human(value, totals.currency).replace(&format!(" {}", totals.currency), "");
    let line = |(n, (line, sums)): (usize, (&crate::order::OrderLine, &crate::totals::LineTotals))| Line {
        position: (n + 1).to_string(),
        description: line.description.clone(),
        sku: line.sku.clone().unwrap_or_default(),
        quantity: line.quantity.normalize().to_string(),
        unit: line.unit.as_deref().map(unit_name).unwrap_or_default().to_owned(),
        unit_price: bare(line.price),
        discount: line.discounts.iter().map(discount).collect::<Vec<_>>().join(", "),
        tax: format!("{} %", line.tax.percent.normalize()),
        net: bare(sums.total),
    };
    order.lines.iter().zip(&totals.lines).enumerate().map(line).collect()
}

fn discount(adjustment: &LineAdjustment) -> String {
    match adjustment.value {
        AdjustmentValue::Percent(percent) => format!("{} %", percent.normalize()),
        AdjustmentValue::Amount(amount) => amount.to_string(),
    }
}

fn rounding(mode: Option<RoundingMode>) -> String {
    match mode {
        Some(RoundingMode::Line) => "Amounts are rounded per line, half up.",
        Some(RoundingMode::TaxLine) => "Taxes are rounded per line, half up.",
        Some(RoundingMode::Document | RoundingMode::TaxDocument) => "Amounts are rounded once per document, half up.",
        None => "",
    }
    .to_owned()
}

/// The rates by which the workflow compared this round with the company's limits, as they were published: `Rate: 1 USD =
/// 0.9123 EUR (ECB, 20 November 2026)`. Nothing where the order is in the company's own currency.
fn exchange_rate(variables: &Map<String, Value>) -> Option<String> {
    let steps = variables.get("rates").cloned()?;
    let steps = serde_json::from_value::<Vec<Step>>(steps).ok().filter(|steps| !steps.is_empty())?;
    let told = steps.iter().map(|Step { rate, .. }| {
        let number = rate.rate.normalize();
        format!("1 {} = {number} {} ({}, {})", rate.from, rate.to, rate.source, long_day(rate.date))
    });
    Some(format!("Rate: {}", told.collect::<Vec<_>>().join("; ")))
}

/// The final document goes to the supplier: who agreed and when is for them, what people wrote to each other is not.
fn approval(approved: &Approved, is_final: bool) -> Approval {
    let at = moment(approved.at);
    let month = at.month().to_string();
    let month = month.get(..3).unwrap_or_default();
    Approval {
        who: approved.name.clone(),
        role: approved.why.clone(),
        decision: "Approved".to_owned(),
        when: format!("{} {month} {}, {:02}:{:02} UTC", at.day(), at.year(), at.hour(), at.minute()),
        comment: if is_final { String::new() } else { approved.comment.clone().unwrap_or_default() },
    }
}

fn read_day(text: &str) -> String {
    use time::format_description::well_known::Iso8601;
    time::Date::parse(text, &Iso8601::DATE).map_or_else(|_| text.to_owned(), long_day)
}

fn moment(at_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use modules::{Company, Object};

    fn order() -> Object {
        let line = json!({ "description": "Lathe", "quantity": "1", "price": "12400.00", "tax": { "category": "AE", "percent": "0" } });
        let sent = json!({ "supplier_id": "s", "currency": "EUR", "lines": [line] });
        let mut data = sent.clone();
        data["totals"] = json!(Order::parse(&sent).unwrap().totals(RoundingMode::Line).unwrap());
        data["date"] = json!("2026-11-23");
        Object {
            kind: crate::record::ORDERS.to_owned(),
            id: "o".to_owned(),
            revision: 1,
            status: "approved".to_owned(),
            number: Some("PO-2026-000001".to_owned()),
            instance: None,
            data,
            created_at: 0,
            created_by: "eva".to_owned(),
            updated_at: 0,
        }
    }

    fn shown(is_final: bool) -> OrderDocument {
        shown_with(is_final, &Map::new())
    }

    fn shown_with(is_final: bool, variables: &Map<String, Value>) -> OrderDocument {
        let company =
            Company { id: "acme".to_owned(), name: "Acme".to_owned(), settings: json!({ "base_currency": "EUR" }) };
        let approvals = [Approved {
            name: "Anna Petersen".to_owned(),
            why: "manager of Eva Berg".to_owned(),
            decision: "approve".to_owned(),
            at: 0,
            comment: Some("We overpay, but hurry.".to_owned()),
        }];
        let object = order();
        let (company, object, approvals) = (&company, &object, &approvals);
        let rendering = Rendering { company, object, related: &[], approvals, variables, is_final };
        let (order, totals) = read(object).unwrap();
        document(&rendering, &order, &totals, CompanySettings::of(company).unwrap())
    }

    #[test]
    fn what_approvers_wrote_is_on_drafts_only() {
        let (draft, sent) = (&shown(false).approvals[0], &shown(true).approvals[0]);
        assert_eq!(draft.comment, "We overpay, but hurry.");
        assert_eq!(sent, &Approval { comment: String::new(), ..draft.clone() });
        assert_eq!(
            (sent.who.as_str(), sent.role.as_str(), sent.when.as_str()),
            ("Anna Petersen", "manager of Eva Berg", "1 Jan 1970, 00:00 UTC")
        );
        assert!(!serde_json::to_string(&shown(true)).unwrap().contains("overpay"));
    }

    #[test]
    fn the_rate_is_named_where_there_is_one() {
        let rate = |from: &str, to: &str| json!({ "from": from, "to": to, "date": "2026-11-20", "rate": "0.91230", "source": "ECB" });
        let step = |from: &str, to: &str| json!({ "rate": rate(from, to), "direction": "direct" });
        let told = |rates: Value| {
            let variables = json!({ "rates": rates });
            shown_with(true, variables.as_object().unwrap()).exchange_rate.unwrap_or_default()
        };
        assert_eq!(told(json!([step("USD", "EUR")])), "Rate: 1 USD = 0.9123 EUR (ECB, 20 November 2026)");
        let two = told(json!([step("USD", "EUR"), step("EUR", "CHF")]));
        assert!(two.ends_with("; 1 EUR = 0.9123 CHF (ECB, 20 November 2026)"), "{two}");
        assert_eq!((told(json!([])), shown(true).exchange_rate), (String::new(), None));
    }

    #[test]
    fn reverse_charge_is_named_in_the_totals() {
        let document = shown(true);
        let labels: Vec<&str> = document.totals.iter().map(|entry| entry.label.as_str()).collect();
        assert_eq!(labels, ["Lines", "Reverse charge on 12,400.00 EUR", "Total"]);
        assert_eq!(document.totals[1].value, "0.00 EUR");
        assert_eq!(document.lines[0].tax, "0 %");
    }
}

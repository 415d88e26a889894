//! `purchasing.convert`: an amount in another currency, by the company's table of rates.

use crate::currency::Currency;
use crate::money::Amount;
use crate::prepare::rates;
use crate::rates::{Exchanged, RateError, exchange};
use crate::rounding::Midpoint;
use modules::{Call, StoreError, TaskError, Unit};
use serde_json::{Value, json};
use time::Date;
use time::format_description::well_known::Iso8601;

/// Takes `{amount, currency, to, on}`, gives `{amount, currency, steps}`. Without a rate: `Money.NoRate`.
pub(crate) async fn convert(unit: &mut Unit, call: Call) -> Result<Result<Value, TaskError>, StoreError> {
    let asked = match Asked::read(&call.arguments) {
        Ok(asked) => asked,
        Err(cause) => return Ok(Err(TaskError::new("Money.Invalid", cause))),
    };
    let rates = rates(unit, &call.company, (asked.amount.currency(), asked.to), &asked.on.to_string()).await?;
    Ok(match exchange(asked.amount, asked.to, asked.on, &rates, None, Midpoint::HalfUp) {
        Ok(exchanged) => Ok(answer(&exchanged)),
        Err(error @ RateError::NoRate { .. }) => Err(TaskError::new("Money.NoRate", error.to_string())),
        Err(error) => Err(TaskError::new("Money.Invalid", error.to_string())),
    })
}

struct Asked {
    amount: Amount,
    to: Currency,
    on: Date,
}

impl Asked {
    fn read(arguments: &Value) -> Result<Self, String> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing"));
        let currency = Currency::parse(text("currency")?).map_err(|error| error.to_string())?;
        let amount = Amount::parse(text("amount")?, currency).map_err(|error| error.to_string())?;
        let to = Currency::parse(text("to")?).map_err(|error| error.to_string())?;
        let on = Date::parse(text("on")?, &Iso8601::DATE).map_err(|error| error.to_string())?;
        Ok(Self { amount, to, on })
    }
}

fn answer(exchanged: &Exchanged) -> Value {
    json!({ "amount": exchanged.amount.value().to_string(), "currency": exchanged.amount.currency().code(), "steps": exchanged.steps })
}

//! The authority table, read for one order: from which amounts on more people must agree.

use modules::{Authority, StoreError, Unit};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::str::FromStr;
use workflow::Problem;

/// What an order is looked up by.
pub(crate) struct LookUp<'a> {
    pub(crate) company: &'a str,
    pub(crate) base_currency: &'a str,
    pub(crate) department: Option<&'a str>,
    pub(crate) category: Option<&'a str>,
}

/// `{baseCurrency, managerOnly, cfo}`: up to `managerOnly` the manager decides alone, above `cfo` the CFO too.
pub(crate) async fn limits(unit: &mut Unit, by: &LookUp<'_>) -> Result<Value, StoreError> {
    let now = unit.now_ms();
    let rows = unit.authority(by.company).await?;
    let above = |step: &str| {
        let row = best(&rows, step, by, now).ok_or_else(|| missing(step))?;
        Decimal::from_str(&row.above)
            .map(|_| row.above.clone())
            .map_err(|error| StoreError::Corrupt(format!("authority {}: {error}", row.id)))
    };
    Ok(json!({ "baseCurrency": by.base_currency, "managerOnly": above("finance")?, "cfo": above("cfo")? }))
}

/// The valid row of a step that says most about the order: department before category before neither.
fn best<'a>(rows: &'a [Authority], step: &str, by: &LookUp<'_>, now: i64) -> Option<&'a Authority> {
    let fits = |own: &Option<String>, wanted: Option<&str>| own.is_none() || own.as_deref() == wanted;
    let valid = rows.iter().filter(|row| row.step == step && row.valid_at(now));
    let valid = valid.filter(|row| fits(&row.department, by.department) && fits(&row.category, by.category));
    valid.max_by_key(|row| (row.department.is_some(), row.category.is_some()))
}

fn missing(step: &str) -> StoreError {
    let message = format!(
        "the authority table has no valid row for the step {step}; an admin must add one before orders can be submitted"
    );
    StoreError::Problems(vec![Problem::new("", "authority-missing", message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, department: Option<&str>, category: Option<&str>, valid_until: Option<i64>) -> Authority {
        let (department, category) = (department.map(str::to_owned), category.map(str::to_owned));
        let (step, role, above) = ("cfo".to_owned(), "cfo".to_owned(), "1".to_owned());
        Authority { id: id.to_owned(), step, role, above, department, category, valid_from: None, valid_until }
    }

    #[test]
    fn the_row_that_says_most_about_the_order_counts() {
        let rows = [
            row("any", None, None, None),
            row("tools", None, Some("tools"), None),
            row("shop", Some("shop"), None, None),
            row("old", Some("shop"), Some("tools"), Some(5)),
        ];
        let found = |department, category, now| {
            let by = LookUp { company: "acme", base_currency: "EUR", department, category };
            best(&rows, "cfo", &by, now).map(|row| row.id.as_str())
        };
        assert_eq!(found(None, None, 9), Some("any"));
        assert_eq!(found(None, Some("tools"), 9), Some("tools"));
        assert_eq!(found(Some("shop"), Some("tools"), 9), Some("shop"));
        assert_eq!(found(Some("shop"), Some("tools"), 4), Some("old"));
        assert_eq!(
            best(&rows, "other", &LookUp { company: "", base_currency: "", department: None, category: None }, 9),
            None
        );
    }
}

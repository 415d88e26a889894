//! JSON texts and objects.

use super::super::run::Run;
use super::{Answer, Arguments};
use serde_json::Value;

/// `States.StringToJson(text)`: the value that a JSON text describes; of an empty text, null.
pub(super) fn read(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let text = args.text(0)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|problem| args.wrong_value(0, &format!("is not JSON: {problem}")))
}

/// `States.JsonToString(value)`: its JSON, without spaces.
pub(super) fn write(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    Ok(Value::String(args.get(0).to_string()))
}

/// `States.JsonMerge(first, second, false)`: the fields of both; of a field in both, that of the second.
pub(super) fn merge(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let object = |index| args.get(index).as_object().ok_or_else(|| args.wrong(index, "an object"));
    let (first, second) = (object(0)?, object(1)?);
    if args.get(2) != &Value::Bool(false) {
        return Err(args.wrong(2, "false, because objects within objects are not merged"));
    }
    let mut merged = first.clone();
    merged.extend(second.clone());
    Ok(Value::Object(merged))
}

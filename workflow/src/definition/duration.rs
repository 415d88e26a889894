//! ISO 8601 durations of fixed length: weeks, days, hours, minutes, seconds.

/// The longest duration that a definition may name: ten years.
const MAX_SECONDS: i64 = 10 * 366 * 86_400;

/// Milliseconds of an ISO 8601 duration such as `P5D`, `PT36H` or `P1DT12H`.
///
/// Years and months are refused, because their length depends on where they start; a day has 24 hours.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let wrong =
        || format!("\"{text}\" is not a duration; write it as ISO 8601, such as \"P5D\", \"PT36H\" or \"P1DT12H\"");
    let rest = text.strip_prefix('P').ok_or_else(wrong)?;
    let (date, clock) = match rest.split_once('T') {
        Some((_, "")) => return Err(wrong()),
        Some((date, clock)) => (date, clock),
        None => (rest, ""),
    };
    if date.is_empty() && clock.is_empty() {
        return Err(wrong());
    }
    let days = sum_units(date, &[('W', 604_800), ('D', 86_400)]).ok_or_else(wrong)?;
    let seconds = sum_units(clock, &[('H', 3_600), ('M', 60), ('S', 1)]).ok_or_else(wrong)?;
    match days.checked_add(seconds) {
        Some(0) => Err(format!("\"{text}\" is no time at all; name a duration above zero")),
        Some(sum) if sum <= MAX_SECONDS => Ok(sum * 1_000),
        _ => Err(format!("\"{text}\" is longer than ten years")),
    }
}

/// Seconds of `12D3H`-like text whose units stand in the order given, each at most once.
fn sum_units(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    for (unit, seconds) in units {
        if let Some((number, tail)) = rest.split_once(*unit) {
            let number: u32 = number.parse().ok()?;
            sum = sum.checked_add(i64::from(number).checked_mul(*seconds)?)?;
            rest = tail;
        }
    }
    rest.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations_of_fixed_length_are_read() {
        for (text, seconds) in
            [("P1D", 86_400), ("PT1S", 1), ("P2W", 1_209_600), ("P1DT12H", 129_600), ("PT1H30M", 5_400)]
        {
            assert_eq!(parse_duration(text), Ok(seconds * 1_000), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_remedy() {
        for text in
            ["", "P", "PT", "5D", "P1M", "P1Y", "P-1D", "P1.5D", "PT5D", "P1H", "P0D", "P1D2W", "P9999999D", "P 1D"]
        {
            let error = parse_duration(text);
            assert!(error.as_ref().is_err_and(|message| !message.is_empty()), "{text}: {error:?}");
        }
    }
}

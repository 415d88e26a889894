//! The pictures of `$fromMillis` and `$toMillis`.
//!
//! The engine fills a component up to the width that its picture asks for, however large: one that does not fit into memory
//! ends the process. So widths are bounded before the engine sees them. And a picture may leave out what is larger than what it names: `[H]:[m]` is a time of today. That is the day
//! of the evaluation and not the machine's, so it is written out before the engine reads the text.

use super::super::limits;
use super::arguments::Arguments;
use super::chance::calendar;
use super::{Answer, Run, Stop};
use jsonata_core::value::JValue;
use time::OffsetDateTime;

/// The text of `$toMillis(text, picture)`, and before it what the picture leaves out.
pub(super) fn text(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("toMillis", args);
    let missing = if args.is_missing(1) { Vec::new() } else { left_out(args.text(1)?)? };
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let (text, at) = (args.text(0)?, calendar(run)?);
    run.charge_text(text.len())?;
    let before: String = missing.iter().map(|component| format!("{} ", part(*component, at))).collect();
    Ok(JValue::string(format!("{before}{text}")))
}

/// The picture of that text.
pub(super) fn picture(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("toMillis", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let picture = args.text(0)?;
    check_widths(picture)?;
    run.charge_text(picture.len())?;
    let before: String = left_out(picture)?.iter().map(|component| format!("[{component}] ")).collect();
    Ok(JValue::string(format!("{before}{picture}")))
}

/// The components that a picture leaves out, and that are taken from the moment of the evaluation.
fn left_out(picture: &str) -> Result<Vec<char>, Stop> {
    let named = components(picture);
    let names = |component: char| named.contains(&component);
    if named.is_empty() || names('Y') {
        return Ok(Vec::new());
    }
    if ['X', 'x', 'W', 'w'].into_iter().any(names) {
        return Err(Stop::failed("D3136: $toMillis cannot read weeks; name the year, the month and the day"));
    }
    let order = match (names('d'), names('P') || names('h')) {
        (true, _) => "Yd",
        (false, true) => "YMDPhmsf",
        (false, false) => "YMDHmsf",
    };
    Ok(order.chars().take_while(|component| !names(*component)).collect())
}

/// An argument of `$fromMillis`: a picture whose widths are bounded, or anything else as it is.
pub(super) fn checked(_: &Run, args: &[JValue]) -> Answer {
    let value = Arguments::of("fromMillis", args).get(0);
    if let JValue::String(picture) = value {
        check_widths(picture)?;
    }
    Ok(value.clone())
}

/// `[Y,4-9]` asks for four to nine digits.
fn check_widths(picture: &str) -> Result<(), Stop> {
    let wide = |width: &str| width.parse().is_ok_and(|width: usize| width > limits::PICTURE_WIDTH);
    for marker in markers(picture) {
        // The engine leaves white space out, wherever it stands.
        let marker: String = marker.split_whitespace().collect();
        let widths = marker.rsplit_once(',').map_or("", |(_, widths)| widths);
        if widths.len() > 20 || widths.split('-').any(wide) {
            let most = limits::PICTURE_WIDTH;
            return Err(Stop::TooLarge(format!("a component of a picture is wider than {most} characters")));
        }
    }
    Ok(())
}

/// The components that a picture names.
fn components(picture: &str) -> Vec<char> {
    markers(picture).into_iter().filter_map(|marker| marker.trim_start().chars().next()).collect()
}

/// What stands between `[` and `]`; `[[` is a bracket. What is not a picture is left to the engine to refuse.
fn markers(picture: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = picture;
    while let Some((_, marker)) = rest.split_once('[') {
        if let Some(literal) = marker.strip_prefix('[') {
            rest = literal;
            continue;
        }
        let Some((inside, after)) = marker.split_once(']') else { break };
        found.push(inside);
        rest = after;
    }
    found
}

fn part(component: char, at: OffsetDateTime) -> String {
    match component {
        'Y' => at.year().to_string(),
        'M' => u8::from(at.month()).to_string(),
        'D' => at.day().to_string(),
        'P' => if at.hour() < 12 { "am" } else { "pm" }.to_owned(),
        'h' => ((at.hour() + 11) % 12 + 1).to_string(),
        'H' => at.hour().to_string(),
        'm' => at.minute().to_string(),
        's' => at.second().to_string(),
        _ => at.millisecond().to_string(),
    }
}

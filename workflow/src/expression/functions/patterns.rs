//! `$match`, `$replace` and `$split`: the same searches as the engine's, with a look at the clock after each match.

use super::arguments::Arguments;
use super::text::failure;
use super::{Answer, Run, Stop};
use jsonata_core::functions::FunctionError;
use jsonata_core::functions::string::{
    RegexMatch, RegexMatches, build_regex, replace_regex, substitute_capture_groups,
};
use jsonata_core::value::JValue;
use regex::Regex;
use std::borrow::Cow;

/// `$match(text, pattern, limit?)`: an object with `match`, `index` and `groups` for each match.
pub(super) fn matches(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("match", args);
    let limit = args.limit(2, "D3040")?.map_or(usize::MAX, counted_up);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let text = args.text(0)?;
    let regex =
        regex(args.get(1))?.ok_or_else(|| args.wrong(1, "a regular expression, or a function written in place"))?;
    let mut found = Vec::new();
    let mut search = RegexMatches::new(&regex, text).counting_utf16();
    while found.len() < limit {
        run.check_time()?;
        let Some(next) = search.next_match().map_err(failure)? else { break };
        let next = match_object(&next);
        run.charge(&next)?;
        found.push(next);
    }
    Ok(JValue::sequence(found))
}

fn match_object(found: &RegexMatch<'_>) -> JValue {
    let groups = found.groups.iter().map(|group| group.map_or(JValue::Undefined, JValue::string)).collect();
    let index = found.utf16_span.map_or(0, |(start, _)| start);
    let fields =
        [("match", JValue::string(found.text)), ("index", JValue::from(index)), ("groups", JValue::array(groups))];
    JValue::object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// `$replace(text, pattern, replacement, limit?)`.
pub(super) fn replace(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("replace", args);
    let (pattern, limit) = (Pattern::of(&args)?, args.limit(3, "D3011")?.map(counted_up));
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let text = args.text(0)?;
    let replacement = args.text(2).map_err(|_| args.wrong(2, "a string, or a function written in place"))?;
    let replaced = match pattern.ok_or_else(|| args.wrong(1, "a string or a regular expression"))? {
        Pattern::Regex(regex) => replace_matches(run, &regex, text, replacement, limit)?,
        Pattern::Text(pattern) => replace_text(run, text, pattern, replacement, limit)?,
    };
    run.charge_text(replaced.len())?;
    Ok(JValue::string(replaced))
}

fn replace_matches(run: &Run, regex: &Regex, text: &str, by: &str, limit: Option<usize>) -> Result<String, Stop> {
    replace_regex(RegexMatches::new(regex, text), limit, |found, out| {
        run.check_time()?;
        let group = |index: usize| Ok::<_, Failure>(found.groups.get(index).copied().flatten().map(Cow::Borrowed));
        substitute_capture_groups(out, by, found.text, found.groups.len(), group)?;
        run.check_text(out.len())?;
        Ok::<_, Failure>(())
    })
    .map_err(|Failure(stop)| stop)
}

/// A [`Stop`] that the engine's search can carry.
struct Failure(Stop);

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self(stop)
    }
}

impl From<FunctionError> for Failure {
    fn from(problem: FunctionError) -> Self {
        Self(failure(problem))
    }
}

fn replace_text(run: &Run, text: &str, pattern: &str, by: &str, limit: Option<usize>) -> Result<String, Stop> {
    if pattern.is_empty() {
        return Err(Stop::failed("D3010: Second argument of replace function cannot be an empty string"));
    }
    let limit = limit.unwrap_or(usize::MAX);
    let count = text.matches(pattern).take(limit).count();
    run.charge_text(text.len().saturating_add(count.saturating_mul(by.len())))?;
    Ok(text.replacen(pattern, by, count))
}

/// `$split(text, separator, limit?)`.
pub(super) fn split(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("split", args);
    let limit = args.limit(2, "D3020")?.map_or(usize::MAX, |limit| limit.floor() as usize);
    let separator = Pattern::of(&args)?;
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let text = args.text(0)?;
    let parts = match separator.ok_or_else(|| args.wrong(1, "a string or a regular expression"))? {
        Pattern::Regex(regex) => gather(run, regex.split(text), limit)?,
        Pattern::Text("") => gather(run, text.split("").skip(1).take(text.chars().count()), limit)?,
        Pattern::Text(separator) => gather(run, text.split(separator), limit)?,
    };
    Ok(JValue::array(parts))
}

fn gather<'a>(run: &Run, parts: impl Iterator<Item = &'a str>, limit: usize) -> Result<Vec<JValue>, Stop> {
    let part = |part| {
        run.check_time()?;
        let part = JValue::string(part);
        run.charge(&part)?;
        Ok(part)
    };
    parts.take(limit).map(part).collect()
}

/// What `$replace` and `$split` search for.
enum Pattern<'a> {
    Text(&'a str),
    Regex(Regex),
}

impl<'a> Pattern<'a> {
    /// The second argument; `None` when it is missing. It is looked at before a missing text makes the answer undefined: a
    /// signature of JSONata holds for all arguments.
    fn of(args: &Arguments<'a>) -> Result<Option<Self>, Stop> {
        if args.is_missing(1) {
            return Ok(None);
        }
        match regex(args.get(1))? {
            Some(regex) => Ok(Some(Self::Regex(regex))),
            None => args.text(1).map(|text| Some(Self::Text(text))),
        }
    }
}

/// JavaScript counts `while count < limit`, so a fraction counts as one more.
fn counted_up(limit: f64) -> usize {
    limit.ceil() as usize
}

/// The regular expression that a value is. Its size was checked when the expression was read.
fn regex(value: &JValue) -> Result<Option<Regex>, Stop> {
    match value {
        JValue::Regex { pattern, flags } => build_regex(pattern, flags).map(Some).map_err(failure),
        _ => Ok(None),
    }
}

//! The query of a list: `?status=sent&filter[total][gte]=100&sort=-total&fields=title&limit=20&cursor=...`

use super::fields::Fields;
use crate::problem::ProblemDetails;
use crate::rest::params::{Params, pairs};
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use modules::{Index, Keywords};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Bound, FieldFilter, NOTHING, ObjectSearch, Place, SortBy};

/// The most filters of a list.
const MOST_FILTERS: usize = 10;
/// The longest value of a filter.
const MAX_VALUE_CHARS: usize = 200;
/// The longest cursor.
const MAX_CURSOR_BYTES: usize = 4_000;

/// What is asked of a list.
pub(super) struct Listing {
    /// What to look for: one more than is shown.
    pub(super) search: ObjectSearch,
    /// What to show of each.
    pub(super) fields: Fields,
    /// How many are shown.
    pub(super) limit: usize,
}

impl Listing {
    /// Reads it.
    ///
    /// # Errors
    /// 400 with every parameter that is unknown or does not fit.
    pub(super) fn read(uri: &Uri, keywords: &Keywords) -> Result<Self, ProblemDetails> {
        Self::with(uri, keywords, &["limit", "cursor"]).map(|(listing, _)| listing)
    }

    /// The same with other parameters than those of pages.
    pub(super) fn with(uri: &Uri, keywords: &Keywords, more: &[&str]) -> Result<(Self, Params), ProblemDetails> {
        let (filters, others): (Vec<_>, Vec<_>) =
            pairs(uri)?.into_iter().partition(|(name, _)| name.starts_with("filter["));
        let known: Vec<&str> = ["status", "number", "sort", "fields"].iter().chain(more).copied().collect();
        let params = Params::of(others, &known, "filter[FIELD]")?;
        let (limit, mut wrong) = (params.limit()?, Vec::new());
        let text = |name: &str| Ok::<_, ProblemDetails>(params.text(name)?.map(str::to_owned));
        let mut search = ObjectSearch {
            status: text("status")?,
            number: text("number")?,
            limit: limit + 1,
            ..ObjectSearch::default()
        };
        search.filters = read_filters(&filters, keywords, &mut wrong);
        (search.sort, search.descending) = order(params.text("sort")?, &search.filters, keywords, &mut wrong);
        if !wrong.is_empty() {
            return Err(ProblemDetails::parameters(&wrong));
        }
        search.after = params.long_text("cursor", MAX_CURSOR_BYTES)?.map(|text| after(text, &search)).transpose()?;
        Ok((Self { search, fields: Fields::read(&params)?, limit: limit as usize }, params))
    }

    /// The cursor behind an object: opaque, and good for the same filters and order only.
    pub(super) fn cursor(&self, place: &Place) -> String {
        let Place { value, id } = place;
        URL_SAFE_NO_PAD.encode(json!([fingerprint(&self.search), value, id]).to_string())
    }
}

/// A parameter that does not fit: its name, a code, and what is wrong.
type Wrong = (String, &'static str, String);

fn read_filters(given: &[(String, String)], keywords: &Keywords, wrong: &mut Vec<Wrong>) -> Vec<FieldFilter> {
    let mut filters: Vec<FieldFilter> = Vec::new();
    for (name, value) in given {
        match filter(name, value, keywords) {
            Ok(filter) if filters.iter().any(|other| other.field == filter.field && other.bound == filter.bound) => {
                wrong.push((name.clone(), "twice", "is given twice; give it once".to_owned()));
            }
            Ok(filter) => filters.push(filter),
            Err((code, message)) => wrong.push((name.clone(), code, message)),
        }
    }
    if filters.len() > MOST_FILTERS {
        wrong.push(("filter".to_owned(), "too-many", format!("at most {MOST_FILTERS} filters are possible")));
    }
    filters
}

/// `filter[total][gte]=100`. An empty value stands for "there is none".
fn filter(name: &str, value: &str, keywords: &Keywords) -> Result<FieldFilter, (&'static str, String)> {
    let parts = name.strip_prefix("filter[").and_then(|rest| rest.strip_suffix(']'));
    let parts = parts
        .ok_or_else(|| ("unknown-parameter", "is not known; write filter[FIELD] or filter[FIELD][gte]".to_owned()))?;
    let (field, operator) = parts.split_once("][").unwrap_or((parts, "eq"));
    let index = keywords.indexes.iter().find(|index| index.path.to_string() == field);
    let index = index.ok_or_else(|| ("not-indexed", format!("is no filter here; {}", known(keywords))))?;
    let bound = match operator {
        "eq" => Bound::Equal,
        "gt" => Bound::Above,
        "gte" => Bound::From,
        "lt" => Bound::Below,
        "lte" => Bound::To,
        _ => {
            return Err((
                "unknown-parameter",
                "compares in no way that is known; use one of: eq, gt, gte, lt, lte".to_owned(),
            ));
        }
    };
    let fits = value.chars().count() <= MAX_VALUE_CHARS && !value.chars().any(char::is_control);
    let key = match (value, bound) {
        ("", Bound::Equal) => Some(NOTHING.to_owned()),
        ("", _) => None,
        _ => index.kind.key_of_text(value).filter(|_| fits),
    };
    let key = key.ok_or_else(|| {
        ("value", format!("must be {} of at most {MAX_VALUE_CHARS} characters", index.kind.example()))
    })?;
    Ok(FieldFilter { field: field.to_owned(), bound, value: key })
}

/// `sort=-total`. Without it the newest come first, or, where a field has bounds, the lowest in it.
fn order(sort: Option<&str>, filters: &[FieldFilter], keywords: &Keywords, wrong: &mut Vec<Wrong>) -> (SortBy, bool) {
    let Some(text) = sort else {
        let bounded = filters.iter().find(|filter| filter.bound != Bound::Equal);
        return bounded.map_or((SortBy::Id, true), |filter| (SortBy::Field(filter.field.clone()), false));
    };
    let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
    let by = match name {
        "id" => Some(SortBy::Id),
        "created_at" => Some(SortBy::Created),
        name => is_index(keywords, name).then(|| SortBy::Field(name.to_owned())),
    };
    let by = by.unwrap_or_else(|| {
        let message = format!(
            "must be id, created_at or a field by which these are sorted, with - before it for the highest first; {}",
            known(keywords)
        );
        wrong.push(("sort".to_owned(), "not-indexed", message));
        SortBy::Id
    });
    (by, descending)
}

fn is_index(keywords: &Keywords, name: &str) -> bool {
    keywords.indexes.iter().any(|index| index.path.to_string() == name)
}

fn known(keywords: &Keywords) -> String {
    let names: Vec<String> = keywords.indexes.iter().map(|Index { path, .. }| path.to_string()).collect();
    match names.is_empty() {
        true => "these have no fields to filter or sort by".to_owned(),
        false => format!("the fields are: {}", names.join(", ")),
    }
}

/// The place that a cursor stands for.
fn after(text: &str, search: &ObjectSearch) -> Result<Place, ProblemDetails> {
    let wrong = |message: &str| ProblemDetails::parameter("cursor", "cursor", message);
    let unreadable = || wrong("is not the \"next\" of a page; leave it out to begin anew");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| unreadable())?;
    let parts: [Value; 3] = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    let [Value::String(of), Value::String(value), Value::String(id)] = parts else { return Err(unreadable()) };
    if of != fingerprint(search) {
        return Err(wrong("belongs to a list with other filters or another order; leave it out to begin anew"));
    }
    let is_time = search.sort != SortBy::Created || value.parse::<i64>().is_ok();
    let is_plain = !value.contains('\0') && !id.chars().any(char::is_control);
    if is_time && is_plain { Ok(Place { value, id }) } else { Err(unreadable()) }
}

/// What a cursor belongs to: filters and order, but not how long a page is.
fn fingerprint(search: &ObjectSearch) -> String {
    let ObjectSearch { status, number, filters, sort, descending, .. } = search;
    let hash = hex::encode(Sha256::digest(format!("{status:?}{number:?}{filters:?}{sort:?}{descending}")));
    hash.get(..12).unwrap_or_default().to_owned()
}

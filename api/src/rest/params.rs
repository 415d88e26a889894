//! Query parameters and parts of the path. A parameter that is not known is refused: it would be a filter that does
//! not filter.

use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The entries of a page if `limit` does not say otherwise.
const DEFAULT_LIMIT: u32 = 50;
/// The most entries of a page.
const MAX_LIMIT: u32 = 200;
/// The longest text of a parameter.
const MAX_TEXT_CHARS: usize = 200;

/// The query parameters of a request, all of them known.
#[derive(Debug)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads them. 400 if one is unknown or given twice.
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, ProblemDetails> {
        Self::of(pairs(uri)?, known, "")
    }

    /// The same of parameters that are read already, beside others, which `more` names.
    pub(crate) fn of(pairs: Vec<(String, String)>, known: &[&str], more: &str) -> Result<Self, ProblemDetails> {
        let mut found = BTreeMap::new();
        for (name, value) in pairs {
            if !known.contains(&name.as_str()) {
                return Err(ProblemDetails::parameter(&name, "unknown-parameter", remedy(known, more)));
            }
            if found.insert(name.clone(), value).is_some() {
                return Err(ProblemDetails::parameter(&name, "twice", "is given twice; give it once"));
            }
        }
        Ok(Self(found))
    }

    /// Refuses every parameter.
    pub(crate) fn none(uri: &Uri) -> Result<(), ProblemDetails> {
        Self::read(uri, &[]).map(|_| ())
    }

    /// `limit`: how many entries a page has.
    pub(crate) fn limit(&self) -> Result<u32, ProblemDetails> {
        let wrong =
            || ProblemDetails::parameter("limit", "range", format!("must be a whole number from 1 to {MAX_LIMIT}"));
        let Some(text) = self.0.get("limit") else { return Ok(DEFAULT_LIMIT) };
        text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(wrong)
    }

    /// `after`: a place in a log, 0 if absent.
    pub(crate) fn after(&self) -> Result<u64, ProblemDetails> {
        let wrong = || ProblemDetails::parameter("after", "range", "must be a whole number, 0 or more");
        // A place fits the databases' 64 bits with a sign.
        let fits = |place: &u64| i64::try_from(*place).is_ok();
        self.0.get("after").map_or(Ok(0), |text| text.parse().ok().filter(fits).ok_or_else(wrong))
    }

    /// A text of reasonable length without control characters.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ProblemDetails> {
        self.long_text(name, MAX_TEXT_CHARS)
    }

    /// A text of at most so many characters, without control characters.
    pub(crate) fn long_text(&self, name: &str, most: usize) -> Result<Option<&str>, ProblemDetails> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        let wrong = || ProblemDetails::parameter(name, "text", format!("must be a text of 1 to {most} characters"));
        if fits { Ok(Some(text)) } else { Err(wrong()) }
    }

    /// `cursor`: the `next` of the page before, as [`cursor`] made it.
    pub(crate) fn cursor(&self) -> Result<Option<String>, ProblemDetails> {
        let wrong = || {
            ProblemDetails::parameter("cursor", "cursor", "is not the \"next\" of a page; leave it out to begin anew")
        };
        let Some(text) = self.0.get("cursor") else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let id = String::from_utf8(bytes).map_err(|_| wrong())?;
        let fits = (1..=MAX_TEXT_CHARS).contains(&id.len()) && !id.chars().any(char::is_control);
        if fits { Ok(Some(id)) } else { Err(wrong()) }
    }
}

/// The cursor behind an id. Opaque, so that clients do not build their own.
pub(crate) fn cursor(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// The parameters of an address, in their order.
pub(crate) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, ProblemDetails> {
    let unreadable = |_| ProblemDetails::bad_request("query", "the query part of the address cannot be read");
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(unreadable)?;
    Ok(pairs)
}

fn remedy(known: &[&str], more: &str) -> String {
    let known: Vec<&str> = known.iter().copied().chain((!more.is_empty()).then_some(more)).collect();
    match known.is_empty() {
        true => "is not known; this takes none".to_owned(),
        false => format!("is not known; use one of: {}", known.join(", ")),
    }
}

/// The parts of the path. 404 if they do not fit, for then there is nothing at that address.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = ProblemDetails;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ProblemDetails> {
        let unknown = |_| ProblemDetails::not_found("there is nothing at this address");
        Path::<T>::from_request_parts(parts, state).await.map(|Path(found)| Self(found)).map_err(unknown)
    }
}

//! `If-Match` (RFC 9110, section 13.1.1): a change says which revision it changes, so that nobody overwrites what somebody
//! else has done meanwhile.

use crate::problem::ProblemDetails;
use axum::http::{HeaderMap, StatusCode, header};
use modules::Seen;

/// What the caller has seen of the object.
///
/// Of a tag only its revision counts: where the workflow stands is part of the tag, and no reason to refuse a change.
///
/// # Errors
/// 428 without the header, 400 if it holds no tag.
pub(super) fn seen(headers: &HeaderMap) -> Result<Seen, ProblemDetails> {
    let given: Vec<&str> = headers
        .get_all(header::IF_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .collect();
    if given.is_empty() {
        return Err(required());
    }
    if given.iter().any(|tag| tag.trim() == "*") {
        return Ok(Seen::Any);
    }
    if !given.iter().all(|tag| is_tag(tag.trim())) {
        let detail = "the header If-Match holds an ETag as it was given, in quotation marks, or *";
        return Err(ProblemDetails::bad_request("if-match", detail));
    }
    Ok(Seen::At(given.into_iter().filter_map(revision).collect()))
}

/// `"3-ab12"`, or the same after `W/`.
fn is_tag(tag: &str) -> bool {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|inner| !inner.contains('"'))
}

fn required() -> ProblemDetails {
    let detail = "say which revision this changes: send its ETag as the header If-Match, or * for whichever it is";
    ProblemDetails::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", "Which revision is meant?", detail)
}

/// The revision in a tag as `etag::of_object` makes it.
fn revision(tag: &str) -> Option<u64> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    tag.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Seen> {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| _ = headers.append(header::IF_MATCH, value.parse().unwrap()));
        seen(&headers).ok()
    }

    #[test]
    fn tags_are_read_in_all_their_forms() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["*"]), Some(Seen::Any));
        assert_eq!(of(&["\"3-ab12\""]), Some(Seen::At(vec![3])));
        assert_eq!(of(&["W/\"3-ab12\", \"4\"", "\"other\""]), Some(Seen::At(vec![3, 4])));
        assert_eq!(of(&["\"another\""]), Some(Seen::At(vec![])));
        for garbage in ["garbage", "", "3", "\"", "\"3\" x"] {
            assert_eq!(of(&[garbage]), None, "{garbage}");
        }
    }
}

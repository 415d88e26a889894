//! The query of an import: `format`, `mode`, `key`, `preview`, `partial`.

use super::format;
use crate::problem::ProblemDetails;
use crate::rest::params::Params;
use axum::http::{StatusCode, Uri};
use modules::Keywords;
use modules::transfer::{Format, Mode};

/// How an import is wished for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) format: Format,
    /// Whether objects that are there may be changed.
    pub(super) changes: bool,
    key: Option<String>,
    /// Only to know what would come of it.
    pub(super) preview: bool,
    /// Whether the others are imported if some rows are refused.
    pub(super) partial: bool,
}

impl Wish {
    pub(super) fn read(uri: &Uri) -> Result<Self, ProblemDetails> {
        let params = Params::read(uri, &["format", "mode", "key", "preview", "partial"])?;
        let changes = match params.text("mode")? {
            None | Some("create") => false,
            Some("upsert") => true,
            Some(_) => return Err(ProblemDetails::parameter("mode", "value", "must be create or upsert")),
        };
        let key = params.text("key")?.map(str::to_owned);
        match (changes, &key) {
            (true, None) => Err(ProblemDetails::parameter(
                "key",
                "missing",
                "is missing; it names the field that says which object a row is about, or is id",
            )),
            (false, Some(_)) => Err(ProblemDetails::parameter("key", "value", "goes with mode=upsert only")),
            _ => Ok(Self {
                format: format(&params)?,
                changes,
                key,
                preview: flag(&params, "preview")?,
                partial: flag(&params, "partial")?,
            }),
        }
    }

    /// What becomes of the rows.
    pub(super) fn mode(&self, keywords: &Keywords) -> Result<Mode, ProblemDetails> {
        match &self.key {
            None => Ok(Mode::Create),
            Some(key) => {
                Mode::upsert(key, keywords).map_err(|message| ProblemDetails::parameter("key", "not-unique", message))
            }
        }
    }

    /// 415 for a kind of content that is surely something else.
    pub(super) fn refuse_other_types(media_type: &str) -> Result<(), ProblemDetails> {
        const TAKEN: [&str; 6] = [
            "text/csv",
            "application/jsonl",
            "application/x-ndjson",
            "application/x-jsonlines",
            "application/octet-stream",
            "text/plain",
        ];
        if TAKEN.contains(&media_type) {
            return Ok(());
        }
        let detail = "send the file as it is, with the header \"Content-Type: text/csv\" or \"application/jsonl\"";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Err(ProblemDetails::new(status, "content-type", "Another kind of content is needed", detail))
    }
}

fn flag(params: &Params, name: &str) -> Result<bool, ProblemDetails> {
    match params.text(name)? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ProblemDetails::parameter(name, "value", "must be true or false")),
    }
}

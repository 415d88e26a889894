//! `GET /api/v1/{company}/{module}/{collection}/export?format=csv|jsonl`

use super::super::fields::Fields;
use super::super::guard;
use super::super::query::Listing;
use super::format;
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::params::At;
use crate::state::AppState;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use modules::Operation;
use modules::transfer::Exporting;
use serde_json::json;
use store::{ObjectSearch, Store, StoreError};

/// So many objects are read at once, and held in memory.
const PAGE: u32 = 200;

/// All objects that the filters of a list let through, in its order.
pub(crate) async fn export(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let found = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?;
    let (listing, params) = Listing::with(&uri, &found.schema.keywords, &["format"])?;
    let format = format(&params)?;
    let Listing { search, fields, .. } = listing;
    let exporting = Exporting::new(format, found.schema, fields.paths());
    let (company, kind) = (caller.company.clone(), found.kind());
    let search = ObjectSearch { limit: PAGE, ..search };
    let mut pages = Pages { store: state.store, company, kind, search, fields, exporting, has_more: true };
    // What is wrong is told with its status as long as nothing was sent.
    let first = pages.exporting.head() + &pages.next().await?;
    let rest = stream::try_unfold(pages, |mut pages| async {
        if !pages.has_more {
            return Ok::<_, StoreError>(None);
        }
        let page = pages.next().await?;
        Ok(Some((Bytes::from(page), pages)))
    });
    let whole = stream::StreamExt::chain(stream::once(async { Ok(Bytes::from(first)) }), rest);
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{collection}.{format}\"")),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}

/// What is still to be sent. No connection is held between pages: whoever reads slowly is in nobody's way.
struct Pages {
    store: Store,
    company: String,
    kind: String,
    search: ObjectSearch,
    fields: Fields,
    exporting: Exporting,
    has_more: bool,
}

impl Pages {
    async fn next(&mut self) -> Result<String, StoreError> {
        let found = self.store.read().await?.find_objects(&self.company, &self.kind, &self.search).await?;
        self.has_more = found.len() == PAGE as usize;
        let mut text = String::new();
        for one in &found {
            let shown = self.fields.of(json!({ "data": one.object.data }));
            self.exporting.write(&one.object, &shown["data"], &mut text);
        }
        self.search.after = found.into_iter().next_back().map(|last| last.place);
        Ok(text)
    }
}

//! The REST interface. Nothing in here knows a module by name: paths are made of what the manifests say.
//!
//! Every handler is one thing: who calls (401), may that person (403), is the request well formed (400, 415, 413), then
//! one read, or one unit of work. Errors become problems in [`crate::problem`], and nowhere else.

mod body;
mod callbacks;
mod cancel;
mod decisions;
mod deed;
mod definitions;
mod document;
mod effects;
mod endpoints;
mod envelope;
pub(crate) mod etag;
mod events;
mod history;
mod idempotency;
mod instances;
mod modules;
pub(crate) mod moment;
mod objects;
pub(crate) mod params;
mod people;
mod post;
mod reassign;
pub(crate) mod request_id;
mod sight;
mod signals;
mod start;
#[cfg(test)]
pub(crate) mod tests;
mod upload;
mod waiting;

use crate::state::AppState;
use crate::{health, limits, metrics, openapi, services};
use ::modules::MAX_ARCHIVE_BYTES;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post as send};

pub use envelope::finish;

/// The routes of the REST interface, its description and the health checks, complete in themselves. Merged with the
/// pages they are to be given to [`finish`] once more, so that the pages have what every answer has.
pub fn routes(state: &AppState) -> Router<AppState> {
    let packages = DefaultBodyLimit::max(MAX_ARCHIVE_BYTES);
    let api = Router::new()
        .route("/api/v1/{company}/me", get(people::me))
        .route("/api/v1/{company}/people", get(people::list))
        .route("/api/v1/{company}/events", get(events::list))
        .route("/api/v1/{company}/effects", get(effects::list))
        .route("/api/v1/{company}/effects/{instance}/{version}/{n}/retry", send(effects::retry))
        .route("/api/v1/{company}/definitions", get(definitions::list).put(definitions::save))
        .route("/api/v1/{company}/definitions/{name}/{version}", get(definitions::read))
        .route("/api/v1/{company}/instances", send(start::start))
        .route("/api/v1/{company}/instances/{id}", get(instances::read))
        .route("/api/v1/{company}/instances/{id}/history", get(instances::read_history))
        .route("/api/v1/{company}/instances/{id}/decisions", send(decisions::decide))
        .route("/api/v1/{company}/instances/{id}/reassign", send(reassign::reassign))
        .route("/api/v1/{company}/instances/{id}/cancel", send(cancel::cancel))
        .route("/api/v1/{company}/instances/{id}/signals", send(signals::signal))
        .route("/api/v1/{company}/callbacks/{token}/success", send(callbacks::success))
        .route("/api/v1/{company}/callbacks/{token}/failure", send(callbacks::failure))
        .route("/api/v1/{company}/callbacks/{token}/heartbeat", send(callbacks::heartbeat))
        .route("/api/v1/{company}/openapi.json", get(openapi::of_company))
        .route("/api/v1/{company}/modules", get(modules::list).post(modules::install).layer(packages))
        .route("/api/v1/{company}/modules/{name}", get(modules::read).delete(modules::uninstall))
        .route("/api/v1/{company}/modules/{name}/config", get(modules::config::read).put(modules::config::set))
        .route("/api/v1/{company}/modules/{name}/config/rollback", send(modules::config::roll_back))
        .route("/api/v1/{company}/modules/{name}/health", get(modules::health::read))
        .route("/api/v1/{company}/modules/{name}/usage", get(modules::health::usage))
        .route("/api/v1/{company}/modules/{name}/logs", get(modules::logs::list))
        .route("/api/v1/{company}/modules/{name}/update", send(modules::update).layer(packages))
        .route("/api/v1/{company}/modules/{name}/enable", send(modules::enable))
        .route("/api/v1/{company}/modules/{name}/disable", send(modules::disable))
        .route("/api/v1/{company}/modules/{name}/rollback", send(modules::rollback))
        .route("/api/v1/{company}/modules/{name}/purge", send(modules::purge))
        .route("/api/v1/{company}/modules/{name}/subscriptions", get(modules::subscriptions::list))
        .route("/api/v1/{company}/modules/{name}/subscriptions/{sub}/replay", send(modules::subscriptions::replay))
        .route("/api/v1/{company}/modules/{name}/subscriptions/{sub}/retry", send(modules::subscriptions::retry))
        .route("/api/v1/{company}/modules/{name}/subscriptions/{sub}/skip", send(modules::subscriptions::skip))
        .merge(of_modules(state))
        .layer(DefaultBodyLimit::max(post::MAX_BODY_BYTES))
        .merge(openapi::routes())
        .merge(metrics::routes())
        .merge(services::routes())
        .merge(health::routes());
    finish(api, state)
}

/// What a module offers, within the limits that it has.
fn of_modules(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/v1/{company}/{module}/-/{*path}", any(endpoints::answer))
        .route("/api/v1/{company}/{module}/{collection}", get(objects::list).post(objects::create))
        .route("/api/v1/{company}/{module}/{collection}/export", get(objects::transfer::export))
        .route(
            "/api/v1/{company}/{module}/{collection}/import",
            send(objects::transfer::import).layer(DefaultBodyLimit::max(objects::transfer::MAX_BYTES)),
        )
        .route(
            "/api/v1/{company}/{module}/{collection}/{id}",
            get(objects::read).put(objects::replace).patch(objects::patch).delete(objects::delete),
        )
        .route("/api/v1/{company}/{module}/{collection}/{id}/attachments", get(objects::attachments::list))
        .route(
            "/api/v1/{company}/{module}/{collection}/{id}/attachments/{name}",
            get(objects::attachments::read)
                .put(objects::attachments::put)
                .delete(objects::attachments::delete)
                .layer(DefaultBodyLimit::max(upload::MAX_FILE_BYTES)),
        )
        .route("/api/v1/{company}/{module}/{collection}/{id}/revisions", get(objects::list_revisions))
        .route("/api/v1/{company}/{module}/{collection}/{id}/revisions/{revision}", get(objects::read_revision))
        .route("/api/v1/{company}/{module}/{collection}/{id}/{document}", get(document::read))
        .route_layer(from_fn_with_state(state.clone(), limits::enforce))
}

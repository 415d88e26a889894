//! What a company has installed: list it, look at one module, and change it.
//!
//! A change is asked for in one request and done by an instance, which the answer names. With `plan=true` nothing is
//! done, and the answer says what would be.

mod asked;
pub(crate) mod config;
pub(crate) mod health;
pub(crate) mod logs;
mod package;
mod shown;
pub(crate) mod subscriptions;

use self::asked::Wish;
use super::idempotency::{Answer, once};
use super::params::{At, Params};
use super::post::Post;
use crate::auth::{Authenticated, require_manage};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{Beginning, Begun, Caller, Change, ChangeKind, MAX_ARCHIVE_BYTES, Misfit, Offered, Plan};
use package::{Sent, SentPackage};
use serde_json::{Value, json};
use store::{StoreError, Unit};

/// `GET /api/v1/{company}/modules`
pub(crate) async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    let catalogue = state.registry.of(&mut reader, &caller.company).await?;
    let items: Vec<Value> =
        catalogue.all().into_iter().map(|(installed, state)| shown::line(installed, state)).collect();
    let change = shown::last_change(&mut reader, &caller.company).await?;
    Ok(Json(json!({ "items": items, "generation": catalogue.generation(), "last_change": change })))
}

/// `GET /api/v1/{company}/modules/{name}`
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    let catalogue = state.registry.of(&mut reader, &caller.company).await?;
    Ok(Json(shown::detail(&mut reader, &caller.company, &catalogue, &name).await?))
}

/// A request to change something, by somebody who may.
pub(crate) struct Asked {
    app: AppState,
    by: Caller,
    /// The module, where the path names one.
    module: Option<String>,
    wish: Wish,
    post: Post,
}

impl FromRequest<AppState> for Asked {
    type Rejection = ProblemDetails;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ProblemDetails> {
        let (mut parts, body) = request.into_parts();
        let Authenticated(by) = Authenticated::from_request_parts(&mut parts, app).await?;
        require_manage(&by)?;
        let module = match At::<(String, String)>::from_request_parts(&mut parts, app).await {
            Ok(At((_, module))) => Some(module),
            Err(_) => None,
        };
        let wish = Wish::read(&parts.uri)?;
        let post = Post::of_at_most(Request::from_parts(parts, body), app, MAX_ARCHIVE_BYTES).await?;
        Ok(Self { app: app.clone(), by, module, wish, post })
    }
}

/// `POST /api/v1/{company}/modules`: a package file, or the name of a module that is known.
pub(crate) async fn install(asked: Asked) -> Result<Response, ProblemDetails> {
    let sent = asked.sent().await?;
    asked.with_package(ChangeKind::Install, sent).await
}

/// `POST /api/v1/{company}/modules/{name}/update`: a package file, or nothing for the newest that is known.
pub(crate) async fn update(asked: Asked) -> Result<Response, ProblemDetails> {
    let sent = match (asked.post.is_empty(), &asked.module) {
        (true, Some(name)) => Sent::known(name),
        _ => asked.sent().await?,
    };
    if asked.module.as_deref() != Some(sent.module.as_str()) {
        let path = asked.module.as_deref().unwrap_or_default();
        let detail = format!("the package is of the module {}, and the path names {path}", sent.module);
        return Err(ProblemDetails::bad_request("other-module", detail));
    }
    asked.with_package(ChangeKind::Update, sent).await
}

/// `POST /api/v1/{company}/modules/{name}/enable`
pub(crate) async fn enable(asked: Asked) -> Result<Response, ProblemDetails> {
    asked.without_package(ChangeKind::Enable).await
}

/// `POST /api/v1/{company}/modules/{name}/disable`
pub(crate) async fn disable(asked: Asked) -> Result<Response, ProblemDetails> {
    asked.without_package(ChangeKind::Disable).await
}

/// `POST /api/v1/{company}/modules/{name}/rollback`
pub(crate) async fn rollback(asked: Asked) -> Result<Response, ProblemDetails> {
    asked.without_package(ChangeKind::Rollback).await
}

/// `POST /api/v1/{company}/modules/{name}/purge`
pub(crate) async fn purge(asked: Asked) -> Result<Response, ProblemDetails> {
    asked.without_package(ChangeKind::Purge).await
}

/// `DELETE /api/v1/{company}/modules/{name}`
pub(crate) async fn uninstall(asked: Asked) -> Result<Response, ProblemDetails> {
    asked.without_package(ChangeKind::Uninstall).await
}

impl Asked {
    async fn sent(&self) -> Result<Sent, ProblemDetails> {
        Sent::read(&self.post, &self.app.registry).await
    }

    async fn without_package(self, kind: ChangeKind) -> Result<Response, ProblemDetails> {
        self.post.nothing()?;
        let module = self.module.clone().unwrap_or_default();
        self.with_package(kind, Sent::known(&module)).await
    }

    async fn with_package(self, kind: ChangeKind, sent: Sent) -> Result<Response, ProblemDetails> {
        let Sent { module, version, package } = sent;
        let sha256 = package.as_ref().map(|package| package.sha256.clone());
        let change = Change { kind, module, version, sha256, running: self.wish.running };
        let (new, offered) = package.map(SentPackage::parts).unzip();
        let planned = self.planned(&change, offered.as_ref()).await;
        if self.wish.plan {
            return Ok(Json(json!({ "plan": planned? })).into_response());
        }
        // Why there is no plan is told where the change begins: it may have begun before, and be asked for once more.
        if let Ok(plan) = &planned
            && plan.misfits().next().is_some()
        {
            return Err(unfit(plan));
        }
        let beginning = Beginning { change, consent: self.wish.consent.clone() };
        let (registry, by) = (self.app.registry.clone(), self.by.clone());
        let answered = once(&self.app, &self.by, &self.post, move |unit| {
            let (registry, by, beginning, new) = (registry.clone(), by.clone(), beginning.clone(), new.clone());
            Box::pin(async move {
                if let Some((new, signer)) = &new {
                    let sha256 = unit.put_package(&by.company, new, &by.person.id).await?;
                    if let Some(signer) = signer {
                        unit.put_package_signer(&sha256, signer).await?;
                    }
                }
                let begun = registry.begin(unit, &by, &beginning).await?;
                begun_answer(unit, &by.company, &begun).await
            })
        });
        let answered = answered.await?;
        let made: Value = serde_json::from_str(answered.text()).unwrap_or_default();
        let id = made.get("instance").and_then(Value::as_str).unwrap_or_default();
        let location = HeaderValue::from_str(&format!("/api/v1/{}/instances/{id}", self.by.company)).ok();
        Ok((location.map(|location| [(header::LOCATION, location)]), answered).into_response())
    }
}

impl Asked {
    /// What would be done, with the objects of other versions tried.
    async fn planned(&self, change: &Change, offered: Option<&Offered>) -> Result<Plan, ProblemDetails> {
        let (registry, company) = (&self.app.registry, self.by.company.as_str());
        let mut reader = self.app.store.read().await?;
        let mut plan = registry.plan(&mut reader, company, change, offered).await?;
        registry.try_out(&mut reader, company, &mut plan, offered, self.app.store.now_ms()).await?;
        Ok(plan)
    }
}

/// 422 with every object that does not fit, as far as they are told.
fn unfit(plan: &Plan) -> ProblemDetails {
    let told = |misfit: &Misfit| {
        let Misfit { kind, id, pointer, message } = misfit;
        json!({ "pointer": pointer, "code": "does-not-fit", "message": format!("{kind}/{id}: {message}"), "kind": kind, "id": id })
    };
    let errors: Vec<Value> = plan.misfits().take(100).map(told).collect();
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let detail = format!("{}: some objects do not fit; nothing was changed", plan.title);
    ProblemDetails { errors, ..ProblemDetails::new(status, "does-not-fit", "Some objects do not fit", detail) }
}

async fn begun_answer(unit: &mut Unit, company: &str, begun: &Begun) -> Result<Answer, StoreError> {
    let (instance, _) = unit.instance(company, &begun.instance).await?;
    let body = json!({ "instance": begun.instance, "status": instance.status_name(), "plan": begun.plan });
    Ok(Answer { status: StatusCode::ACCEPTED, body })
}

//! What a person does with an instance: one JSON body, one unit of work, and an answer that says where it stands then.

use super::idempotency::{Answer, Answered, once_about};
use super::instances::state;
use super::params::{At, Params};
use super::post::Post;
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use futures::future::BoxFuture;
use modules::{Caller, Registry};
use serde_json::{Value, json};
use store::{About, Ahead, StoreError, Unit};
use workflow::{EventKind, Instance, Problem};

/// A POST on an instance by somebody who is known. Whether this person may do what is asked is the handler's question.
pub(crate) struct Asked {
    pub(crate) app: AppState,
    pub(crate) by: Caller,
    /// The instance.
    pub(crate) id: String,
    /// How it stood when the request came.
    ahead: Option<Ahead>,
    pub(crate) post: Post,
}

/// What is done, as each attempt of the unit of work gets it.
#[derive(Clone)]
pub(crate) struct Deed<T> {
    pub(crate) registry: Registry,
    pub(crate) by: Caller,
    /// The instance.
    pub(crate) id: String,
    /// What was sent.
    pub(crate) what: T,
}

/// The work of one attempt.
type Work<T> = for<'u> fn(&'u mut Unit, Deed<T>) -> BoxFuture<'u, Result<Answer, StoreError>>;

impl FromRequest<AppState> for Asked {
    type Rejection = ProblemDetails;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ProblemDetails> {
        let (mut parts, body) = request.into_parts();
        let At((company, id)) = At::<(String, String)>::from_request_parts(&mut parts, app).await?;
        // The instance is read while the token is looked up. Who brings none, or one that is not known, does not wait for it
        // and hears nothing of it.
        let known = Authenticated::from_request_parts(&mut parts, app);
        let ahead = async { Ok(app.store.read_ahead(&company, &id).await) };
        let (Authenticated(by), ahead) = futures::try_join!(known, ahead)?;
        Params::none(&parts.uri)?;
        let post = Post::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self { app: app.clone(), by, id, ahead, post })
    }
}

impl Asked {
    /// Does it in one unit, unless this request was answered before.
    pub(crate) async fn once<T>(self, what: T, work: Work<T>) -> Result<Answered, ProblemDetails>
    where
        T: Clone + Send + Sync + 'static,
    {
        let Self { app, by, id, ahead, post } = self;
        let deed = Deed { registry: app.registry.clone(), by: by.clone(), id, what };
        let about = ahead.map_or_else(|| About::instance(&by.company, &deed.id), About::Ahead);
        once_about(&app, &by, &post, about, move |unit| work(unit, deed.clone())).await
    }
}

impl<T> Deed<T> {
    /// Moves the instance on in the name of this person.
    pub(crate) async fn advance(&self, unit: &mut Unit, kind: EventKind) -> Result<Instance, StoreError> {
        unit.advance(&self.by.company, &self.id, self.by.actor(), kind).await
    }
}

/// 200 with where the instance stands.
pub(crate) fn done(body: Value) -> Answer {
    Answer { status: StatusCode::OK, body }
}

/// Where the instance stands after what was done.
pub(crate) fn standing(instance: &Instance) -> Value {
    let pending = instance.open_approvals().flat_map(|(_, open)| open.pending());
    let names: Vec<&str> = pending.map(|seat| seat.name.as_str()).collect();
    json!({
        "instance": instance.id,
        "version": instance.version,
        "status": instance.status_name(),
        "state": state(instance),
        "waiting_for": names,
    })
}

/// 422 because of one field.
pub(crate) fn refused(pointer: &str, code: &str, message: &str) -> StoreError {
    StoreError::Problems(vec![Problem::new(pointer, code, message)])
}

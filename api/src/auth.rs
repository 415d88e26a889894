//! Who calls: the bearer token of a person, valid in one company.

use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use modules::{Caller, Catalogue};
use workflow::Channel;

/// The role that may see and mend everything of its company.
pub const ADMIN: &str = "admin";
/// Longer tokens are not ours, and not worth hashing.
const MAX_TOKEN_CHARS: usize = 512;

/// The caller of a path below `/api/v1/{company}`: a person of that company, by bearer token.
///
/// Rejects with 401 if the token is missing, unknown, expired or of another company; which of these it is is not told.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

/// The caller, who was recognised before the handler was asked.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ProblemDetails;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ProblemDetails> {
        if let Some(Known(caller)) = parts.extensions.get() {
            return Ok(Self(caller.clone()));
        }
        let company = company(parts, state).await?;
        let token = bearer(&parts.headers)?;
        let person = state.store.person_of_token(&company, &token).await?;
        let person = person.ok_or_else(|| unauthorized(true))?;
        Ok(Self(Caller { company, person, through: Channel::Token }))
    }
}

/// The company of the path. Control characters are refused in every part of it: no id has any, and databases differ in
/// what they make of them.
async fn company(parts: &mut Parts, state: &AppState) -> Result<String, ProblemDetails> {
    let unknown = || ProblemDetails::not_found("there is nothing at this address");
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| unknown())?;
    if params.iter().any(|(_, value)| value.chars().any(char::is_control)) {
        return Err(unknown());
    }
    params.iter().find(|(name, _)| *name == "company").map(|(_, company)| company.to_owned()).ok_or_else(unknown)
}

/// The token of `Authorization: Bearer <token>` (RFC 6750).
fn bearer(headers: &HeaderMap) -> Result<String, ProblemDetails> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(unauthorized(false)),
    };
    let sane = !token.is_empty() && token.len() <= MAX_TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_graphic());
    if sane { Ok(token.to_owned()) } else { Err(unauthorized(true)) }
}

fn unauthorized(given: bool) -> ProblemDetails {
    let (detail, challenge) = if given {
        ("this token is not valid in this company", "Bearer realm=\"countersign\", error=\"invalid_token\"")
    } else {
        ("send a token of this company as \"Authorization: Bearer <token>\"", "Bearer realm=\"countersign\"")
    };
    ProblemDetails::new(StatusCode::UNAUTHORIZED, "unauthorized", "Who are you?", detail)
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

/// Whether the caller has the role [`ADMIN`].
pub fn is_admin(caller: &Caller) -> bool {
    caller.person.roles.iter().any(|role| role == ADMIN)
}

/// 403 unless the caller is an admin.
pub fn require_admin(caller: &Caller) -> Result<(), ProblemDetails> {
    if is_admin(caller) { Ok(()) } else { Err(ProblemDetails::forbidden("this needs the role \"admin\"")) }
}

/// The right to change what a company has installed. No module declares it: it is the admins'.
pub const MANAGE_MODULES: &str = "modules.manage";

/// 403 unless the caller may change what the company has installed.
pub fn require_manage(caller: &Caller) -> Result<(), ProblemDetails> {
    let detail = || format!("this needs the permission \"{MANAGE_MODULES}\", which the role \"admin\" has");
    if is_admin(caller) { Ok(()) } else { Err(ProblemDetails::forbidden(detail())) }
}

/// 403, naming the permission, unless one of the caller's roles has it. Admins have those that a manifest gives them
/// for making things, and every right to see.
pub fn require(catalogue: &Catalogue, caller: &Caller, permission: &str) -> Result<(), ProblemDetails> {
    if catalogue.allows(&caller.person.roles, permission) {
        return Ok(());
    }
    Err(ProblemDetails::forbidden(format!("this needs the permission \"{permission}\"")))
}

/// Like [`require`], for looking only: admins may look at everything of their company.
pub fn require_sight(catalogue: &Catalogue, caller: &Caller, permission: &str) -> Result<(), ProblemDetails> {
    if is_admin(caller) { Ok(()) } else { require(catalogue, caller, permission) }
}

//! May this person do this with these objects? Asked here for every path of objects, and nowhere else.

use crate::auth::is_admin;
use crate::problem::ProblemDetails;
use axum::http::{HeaderValue, StatusCode, header};
use modules::{Caller, Catalogue, Collection, Installed, Operation};
use store::StoreError;

/// The kind of objects of a path, if the caller may do this with them.
///
/// # Errors
/// 404 if no module has it, 409 if that is disabled, 405 if its manifest does not offer this, 403 if the caller lacks the permission. Admins have
/// the rights that a manifest gives them, and may look at everything.
pub(crate) fn guard<'c>(
    catalogue: &'c Catalogue,
    caller: &Caller,
    (module, collection): (&str, &str),
    operation: Operation,
) -> Result<Collection<'c>, ProblemDetails> {
    if let Some(sentence) = catalogue.set_aside(module) {
        return Err(StoreError::refused("module-disabled", sentence).into());
    }
    if let Some(broken) = catalogue.module(module).and_then(Installed::broken) {
        return Err(StoreError::refused("module-broken", broken).into());
    }
    let missing =
        || ProblemDetails::not_found(format!("there is no collection \"{module}/{collection}\"; see /openapi"));
    let found = catalogue.collection(module, collection).ok_or_else(missing)?;
    let Some(permission) = found.object_type.permission(operation) else {
        return Err(not_offered(&found, operation));
    };
    if found.may(caller, operation) || (operation == Operation::Read && is_admin(caller)) {
        return Ok(found);
    }
    Err(ProblemDetails::forbidden(format!("this needs the permission \"{permission}\"")))
}

fn not_offered(found: &Collection<'_>, operation: Operation) -> ProblemDetails {
    let detail =
        format!("{} does not offer to {operation} an object; the header Allow says what is possible", found.kind());
    let offered = |operation| found.object_type.permission(operation).is_some();
    let mut methods = vec!["GET", "HEAD"];
    if offered(Operation::Update) {
        methods.extend(["PUT", "PATCH"]);
    }
    if offered(Operation::Delete) {
        methods.push("DELETE");
    }
    let problem =
        ProblemDetails::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Another method is needed", detail);
    match HeaderValue::from_str(&methods.join(",")) {
        Ok(allow) => problem.with(header::ALLOW, allow),
        Err(_) => problem,
    }
}

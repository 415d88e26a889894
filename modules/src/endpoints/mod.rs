//! Requests that a module answers by itself, below `/api/v1/COMPANY/MODULE/-/`.
//!
//! A request and its answer are JSON documents with a method, a path and a status, and no types of a web server: then this
//! package, modules that are compiled in and code in WebAssembly need none, and all of them are tested without one.

use crate::catalogue::Catalogue;
use crate::installed::Installed;
use crate::manifest::{Endpoint, Manifest, Method};
use crate::objects::Caller;
use crate::objects::schema::{Flaw, PlainSchema};
use crate::package::{Package, PackageError};
use crate::registry::Registry;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::{Session, StoreError, Unit};
use workflow::Problem;

/// A request to an endpoint.
#[derive(Debug, Clone)]
pub struct EndpointRequest {
    /// The company, who asks, and how that is known.
    pub by: Caller,
    /// The method.
    pub method: Method,
    /// The path as the manifest has it: `trips/{id}/cost`.
    pub path: String,
    /// What stands for the names in braces.
    pub parameters: BTreeMap<String, String>,
    /// What stands behind the question mark.
    pub query: BTreeMap<String, String>,
    /// What was sent; null if nothing was.
    pub body: Value,
    /// When it came, in milliseconds since 1970: the time of what only looks.
    pub at_ms: i64,
}

/// The answer of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointAnswer {
    /// The HTTP status: 200 to 299 with a document, 400 to 599 with what is wrong.
    pub status: u16,
    /// The document. Of a refusal a sentence, or `detail` and a list of `errors`.
    pub body: Value,
}

impl EndpointAnswer {
    /// Whether it refuses: then nothing of what was done stays.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.status >= 400
    }
}

/// The compiled schemas of one endpoint.
#[derive(Default)]
pub(crate) struct EndpointSchemas {
    request: Option<PlainSchema>,
    response: Option<PlainSchema>,
}

impl EndpointSchemas {
    /// Those of every endpoint, in the order of the manifest.
    pub(crate) fn read(package: &Package, manifest: &Manifest) -> Result<Vec<Self>, PackageError> {
        let compiled = |file: &Option<String>| -> Result<Option<PlainSchema>, PackageError> {
            let Some(path) = file else { return Ok(None) };
            let wrong = |flaws: Vec<Flaw>| {
                let error = flaws.first().map(|flaw| format!("{}: {}", flaw.pointer, flaw.message)).unwrap_or_default();
                PackageError::Schema { path: path.clone(), error }
            };
            PlainSchema::read(&package.json(path)?).map(Some).map_err(wrong)
        };
        let read = |endpoint: &Endpoint| {
            Ok(Self { request: compiled(&endpoint.request)?, response: compiled(&endpoint.response)? })
        };
        manifest.endpoints.iter().map(read).collect()
    }
}

/// What a path leads to.
pub enum Found<'c> {
    /// An endpoint, with what stands for its names in braces.
    Endpoint(Answering<'c>, BTreeMap<String, String>),
    /// Endpoints of other methods only.
    Methods(Vec<Method>),
    /// Nothing.
    Nothing,
}

/// An endpoint with who answers.
#[derive(Clone, Copy)]
pub struct Answering<'c> {
    installed: &'c Installed,
    /// What the manifest says.
    pub endpoint: &'c Endpoint,
    schemas: &'c EndpointSchemas,
}

impl Catalogue {
    /// The endpoint of a module by method and the parts of the path, each decoded. One without braces comes first.
    pub fn endpoint(&self, module: &str, method: Method, path: &[String]) -> Found<'_> {
        let Some(installed) = self.module(module) else { return Found::Nothing };
        let all = installed.manifest.endpoints.iter().zip(installed.endpoint_schemas());
        let mut fitting: Vec<_> =
            all.filter_map(|(endpoint, schemas)| Some((matched(endpoint, path)?, endpoint, schemas))).collect();
        fitting.sort_by_key(|(parameters, ..)| parameters.len());
        let methods: BTreeSet<Method> = fitting.iter().map(|(_, endpoint, _)| endpoint.method).collect();
        match fitting.into_iter().find(|(_, endpoint, _)| endpoint.method == method) {
            Some((parameters, endpoint, schemas)) => {
                Found::Endpoint(Answering { installed, endpoint, schemas }, parameters)
            }
            None if methods.is_empty() => Found::Nothing,
            None => Found::Methods(methods.into_iter().collect()),
        }
    }
}

impl Registry {
    /// Answers a request that is no `GET`, in a unit of work, unless the code behind it is left alone because it has failed
    /// time after time: everybody waits while it runs. A refusal is for the caller to undo.
    ///
    /// # Errors
    /// As for [`Answering::look`], and `Busy` while it is left alone.
    pub async fn respond(
        &self,
        unit: &mut Unit,
        answering: &Answering<'_>,
        request: &EndpointRequest,
    ) -> Result<EndpointAnswer, StoreError> {
        let watched = self.begin_code(unit, &request.by.company, answering.installed)?;
        watched.ended(answering.respond(unit, request).await)
    }
}

/// What stands for the names in braces, if the path fits.
fn matched(endpoint: &Endpoint, path: &[String]) -> Option<BTreeMap<String, String>> {
    let parts: Vec<&str> = endpoint.path.split('/').collect();
    if parts.len() != path.len() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (part, given) in parts.iter().zip(path) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(_) if given.is_empty() => return None,
            Some(name) => drop(parameters.insert(name.to_owned(), given.clone())),
            None if part == given => {}
            None => return None,
        }
    }
    Some(parameters)
}

impl Answering<'_> {
    /// What is wrong with what was sent. Where the manifest has no schema for it, nothing is sent.
    pub fn problems(&self, body: &Value) -> Vec<Problem> {
        match &self.schemas.request {
            Some(schema) => schema.problems(body),
            None if body.is_null() => Vec::new(),
            None => vec![Problem::new("", "schema", "nothing is sent here; leave the body out")],
        }
    }

    /// Answers a `GET`, which changes nothing.
    ///
    /// # Errors
    /// If the store cannot be read, or if the code does not do its part.
    pub async fn look(&self, session: &mut Session, request: &EndpointRequest) -> Result<EndpointAnswer, StoreError> {
        let answer = self.installed.module().look(session, request).await?;
        self.checked(answer)
    }

    async fn respond(&self, unit: &mut Unit, request: &EndpointRequest) -> Result<EndpointAnswer, StoreError> {
        let answer = self.installed.module().respond(unit, request).await?;
        self.checked(answer)
    }

    /// An answer that is none, or does not fit what the manifest promises, is the module's failure.
    fn checked(&self, answer: EndpointAnswer) -> Result<EndpointAnswer, StoreError> {
        let failed = |why: String| {
            let name = &self.installed.manifest.name;
            StoreError::Problems(vec![Problem::new(
                "",
                "module-failed",
                format!("the module {name} could not do its part: {why}"),
            )])
        };
        if !matches!(answer.status, 200..=299 | 400..=599) {
            return Err(failed(format!(
                "it answered with the status {}; it may be 200 to 299, and 400 to 599",
                answer.status
            )));
        }
        if answer.is_refusal() {
            return Ok(answer);
        }
        let misfits = self.schemas.response.as_ref().map_or_else(Vec::new, |schema| schema.problems(&answer.body));
        match misfits.first() {
            None => Ok(answer),
            Some(misfit) => Err(failed(format!(
                "its answer does not fit {}: {misfit}",
                self.endpoint.response.as_deref().unwrap_or_default()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(path: &str) -> Endpoint {
        let (permission, title) = ("travel.trips.read".to_owned(), "Cost".to_owned());
        Endpoint { method: Method::Get, path: path.to_owned(), permission, title, request: None, response: None }
    }

    fn names(path: &str, given: &[&str]) -> Option<Vec<(String, String)>> {
        let given: Vec<String> = given.iter().map(|part| (*part).to_owned()).collect();
        matched(&endpoint(path), &given).map(|found| found.into_iter().collect())
    }

    #[test]
    fn a_path_fits_part_by_part() {
        let id = ("id".to_owned(), "a/b".to_owned());
        assert_eq!(names("trips/{id}/cost", &["trips", "a/b", "cost"]), Some(vec![id]));
        assert_eq!(names("costs", &["costs"]), Some(vec![]));
        for given in [&["trips"][..], &["trips", "", "cost"], &["trips", "1", "price"], &["trips", "1", "cost", "2"]] {
            assert_eq!(names("trips/{id}/cost", given), None, "{given:?}");
        }
    }
}

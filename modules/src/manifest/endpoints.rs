//! Endpoints of a module's own: what the manifest says of them, and what is wrong with that.

use super::Manifest;
use crate::finding::Finding;
use crate::objects::schema::{Flaw, PlainSchema};
use crate::package::Package;
use crate::yaml::Document;
use sandbox::{Code, Hook};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use workflow::definition::{Places, Position};
use workflow::nearest;

use super::check::at;
use super::files::MOST;

/// A request that the module's code answers, below `/api/v1/COMPANY/MODULE/-/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path, with names in braces for what may be anything: `trips/{id}/cost`.
    pub path: String,
    /// The right to ask.
    pub permission: String,
    /// What it does, for people.
    pub title: String,
    /// The file with the JSON Schema of what is sent. Without it nothing is sent.
    pub request: Option<String>,
    /// The file with the JSON Schema of what is answered.
    pub response: Option<String>,
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads, and changes nothing.
    Get,
    /// Does something.
    Post,
    /// Puts something in another's place.
    Put,
    /// Changes a part of something.
    Patch,
    /// Takes something away.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Endpoint {
    /// The names in braces of its path, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Its path with every name in braces alike: two of the same shape are the same requests.
    fn shape(&self) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// What is wrong with the endpoints of a manifest, and with the files that they name.
pub(super) fn wrong(manifest: &Manifest, document: &Document, package: &Package) -> Vec<Finding> {
    let mut shapes = BTreeSet::new();
    let mut findings = Vec::new();
    for (n, endpoint) in manifest.endpoints.iter().enumerate() {
        let at = |field: &str, message: String, remedy: &str| {
            at(document, format!("/endpoints/{n}/{field}"), message, remedy)
        };
        if !shapes.insert((endpoint.method, endpoint.shape())) {
            findings.push(at(
                "path",
                format!("{} {} is given twice", endpoint.method, endpoint.path),
                "keep one of them",
            ));
        }
        let names: Vec<&str> = endpoint.names().collect();
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            findings.push(at("path", "a name in braces is given twice".to_owned(), "give each its own name"));
        }
        findings.extend(permission(manifest, endpoint).map(|(message, remedy)| at("permission", message, &remedy)));
        if endpoint.request.is_some() && matches!(endpoint.method, Method::Get | Method::Delete) {
            let message = format!("{} sends no body", endpoint.method);
            findings.push(at(
                "request",
                message,
                "leave it out; what is asked for stands in the path and behind the ?",
            ));
        }
        for (field, file) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            let Some(file) = file else { continue };
            findings.extend(schema(package, file).unwrap_or_else(|| {
                let message = format!("the package has no file {file}");
                vec![at(field, message, "add the file, or correct its path")]
            }));
        }
    }
    findings
}

/// That nobody would answer: code that has no such hook, or no code.
pub(super) fn unanswered(manifest: &Manifest, document: &Document, code: &Code) -> Option<Finding> {
    if manifest.endpoints.is_empty() || code.has(Hook::Request) {
        return None;
    }
    let message = format!("the code exports no {}, so nobody would answer", Hook::Request.export());
    Some(at(document, "/endpoints".to_owned(), message, "export it, or leave out endpoints"))
}

fn permission(manifest: &Manifest, endpoint: &Endpoint) -> Option<(String, String)> {
    let known: Vec<&str> = manifest.permissions.iter().map(|known| known.name.as_str()).collect();
    if known.contains(&endpoint.permission.as_str()) {
        return None;
    }
    let remedy = match nearest(&endpoint.permission, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "declare it under permissions".to_owned(),
    };
    Some((format!("there is no permission \"{}\"", endpoint.permission), remedy))
}

/// Why a file is no schema that can be used. `None` if there is no such file.
fn schema(package: &Package, file: &str) -> Option<Vec<Finding>> {
    let text = package.text(file).ok()?;
    let first = Position { line: 1, column: 1 };
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let place = Position { line: error.line().max(1), column: error.column().max(1) };
            let message = format!("this is not JSON: {error}");
            return Some(vec![Finding::at(file, place, "", message, "mend the text here or just before")]);
        }
    };
    if !value.is_object() {
        let remedy = "write { \"type\": \"object\", ... }";
        return Some(vec![Finding::at(file, first, "", "a schema is an object", remedy)]);
    }
    let flaws = PlainSchema::read(&value).err().unwrap_or_default();
    let told = |flaw: Flaw| {
        let place = Places::of(text).find(&flaw.pointer);
        Finding::at(file, place, flaw.pointer, flaw.message, flaw.remedy)
    };
    Some(flaws.into_iter().take(MOST).map(told).collect())
}

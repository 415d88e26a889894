//! The names in a manifest: each the module's own, each given once, and each that is used also given.

use super::check::at;
use super::consumes;
use super::{Manifest, ObjectType};
use crate::finding::Finding;
use crate::yaml::Document;
use semver::Version;
use std::collections::BTreeSet;
use workflow::nearest;

/// The version of this program, which manifests may restrict.
const THIS: &str = env!("CARGO_PKG_VERSION");

/// Parts of the service's own paths, and the first parts of its own resources and definitions.
const RESERVED: [&str; 17] = [
    "builtin",
    "callbacks",
    "definitions",
    "effects",
    "event",
    "events",
    "instances",
    "lifecycle",
    "mail",
    "me",
    "module",
    "modules",
    "object",
    "people",
    "signal",
    "task",
    "workflow",
];
/// What stands where documents do.
const OBJECT_PATHS: [&str; 2] = ["attachments", "revisions"];

pub(super) struct Names<'m> {
    manifest: &'m Manifest,
    document: &'m Document,
}

impl<'m> Names<'m> {
    pub(super) fn of(manifest: &'m Manifest, document: &'m Document) -> Self {
        Self { manifest, document }
    }

    pub(super) fn check(&self) -> Vec<Finding> {
        let Manifest { permissions, objects, workflows, actions, inline, publishes, mails, .. } = self.manifest;
        let texts = |list: &'m [String], field: &'static str| {
            list.iter().enumerate().map(move |(n, name)| (format!("/{field}/{n}"), name.as_str()))
        };
        let permissions =
            permissions.iter().enumerate().map(|(n, known)| (format!("/permissions/{n}/name"), known.name.as_str()));
        let workflows =
            workflows.iter().enumerate().map(|(n, known)| (format!("/workflows/{n}/name"), known.name.as_str()));
        let mails = mails.iter().enumerate().map(|(n, known)| (format!("/mails/{n}/name"), known.name.as_str()));
        let collections = objects
            .iter()
            .enumerate()
            .map(|(n, known)| (format!("/objects/{n}/collection"), known.collection.as_str()));
        let published = publishes.iter().enumerate().map(|(n, known)| {
            let pointer =
                if known.schema.is_some() { format!("/publishes/{n}/type") } else { format!("/publishes/{n}") };
            (pointer, known.kind.as_str())
        });
        let resources = texts(actions, "actions").chain(texts(inline, "inline"));
        [
            self.own_and_once(permissions, Some('.')),
            self.own_and_once(workflows, Some('/')),
            self.own_and_once(mails, Some('/')),
            self.own_and_once(collections, None),
            self.own_and_once(resources, Some('.')),
            self.own_and_once(published, Some('.')),
            consumes::check(self.manifest, self.document),
            objects.iter().enumerate().flat_map(|(n, object)| self.rights(n, object)).collect(),
            self.free(),
            self.runs_here(),
            self.reserved(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Names of one kind: the first part is the module's name, if they have parts.
    fn own_and_once(&self, names: impl Iterator<Item = (String, &'m str)>, between: Option<char>) -> Vec<Finding> {
        let (mut seen, mut findings) = (BTreeSet::new(), Vec::new());
        for (pointer, name) in names {
            if !seen.insert(name) {
                findings.push(self.at(pointer.clone(), format!("\"{name}\" is given twice"), "keep one of them"));
            }
            let Some(between) = between else { continue };
            let own = format!("{}{between}", self.manifest.name);
            if !name.starts_with(&own) {
                let message = format!("\"{name}\" is not a name of this module");
                findings.push(self.at(pointer, message, format!("begin it with \"{own}\"")));
            }
        }
        findings
    }

    /// Names that paths of the service have already.
    fn free(&self) -> Vec<Finding> {
        let taken = |pointer: String, name: &str| {
            self.at(pointer, format!("\"{name}\" is a path of the service itself"), "choose another name")
        };
        let documents = self.manifest.objects.iter().enumerate().filter_map(|(n, object)| {
            let name = object.document.as_ref().filter(|name| OBJECT_PATHS.contains(&name.as_str()))?;
            Some(taken(format!("/objects/{n}/document"), name))
        });
        documents.collect()
    }

    /// The permissions of an object are declared.
    fn rights(&self, n: usize, object: &ObjectType) -> Vec<Finding> {
        let known: Vec<&str> = self.manifest.permissions.iter().map(|known| known.name.as_str()).collect();
        let used = [
            ("create", Some(&object.create)),
            ("read", Some(&object.read)),
            ("update", object.update.as_ref()),
            ("delete", object.delete.as_ref()),
        ];
        let used = used.into_iter().filter_map(|(field, name)| Some((field, name?)));
        let unknown = used.filter(|(_, name)| !known.contains(&name.as_str()));
        let finding = |(field, name): (&str, &String)| {
            let remedy = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "declare it under permissions".to_owned(),
            };
            self.at(format!("/objects/{n}/{field}"), format!("there is no permission \"{name}\""), remedy)
        };
        unknown.map(finding).collect()
    }

    /// Names that stand for something else in paths, resources and definitions.
    fn reserved(&self) -> Vec<Finding> {
        let name = self.manifest.name.as_str();
        if !RESERVED.contains(&name) {
            return Vec::new();
        }
        let message = format!("\"{name}\" is a name of the service itself");
        vec![self.at("/name".to_owned(), message, "give the module another name")]
    }

    fn runs_here(&self) -> Vec<Finding> {
        let (Some(wanted), Ok(this)) = (&self.manifest.requires.countersign, Version::parse(THIS)) else {
            return Vec::new();
        };
        if wanted.matches(&this) {
            return Vec::new();
        }
        let message = format!("it needs Countersign {wanted}, and this is {this}");
        vec![self.at("/requires/countersign".to_owned(), message, "use another version of one of them")]
    }

    fn at(&self, pointer: String, message: String, remedy: impl Into<String>) -> Finding {
        at(self.document, pointer, message, remedy)
    }
}

//! The files that a manifest names: they are there, and are what they are named for.

use super::check::at;
use super::claims::claims;
use super::{Manifest, ObjectType, endpoints};
use crate::builtin;
use crate::config::ConfigSchema;
use crate::events::EventSchema;
use crate::finding::Finding;
use crate::objects::schema::{Flaw, ObjectSchema};
use crate::package::{Package, PackageError};
use crate::sandboxed::compiled;
use crate::yaml::Document;
use sandbox::Hook;
use serde_json::Value;
use workflow::definition::{Places, Position};
use workflow::{Definition, Problem};

/// The endings of a mail's files.
pub(crate) const MAIL_PARTS: [&str; 3] = ["subject.txt", "txt", "html"];
/// The most problems that are told of one file, and of all of them.
pub(super) const MOST: usize = 100;

pub(super) struct Files<'m> {
    manifest: &'m Manifest,
    document: &'m Document,
    package: &'m Package,
}

/// A JSON file of the package.
struct Json<'p> {
    path: &'p str,
    text: &'p str,
    value: Value,
}

impl<'m> Files<'m> {
    pub(super) fn of(manifest: &'m Manifest, document: &'m Document, package: &'m Package) -> Self {
        Self { manifest, document, package }
    }

    pub(super) fn check(&self) -> Vec<Finding> {
        let Manifest { objects, workflows, mails, .. } = self.manifest;
        let objects = objects.iter().enumerate().flat_map(|(n, object)| self.object(n, object));
        let workflows = workflows.iter().enumerate().flat_map(|(n, workflow)| self.workflow(n, &workflow.file));
        let mails = mails.iter().enumerate().flat_map(|(n, mail)| self.mail(n, &mail.file));
        let code = self.code().into_iter().chain(self.event_code());
        let all = objects.chain(workflows).chain(mails).chain(self.published()).chain(self.config());
        all.chain(self.endpoints()).chain(code).take(MOST).collect()
    }

    fn object(&self, n: usize, object: &ObjectType) -> Vec<Finding> {
        let schema = match self.json(format!("/objects/{n}/schema"), &object.schema) {
            Ok(schema) => schema,
            Err(finding) => return vec![finding],
        };
        let document = schema.value.clone();
        let read = match self.manifest.with_names(|around| ObjectSchema::read(document, around)) {
            Ok(read) => read,
            Err(flaws) => {
                let told = |flaw: Flaw| schema.at(&flaw.pointer, flaw.message, flaw.remedy);
                return flaws.into_iter().take(MOST).map(told).collect();
            }
        };
        let Some(example) = &object.example else { return Vec::new() };
        match self.json(format!("/objects/{n}/example"), example) {
            Err(finding) => vec![finding],
            Ok(example) => {
                let told = |problem: Problem| {
                    let remedy = format!("mend the example, or its schema {}", object.schema);
                    example.at(&problem.pointer, problem.message, remedy)
                };
                read.problems_of_sent(&example.value).into_iter().map(told).collect()
            }
        }
    }

    /// The schemas of the events that it publishes.
    fn published(&self) -> Vec<Finding> {
        let each = self.manifest.publishes.iter().enumerate();
        let named = each.filter_map(|(n, published)| Some((n, published.schema.as_deref()?)));
        named
            .flat_map(|(n, path)| match self.json(format!("/publishes/{n}/schema"), path) {
                Err(finding) => vec![finding],
                Ok(file) => match EventSchema::read(&file.value) {
                    Ok(_) => Vec::new(),
                    Err(flaws) => {
                        let told = |flaw: Flaw| file.at(&flaw.pointer, flaw.message, flaw.remedy);
                        flaws.into_iter().take(MOST).map(told).collect()
                    }
                },
            })
            .collect()
    }

    /// The schema of the configuration.
    fn config(&self) -> Option<Finding> {
        let schema = match self.json("/config".to_owned(), self.manifest.config.as_ref()?) {
            Ok(schema) => schema,
            Err(finding) => return Some(finding),
        };
        let error = ConfigSchema::read(schema.value.clone()).err()?;
        Some(schema.at("", error, "mend the schema here; docs/modules.md has an example"))
    }

    fn workflow(&self, n: usize, path: &'m str) -> Vec<Finding> {
        let file = match self.json(format!("/workflows/{n}/file"), path) {
            Ok(file) => file,
            Err(finding) => return vec![finding],
        };
        let told = |problem: Problem| file.at(&problem.pointer, problem.message, "see docs/definitions.md");
        match Definition::parse(&file.value) {
            Err(problems) => problems.into_iter().take(MOST).map(told).collect(),
            Ok(definition) => {
                let claims = claims(self.manifest, &file.value).into_iter().take(MOST);
                let claims = claims.map(|claim| file.at(&claim.pointer, claim.message, claim.remedy));
                self.strangers(&definition).into_iter().map(told).chain(claims).collect()
            }
        }
    }

    /// Resources of this module that its code does not have. Those of others are for the registry to know.
    fn strangers(&self, definition: &Definition) -> Vec<Problem> {
        let Manifest { name, actions, inline, .. } = self.manifest;
        let own = |resource: &str| resource.split_once('.').is_none_or(|(module, _)| module == name);
        let known = |resource: &str| {
            !own(resource) || builtin::has(resource) || actions.iter().chain(inline).any(|known| known == resource)
        };
        let unknown = definition.resources().filter(|(_, resource)| !known(resource));
        let problem = |(state, resource): (&str, &str)| {
            let message = format!("there is no code named {resource}: {name} has none such under actions or inline");
            Problem::new(format!("{state}/Resource"), "unknown-resource", message)
        };
        unknown.map(problem).collect()
    }

    fn endpoints(&self) -> Vec<Finding> {
        endpoints::wrong(self.manifest, self.document, self.package)
    }

    fn code(&self) -> Option<Finding> {
        let code = self.manifest.code.as_ref()?;
        let Some(bytes) = self.package.bytes(&code.file) else {
            return Some(self.missing("/code/file".to_owned(), &code.file));
        };
        let Manifest { actions, inline, .. } = self.manifest;
        let place = Position { line: 1, column: 1 };
        match compiled(bytes, code) {
            Err(unfit) => Some(Finding::at(&code.file, place, "", unfit.to_string(), "see docs/modules.md, \"Code\"")),
            Ok(code) if code.has(Hook::Act) => endpoints::unanswered(self.manifest, self.document, &code),
            Ok(code) => actions
                .iter()
                .chain(inline)
                .next()
                .map(|resource| {
                    let message = format!("the code exports no {}, so nobody would do {resource}", Hook::Act.export());
                    at(self.document, "/code/file".to_owned(), message, "export it, or leave out actions and inline")
                })
                .or_else(|| endpoints::unanswered(self.manifest, self.document, &code)),
        }
    }

    /// Code that is to hear of events has to listen.
    fn event_code(&self) -> Option<Finding> {
        let code = self.manifest.code.as_ref()?;
        let (n, subscription) = self.manifest.consumes.iter().enumerate().find(|(_, known)| known.calls_code())?;
        let hooks = compiled(self.package.bytes(&code.file)?, code).ok()?;
        let message =
            format!("the code exports no {}, so nobody would hear of \"{}\"", Hook::Event.export(), subscription.name);
        let remedy = "export it, or name a workflow under start";
        (!hooks.has(Hook::Event)).then(|| at(self.document, format!("/consumes/{n}"), message, remedy))
    }

    fn mail(&self, n: usize, file: &str) -> Vec<Finding> {
        let paths = MAIL_PARTS.iter().map(|part| format!("{file}.{part}"));
        let wrong = paths.filter_map(|path| match self.package.text(&path) {
            Ok(text) => template_flaw(&path, text),
            Err(PackageError::NoText { .. }) => Some(not_text(&path)),
            Err(_) => Some(self.missing(format!("/mails/{n}/file"), &path)),
        });
        wrong.collect()
    }

    /// A JSON file that the manifest names at `pointer`.
    fn json(&self, pointer: String, path: &'m str) -> Result<Json<'m>, Finding> {
        let text = match self.package.text(path) {
            Ok(text) => text,
            Err(PackageError::NoText { .. }) => return Err(not_text(path)),
            Err(_) => return Err(self.missing(pointer, path)),
        };
        match serde_json::from_str(text) {
            Ok(value) => Ok(Json { path, text, value }),
            Err(error) => Err(Json { path, text, value: Value::Null }.at(
                "",
                format!("this is not JSON: {error}"),
                "mend the text here or just before",
            )),
        }
    }

    fn missing(&self, pointer: String, path: &str) -> Finding {
        let message = format!("the package has no file {path}");
        at(
            self.document,
            pointer,
            message,
            "add the file, or correct its path; paths begin in the folder of module.yaml",
        )
    }
}

/// What is wrong with the form of a template. What it leads to is seen when it is written.
fn template_flaw(path: &str, text: &str) -> Option<Finding> {
    let error = minijinja::Environment::new().template_from_str(text).err()?;
    let place = Position { line: error.line().unwrap_or(1).max(1), column: 1 };
    let message = format!("this is no template: {}", error.detail().unwrap_or("it cannot be read"));
    Some(Finding::at(path, place, "", message, "mend it here; its language is that of Jinja"))
}

fn not_text(path: &str) -> Finding {
    Finding::at(path, Position { line: 1, column: 1 }, "", "it is no text in UTF-8", "save it as UTF-8")
}

impl Json<'_> {
    fn at(&self, pointer: &str, message: String, remedy: impl Into<String>) -> Finding {
        Finding::at(self.path, Places::of(self.text).find(pointer), pointer, message, remedy)
    }
}

//! The migrations that a manifest declares, and what is wrong with them.

use super::Manifest;
use super::check::at;
use super::files::MOST;
use crate::finding::Finding;
use crate::migrate::{Flawed, Migration, Tried};
use crate::package::Package;
use crate::yaml::Document;
use semver::Version;
use serde::Deserialize;
use std::collections::BTreeSet;
use workflow::nearest;

/// How objects of a collection become what a version of the module wants, and how they go back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredMigration {
    /// The version of the module that brings it.
    pub version: Version,
    /// The collection.
    pub collection: String,
    /// What makes an object as this version wants it: `{% $object... %}`, or a file that holds the expression.
    pub up: Option<String>,
    /// What makes an object as it was before of one as this version has it.
    pub down: Option<String>,
    /// Whether the module's code does both.
    #[serde(default)]
    pub code: bool,
    /// Why there is no way back.
    pub irreversible: Option<String>,
    /// A file with the data of an object as it was before, on which `module check` tries the migration.
    pub example: Option<String>,
}

pub(super) struct Migrations<'m> {
    manifest: &'m Manifest,
    document: &'m Document,
    package: &'m Package,
}

impl<'m> Migrations<'m> {
    pub(super) fn of(manifest: &'m Manifest, document: &'m Document, package: &'m Package) -> Self {
        Self { manifest, document, package }
    }

    /// Everything that is wrong with them. Whether examples come out right is only looked at once the rest is in order.
    pub(super) fn check(&self, rest_is_fine: bool) -> Vec<Finding> {
        let declared = &self.manifest.migrations;
        let mut findings: Vec<Finding> = declared.iter().enumerate().flat_map(|(n, one)| self.one(n, one)).collect();
        findings.extend(self.order());
        if findings.is_empty() && rest_is_fine {
            findings.extend(self.tried());
        }
        findings.truncate(MOST);
        findings
    }

    fn one(&self, n: usize, one: &DeclaredMigration) -> Vec<Finding> {
        let mut findings = Vec::new();
        if one.version > self.manifest.version {
            let message = format!("{} is newer than the module, which is {}", one.version, self.manifest.version);
            findings.push(self.at(n, "version", message, "raise the version of the module, or lower this one"));
        }
        findings.extend(self.collection(n, one));
        findings.extend(self.form(n, one));
        if findings.is_empty() {
            let told = |Flawed { field, message, remedy }| self.at(n, field, message, remedy);
            findings.extend(Migration::read(one, self.manifest, self.package).err().into_iter().flatten().map(told));
        }
        findings
    }

    fn collection(&self, n: usize, one: &DeclaredMigration) -> Option<Finding> {
        let known: Vec<&str> = self.manifest.objects.iter().map(|object| object.collection.as_str()).collect();
        if known.contains(&one.collection.as_str()) {
            return None;
        }
        let remedy = match nearest(&one.collection, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the collections are: {}", known.join(", ")),
        };
        Some(self.at(n, "collection", format!("there is no collection \"{}\"", one.collection), remedy))
    }

    /// Each way is given once, by an expression or by code, or the way back is said to be none.
    fn form(&self, n: usize, one: &DeclaredMigration) -> Option<Finding> {
        let DeclaredMigration { up, down, code, irreversible, .. } = one;
        let (field, message, remedy) = match (up, code, down, irreversible) {
            (Some(_), true, ..) => ("up", "the code does it, and an expression too", "keep up, or code: true"),
            (None, false, ..) => {
                ("version", "nothing says how objects become so", "add up: \"{% ... %}\", or code: true")
            }
            (_, _, Some(_), Some(_)) => {
                ("down", "there is a way back, and there is none", "keep down, or irreversible")
            }
            (_, true, Some(_), _) => ("down", "the code does it, and an expression too", "leave down out"),
            (_, false, None, None) => {
                ("version", "nothing says how objects go back", "add down: \"{% ... %}\", or irreversible: why not")
            }
            _ => return None,
        };
        Some(self.at(n, field, message.to_owned(), remedy))
    }

    /// Ascending, and one a version and collection.
    fn order(&self) -> Vec<Finding> {
        let declared = &self.manifest.migrations;
        let (mut seen, mut findings) = (BTreeSet::new(), Vec::new());
        for (n, one) in declared.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|before| declared.get(before));
            if let Some(before) = before.filter(|before| before.version > one.version) {
                let message = format!("{} stands after {}", one.version, before.version);
                findings.push(self.at(n, "version", message, "put migrations in the order of their versions"));
            }
            if !seen.insert((&one.version, &one.collection)) {
                let message = format!("{} has two migrations of {}", one.version, one.collection);
                findings.push(self.at(n, "collection", message, "make one of them"));
            }
        }
        findings
    }

    /// Examples, each taken through its migration and those after it, and back.
    fn tried(&self) -> Vec<Finding> {
        let all = self.manifest.migrations.iter().enumerate();
        let tried = all.filter_map(|(n, one)| {
            let tried =
                Tried { manifest: self.manifest, package: self.package, first: n }.flaw(one.example.as_ref()?)?;
            Some(self.at(n, tried.field, tried.message, tried.remedy))
        });
        tried.collect()
    }

    fn at(&self, n: usize, field: &str, message: String, remedy: impl Into<String>) -> Finding {
        at(self.document, format!("/migrations/{n}/{field}"), message, remedy)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Finding, Package};

    const SCHEMA: &str = r#"{ "type": "object", "required": ["city"], "additionalProperties": false,
        "properties": { "city": { "type": "string" }, "n": { "type": "integer" },
                        "twice": { "type": "integer", "x-computed": "{% $object.n * 2 %}" } } }"#;
    const HEAD: &str = "name: travel\nversion: 1.2.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
        permissions: [{ name: travel.read, title: See trips, roles: [\"*\"] }]\n\
        objects: [{ collection: trips, title: Trip, schema: trip.json, create: travel.read, read: travel.read }]\nmigrations:\n";
    const UP: &str = "up: \"{% $merge([$sift($object, function($v, $k) { $k != 'to' }), { 'city': $object.to }]) %}\"";
    const DOWN: &str = "down: \"{% $merge([$sift($object, function($v, $k) { $not($k in ['city', 'twice']) }), { 'to': $object.city }]) %}\"";

    fn package(migrations: &str) -> Package {
        Package::of_texts([
            ("module.yaml".to_owned(), format!("{HEAD}{migrations}")),
            ("trip.json".to_owned(), SCHEMA.to_owned()),
            ("before.json".to_owned(), r#"{ "to": "Oslo", "n": 2 }"#.to_owned()),
            ("bad.json".to_owned(), r#"{ "to": 7 }"#.to_owned()),
            ("up.jsonata".to_owned(), "{% $object %}".to_owned()),
        ])
    }

    fn lines(migrations: &str) -> Vec<String> {
        match super::super::check(&package(migrations)) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(Finding::to_string).collect(),
        }
    }

    fn one(fields: &str) -> String {
        format!("  - {{ version: 1.1.0, collection: trips, {fields} }}\n")
    }

    #[test]
    fn what_is_in_order_is_found_so() {
        assert_eq!(lines(&one(&format!("{UP}, {DOWN}, example: before.json"))), Vec::<String>::new());
        assert_eq!(lines(&one("up: up.jsonata, irreversible: why not")), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_has_its_place() {
        let newer = "  - { version: 1.3.0, collection: trips, up: up.jsonata, irreversible: why }\n";
        let cases = [
            (newer.to_owned(), "9:7: 1.3.0 is newer than the module, which is 1.2.0; raise"),
            (
                one("up: up.jsonata, irreversible: why").replace("trips", "trip"),
                "9:23: there is no collection \"trip\"; did you mean \"trips\"?",
            ),
            (one("down: up.jsonata"), "nothing says how objects become so; add up"),
            (one("up: up.jsonata"), "nothing says how objects go back; add down"),
            (one("up: up.jsonata, down: up.jsonata, irreversible: why"), "there is a way back, and there is none"),
            (one("up: up.jsonata, code: true"), "the code does it, and an expression too"),
            (one("code: true"), "the package has no code that would do it"),
            (one("up: \"{% $object. %}\", irreversible: why"), "mend the expression; it is JSONata"),
            (one("up: \"{% $trip.to %}\", irreversible: why"), "there is nothing named $trip; use $object"),
            (one("up: gone.jsonata, irreversible: why"), "the package has no file gone.jsonata"),
            (
                format!("{}{}", one("up: up.jsonata, irreversible: why"), one("up: up.jsonata, irreversible: why")),
                "1.1.0 has two migrations of trips",
            ),
            (
                format!("{newer}{}", one("up: up.jsonata, irreversible: why")).replace("1.3.0", "1.2.0"),
                "1.1.0 stands after 1.2.0",
            ),
            (one(&format!("{UP}, {DOWN}, example: bad.json")), "what becomes of it does not fit the schema"),
            (
                one(&format!("{UP}, down: up.jsonata, example: before.json")),
                "it does not come back as it was, but as {",
            ),
            (one(&format!("{UP}, {DOWN}, example: gone.json")), "mend the file, or the path"),
        ];
        for (migrations, expected) in cases {
            let found = lines(&migrations);
            assert!(found.iter().any(|line| line.contains(expected)), "{migrations}: {found:?} without {expected}");
        }
    }
}

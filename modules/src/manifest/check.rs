//! Everything that is wrong with a package: its manifest, and the files that it names.

use super::Manifest;
use super::files::{Files, MOST};
use super::form::misfits;
use super::migrations::Migrations;
use super::names::Names;
use crate::finding::Finding;
use crate::package::{MANIFEST, MAX_LIST_BYTES, Package, PackageError, too_long};
use crate::yaml::{self, Document, Flaw};
use workflow::definition::Position;

/// The manifest of a package with everything that it names in order, or all that is wrong.
pub(crate) fn check(package: &Package) -> Result<Manifest, Vec<Finding>> {
    let text = text(package).map_err(|finding| vec![finding])?;
    let (document, flaws) = yaml::read(text);
    let mut findings: Vec<Finding> = flaws.into_iter().take(MOST).map(flawed).collect();
    if findings.is_empty() {
        findings.extend(form(&document));
    }
    if !findings.is_empty() {
        findings.sort();
        return Err(findings);
    }
    let manifest: Manifest = serde_json::from_value(document.value.clone()).map_err(|error| vec![unread(&error)])?;
    findings.extend(Names::of(&manifest, &document).check().into_iter().take(MOST));
    findings.extend(Files::of(&manifest, &document, package).check());
    let rest_is_fine = findings.is_empty();
    findings.extend(Migrations::of(&manifest, &document, package).check(rest_is_fine));
    findings.sort();
    if findings.is_empty() { Ok(manifest) } else { Err(findings) }
}

/// Something at a place of the manifest.
pub(super) fn at(document: &Document, pointer: String, message: String, remedy: impl Into<String>) -> Finding {
    Finding::at(MANIFEST, document.find(&pointer), pointer, message, remedy)
}

fn form(document: &Document) -> Vec<Finding> {
    match misfits(&document.value) {
        Ok(misfits) => {
            misfits.into_iter().map(|misfit| at(document, misfit.pointer, misfit.message, misfit.remedy)).collect()
        }
        Err(error) => {
            vec![at(document, String::new(), format!("the schema of manifests cannot be used: {error}"), "report this")]
        }
    }
}

fn flawed(flaw: Flaw) -> Finding {
    Finding::at(MANIFEST, flaw.position, "", flaw.message, flaw.remedy)
}

fn text(package: &Package) -> Result<&str, Finding> {
    let whole = |message: &str, remedy| Finding::at(MANIFEST, Position { line: 1, column: 1 }, "", message, remedy);
    let text = package.text(MANIFEST).map_err(|error| match error {
        PackageError::NoText { .. } => whole("the manifest is no text in UTF-8", "save it as UTF-8"),
        _ => whole("the package has no manifest", "add module.yaml in its first folder"),
    })?;
    match text.len() as u64 > MAX_LIST_BYTES {
        true => Err(whole(&too_long(text.len() as u64), "leave out what is not needed")),
        false => Ok(text),
    }
}

/// What the schema lets through and the types do not: a range of versions that is none.
fn unread(error: &serde_json::Error) -> Finding {
    let remedy = "write versions as 1.2.3 and ranges of versions as >=1.2, <2";
    Finding::at(MANIFEST, Position { line: 1, column: 1 }, "", error.to_string(), remedy)
}

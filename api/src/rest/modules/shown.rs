//! Modules as the API shows them.

use crate::problem::ProblemDetails;
use crate::rest::moment::rfc3339;
use modules::{Catalogue, Installed, Manifest};
use serde_json::{Value, json};
use store::{ModuleState, Session, StoreError};

/// So many lists of modules are shown of the past.
const PAST: u32 = 50;

/// A module in the list.
pub(super) fn line(installed: &Installed, state: ModuleState) -> Value {
    let Manifest { name, version, title, description, .. } = &installed.manifest;
    json!({
        "name": name,
        "version": version.to_string(),
        "title": title,
        "description": description,
        "state": state,
        "sha256": installed.sha256,
        "compiled_in": installed.sha256.is_none(),
    })
}

/// The change that is under way, or was the last.
pub(super) async fn last_change(session: &mut Session, company: &str) -> Result<Value, StoreError> {
    let Some(last) = session.last_operation(company).await? else { return Ok(Value::Null) };
    let status = match session.instance(company, &last.instance).await {
        Ok((instance, _)) => instance.status_name(),
        Err(StoreError::Missing { .. }) => "archived",
        Err(error) => return Err(error),
    };
    Ok(json!({
        "change": last.operation,
        "module": last.module,
        "instance": last.instance,
        "status": status,
        "by": last.started_by,
        "at": rfc3339(last.started_at),
    }))
}

/// One module, with what it brings, who needs it, and what else there is of it.
pub(super) async fn detail(
    session: &mut Session,
    company: &str,
    catalogue: &Catalogue,
    name: &str,
) -> Result<Value, ProblemDetails> {
    let all = catalogue.all();
    let found = all.iter().find(|(installed, _)| installed.manifest.name == name);
    let packages = session.known_packages(company).await?;
    let packages: Vec<Value> = packages
        .iter()
        .filter(|known| known.module == name)
        .map(|known| {
            json!({ "version": known.version, "sha256": known.sha256, "size": known.size,
                    "uploaded_at": rfc3339(known.uploaded_at), "uploaded_by": known.uploaded_by })
        })
        .collect();
    let Some((installed, state)) = found else {
        if packages.is_empty() {
            return Err(ProblemDetails::not_found(format!("there is no module \"{name}\" in this company")));
        }
        return Ok(json!({ "name": name, "state": "uninstalled", "packages": packages,
                          "history": history(session, company, name).await? }));
    };
    let needed_by: Vec<&str> = all
        .iter()
        .filter(|(other, _)| other.manifest.requires.modules.iter().any(|needed| needed.name == name))
        .map(|(other, _)| other.manifest.name.as_str())
        .collect();
    let mut document = line(installed, *state);
    document["licence"] = json!(installed.manifest.licence);
    document["brings"] = brings(&installed.manifest);
    document["requires"] = requires(&installed.manifest);
    document["needed_by"] = json!(needed_by);
    document["packages"] = json!(packages);
    document["history"] = history(session, company, name).await?;
    Ok(document)
}

fn brings(manifest: &Manifest) -> Value {
    let collections: Vec<&str> = manifest.objects.iter().map(|object| object.collection.as_str()).collect();
    let workflows: Vec<&str> = manifest.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    let rights = manifest.permissions.iter();
    let rights: Vec<Value> =
        rights.map(|right| json!({ "name": right.name, "title": right.title, "roles": right.roles })).collect();
    json!({ "collections": collections, "workflows": workflows, "permissions": rights,
            "events": manifest.event_types().collect::<Vec<_>>(), "subscriptions": subscriptions(manifest) })
}

fn subscriptions(manifest: &Manifest) -> Vec<Value> {
    manifest.consumes.iter().map(|known| json!({ "name": known.name, "type": known.kind })).collect()
}

fn requires(manifest: &Manifest) -> Value {
    let needed = manifest.requires.modules.iter();
    let needed: Vec<Value> =
        needed.map(|needed| json!({ "name": needed.name, "version": needed.version.to_string() })).collect();
    json!({ "modules": needed, "services": manifest.requires.services })
}

/// What became of the module, newest first. A list that was staged only is one that did not come to count.
async fn history(session: &mut Session, company: &str, name: &str) -> Result<Value, StoreError> {
    let current = session.generation_number(company).await?;
    let past = session.generations(company, PAST).await?;
    let items: Vec<Value> = past
        .iter()
        .map(|generation| {
            let locked = generation.modules.iter().find(|locked| locked.module == name);
            json!({
                "generation": generation.number,
                "counts": generation.number == current,
                "reason": generation.reason,
                "at": rfc3339(generation.made_at),
                "by": generation.made_by,
                "version": locked.map(|locked| &locked.version),
                "state": locked.map(|locked| locked.state),
            })
        })
        .collect();
    Ok(json!(items))
}

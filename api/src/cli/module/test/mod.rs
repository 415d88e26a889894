//! `module test`: the scenarios of a module. Those without steps play a definition alone, as `definition test` does; those
//! with steps play the whole module in a service of their own, on a database that is thrown away.

mod plan;
mod play;
mod stage;

use super::source;
use crate::cli::definition::cast_file;
use crate::cli::definition::test::{Result, played, report};
use crate::cli::{CompiledIn, output};
use crate::company_file::CompanyFile;
use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use modules::{ConfigLayers, Manifest, Package, PackageError, Registry, module_of};
use plan::Plan;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workflow::Definition;

/// The JSON Schema of scenarios with steps.
pub(super) const SCENARIO_SCHEMA: &str = include_str!("scenario.schema.json");
/// Who plays, unless a scenario names a file of its own.
const COMPANY: &str = include_str!("../../../../../definitions/demo/acme.json");

/// The folder of scenarios with steps, within that of all scenarios.
const IN_A_SERVICE: &str = "service";

/// What `module test` takes.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The module's folder, which holds module.yaml and scenarios/*.json
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Another module that it needs: a package file, or a folder; may be given several times
    #[arg(long, value_name = "FOLDER|FILE")]
    with: Vec<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &TestArgs, compiled_in: CompiledIn) -> anyhow::Result<ExitCode> {
    ensure!(
        args.folder.is_dir(),
        "{} is no folder; scenarios are played from the module's folder",
        args.folder.display()
    );
    let package = source::package(&args.folder)?;
    let manifest = package.manifest()?;
    let tested = Tested { registry: with(&package, &args.with, compiled_in)?, package, manifest };
    let files = files(&args.folder.join("scenarios"))?;
    let mut results = Vec::new();
    let bar = output::progress(files.len() as u64, "playing");
    for file in &files {
        for (place, document) in cast_file::documents(file)? {
            results.push(tested.play(file, &place, document).await.with_context(|| place.clone())?);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(report(&results, args.json))
}

/// What is compiled in, the module of the folder, and more that it needs. One of the same name that is compiled in has code
/// that the folder has not, so that one is played; its definitions are read from the folder nevertheless where they are
/// played alone.
pub(super) fn with(package: &Package, more: &[PathBuf], compiled_in: CompiledIn) -> anyhow::Result<Registry> {
    let mut modules = compiled_in()?;
    let names = modules.iter().map(|module| Ok(module.package().manifest()?.name));
    let mut names: Vec<String> = names.collect::<std::result::Result<_, PackageError>>()?;
    let more = more.iter().map(|path| source::package(path)).collect::<anyhow::Result<Vec<_>>>()?;
    for package in std::iter::once(package).chain(&more) {
        let name = package.manifest()?.name;
        if !names.contains(&name) {
            modules.push(module_of(package.clone())?);
            names.push(name);
        }
    }
    Ok(Registry::new(modules)?)
}

/// The scenario files, in the order of their names. Those with steps may have a folder of their own, so that the others
/// can be named together; more folders hold what they share.
fn files(scenarios: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = |folder: &Path| -> anyhow::Result<Vec<PathBuf>> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("there are no scenarios: {}", folder.display()))?;
        let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        files.retain(|path| path.extension().is_some_and(|ending| ending == "json") && path.is_file());
        files.sort();
        Ok(files)
    };
    let mut files = listed(scenarios)?;
    let service = scenarios.join(IN_A_SERVICE);
    if service.is_dir() {
        files.extend(listed(&service)?);
    }
    ensure!(!files.is_empty(), "{} holds no scenarios; write one, such as approved.json", scenarios.display());
    Ok(files)
}

/// The module whose scenarios are played.
struct Tested {
    package: Package,
    manifest: Manifest,
    registry: Registry,
}

impl Tested {
    async fn play(&self, file: &Path, place: &str, document: Value) -> anyhow::Result<Result> {
        match document.get("Steps") {
            None => self.rehearse(place, document),
            Some(_) => {
                let plan = Plan::read(document)?;
                let company = company(plan.company.as_deref(), file)?;
                let name = plan.name.clone().unwrap_or_else(|| place.to_owned());
                // Each begins anew: what came before has used up no limit, and nothing is left alone for it.
                let registry = self.registry.configured(ConfigLayers::default());
                let differences = play::play(&plan, &self.manifest.name, registry, company).await?;
                Ok(Result::of(file.display().to_string(), name, differences))
            }
        }
    }

    /// Plays a definition alone: the one that the scenario names, or the only one.
    fn rehearse(&self, place: &str, mut document: Value) -> anyhow::Result<Result> {
        let named = document.as_object_mut().and_then(|fields| fields.shift_remove("Workflow"));
        let name = match (named.as_ref().map(Value::as_str), self.manifest.workflows.as_slice()) {
            (Some(Some(name)), _) => name,
            (Some(None), _) => bail!("Workflow must be the name of a definition of this module"),
            (None, [only]) => &only.name,
            (None, []) => bail!("the module has no definitions; give the scenario Steps"),
            (None, _) => {
                bail!("the module has several definitions; name one: \"Workflow\": \"{}/...\"", self.manifest.name)
            }
        };
        let found = self.manifest.workflows.iter().find(|workflow| workflow.name == name);
        let workflow = found.with_context(|| format!("the module has no definition {name}"))?;
        let definition = Definition::parse_text(self.package.text(&workflow.file)?);
        let definition = definition.map_err(|problems| anyhow!("{}: {} problems", workflow.file, problems.len()))?;
        let mut scenario = cast_file::read(document)?;
        if scenario.name.is_empty() {
            place.clone_into(&mut scenario.name);
        }
        Ok(played(&scenario, &definition, place.to_owned()))
    }
}

/// The company that plays: that of a file beside the scenario, or the demo's.
fn company(path: Option<&str>, scenario: &Path) -> anyhow::Result<CompanyFile> {
    let text = match path {
        None => COMPANY.to_owned(),
        Some(path) => source::text(&scenario.parent().unwrap_or(Path::new("")).join(path))?,
    };
    CompanyFile::parse(&text).map_err(|problems| anyhow!("{}: {}", path.unwrap_or("the company"), problems.join("; ")))
}

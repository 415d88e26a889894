//! The commands of the binary `countersign`.

mod archive;
mod bench;
mod check;
mod company;
mod completions;
mod config;
mod definition;
mod demo;
mod doctor;
pub(crate) mod https;
mod kong;
mod module;
mod module_layers;
mod object;
mod output;
mod secrets;
mod serve;
mod trust_layers;

use crate::service::Part;
use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand};
use config::{Config, Layers};
use modules::{Module, PackageError, Registry};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Approvals that run for months, survive every crash, and then do what was agreed.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    about = "Approvals that run for months, survive every crash, and then do what was agreed."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a complete service with a demo company and a mailbox page; needs no server
    Demo(demo::DemoArgs),
    /// Run the service
    Serve(ServeArgs),
    /// Send mails, make documents and keep deadlines for other nodes that answer requests
    Work(Settings),
    /// Bring the schema of the database up to date
    Migrate(Settings),
    /// Replay every instance and compare it with what is stored
    Check(check::CheckArgs),
    /// Look at configuration, database, mail server and everything that waits
    Doctor(Settings),
    /// Measure decisions over HTTP beside what disk and database alone can do
    Bench(bench::BenchArgs),
    /// Finished instances in files: move them out, prove what they hold
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Companies: people, departments, authority table, tokens
    #[command(subcommand)]
    Company(company::CompanyCommand),
    /// Definitions: check, show, rehearse and test them
    #[command(subcommand)]
    Definition(definition::DefinitionCommand),
    /// Modules: check, pack and sign what an author has written; install it for a company
    #[command(subcommand)]
    Module(module::ModuleCommand),
    /// Business objects of a company in files: export and import
    #[command(subcommand)]
    Object(object::ObjectCommand),
    /// Secrets of modules: encrypt them with another key
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// The gateway Kong: write its configuration for what is installed
    #[command(subcommand)]
    Kong(kong::KongCommand),
    /// Print the completion of commands and options for a shell
    Completions(completions::CompletionsArgs),
}

/// What `serve` takes.
#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    settings: Settings,
    /// Answer requests only, and leave mails, documents and deadlines to nodes that run `work`
    #[arg(long)]
    no_work: bool,
}

/// What most commands take.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// A TOML file with listen, base_url, database, smtp, mail_from, workers, drain_seconds, archive, archive_after_days, operator_token,
    /// consul, consul_token, log
    #[arg(long, env = "COUNTERSIGN_CONFIG")]
    config: Option<PathBuf>,
    /// sqlite://PATH or postgres://USER@HOST/NAME
    #[arg(long)]
    database: Option<String>,
    /// smtp://HOST:PORT; without it mails go to the page /mailbox
    #[arg(long)]
    smtp: Option<String>,
    /// Where to listen, such as 127.0.0.1:8080
    #[arg(long)]
    listen: Option<String>,
    /// The address in links
    #[arg(long)]
    base_url: Option<String>,
    /// The agent of Consul that the service is registered with, such as http://127.0.0.1:8500
    #[arg(long)]
    consul: Option<String>,
}

impl Settings {
    /// The configuration, from file, variables and flags.
    fn read(&self) -> Result<Config, config::Problems> {
        let (layers, problems) = self.layers();
        layers.read(problems)
    }

    /// The same, for a service that people reach.
    fn read_served(&self) -> Result<Config, config::Problems> {
        let (layers, problems) = self.layers();
        layers.read_served(problems)
    }

    fn layers(&self) -> (Layers, Vec<String>) {
        let (mut layers, mut problems) = (Layers::default(), Vec::new());
        if let Some(path) = &self.config {
            layers.file(path, &mut problems);
        }
        layers.environment(std::env::vars(), &mut problems);
        let flags = [
            ("database", &self.database),
            ("smtp", &self.smtp),
            ("listen", &self.listen),
            ("base_url", &self.base_url),
            ("consul", &self.consul),
        ];
        for (key, value) in flags {
            if let Some(value) = value {
                layers.set(key, value, format!("--{}", key.replace('_', "-")));
            }
        }
        (layers, problems)
    }
}

/// Makes the modules that are compiled in.
pub type CompiledIn = fn() -> Result<Vec<Box<dyn Module>>, PackageError>;

/// Runs the command that the arguments name.
pub fn run(compiled_in: CompiledIn) -> ExitCode {
    let cli = Cli::parse();
    match start(cli.command, compiled_in) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command, compiled_in: CompiledIn) -> anyhow::Result<ExitCode> {
    let registry = compiled_in().and_then(Registry::new).context("a module cannot be used")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Demo(args) => demo::run(args, configured(&registry, None)?).await,
            Command::Serve(ServeArgs { settings, no_work }) => {
                let part = if no_work { Part::Face } else { Part::Whole };
                let registry = configured(&registry, settings.config.as_deref())?;
                serve::run(&settings.read_served()?, part, registry).await
            }
            Command::Work(settings) => {
                let registry = configured(&registry, settings.config.as_deref())?;
                serve::run(&settings.read_served()?, Part::Hands, registry).await
            }
            Command::Migrate(settings) => check::migrate(&settings.read()?).await,
            Command::Check(args) => check::check(&args, &args.settings.read()?, registry).await,
            Command::Doctor(settings) => doctor::run(&settings.read()?).await,
            Command::Bench(args) => bench::bench(args, registry).await,
            Command::Archive(command) => archive::run(command).await,
            Command::Company(command) => company::run(command, registry).await,
            Command::Module(command) => module::run(&command, compiled_in).await,
            Command::Object(command) => object::run(&command).await,
            Command::Secrets(command) => secrets::run(command).await,
            Command::Definition(command) => definition::run(command, &registry),
            Command::Kong(command) => kong::run(command).await,
            Command::Completions(args) => Ok(completions::run(&args, Cli::command())),
        }
    })
}

/// The modules with what the installation sets for them, and whom it trusts.
fn configured(registry: &Registry, file: Option<&Path>) -> anyhow::Result<Registry> {
    Ok(registry.configured(module_layers::read(file)?).trusting(trust_layers::read(file)?))
}

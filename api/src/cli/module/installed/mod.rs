//! `module install` and its kin: what a company has installed, changed through the REST API of a running service.
//!
//! A change is planned first, and what it does is shown; whoever is to agree does so with `--yes` or at the prompt. Then
//! the service does it, and its steps are followed to the end.

mod change;
pub(in crate::cli) mod client;
mod config;
mod events;
mod logs;
mod look;

use super::oci::{self, Access};
use clap::{Args, Subcommand, ValueEnum};
use client::Client;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is done with the modules of a company.
#[derive(Debug, Subcommand)]
pub(crate) enum InstalledCommand {
    /// List what a company has installed
    List {
        #[command(flatten)]
        service: Service,
    },
    /// Show a module of a company: what it brings, needs and was
    Show {
        /// The module
        name: String,
        #[command(flatten)]
        service: Service,
    },
    /// Install a package file, or a module that the service knows
    Install {
        /// The package file, where it is in a registry (oci://...), or the name of a module: travel or travel@1.0.0
        #[arg(value_name = "FILE|oci://...|NAME")]
        module: String,
        #[command(flatten)]
        access: Access,
        #[command(flatten)]
        how: How,
    },
    /// Replace a module by a newer version
    Update {
        /// The package file, where it is in a registry (oci://...), or the name of a module: travel or travel@1.1.0
        #[arg(value_name = "FILE|oci://...|NAME")]
        module: String,
        #[command(flatten)]
        access: Access,
        #[command(flatten)]
        how: How,
    },
    /// Have a disabled module used again
    Enable {
        /// The module
        name: String,
        #[command(flatten)]
        how: How,
    },
    /// Set a module aside; its data is kept
    Disable {
        /// The module
        name: String,
        /// What becomes of its workflows that run
        #[arg(long, default_value = "refuse")]
        running: Running,
        #[command(flatten)]
        how: How,
    },
    /// Take a module out of a company; its data is kept
    Uninstall {
        /// The module
        name: String,
        /// What becomes of its workflows that run
        #[arg(long, default_value = "refuse")]
        running: Running,
        #[command(flatten)]
        how: How,
    },
    /// Show what the code of a module has logged and where it has failed, the newest last
    Logs {
        /// The module
        name: String,
        /// Go on with what comes, until Ctrl-C
        #[arg(long, short)]
        follow: bool,
        #[command(flatten)]
        service: Service,
    },
    /// The configuration of a module in a company
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Delete for good what a module that was taken out has left behind
    Purge {
        /// The module
        name: String,
        #[command(flatten)]
        how: How,
    },
    /// How far the subscriptions of a module have come in the log of events
    Events(events::EventsArgs),
    /// Go back to what a module was before its last change
    Rollback {
        /// The module
        name: String,
        #[command(flatten)]
        how: How,
    },
}

/// Which service, and as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Service {
    /// The address of the service
    #[arg(long, env = "COUNTERSIGN_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A token of the company; what changes modules needs an admin's
    #[arg(long, env = "COUNTERSIGN_TOKEN", hide_env_values = true)]
    token: String,
    /// The company
    #[arg(long, env = "COUNTERSIGN_COMPANY")]
    company: String,
    /// A file of certificates in PEM: authorities to trust beside those of the system
    #[arg(long, env = "COUNTERSIGN_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// How a change is made.
#[derive(Debug, Clone, Args)]
pub(crate) struct How {
    #[command(flatten)]
    service: Service,
    /// Only say what would be done
    #[arg(long)]
    plan: bool,
    /// Agree to what the plan asks for
    #[arg(long)]
    yes: bool,
}

/// What becomes of workflows that run.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Running {
    /// Nothing is done while there are some
    Refuse,
    /// Nothing new is begun, and they are waited for
    Wait,
    /// They are cancelled
    Cancel,
}

impl Running {
    fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Wait => "wait",
            Self::Cancel => "cancel",
        }
    }
}

pub(crate) async fn run(command: &InstalledCommand) -> anyhow::Result<ExitCode> {
    use InstalledCommand as Do;
    match command {
        Do::List { service } => look::list(&Client::of(service)?, service.json).await,
        Do::Show { name, service } => look::show(&Client::of(service)?, name, service.json).await,
        Do::Install { module, access, how } => change::install(module, access, how).await,
        Do::Update { module, access, how } => change::update(module, access, how).await,
        Do::Enable { name, how } => change::simple("POST", &format!("{name}/enable"), Running::Refuse, how).await,
        Do::Disable { name, running, how } => change::simple("POST", &format!("{name}/disable"), *running, how).await,
        Do::Uninstall { name, running, how } => change::simple("DELETE", name, *running, how).await,
        Do::Logs { name, follow, service } => logs::run(&Client::of(service)?, name, *follow, service.json).await,
        Do::Config(command) => config::run(command).await,
        Do::Purge { name, how } => change::simple("POST", &format!("{name}/purge"), Running::Refuse, how).await,
        Do::Events(args) => events::run(args).await,
        Do::Rollback { name, how } => change::simple("POST", &format!("{name}/rollback"), Running::Refuse, how).await,
    }
}

/// A module as an argument names it.
enum Named {
    File(PathBuf),
    InRegistry(String),
    Known { module: String, version: Option<String> },
}

impl Named {
    /// What is there as a file, or looks like one, is a file.
    fn read(text: &str) -> Self {
        if text.starts_with(oci::SCHEME) {
            return Self::InRegistry(text.to_owned());
        }
        let path = PathBuf::from(text);
        if path.is_file() || text.contains(['/', '\\']) || text.ends_with(".csmod") {
            return Self::File(path);
        }
        match text.split_once('@') {
            Some((module, version)) => Self::Known { module: module.to_owned(), version: Some(version.to_owned()) },
            None => Self::Known { module: text.to_owned(), version: None },
        }
    }
}

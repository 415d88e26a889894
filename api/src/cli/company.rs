//! `company apply` and `company token`: how a company and its people get in.

use super::check::existing;
use super::{Settings, output};
use crate::company_file::CompanyFile;
use anyhow::{Context, bail};
use clap::Subcommand;
use futures::FutureExt;
use modules::Registry;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use store::{LinkToken, Options, Store};

/// Companies: people, departments, authority table, tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum CompanyCommand {
    /// Store a company from a JSON file; what is there already is replaced
    Apply {
        /// The file; docs/company.md explains every field
        file: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make a bearer token for a person and print it once
    Token {
        /// The company
        company: String,
        /// The person
        person: String,
        /// What the token is for
        #[arg(long, default_value = "made on the command line")]
        label: String,
        #[command(flatten)]
        settings: Settings,
    },
}

pub(crate) async fn run(command: CompanyCommand, registry: Registry) -> anyhow::Result<ExitCode> {
    match command {
        CompanyCommand::Apply { file, settings } => apply(&file, &settings, registry).await,
        CompanyCommand::Token { company, person, label, settings } => token(&company, &person, &label, &settings).await,
    }
}

async fn apply(path: &PathBuf, settings: &Settings, registry: Registry) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let refused = |problems: Vec<String>| anyhow::anyhow!("{}:\n  - {}", path.display(), problems.join("\n  - "));
    let file = CompanyFile::parse(&text).map_err(refused)?;
    match file.settings_problems(registry.built_in()) {
        problems if problems.is_empty() => {}
        problems => return Err(refused(problems)),
    }
    let options = Options { inline: Arc::new(registry.clone()), ..Options::default() };
    let store = Store::open(settings.read()?.database.expose(), options).await?;
    file.apply(&store, &registry).await?;
    output::line(format!("{} is stored with {} people", file.company.name, file.people.len()));
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn token(company: &str, person: &str, label: &str, settings: &Settings) -> anyhow::Result<ExitCode> {
    let config = settings.read()?;
    existing(&config)?;
    let store = Store::open(config.database.expose(), Options::default()).await?;
    if store.read().await?.person(company, person).await?.is_none() {
        bail!("there is no person \"{person}\" in the company \"{company}\"");
    }
    let secret = LinkToken::random().secret().to_owned();
    put_token(&store, company, &secret, person, label).await?;
    output::line(secret);
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Lets a secret speak for a person.
pub(crate) async fn put_token(
    store: &Store,
    company: &str,
    secret: &str,
    person: &str,
    label: &str,
) -> Result<(), store::StoreError> {
    let owned = [company, secret, person, label].map(str::to_owned);
    store
        .write(move |unit| {
            let [company, secret, person, label] = owned.clone();
            async move { unit.put_token(&company, &secret, &person, &label).await }.boxed()
        })
        .await
}

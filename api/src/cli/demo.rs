//! `demo`: a complete service in one process, with a company, its people and its mailbox on a page.

mod port;

use super::company::put_token;
use super::output;
use super::serve::{log, until_told};
use crate::company_file::CompanyFile;
use crate::connections::Limits;
use crate::service::{Operation, Part, Service, Start};
use anyhow::{Context, anyhow};
use clap::Args;
use futures::FutureExt;
use modules::{Caller, Creating, Registry};
use port::Place;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use store::{LinkToken, ListQuery, Store, StoreError, Unit};
use workflow::Channel;

const COMPANY: &str = include_str!("../../../definitions/demo/acme.json");
/// What is made at first, in order; a text that one remembers stands for its id in those behind it.
const OBJECTS: &str = include_str!("../../../definitions/demo/objects.json");
const WELCOME: &str = include_str!("../../../definitions/demo/welcome.txt");

/// An object that the demo starts with.
#[derive(Debug, Clone, Deserialize)]
struct FirstObject {
    by: String,
    module: String,
    collection: String,
    data: Value,
    remember_as: Option<String>,
}

/// Run a complete service with a demo company.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where it keeps everything; a new folder when absent. Started again on the same folder it goes on
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where it listens; 0 is the port of the last start on the same folder, or any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The log filter
    #[arg(long, default_value = "warn")]
    log: String,
}

pub(crate) async fn run(args: DemoArgs, registry: Registry) -> anyhow::Result<ExitCode> {
    log(&args.log);
    let folder = folder(args.data)?;
    let database = database(&folder)?;
    let Place { listen, remark } = port::place(&folder, args.port);
    let service = Service::start(start(listen, database, registry.clone())).await?;
    let demo = Demo::new(folder, registry)?;
    let tokens = demo.furnish(&service.store).await?;
    demo.write_file(&service, &tokens)?;
    remark.iter().for_each(output::line);
    demo.explain(&service, &tokens);
    Ok(until_told(service).await)
}

/// A service that keeps its mails to itself.
pub(super) fn start(listen: SocketAddr, database: String, registry: Registry) -> Start {
    Start {
        part: Part::Whole,
        drain: Duration::ZERO,
        archive: None,
        archive_after_days: None,
        listen,
        base_url: None,
        database,
        smtp: None,
        mail_from: "Countersign <no-reply@acme.example>".to_owned(),
        workers: 16,
        limits: Limits::default(),
        operation: Operation::default(),
        registry,
    }
}

fn company() -> anyhow::Result<CompanyFile> {
    CompanyFile::parse(COMPANY).map_err(|problems| anyhow!("the demo company: {}", problems.join("; ")))
}

/// The database in a folder, as a URL.
pub(super) fn database(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join("countersign.db");
    // SQLite gives its other files the rights of this one.
    let made = fs::File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
    made.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(format!("sqlite://{}", path.display()))
}

/// The folder of a demo, made if it is not there.
pub(super) fn folder(chosen: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let folder = chosen.unwrap_or_else(|| {
        let name: String = LinkToken::random().secret().chars().take(8).collect();
        std::env::temp_dir().join(format!("countersign-demo-{name}"))
    });
    // The folder holds tokens and the links of mails: nobody else on this machine may look into it.
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.with_context(|| format!("cannot make the folder {}", folder.display()))?;
    fs::canonicalize(&folder).with_context(|| folder.display().to_string())
}

/// The demo company in its folder.
pub(super) struct Demo {
    company: CompanyFile,
    folder: PathBuf,
    registry: Registry,
}

impl Demo {
    pub(super) fn new(folder: PathBuf, registry: Registry) -> anyhow::Result<Self> {
        Ok(Self { company: company()?, folder, registry })
    }

    /// Company, people, tokens, a supplier and a submitted order, each only if it is not there yet.
    pub(super) async fn furnish(&self, store: &Store) -> anyhow::Result<Map<String, Value>> {
        self.company.apply(store, &self.registry).await?;
        let company = &self.company.company.id;
        let tokens = self.tokens(&self.folder.join("demo.json"));
        for (person, secret) in &tokens {
            put_token(store, company, secret.as_str().unwrap_or_default(), person, "demo").await?;
        }
        let objects: Vec<FirstObject> = serde_json::from_str(OBJECTS)?;
        if self.is_empty(store, &objects).await? {
            self.make(store, objects).await.context("the demo's objects cannot be made")?;
        }
        Ok(tokens)
    }

    /// The tokens of an earlier start, and new ones for people without.
    fn tokens(&self, path: &Path) -> Map<String, Value> {
        let known = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let known = known.and_then(|demo| demo.get("tokens").and_then(Value::as_object).cloned()).unwrap_or_default();
        let token = |id: &String| known.get(id).cloned().unwrap_or_else(|| json!(LinkToken::random().secret()));
        self.company.people.iter().map(|person| (person.id.clone(), token(&person.id))).collect()
    }

    async fn is_empty(&self, store: &Store, objects: &[FirstObject]) -> Result<bool, StoreError> {
        let Some(last) = objects.last() else { return Ok(false) };
        let (kind, query) =
            (format!("{}/{}", last.module, last.collection), ListQuery { limit: 1, ..ListQuery::default() });
        Ok(store.read().await?.objects(&self.company.company.id, &kind, &query).await?.is_empty())
    }

    /// All of them in one unit of work: a demo that is stopped here starts anew.
    async fn make(&self, store: &Store, objects: Vec<FirstObject>) -> Result<(), StoreError> {
        let (company, registry) = (self.company.company.id.clone(), self.registry.clone());
        let made = store.write(move |unit| {
            let (company, registry, mut left) = (company.clone(), registry.clone(), objects.clone());
            async move {
                while !left.is_empty() {
                    let first = left.remove(0);
                    let id = make_one(unit, &registry, &company, &first).await?;
                    if let Some(name) = &first.remember_as {
                        left.iter_mut().for_each(|object| replace(&mut object.data, name, &id));
                    }
                }
                Ok(())
            }
            .boxed()
        });
        made.await
    }

    /// `demo.json`: what a program needs to use the demo. Only this user may read it, because it holds the tokens.
    pub(super) fn write_file(&self, service: &Service, tokens: &Map<String, Value>) -> anyhow::Result<()> {
        let people = self.company.people.iter();
        let people = people.map(|person| (person.id.clone(), json!({ "email": person.email, "roles": person.roles })));
        let people: Map<String, Value> = people.collect();
        let demo = json!({ "base_url": service.base_url, "company": self.company.company.id, "tokens": tokens, "people": people });
        let path = self.folder.join("demo.json");
        let fresh = self.folder.join("demo.json.new");
        let file = fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&fresh);
        let mut file = file.with_context(|| fresh.display().to_string())?;
        file.write_all((serde_json::to_string_pretty(&demo)? + "\n").as_bytes())?;
        fs::rename(&fresh, &path).with_context(|| path.display().to_string())
    }

    fn explain(&self, service: &Service, tokens: &Map<String, Value>) {
        let token = tokens.get("eva").and_then(Value::as_str).unwrap_or_default();
        let folder = self.folder.display().to_string();
        let company = &self.company.company;
        let pairs = [
            ("{name}", company.name.as_str()),
            ("{base}", &service.base_url),
            ("{folder}", &folder),
            ("{token}", token),
            ("{company}", &company.id),
        ];
        output::line(pairs.iter().fold(WELCOME.trim_end().to_owned(), |text, (name, value)| text.replace(name, value)));
    }
}

async fn make_one(
    unit: &mut Unit,
    registry: &Registry,
    company: &str,
    object: &FirstObject,
) -> Result<String, StoreError> {
    let missing = || StoreError::Missing { what: "person", id: object.by.clone() };
    let person = unit.person(company, &object.by).await?.ok_or_else(missing)?;
    let caller = Caller { company: company.to_owned(), person, through: Channel::Token };
    let FirstObject { module, collection, data, .. } = object.clone();
    Ok(registry.create(unit, &caller, &Creating { module, collection, data }).await?.id)
}

/// Puts `id` wherever `name` stands as a text.
fn replace(data: &mut Value, name: &str, id: &str) {
    match data {
        Value::String(text) if text == name => id.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, id)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, name, id)),
        _ => {}
    }
}

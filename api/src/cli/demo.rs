//! `demo`: a complete service in one process, with a company, its people and its mailbox on a page.

use super::company::put_token;
use super::output;
use super::serve::{log, until_told};
use crate::company_file::CompanyFile;
use crate::service::{Service, Start};
use anyhow::{Context, anyhow};
use clap::Args;
use futures::FutureExt;
use modules::{Caller, Creating, Registry};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{LinkToken, ListQuery, Store};
use workflow::Channel;

const COMPANY: &str = include_str!("../../../definitions/demo/acme.json");
const SUPPLIER: &str = include_str!("../../../definitions/demo/supplier.json");
const ORDER: &str = include_str!("../../../definitions/demo/order.json");

/// Run a complete service with a demo company.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where it keeps everything; a new folder when absent. Started again on the same folder it goes on
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where it listens; 0 picks a free port
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The log filter
    #[arg(long, default_value = "warn")]
    log: String,
}

pub(crate) async fn run(args: DemoArgs, registry: Registry) -> anyhow::Result<ExitCode> {
    log(&args.log);
    let folder = folder(args.data)?;
    let database = format!("sqlite://{}", folder.join("countersign.db").display());
    let service = Service::start(Start {
        listen: ([127, 0, 0, 1], args.port).into(),
        base_url: None,
        database,
        smtp: None,
        mail_from: "Countersign <no-reply@acme.example>".to_owned(),
        workers: 16,
        registry: registry.clone(),
    });
    let service = service.await?;
    let demo = Demo { company: company()?, folder, registry };
    let tokens = demo.furnish(&service.store).await?;
    demo.write_file(&service, &tokens)?;
    demo.explain(&service, &tokens);
    Ok(until_told(service).await)
}

fn company() -> anyhow::Result<CompanyFile> {
    CompanyFile::parse(COMPANY).map_err(|problems| anyhow!("the demo company: {}", problems.join("; ")))
}

fn folder(chosen: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let folder = chosen.unwrap_or_else(|| {
        let name: String = LinkToken::random().secret().chars().take(8).collect();
        std::env::temp_dir().join(format!("countersign-demo-{name}"))
    });
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    fs::canonicalize(&folder).with_context(|| folder.display().to_string())
}

struct Demo {
    company: CompanyFile,
    folder: PathBuf,
    registry: Registry,
}

impl Demo {
    /// Company, people, tokens, a supplier and a submitted order, each only if it is not there yet.
    async fn furnish(&self, store: &Store) -> anyhow::Result<Map<String, Value>> {
        self.company.apply(store, &self.registry).await?;
        let company = &self.company.company.id;
        let tokens = self.tokens(&self.folder.join("demo.json"));
        for (person, secret) in &tokens {
            put_token(store, company, secret.as_str().unwrap_or_default(), person, "demo").await?;
        }
        let query = ListQuery { limit: 1, ..ListQuery::default() };
        if store.read().await?.objects(company, "purchasing/orders", &query).await?.is_empty() {
            self.first_order(store).await?;
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

    async fn first_order(&self, store: &Store) -> anyhow::Result<()> {
        let (company, registry) = (self.company.company.id.clone(), self.registry.clone());
        let (supplier, order): (Value, Value) = (serde_json::from_str(SUPPLIER)?, serde_json::from_str(ORDER)?);
        let submit = store.write(move |unit| {
            let (company, registry, supplier, mut order) = (company.clone(), registry.clone(), supplier.clone(), order.clone());
            async move {
                let missing = || store::StoreError::Missing { what: "person", id: "eva".to_owned() };
                let person = unit.person(&company, "eva").await?.ok_or_else(missing)?;
                let caller = Caller { company, person, through: Channel::Token };
                let creating = |collection: &str, data| Creating { module: "purchasing".to_owned(), collection: collection.to_owned(), data };
                let supplier = registry.create(unit, &caller, &creating("suppliers", supplier)).await?;
                if let Some(id) = order.get_mut("supplier_id") {
                    *id = json!(supplier.id);
                }
                registry.create(unit, &caller, &creating("orders", order)).await
            }
            .boxed()
        });
        submit.await.context("the demo's order cannot be submitted").map(|_| ())
    }

    /// `demo.json`: what a program needs to use the demo. Only this user may read it, because it holds the tokens.
    fn write_file(&self, service: &Service, tokens: &Map<String, Value>) -> anyhow::Result<()> {
        let people = self.company.people.iter();
        let people = people.map(|person| (person.id.clone(), json!({ "email": person.email, "roles": person.roles })));
        let people: Map<String, Value> = people.collect();
        let demo = json!({ "base_url": service.base_url, "company": self.company.company.id, "tokens": tokens, "people": people });
        let path = self.folder.join("demo.json");
        let fresh = self.folder.join("demo.json.new");
        fs::write(&fresh, serde_json::to_string_pretty(&demo)? + "\n").with_context(|| fresh.display().to_string())?;
        fs::set_permissions(&fresh, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        fs::rename(&fresh, &path).with_context(|| path.display().to_string())
    }

    fn explain(&self, service: &Service, tokens: &Map<String, Value>) {
        let (base, company) = (&service.base_url, &self.company.company.id);
        let token = tokens.get("eva").and_then(Value::as_str).unwrap_or_default();
        output::line(format!(
            "Countersign is running with the company {name}.

  Start page   {base}/
  Mailbox      {base}/mailbox
  API          {base}/openapi
  Data         {folder}  (tokens in demo.json; start again with --data {folder})

One order of 12,400.00 EUR is submitted. Open the mailbox, follow the link in the mail to Mira, and approve it;
finance (two people) and the head of the workshop are asked next; then the supplier gets the order as a PDF.

Submit another order as Eva:

  TOKEN={token}
  SUPPLIER=$(curl -s -H \"Authorization: Bearer $TOKEN\" {base}/api/v1/{company}/purchasing/suppliers | grep -o '\"id\":\"[^\"]*\"' | head -1 | cut -d'\"' -f4)
  curl -s -X POST -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -H \"Idempotency-Key: $(date +%s)\" \\
    {base}/api/v1/{company}/purchasing/orders -d '{{\"supplier_id\": \"'$SUPPLIER'\", \"currency\": \"EUR\", \"lines\": [
      {{\"description\": \"Cordless drill\", \"quantity\": \"3\", \"price\": \"189.90\", \"tax\": {{\"category\": \"S\", \"percent\": \"19\"}}}}]}}'
  curl -s {base}/mailbox.json

Stop with Ctrl-C.",
            name = self.company.company.name,
            folder = self.folder.display(),
        ));
    }
}

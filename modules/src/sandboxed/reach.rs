//! What the code of a module can reach: of what its manifest asks for, only what is its own.

use crate::config::{ConfigSchema, config_for_code};
use crate::manifest::{Ask, CodeFile, Manifest};
use crate::package::{Package, PackageError};
use futures::FutureExt;
use futures::future::BoxFuture;
use ring::rand::{SecureRandom, SystemRandom};
use sandbox::Host;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Object, Session, Store, StoreError, Unit};

/// What a module may ask for.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) module: String,
    asks: Vec<Ask>,
    publishes: Vec<String>,
    /// What there is to be configured.
    config: Option<Arc<ConfigSchema>>,
}

/// A question that was understood and is allowed.
pub(super) enum Question {
    /// An object of the module.
    Object { kind: String, id: String },
    /// An event to be published.
    Publish { kind: String, subject: String, data: Value },
    /// The module's configuration.
    Config,
}

impl Reach {
    pub(super) fn of(manifest: &Manifest, file: &CodeFile) -> Self {
        let (module, publishes) = (manifest.name.clone(), manifest.publishes.clone());
        Self { module, asks: file.asks.clone(), publishes, config: None }
    }

    /// The same, with the schema of the configuration if it may be asked for.
    pub(super) fn configured(self, package: &Package, manifest: &Manifest) -> Result<Self, PackageError> {
        let Some(path) = manifest.config.as_ref().filter(|_| self.asks.contains(&Ask::Config)) else { return Ok(self) };
        let wrong = |error: String| PackageError::Schema { path: path.clone(), error };
        let schema = ConfigSchema::read(package.json(path)?).map_err(wrong)?;
        Ok(Self { config: Some(Arc::new(schema)), ..self })
    }

    /// The module's configuration in a company.
    pub(super) async fn config(&self, session: &mut Session, company: &str) -> Result<Value, StoreError> {
        let Some(schema) = &self.config else { return Ok(json!({ "config": {} })) };
        Ok(json!({ "config": config_for_code(session, company, (&self.module, schema)).await? }))
    }

    /// The same module, and nothing to ask for.
    pub(super) fn nothing(&self) -> Self {
        Self { module: self.module.clone(), asks: Vec::new(), publishes: Vec::new(), config: None }
    }

    /// The question, or why it is not answered.
    pub(super) fn read(&self, question: &Value) -> Result<Question, String> {
        let text = |name: &str| {
            let found = question.get(name).and_then(Value::as_str);
            // Databases differ in what they make of control characters.
            let found = found.filter(|text| !text.chars().any(char::is_control));
            found.map(str::to_owned).ok_or_else(|| format!("a question needs the text {name}"))
        };
        match text("ask")?.as_str() {
            "object" => {
                self.may(Ask::Objects)?;
                Ok(Question::Object { kind: format!("{}/{}", self.module, text("collection")?), id: text("id")? })
            }
            "publish" => {
                self.may(Ask::Events)?;
                let (kind, subject) = (text("type")?, text("subject")?);
                if !self.publishes.contains(&kind) {
                    return Err(format!("the manifest does not say that {} publishes {kind}", self.module));
                }
                Ok(Question::Publish { kind, subject, data: question.get("data").cloned().unwrap_or_default() })
            }
            "config" => self.may(Ask::Config).map(|()| Question::Config),
            other => Err(format!("nobody here knows \"{other}\"; ask for: config, object, publish")),
        }
    }

    fn may(&self, ask: Ask) -> Result<(), String> {
        let Self { module, asks, .. } = self;
        if asks.contains(&ask) {
            Ok(())
        } else {
            Err(format!("the manifest does not say that the code of {module} asks for {ask}"))
        }
    }

    pub(super) fn log(&self, company: &str, line: &str) {
        tracing::info!(module = self.module, company, line, "the code of a module says");
    }
}

/// An object as code sees it.
pub(super) fn shown(object: &Object) -> Value {
    let Object { id, revision, status, number, data, .. } = object;
    json!({ "id": id, "revision": revision, "status": status, "number": number, "data": data })
}

pub(super) fn refused(why: String) -> Value {
    json!({ "error": why })
}

pub(super) async fn object(session: &mut Session, company: &str, kind: &str, id: &str) -> Result<Value, StoreError> {
    match session.object(company, kind, id).await {
        Ok(object) => Ok(json!({ "object": shown(&object) })),
        Err(StoreError::Missing { .. }) => Ok(json!({ "object": null })),
        Err(error) => Err(error),
    }
}

pub(super) fn fill(bytes: &mut [u8]) {
    // The system's generator does not fail once the system is up; if it does, the code has zeros, and is told nothing.
    if SystemRandom::new().fill(bytes).is_err() {
        bytes.fill(0);
    }
}

/// Within a unit of work: what is read is what the unit sees, what is published is part of its commit.
pub(super) struct Within<'u> {
    unit: &'u mut Unit,
    company: &'u str,
    reach: &'u Reach,
    broken: Option<StoreError>,
}

impl<'u> Within<'u> {
    pub(super) fn new(unit: &'u mut Unit, company: &'u str, reach: &'u Reach) -> Self {
        Self { unit, company, reach, broken: None }
    }

    /// What the store could not do.
    pub(super) fn broken(self) -> Option<StoreError> {
        self.broken
    }

    async fn answer(&mut self, question: Question) -> Result<Value, StoreError> {
        match question {
            Question::Object { kind, id } => object(self.unit, self.company, &kind, &id).await,
            Question::Publish { kind, subject, data } => {
                self.unit.publish(self.company, &kind, &subject, &data).await?;
                Ok(json!({ "published": kind }))
            }
            Question::Config => self.reach.config(self.unit, self.company).await,
        }
    }
}

impl Host for Within<'_> {
    fn now_ms(&self) -> i64 {
        self.unit.now_ms()
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        fill(bytes);
    }

    fn steps_left(&self) -> u64 {
        self.unit.code_steps_left()
    }

    fn spend(&mut self, steps: u64) {
        self.unit.spend_code_steps(steps);
    }

    fn log(&mut self, line: &str) {
        self.reach.log(self.company, line);
    }

    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            let question = match self.reach.read(&question) {
                Ok(question) => question,
                Err(why) => return Ok(refused(why)),
            };
            match self.answer(question).await {
                Ok(answer) => Ok(answer),
                Err(error) => {
                    let told = error.to_string();
                    self.broken = Some(error);
                    Err(told)
                }
            }
        }
        .boxed()
    }
}

/// In a worker, outside any unit: objects can be read, events belong into the workflow.
pub(super) struct Outside<'s> {
    store: &'s Store,
    company: &'s str,
    reach: &'s Reach,
}

impl<'s> Outside<'s> {
    pub(super) fn new(store: &'s Store, company: &'s str, reach: &'s Reach) -> Self {
        Self { store, company, reach }
    }
}

impl Host for Outside<'_> {
    fn now_ms(&self) -> i64 {
        self.store.now_ms()
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        fill(bytes);
    }

    fn log(&mut self, line: &str) {
        self.reach.log(self.company, line);
    }

    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            let question = match self.reach.read(&question) {
                Ok(Question::Publish { .. }) => {
                    let why = "in a worker nothing is published, because the task may be done twice; let the workflow publish it";
                    return Ok(refused(why.to_owned()));
                }
                Ok(question) => question,
                Err(why) => return Ok(refused(why)),
            };
            let mut reader = self.store.read().await.map_err(|error| error.to_string())?;
            let answer = match question {
                Question::Object { kind, id } => object(&mut reader, self.company, &kind, &id).await,
                _ => self.reach.config(&mut reader, self.company).await,
            };
            answer.map_err(|error| error.to_string())
        }
        .boxed()
    }
}

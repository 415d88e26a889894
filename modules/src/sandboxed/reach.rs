//! What the code of a module can reach: of what its manifest asks for, only what is its own.

use crate::config::{ConfigSchema, config_for_code};
use crate::events::EventFiles;
use crate::manifest::{Ask, CodeFile, Manifest};
use crate::objects::{Shape, deed, shown};
use crate::package::{Package, PackageError};
use futures::FutureExt;
use futures::future::BoxFuture;
use ring::rand::{SecureRandom, SystemRandom};
use sandbox::Host;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{LogLevel, OwnCall, OwnDeed, Session, Store, StoreError, Unit};

/// What a module may ask for.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) module: String,
    asks: Vec<Ask>,
    publishes: Vec<String>,
    /// What there is to be configured.
    config: Option<Arc<ConfigSchema>>,
    events: Arc<EventFiles>,
    /// Whether objects may be made and changed.
    changes: bool,
}

/// A question that was understood and is allowed.
pub(super) enum Question {
    /// An object of the module.
    Object { kind: String, id: String },
    /// Objects of the module to be made, changed or found.
    Own { collection: String, deed: OwnDeed, shape: Shape },
    /// An event to be published.
    Publish { kind: String, subject: String, data: Value },
    /// The module's configuration.
    Config,
}

impl Reach {
    pub(super) fn of(manifest: &Manifest, file: &CodeFile, events: EventFiles) -> Self {
        let (module, publishes) = (manifest.name.clone(), manifest.event_types().map(str::to_owned).collect());
        Self { module, asks: file.asks.clone(), publishes, config: None, events: Arc::new(events), changes: true }
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
        Self { asks: Vec::new(), publishes: Vec::new(), config: None, changes: false, ..self.clone() }
    }

    /// The same, without changing objects.
    pub(super) fn looking(&self) -> Self {
        Self { changes: false, ..self.clone() }
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
            what @ ("create" | "update" | "find") => {
                self.may(Ask::Objects)?;
                if what != "find" && !self.changes {
                    return Err("nothing is changed while it is only looked what is wrong".to_owned());
                }
                let deed = deed(what, question)?;
                Ok(Question::Own { collection: text("collection")?, shape: Shape::of(question, &deed), deed })
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
            other => {
                Err(format!("nobody here knows \"{other}\"; ask for: config, create, find, object, publish, update"))
            }
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
    /// The instance whose task the code does.
    instance: Option<&'u str>,
    reach: &'u Reach,
    broken: Option<StoreError>,
}

impl<'u> Within<'u> {
    pub(super) fn new(unit: &'u mut Unit, (company, instance): (&'u str, Option<&'u str>), reach: &'u Reach) -> Self {
        Self { unit, company, instance, reach, broken: None }
    }

    /// What the store could not do.
    pub(super) fn broken(self) -> Option<StoreError> {
        self.broken
    }

    async fn answer(&mut self, question: Question) -> Result<Value, StoreError> {
        match question {
            Question::Object { kind, id } => object(self.unit, self.company, &kind, &id).await,
            Question::Own { collection, deed, shape } => self.own(collection, deed, shape).await,
            Question::Publish { kind, subject, data } => {
                if let Some(misfit) = self.reach.events.misfit(&kind, &data) {
                    return Ok(refused(misfit));
                }
                self.unit.publish(self.company, &kind, &subject, &data).await?;
                Ok(json!({ "published": kind }))
            }
            Question::Config => self.reach.config(self.unit, self.company).await,
        }
    }

    /// What is wrong with an object is an answer like others: nothing of it is left, and the code goes on.
    async fn own(&mut self, collection: String, deed: OwnDeed, shape: Shape) -> Result<Value, StoreError> {
        let (company, module) = (self.company.to_owned(), self.reach.module.clone());
        let call = OwnCall { company, module, collection, instance: self.instance.map(str::to_owned), deed };
        Ok(match self.unit.own_objects(call).await? {
            Ok(objects) if shape == Shape::One => json!({ "object": shape.answer(&objects) }),
            Ok(objects) => shape.answer(&objects),
            Err(error) => unmade(&error),
        })
    }
}

/// Why an object was not made, with every problem at its place.
fn unmade(error: &StoreError) -> Value {
    let mut told = refused(error.to_string());
    if let StoreError::Problems(problems) | StoreError::Guarded(problems) = error {
        let all = problems.iter().map(|problem| json!({ "pointer": problem.pointer, "message": problem.message }));
        told["problems"] = all.collect();
    }
    told
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
        self.unit.note_of_module(self.company, &self.reach.module, LogLevel::Info, line);
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
        self.store.note_of_module(self.company, &self.reach.module, LogLevel::Info, line);
    }

    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            let question = match self.reach.read(&question) {
                Ok(Question::Publish { .. }) => {
                    let why = "in a worker nothing is published, because the task may be done twice; let the workflow publish it";
                    return Ok(refused(why.to_owned()));
                }
                Ok(Question::Own { .. }) => {
                    let why = "in a worker objects are only read, because the task may be done twice; do it in a task within the commit (inline)";
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

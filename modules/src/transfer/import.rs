//! Rows become objects: each the way of a creation or a change, behind a savepoint of its own.

use super::columns::Column;
use super::keys::{self, Key, Keys};
use super::row::{Content, Refusal, Row, Said};
use crate::objects::keys::{name, of_fields};
use crate::objects::schema::{Index, Keywords, without_fields};
use crate::objects::{Caller, Collection, MOST_PROBLEMS, Seen, refuse_unless_seen};
use crate::registry::Registry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Mutex;
use store::{Object, StoreError, Unit};
use workflow::Problem;

/// From here on no further row of a commit is begun: what code may do in one is bounded.
const CODE_STEPS_KEPT: u64 = 25_000_000;

/// What becomes of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Each becomes an object.
    Create,
    /// One whose key an object has changes that; the others become objects.
    Upsert(By),
}

/// What says which object a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Its id.
    Id,
    /// Fields that no two objects have the same.
    Fields(Vec<Index>),
}

/// Rows that are to become objects.
#[derive(Debug, Clone)]
pub struct Importing {
    /// The module.
    pub module: String,
    /// The collection.
    pub collection: String,
    /// What becomes of them.
    pub mode: Mode,
    /// The columns that hold fields, with their numbers.
    pub columns: Vec<(u64, Column)>,
    /// Whether a conflict is the row's own, because it was one again and again.
    pub is_persistent: bool,
}

/// What became of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// How many.
    pub rows: u64,
    /// Of them: new objects.
    pub new: u64,
    /// Objects that are another now.
    pub changed: u64,
    /// Objects that were like this already.
    pub same: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Why, of the first of them.
    pub refusals: Vec<Refusal>,
}

impl Done {
    /// Adds what became of further rows.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        self.refused += other.refused;
        self.refuse(other.refusals);
    }

    fn refuse(&mut self, refusals: Vec<Refusal>) {
        let room = MOST_PROBLEMS.saturating_sub(self.refusals.len());
        self.refusals.extend(refusals.into_iter().take(room));
    }
}

/// What became of a row.
enum Became {
    New(Object),
    Changed(Object),
    Same(Object),
}

impl Mode {
    /// Changing those that have the same: `id`, or fields that are unique, alone or together, with commas between.
    ///
    /// # Errors
    /// What would be a key.
    pub fn upsert(key: &str, keywords: &Keywords) -> Result<Self, String> {
        let wanted = key.replace(',', "+");
        if let Some(fields) = keywords.unique.iter().find(|fields| name(fields) == wanted) {
            return Ok(Self::Upsert(By::Fields(fields.clone())));
        }
        if key == "id" {
            return Ok(Self::Upsert(By::Id));
        }
        let known: Vec<String> = keywords.unique.iter().map(|fields| name(fields).replace('+', ",")).collect();
        Err(format!(
            "must be what no two objects have the same: {}",
            ["id".to_owned()].into_iter().chain(known).collect::<Vec<_>>().join("; ")
        ))
    }
}

impl Registry {
    /// Has rows become objects, as many of them as may share a commit, at least one. A row that is refused leaves nothing,
    /// and the others go on. `keys` knows the rows before.
    ///
    /// # Errors
    /// What is no row's fault; nothing of the unit may be kept then.
    pub async fn import(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        importing: &Importing,
        rows: &[Row],
        keys: &Mutex<Keys>,
    ) -> Result<Done, StoreError> {
        let catalogue = self.of(unit, &caller.company).await?;
        let Importing { module, collection, .. } = importing;
        let collection = catalogue.known(module, collection)?;
        if let Some(sentence) = catalogue.refuses_new(module) {
            return Err(StoreError::refused("module-disabled", sentence));
        }
        unit.begin_code()?;
        let mut done = Done::default();
        for row in rows {
            if done.rows > 0 && unit.code_steps_left() < CODE_STEPS_KEPT {
                break;
            }
            done.rows += 1;
            match self.take(unit, caller, (&collection, importing), row, keys).await? {
                Ok(Became::New(_)) => done.new += 1,
                Ok(Became::Changed(_)) => done.changed += 1,
                Ok(Became::Same(_)) => done.same += 1,
                Err(refusals) => {
                    done.refused += 1;
                    done.refuse(refusals);
                }
            }
        }
        Ok(done)
    }

    /// Has a row become an object. The inner error is the row's.
    async fn take(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        (collection, importing): (&Collection<'_>, &Importing),
        row: &Row,
        keys: &Mutex<Keys>,
    ) -> Result<Result<Became, Vec<Refusal>>, StoreError> {
        let said = match &row.said {
            Ok(said) => said,
            Err(refusals) => return Ok(Err(refusals.clone())),
        };
        let watched = self.begin_code(unit, &caller.company, collection.installed)?;
        let attempt = unit.begin_attempt().await?;
        let became = watched.ended(collection.became(unit, caller, &importing.mode, said).await);
        let became = became.and_then(|became| collection.kept(became, &importing.mode, row.line, keys));
        let became = became.map_err(|error| of_row(error, importing.is_persistent));
        let problems = match unit.end_attempt(attempt, became).await? {
            Ok(became) => return Ok(Ok(became)),
            Err(error) => problems(error)?,
        };
        let problems = problems.into_iter().map(|problem| collection.told(problem, said, row.line, keys));
        Ok(Err(problems.map(|problem| Refusal::of(row.line, &problem, &importing.columns)).collect()))
    }
}

impl Collection<'_> {
    async fn became(&self, unit: &mut Unit, caller: &Caller, mode: &Mode, said: &Said) -> Result<Became, StoreError> {
        match self.meant(unit, &caller.company, mode, said).await? {
            Some(before) => self.bring_over(unit, caller, before, said).await,
            None => {
                let sent = self.without_made(&said.content.alone());
                Ok(Became::New(self.create(unit, caller, &sent).await?))
            }
        }
    }

    /// The object that a row is about, if there is one.
    async fn meant(
        &self,
        unit: &mut Unit,
        company: &str,
        mode: &Mode,
        said: &Said,
    ) -> Result<Option<Object>, StoreError> {
        let id = match mode {
            Mode::Create => return Ok(None),
            Mode::Upsert(By::Id) => said.id.clone(),
            Mode::Upsert(By::Fields(fields)) => {
                let key = of_fields(fields, &said.content.alone()).ok_or_else(|| without_key(fields))?;
                unit.object_with(company, &self.kind(), &key).await?
            }
        };
        match id {
            None => Ok(None),
            Some(id) => match unit.object(company, &self.kind(), &id).await {
                Ok(object) => Ok(Some(object)),
                Err(StoreError::Missing { .. }) => Err(StoreError::Problems(vec![unknown(&id)])),
                Err(error) => Err(error),
            },
        }
    }

    /// Changes an object to what a row says. One that is like this already is left alone, whoever may change what of it.
    async fn bring_over(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        before: Object,
        said: &Said,
    ) -> Result<Became, StoreError> {
        if said.content.over(&before.data) == before.data {
            return Ok(Became::Same(before));
        }
        let sent = match &said.content {
            Content::Whole(data) => data.clone(),
            columns => columns.over(&self.as_sent(&before)),
        };
        let data = self.completed(unit, caller, Some(&before), &self.without_made(&sent)).await?;
        if data == before.data {
            return Ok(Became::Same(before));
        }
        if let Some(revision) = said.revision {
            refuse_unless_seen(&before, &Seen::At(vec![revision]))?;
        }
        self.refuse_while_running(unit, &caller.company, &before).await?;
        let by = (caller.company.as_str(), caller.person.id.as_str(), caller.person.roles.as_slice());
        Ok(Became::Changed(self.store(unit, by, &before, data).await?))
    }

    /// What was sent, without the fields that are made here.
    fn without_made(&self, sent: &Value) -> Value {
        match sent {
            Value::Object(_) => without_fields(sent, &self.schema.keywords.made_here),
            other => other.clone(),
        }
    }

    /// Notes what the object of a row has for itself; refuses it if another row has the same.
    fn kept(&self, became: Became, mode: &Mode, line: u64, keys: &Mutex<Keys>) -> Result<Became, StoreError> {
        let (Became::New(object) | Became::Changed(object) | Became::Same(object)) = &became;
        let mut all = keys::of(&self.schema.keywords, &object.data);
        if *mode == Mode::Upsert(By::Id) {
            all.push(("/id".to_owned(), Key::of("$id", &object.id)));
        }
        let mut keys = keys.lock().map_err(|_| StoreError::Corrupt("the keys of an import".to_owned()))?;
        let same = all.iter().filter_map(|(pointer, key)| Some((pointer, keys.line(*key, line)?)));
        let problem = |(pointer, other): (&String, u64)| {
            Problem::new(pointer.as_str(), "not-unique", format!("is the same as in line {other}; it must be another"))
        };
        let problems: Vec<Problem> = same.map(problem).collect();
        if !problems.is_empty() {
            return Err(StoreError::Problems(problems));
        }
        keys.add(&all.into_iter().map(|(_, key)| key).collect::<Vec<_>>(), line);
        Ok(became)
    }

    /// A problem in the words that help most: what another row of the file has the same is named by its line.
    fn told(&self, problem: Problem, said: &Said, line: u64, keys: &Mutex<Keys>) -> Problem {
        if problem.code != "not-unique" {
            return problem;
        }
        let Ok(keys) = keys.lock() else { return problem };
        let same = keys.problems(&self.schema.keywords, &said.content.alone(), line);
        same.into_iter().find(|same| same.pointer == problem.pointer).unwrap_or(problem)
    }
}

fn without_key(fields: &[Index]) -> StoreError {
    let pointer = fields.first().map(|first| first.path.pointer()).unwrap_or_default();
    StoreError::Problems(vec![Problem::new(pointer, "key", "is missing; it says which object the row is about")])
}

fn unknown(id: &str) -> Problem {
    let shown: String = id.chars().take(100).collect();
    let message = format!("there is no object \"{shown}\"; leave the id out to make a new one");
    Problem::new("/id", "unknown-object", message)
}

/// A conflict that does not pass is the row's own.
fn of_row(error: StoreError, is_persistent: bool) -> StoreError {
    match error {
        StoreError::Conflict if is_persistent => {
            let message = "there is one with this id or number already";
            StoreError::Problems(vec![Problem::new("", "conflict", message)])
        }
        error => error,
    }
}

/// What is wrong with a row. The outer error is not the row's.
fn problems(error: StoreError) -> Result<Vec<Problem>, StoreError> {
    let one = |code: &'static str, message: String| Ok(vec![Problem::new("", code, message)]);
    match error {
        StoreError::Problems(problems) | StoreError::Guarded(problems) => Ok(problems),
        StoreError::Outdated(sentence) => one("outdated", sentence),
        StoreError::Refused { code, sentence } => one(code, sentence),
        StoreError::Rejected(rejected) => one("rejected", rejected.to_string()),
        StoreError::Missing { .. } => one("missing", error.to_string()),
        other => Err(other),
    }
}

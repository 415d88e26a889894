//! Definitions: immutable versions, compiled once per process.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use workflow::{Definition, DefinitionRef};

/// Compiled definitions by the hash of their text.
#[derive(Default)]
pub(crate) struct DefinitionCache(RwLock<HashMap<String, Arc<Definition>>>);

impl DefinitionCache {
    pub(crate) fn get(&self, sha256: &str) -> Option<Arc<Definition>> {
        self.0.read().ok()?.get(sha256).cloned()
    }

    fn put(&self, sha256: String, definition: Arc<Definition>) {
        if let Ok(mut cache) = self.0.write() {
            cache.insert(sha256, definition);
        }
    }
}

/// A version of a definition as it was saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedDefinition {
    /// Its name and version.
    pub reference: DefinitionRef,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
    /// The document.
    pub document: Value,
}

/// A version of a definition.
#[derive(Debug, Clone)]
pub struct StoredDefinition {
    /// Its name and version.
    pub reference: DefinitionRef,
    /// Compiled.
    pub definition: Arc<Definition>,
}

impl Unit {
    /// Stores a definition as the next version of its name, unless the latest version has the same text.
    pub async fn save_definition(
        &mut self,
        company: &str,
        name: &str,
        document: &Value,
    ) -> Result<DefinitionRef, StoreError> {
        let body = document.to_string();
        Definition::parse_text(&body).map_err(StoreError::Problems)?;
        let sha256 = hex::encode(Sha256::digest(&body));
        let latest = self.latest_version(company, name).await?;
        if let Some((version, _)) = latest.as_ref().filter(|(_, known)| *known == sha256) {
            return Ok(DefinitionRef { name: name.to_owned(), version: *version });
        }
        let version = latest.map_or(1, |(version, _)| version + 1);
        let sql =
            "INSERT INTO definition (company, name, version, sha256, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let now = self.now_ms();
        self.execute(sql, args![company, name, version, sha256, body, now]).await?;
        Ok(DefinitionRef { name: name.to_owned(), version })
    }
}

impl Session {
    async fn latest_version(&mut self, company: &str, name: &str) -> Result<Option<(u32, String)>, StoreError> {
        let sql =
            "SELECT version, sha256 FROM definition WHERE company = $1 AND name = $2 ORDER BY version DESC LIMIT 1";
        let Some(mut row) = self.query_one(sql, args![company, name]).await? else { return Ok(None) };
        let version = u32::try_from(row.int()?).map_err(|error| StoreError::corrupt("a version", error))?;
        Ok(Some((version, row.text()?)))
    }

    /// The latest version of a definition.
    pub async fn latest_definition(&mut self, company: &str, name: &str) -> Result<StoredDefinition, StoreError> {
        let missing = || StoreError::Missing { what: "definition", id: name.to_owned() };
        let (version, sha256) = self.latest_version(company, name).await?.ok_or_else(missing)?;
        let reference = DefinitionRef { name: name.to_owned(), version };
        let definition = self.definition(company, &reference, &sha256).await?;
        Ok(StoredDefinition { reference, definition })
    }

    /// The latest version of every definition, by name.
    pub async fn latest_definitions(&mut self, company: &str) -> Result<Vec<SavedDefinition>, StoreError> {
        let sql = "SELECT d.name, d.version, d.created_at, d.body FROM definition d WHERE d.company = $1 AND d.version = \
                   (SELECT max(l.version) FROM definition l WHERE l.company = d.company AND l.name = d.name) ORDER BY d.name";
        self.query(sql, args![company]).await?.into_iter().map(saved).collect()
    }

    /// A version of a definition as it was saved.
    pub async fn saved_definition(
        &mut self,
        company: &str,
        reference: &DefinitionRef,
    ) -> Result<SavedDefinition, StoreError> {
        let sql =
            "SELECT name, version, created_at, body FROM definition WHERE company = $1 AND name = $2 AND version = $3";
        let row = self.query_one(sql, args![company, &reference.name, reference.version]).await?;
        saved(row.ok_or_else(|| StoreError::Missing { what: "definition", id: reference.to_string() })?)
    }

    /// A definition whose hash is known, from the cache if it was compiled before.
    pub(crate) async fn definition(
        &mut self,
        company: &str,
        reference: &DefinitionRef,
        sha256: &str,
    ) -> Result<Arc<Definition>, StoreError> {
        if let Some(definition) = self.definitions.get(sha256) {
            return Ok(definition);
        }
        let sql = "SELECT body FROM definition WHERE company = $1 AND name = $2 AND version = $3";
        let row = self.query_one(sql, args![company, &reference.name, reference.version]).await?;
        let mut row = row.ok_or_else(|| StoreError::Missing { what: "definition", id: reference.to_string() })?;
        let definition = Definition::parse_text(&row.text()?).map_err(|problems| {
            StoreError::Corrupt(format!("definition {reference}: {}", StoreError::Problems(problems)))
        })?;
        let definition = Arc::new(definition);
        self.definitions.put(sha256.to_owned(), definition.clone());
        Ok(definition)
    }
}

fn saved(mut row: Row) -> Result<SavedDefinition, StoreError> {
    let name = row.text()?;
    let version = u32::try_from(row.int()?).map_err(|error| StoreError::corrupt("a version", error))?;
    let reference = DefinitionRef { name, version };
    Ok(SavedDefinition { reference, created_at: row.int()?, document: row.json("definition")? })
}

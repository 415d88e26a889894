//! Companies and their settings.

use crate::backend::args;
use crate::error::StoreError;
use crate::instances::text;
use crate::unit::{Session, Unit};
use serde_json::Value;

/// A company.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    /// Its short name, part of every path: `acme`.
    pub id: String,
    /// Its name: `Acme GmbH`.
    pub name: String,
    /// What modules need to know of it: base currency, letterhead, rounding.
    pub settings: Value,
}

impl Unit {
    /// Stores a company, or replaces it.
    pub async fn put_company(&mut self, company: &Company) -> Result<(), StoreError> {
        let sql = "INSERT INTO company (company, name, settings) VALUES ($1, $2, $3) \
                   ON CONFLICT (company) DO UPDATE SET name = excluded.name, settings = excluded.settings";
        self.execute(sql, args![&company.id, &company.name, text(&company.settings)?]).await.map(|_| ())
    }

    /// The value of a setting of the installation; `fresh` is stored if there is none yet.
    pub async fn setting_or(&mut self, name: &str, fresh: String) -> Result<String, StoreError> {
        let sql =
            "INSERT INTO setting (company, name, value) VALUES ('', $1, $2) ON CONFLICT (company, name) DO NOTHING";
        self.execute(sql, args![name, fresh]).await?;
        let sql = "SELECT value FROM setting WHERE company = '' AND name = $1";
        let missing = || StoreError::Missing { what: "setting", id: name.to_owned() };
        self.query_one(sql, args![name]).await?.ok_or_else(missing)?.text()
    }
}

impl Session {
    /// A company.
    pub async fn company(&mut self, id: &str) -> Result<Company, StoreError> {
        let sql = "SELECT name, settings FROM company WHERE company = $1";
        let missing = || StoreError::Missing { what: "company", id: id.to_owned() };
        let mut row = self.query_one(sql, args![id]).await?.ok_or_else(missing)?;
        Ok(Company { id: id.to_owned(), name: row.text()?, settings: row.json("settings")? })
    }

    /// Every company, by id.
    pub async fn companies(&mut self) -> Result<Vec<Company>, StoreError> {
        let rows = self.query("SELECT company, name, settings FROM company ORDER BY company", Vec::new()).await?;
        rows.into_iter()
            .map(|mut row| Ok(Company { id: row.text()?, name: row.text()?, settings: row.json("settings")? }))
            .collect()
    }
}

//! Deleting for good what a module has left behind after it was taken out. What tells of the past stays: instances with
//! their history, events, answers, and the lists of what was installed.

use crate::backend::{Arg, Dialect, args};
use crate::error::StoreError;
use crate::rows::{Fenced, Shape};
use crate::unit::{Session, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a company has of a module beside its being installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// Objects, those that were deleted included.
    pub objects: u64,
    /// Their revisions.
    pub revisions: u64,
    /// Files that people have attached to them.
    pub attachments: u64,
    /// Files that were made of them.
    pub documents: u64,
    /// Versions of its configuration.
    pub configurations: u64,
    /// Package files that the company may install.
    pub packages: u64,
}

/// A row of an object, and of what hangs on it.
const OBJECTS: [Shape; 4] = [
    Shape { head: "DELETE FROM object_key WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM object_unique WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM object_revision WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM object WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
];
const FILES: [Shape; 2] = [
    Shape { head: "DELETE FROM attachment WHERE (company, kind, object) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM document WHERE (company, kind, object) IN (VALUES ", columns: 3, tail: ")" },
];
const HASHES: [Shape; 2] = [
    Shape { head: "SELECT sha256 FROM attachment WHERE (company, kind, object) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "SELECT sha256 FROM document WHERE (company, kind, object) IN (VALUES ", columns: 3, tail: ")" },
];

/// `travel/%`. An underscore is a letter of names, and any letter to LIKE.
fn kinds_of(module: &str) -> String {
    format!("{}/%", module.replace('_', "!_"))
}

impl Unit {
    /// Begins: from here on nothing that names an object of the module is wrong because the object is gone. Configuration,
    /// log, packages, numbers and places in the log of events go at once.
    pub async fn begin_purge(
        &mut self,
        company: &str,
        module: &str,
        instance: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO purge (company, module, instance, at, by_whom) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT DO NOTHING";
        self.execute(sql, args![company, module, instance, now, by]).await?;
        let sql = "DELETE FROM series WHERE company = $1 AND name LIKE $2 ESCAPE '!'";
        self.execute(sql, args![company, kinds_of(module)]).await?;
        self.execute("DELETE FROM module_config WHERE company = $1 AND module = $2", args![company, module]).await?;
        if self.dialect() == Dialect::Postgres {
            // Who delivers one of them holds no more of its events afterwards.
            let sql = "SELECT name FROM subscription WHERE company = $1 AND module = $2 ORDER BY name FOR UPDATE";
            self.query(sql, args![company, module]).await?;
        }
        self.execute("DELETE FROM held_event WHERE company = $1 AND module = $2", args![company, module]).await?;
        self.execute("DELETE FROM subscription WHERE company = $1 AND module = $2", args![company, module]).await?;
        self.execute("DELETE FROM module_log WHERE company = $1 AND module = $2", args![company, module]).await?;
        self.forget_packages(company, module).await
    }

    /// Deletes the next objects of a module with all that hangs on them; how many.
    pub async fn purge_objects(&mut self, company: &str, module: &str, limit: u32) -> Result<u64, StoreError> {
        let sql =
            "SELECT kind, id FROM object WHERE company = $1 AND kind LIKE $2 ESCAPE '!' ORDER BY kind, id LIMIT $3";
        let found = self.query(sql, args![company, kinds_of(module), limit]).await?;
        let rows = found.into_iter().map(|mut row| Ok(args![company, row.text()?, row.text()?]));
        let rows: Vec<Vec<Arg>> = rows.collect::<Result<_, StoreError>>()?;
        let (dialect, mut hashes) = (self.dialect(), BTreeSet::new());
        for shape in &HASHES {
            for Fenced { statement, .. } in shape.statements(dialect, rows.clone().into_iter()) {
                for mut row in self.run_query(statement).await? {
                    hashes.insert(row.text()?);
                }
            }
        }
        for shape in FILES.iter().chain(&OBJECTS) {
            self.run_all(shape.statements(dialect, rows.clone().into_iter())).await?;
        }
        for sha256 in hashes {
            self.drop_blob(company, &sha256).await?;
        }
        Ok(rows.len() as u64)
    }

    /// Deletes bytes that nobody names any more. They are locked first, and only then it is looked: whoever is about to
    /// name them on another node either has done so by then, or stores them anew (see [`Unit::put_blob`]).
    async fn drop_blob(&mut self, company: &str, sha256: &str) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            let sql = "SELECT sha256 FROM blob WHERE company = $1 AND sha256 = $2 FOR UPDATE";
            self.query(sql, args![company, sha256]).await?;
        }
        let sql = "DELETE FROM blob WHERE company = $1 AND sha256 = $2 \
                   AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.company = $1 AND a.sha256 = $2) \
                   AND NOT EXISTS (SELECT 1 FROM document d WHERE d.company = $1 AND d.sha256 = $2) \
                   AND NOT EXISTS (SELECT 1 FROM mail_file f WHERE f.company = $1 AND f.sha256 = $2) \
                   AND NOT EXISTS (SELECT 1 FROM mail m WHERE m.company = $1 AND m.files_listed IS NULL \
                   AND m.body LIKE '%' || $2 || '%')";
        self.execute(sql, args![company, sha256]).await.map(|_| ())
    }

    /// The packages of a module that a company has uploaded; their bytes, if nobody else has them.
    async fn forget_packages(&mut self, company: &str, module: &str) -> Result<(), StoreError> {
        let sql = "SELECT sha256 FROM company_package WHERE company = $1 AND module = $2";
        let hashes = self.query(sql, args![company, module]).await?;
        self.execute("DELETE FROM company_package WHERE company = $1 AND module = $2", args![company, module]).await?;
        for mut row in hashes {
            let sha256 = row.text()?;
            if self.dialect() == Dialect::Postgres {
                let sql = "SELECT sha256 FROM package WHERE company = '' AND sha256 = $1 FOR UPDATE";
                self.query(sql, args![&sha256]).await?;
            }
            let sql = "DELETE FROM package WHERE company = '' AND sha256 = $1 \
                       AND NOT EXISTS (SELECT 1 FROM company_package k WHERE k.sha256 = $1)";
            self.execute(sql, args![&sha256]).await?;
            let sql = "DELETE FROM package_signer WHERE company = '' AND sha256 = $1 \
                       AND NOT EXISTS (SELECT 1 FROM package p WHERE p.company = '' AND p.sha256 = $1)";
            self.execute(sql, args![&sha256]).await?;
        }
        self.ledger.bells.installed = true;
        Ok(())
    }
}

impl Session {
    /// What a company has of a module beside its being installed.
    pub async fn left_behind(&mut self, company: &str, module: &str) -> Result<LeftBehind, StoreError> {
        let kinds = kinds_of(module);
        let of_kinds = [
            "SELECT count(*) FROM object WHERE company = $1 AND kind LIKE $2 ESCAPE '!'",
            "SELECT count(*) FROM object_revision WHERE company = $1 AND kind LIKE $2 ESCAPE '!'",
            "SELECT count(*) FROM attachment WHERE company = $1 AND kind LIKE $2 ESCAPE '!'",
            "SELECT count(*) FROM document WHERE company = $1 AND kind LIKE $2 ESCAPE '!'",
        ];
        let of_module = [
            "SELECT count(*) FROM module_config WHERE company = $1 AND module = $2",
            "SELECT count(*) FROM company_package WHERE company = $1 AND module = $2",
        ];
        let mut counts = Vec::new();
        let all = of_kinds.map(|sql| (sql, kinds.as_str())).into_iter().chain(of_module.map(|sql| (sql, module)));
        for (sql, name) in all {
            counts.push(self.query_one(sql, args![company, name]).await?.map_or(Ok(0), |mut row| row.count())?);
        }
        let [objects, revisions, attachments, documents, configurations, packages] = counts[..] else {
            return Ok(LeftBehind::default());
        };
        Ok(LeftBehind { objects, revisions, attachments, documents, configurations, packages })
    }

    /// The modules whose data was purged in a company.
    pub async fn purged_modules(&mut self, company: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT module FROM purge WHERE company = $1 ORDER BY module";
        self.query(sql, args![company]).await?.into_iter().map(|mut row| row.text()).collect()
    }
}

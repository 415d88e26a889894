//! The schema: every migration, and which programs may work on a database.
//!
//! While nodes are replaced one after the other, programs of two releases work on one database. So migrations only add,
//! and an older program works on a newer schema. A migration that takes something away comes a release after the last
//! program that needs it; it raises the setting `oldest_schema`, and programs that know less are refused from then on.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;

/// A migration. Its number is its place, from 1.
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migration {
    ($name:literal, $file:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../../migrations/postgres/", $file)),
        }
    };
}

pub(crate) const MIGRATIONS: [Migration; 11] = [
    migration!("first", "0001_first.sql"),
    migration!("archive", "0002_archive.sql"),
    migration!("modules", "0003_modules.sql"),
    migration!("objects", "0004_objects.sql"),
    migration!("signers", "0005_signers.sql"),
    migration!("migrations", "0006_migrations.sql"),
    migration!("effect_module", "0007_effect_module.sql"),
    migration!("subscriptions", "0008_subscriptions.sql"),
    migration!("module_log", "0009_module_log.sql"),
    migration!("effect_queues", "0010_effect_queues.sql"),
    migration!("data_versions", "0011_data_versions.sql"),
];

impl Session {
    /// Refuses a database whose schema has lost something that this program needs.
    pub(crate) async fn assert_schema(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT value FROM setting WHERE company = $1 AND name = 'oldest_schema'";
        let row = self.query_one(sql, args![""]).await?;
        let oldest = row.map(|mut row| row.text()).transpose()?.unwrap_or_default();
        let known = MIGRATIONS.len();
        if oldest.parse::<usize>().unwrap_or(0) <= known {
            return Ok(());
        }
        Err(StoreError::Unavailable(format!(
            "its schema needs a program that knows migration {oldest}, and this one knows {known}: start a newer one"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    /// A file that nobody has named here would never run.
    #[test]
    fn every_migration_is_known() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres");
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let known = (1..).zip(&MIGRATIONS).map(|(number, known)| format!("{number:04}_{}.sql", known.name));
        assert!(names.iter().eq(known.collect::<Vec<_>>().iter()), "{names:?}");
    }
}

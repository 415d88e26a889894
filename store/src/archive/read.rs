//! Reading what was archived, as if it were still in the database.

use super::pack::Packed;
use crate::backend::args;
use crate::error::StoreError;
use crate::instances::{Loaded, StoredTransition};
use crate::unit::Session;
use std::sync::Arc;
use workflow::{DefinitionRef, Instance, Subject};

impl Session {
    /// An archived instance; `None` if there is none of that id.
    pub(crate) async fn archived(&mut self, company: &str, id: &str) -> Result<Option<Packed>, StoreError> {
        let sql = "SELECT file, place, length, sha256 FROM archived WHERE company = $1 AND instance = $2";
        let Some(mut row) = self.query_one(sql, args![company, id]).await? else { return Ok(None) };
        let (file, place, length, sha256) = (row.text()?, row.count()?, row.count()?, row.text()?);
        let Some(archive) = self.archive.clone() else {
            let message =
                format!("instance {id} is in the archive, and this service was started without one; set archive");
            return Err(StoreError::Unavailable(message));
        };
        let line = archive.get(&file, place..place + length).await?;
        Packed::read(&line, &sha256).map(Some)
    }

    /// An archived instance as it is loaded. It is over, so nothing moves it any more.
    pub(crate) async fn load_archived(&mut self, company: &str, id: &str) -> Result<Arc<Loaded>, StoreError> {
        let missing = || StoreError::Missing { what: "instance", id: id.to_owned() };
        let packed = self.archived(company, id).await?.ok_or_else(missing)?;
        let last_at = packed.ended_at();
        let instance: Instance =
            serde_json::from_str(&packed.body).map_err(|error| StoreError::corrupt("an instance", error))?;
        let reference = DefinitionRef { name: packed.definition, version: packed.definition_version };
        let definition = self.definition(company, &reference, &packed.definition_sha256).await?;
        let subject = packed.subject_kind.zip(packed.subject_id).map(|(kind, id)| Subject { kind, id });
        Ok(Arc::new(Loaded { instance, definition, subject, hash: packed.hash, last_at }))
    }

    /// The transitions of an archived instance, in order.
    pub(crate) async fn archived_transitions(
        &mut self,
        company: &str,
        id: &str,
    ) -> Result<Vec<StoredTransition>, StoreError> {
        let Some(packed) = self.archived(company, id).await? else { return Ok(Vec::new()) };
        let read = packed.transitions.into_iter().map(|transition| {
            let corrupt = |error| StoreError::corrupt("the archive", error);
            Ok(StoredTransition {
                version: transition.version,
                event: serde_json::from_str(&transition.event).map_err(corrupt)?,
                entries: serde_json::from_str(&transition.entries).map_err(corrupt)?,
                effects: transition.effects,
                hash: transition.hash,
            })
        });
        read.collect()
    }
}

//! The deep check: the instances with everything around them, then the tables that belong to no instance.

use super::fold::{self, StoredEffect};
use super::one::Stored;
use super::{CheckReport, Depth, family, votes, waits};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use std::collections::HashMap;
use workflow::{Definition, Entry, Event, Instance};

/// What is wrong, and what to do.
pub(super) type Wrong = (String, &'static str);

/// An instance with everything around it, read at one moment.
pub(super) struct Case<'a> {
    pub(super) definition: &'a Definition,
    pub(super) instance: Instance,
    pub(super) history: Vec<(Event, Vec<Entry>)>,
    pub(super) effects: Vec<StoredEffect>,
    pub(super) links: Vec<StoredLink>,
    /// The instances that it has started and waits for, as far as they are stored.
    pub(super) children: HashMap<String, Child>,
}

/// A link as it is stored.
pub(super) struct StoredLink {
    pub(super) activity: u64,
    pub(super) person: String,
    pub(super) effect: String,
}

/// An instance that another one has started.
pub(super) struct Child {
    pub(super) is_running: bool,
    /// Its first event, if it is stored and can be read.
    pub(super) started: Option<Event>,
}

impl Session {
    /// Checks everything that must hold, listed in `docs/DURABILITY.md`. `progress` hears what is looked at and how many
    /// so far. The service may go on meanwhile.
    pub async fn check_deep(&mut self, mut progress: impl FnMut(&'static str, u64)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        self.check_definitions(&mut report).await?;
        self.check_orphans(&mut report).await?;
        self.check_rules(&mut report, &mut |done| progress("tables", done)).await?;
        self.check_series(&mut report, &mut |done| progress("numbers", done)).await?;
        self.check_answers(&mut report, &mut |done| progress("answers", done)).await?;
        self.check_blobs(&mut report, &mut |done| progress("files", done)).await?;
        self.check_instances(Depth::Deep, &mut report, &mut |done| progress("instances", done)).await?;
        report.dead_effects = self.count_of("SELECT count(*) FROM effect WHERE status = 'dead'").await?;
        Ok(report)
    }

    /// What is wrong around an instance. Nothing if it cannot be read, which its own check says.
    pub(super) async fn around(
        &mut self,
        company: &str,
        id: &str,
        body: &str,
        stored: &[Stored],
        definition: Option<&Definition>,
    ) -> Result<Vec<Wrong>, StoreError> {
        let (Some(definition), Ok(instance)) = (definition, serde_json::from_str::<Instance>(body)) else {
            return Ok(Vec::new());
        };
        let Some(history) = stored.iter().map(Stored::read).collect::<Option<Vec<_>>>() else { return Ok(Vec::new()) };
        let effects = self.stored_effects(company, id).await?;
        let links = self.stored_links(company, id).await?;
        let children = self.children(company, &instance).await?;
        let case = Case { definition, instance, history, effects, links, children };
        let mut wrong = fold::wrong(&case);
        wrong.extend(votes::wrong(&case));
        wrong.extend(waits::wrong(&case));
        wrong.extend(family::wrong(company, id, &case));
        wrong.extend(self.estranged(company, id, &case).await?);
        Ok(wrong)
    }

    async fn stored_effects(&mut self, company: &str, id: &str) -> Result<Vec<StoredEffect>, StoreError> {
        let sql =
            "SELECT version, n, status, body FROM effect WHERE company = $1 AND instance = $2 ORDER BY version, n";
        let rows = self.query(sql, args![company, id]).await?;
        let effect = |mut row: crate::backend::Row| {
            let (version, n, status) = (row.count()?, row.count()?, row.text()?);
            Ok(StoredEffect { version, n, status, effect: serde_json::from_str(&row.text()?).ok() })
        };
        rows.into_iter().map(effect).collect()
    }

    async fn stored_links(&mut self, company: &str, id: &str) -> Result<Vec<StoredLink>, StoreError> {
        let sql = "SELECT DISTINCT activity, person, effect FROM link WHERE company = $1 AND instance = $2";
        let rows = self.query(sql, args![company, id]).await?;
        rows.into_iter()
            .map(|mut row| Ok(StoredLink { activity: row.count()?, person: row.text()?, effect: row.text()? }))
            .collect()
    }
}

impl Stored {
    fn read(&self) -> Option<(Event, Vec<Entry>)> {
        Some((serde_json::from_str(&self.event).ok()?, serde_json::from_str(&self.entries).ok()?))
    }
}

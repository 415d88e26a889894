//! The tasks of modules that are not done yet, counted.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;

/// The tasks of a module in a company that are not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The company.
    pub company: String,
    /// The module, or a name of the service's own, such as `mail`.
    pub module: String,
    /// How many there are.
    pub count: u64,
    /// When the oldest was caused, in milliseconds since 1970.
    pub oldest_at: i64,
}

/// So many modules are counted: more than that are not looked at one by one.
const MOST: u32 = 10_000;

impl Session {
    /// The tasks of all modules in all companies that are not done, those under way and those that are tried again among
    /// them.
    pub async fn waiting_tasks(&mut self) -> Result<Vec<Waiting>, StoreError> {
        let sql = "SELECT company, module, count(*), min(created_at) FROM effect \
                   WHERE status = 'ready' AND module IS NOT NULL GROUP BY company, module ORDER BY company, module LIMIT $1";
        self.counted(sql, args![MOST]).await
    }

    /// The same of one company.
    pub async fn waiting_tasks_of(&mut self, company: &str) -> Result<Vec<Waiting>, StoreError> {
        let sql = "SELECT company, module, count(*), min(created_at) FROM effect \
                   WHERE status = 'ready' AND module IS NOT NULL AND company = $1 GROUP BY company, module ORDER BY company, module";
        self.counted(sql, args![company]).await
    }

    async fn counted(
        &mut self,
        sql: &'static str,
        values: Vec<crate::backend::Arg>,
    ) -> Result<Vec<Waiting>, StoreError> {
        let rows = self.query(sql, values).await?;
        let read = |mut row: crate::backend::Row| {
            Ok(Waiting { company: row.text()?, module: row.text()?, count: row.count()?, oldest_at: row.int()? })
        };
        rows.into_iter().map(read).collect()
    }
}

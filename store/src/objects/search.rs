//! Finding objects by what their module declares: filters, an order, and the place behind which a page begins.
//!
//! A statement is put together for each combination of filters and order, of which clients use few. It begins at the index
//! that leaves least to look at: a filter that few objects meet, else the order. SQLite takes the tables in the order in
//! which they stand (`CROSS JOIN`); PostgreSQL knows how its values are spread, and decides by itself.

use super::{Object, object};
use crate::backend::{Arg, Row, Statement};
use crate::error::StoreError;
use crate::unit::Session;
use std::borrow::Cow;
use std::fmt::Write;

/// A filter that so many objects meet at most is where a search begins; what they are is sorted then.
const FEW: u32 = 1_000;

/// Which objects are looked for, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectSearch {
    /// Only those of this status.
    pub status: Option<String>,
    /// Only the one of this number.
    pub number: Option<String>,
    /// Only those that meet all of these.
    pub filters: Vec<FieldFilter>,
    /// The order.
    pub sort: SortBy,
    /// Whether the highest comes first.
    pub descending: bool,
    /// Only those behind this place.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: u32,
}

/// What the key of a field must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFilter {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub bound: Bound,
    /// With which key.
    pub value: String,
}

/// How a key is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It is the same.
    Equal,
    /// It is higher.
    Above,
    /// It is higher or the same.
    From,
    /// It is lower.
    Below,
    /// It is lower or the same.
    To,
}

/// What objects are sorted by. Those that are alike in it are sorted by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Their ids, which sort by time unless the module has chosen them.
    #[default]
    Id,
    /// When they were made.
    Created,
    /// A field that is declared.
    Field(String),
}

/// A place in an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// What is sorted by: a key, or a time in milliseconds; empty where ids alone are.
    pub value: String,
    /// The id.
    pub id: String,
}

/// An object with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The object.
    pub object: Object,
    /// Where it stands in the order.
    pub place: Place,
}

impl Session {
    /// The objects that a search finds, in its order.
    pub async fn find_objects(
        &mut self,
        company: &str,
        kind: &str,
        search: &ObjectSearch,
    ) -> Result<Vec<Found>, StoreError> {
        let narrow = self.narrow_filter(company, kind, search).await?;
        let statement = Writing::new(company, kind).whole(search, narrow)?;
        self.run_query(statement).await?.into_iter().map(|row| found(row, &search.sort)).collect()
    }

    /// How a search is carried out, in the words of the database: for tests of its plans.
    pub async fn explain_search(
        &mut self,
        company: &str,
        kind: &str,
        search: &ObjectSearch,
    ) -> Result<Vec<String>, StoreError> {
        let narrow = self.narrow_filter(company, kind, search).await?;
        let Statement { sql, args } = Writing::new(company, kind).whole(search, narrow)?;
        let words = match self.dialect() {
            crate::backend::Dialect::Sqlite => "EXPLAIN QUERY PLAN",
            crate::backend::Dialect::Postgres => "EXPLAIN",
        };
        let rows = self.run_query(Statement { sql: Cow::Owned(format!("{words} {sql}")), args }).await?;
        Ok(rows.into_iter().map(|row| row.into_texts().join(" ")).collect())
    }

    /// The first filter that few objects meet, other than the one that is sorted by.
    async fn narrow_filter(
        &mut self,
        company: &str,
        kind: &str,
        search: &ObjectSearch,
    ) -> Result<Option<usize>, StoreError> {
        let sorted = |filter: &FieldFilter| search.sort == SortBy::Field(filter.field.clone());
        for (n, filter) in search.filters.iter().enumerate().filter(|(_, filter)| !sorted(filter)) {
            let statement = Writing::new(company, kind).count(filter);
            let rows = self.run_query(statement).await?;
            let count = rows.into_iter().next().map(|mut row| row.int()).transpose()?;
            if count.is_some_and(|count| count <= i64::from(FEW)) {
                return Ok(Some(n));
            }
        }
        Ok(None)
    }
}

fn found(mut row: Row, sort: &SortBy) -> Result<Found, StoreError> {
    let value = match sort {
        SortBy::Id => String::new(),
        SortBy::Created => row.int()?.to_string(),
        SortBy::Field(_) => row.text()?,
    };
    let object = object(row)?;
    let place = Place { value, id: object.id.clone() };
    Ok(Found { object, place })
}

/// A statement that is being written.
struct Writing {
    sql: String,
    args: Vec<Arg>,
}

const COLUMNS: &str =
    "o.kind, o.id, o.revision, o.status, o.number, o.instance, o.data, o.created_at, o.created_by, o.updated_at";

impl Writing {
    /// The company and the kind are `$1` and `$2` everywhere.
    fn new(company: &str, kind: &str) -> Self {
        Self { sql: String::new(), args: vec![Arg::from(company), Arg::from(kind)] }
    }

    /// The placeholder of a value.
    fn value(&mut self, value: impl Into<Arg>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    /// How many objects meet a filter, as far as it matters.
    fn count(mut self, filter: &FieldFilter) -> Statement {
        let condition = self.condition("k", filter);
        // Writing to a text cannot fail.
        let _ = write!(
            self.sql,
            "SELECT count(*) FROM (SELECT 1 FROM object_key k WHERE {} AND {condition} LIMIT {}) AS few",
            of("k"),
            FEW + 1
        );
        self.end()
    }

    fn whole(mut self, search: &ObjectSearch, narrow: Option<usize>) -> Result<Statement, StoreError> {
        let tables = Tables::of(search, narrow);
        let order = match &search.sort {
            SortBy::Id => String::new(),
            SortBy::Created => "o.created_at, ".to_owned(),
            SortBy::Field(_) => "s.value, ".to_owned(),
        };
        let from: Vec<String> = tables.0.iter().map(Table::name).collect();
        let _ = write!(self.sql, "SELECT {order}{COLUMNS} FROM {} WHERE ", from.join(" CROSS JOIN "));
        self.conditions(search, &tables)?;
        self.order(search, tables.first());
        Ok(self.end())
    }

    fn conditions(&mut self, search: &ObjectSearch, tables: &Tables) -> Result<(), StoreError> {
        let first = tables.first();
        let same = tables.0.iter().map(Table::alias).filter(|alias| *alias != first);
        let mut all: Vec<String> = same.map(|alias| format!("{alias}.id = {first}.id")).collect();
        all.extend(tables.0.iter().map(|table| of(&table.alias())));
        all.push("o.deleted_at IS NULL".to_owned());
        for table in &tables.0 {
            match table {
                Table::Object => {}
                Table::Sorted(field) => {
                    let place = self.value(field);
                    all.push(format!("s.field = {place}"));
                }
                Table::Filter(n) => {
                    all.extend(search.filters.get(*n).map(|filter| self.condition(&table.alias(), filter)));
                }
            }
        }
        for filter in search.filters.iter().filter(|filter| SortBy::Field(filter.field.clone()) == search.sort) {
            let value = self.value(&filter.value);
            // Where the page before has ended is the bound that the index is read from: SQLite takes one of them only.
            let is_second = filter.bound.is_upper() && search.descending && search.after.is_some();
            let column = if is_second { "s.value || ''" } else { "s.value" };
            all.push(format!("{column} {} {value}", filter.bound.operator()));
        }
        if needs_a_value(search) {
            all.push("s.value > ''".to_owned());
        }
        for (column, wanted) in [("status", &search.status), ("number", &search.number)] {
            if let Some(wanted) = wanted {
                let value = self.value(wanted);
                all.push(format!("o.{column} = {value}"));
            }
        }
        all.extend(self.behind(search, first)?);
        self.push(&all.join(" AND "));
        Ok(())
    }

    /// Only what comes after the place at which the page before has ended.
    fn behind(&mut self, search: &ObjectSearch, first: &str) -> Result<Option<String>, StoreError> {
        let Some(Place { value, id }) = &search.after else { return Ok(None) };
        let compared = if search.descending { "<" } else { ">" };
        Ok(Some(match &search.sort {
            SortBy::Id => {
                let id = self.value(id);
                format!("{first}.id {compared} {id}")
            }
            SortBy::Created => {
                let at: i64 = value.parse().map_err(|error| StoreError::corrupt("a place", error))?;
                let (at, id) = (self.value(at), self.value(id));
                format!("(o.created_at, o.id) {compared} ({at}, {id})")
            }
            SortBy::Field(_) => {
                let (value, id) = (self.value(value), self.value(id));
                format!("(s.value, s.id) {compared} ({value}, {id})")
            }
        }))
    }

    fn order(&mut self, search: &ObjectSearch, first: &str) {
        let by = match &search.sort {
            SortBy::Id => vec![format!("{first}.id")],
            SortBy::Created => vec!["o.created_at".to_owned(), "o.id".to_owned()],
            SortBy::Field(_) => vec!["s.value".to_owned(), "s.id".to_owned()],
        };
        let direction = if search.descending { " DESC" } else { "" };
        let by: Vec<String> = by.into_iter().map(|column| format!("{column}{direction}")).collect();
        let limit = self.value(search.limit);
        let _ = write!(self.sql, " ORDER BY {} LIMIT {limit}", by.join(", "));
    }

    fn condition(&mut self, alias: &str, filter: &FieldFilter) -> String {
        let (field, value) = (self.value(&filter.field), self.value(&filter.value));
        let there = if filter.bound.is_upper() { format!(" AND {alias}.value > ''") } else { String::new() };
        format!("{alias}.field = {field} AND {alias}.value {} {value}{there}", filter.bound.operator())
    }

    fn end(self) -> Statement {
        Statement { sql: Cow::Owned(self.sql), args: self.args }
    }
}

/// Whether the field that is sorted by has an upper bound and no other: "there is none" is the empty key, which is below
/// every other. A second lower bound would be one too many for SQLite, which reads its index from one of them only.
fn needs_a_value(search: &ObjectSearch) -> bool {
    let sorted = search.filters.iter().filter(|filter| SortBy::Field(filter.field.clone()) == search.sort);
    let (upper, others): (Vec<_>, Vec<_>) =
        sorted.filter(|filter| !filter.value.is_empty()).partition(|filter| filter.bound.is_upper());
    let is_behind = !search.descending && search.after.as_ref().is_some_and(|place| !place.value.is_empty());
    !upper.is_empty() && others.is_empty() && !is_behind
}

fn of(alias: &str) -> String {
    format!("{alias}.company = $1 AND {alias}.kind = $2")
}

/// A table of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Table {
    Object,
    Sorted(String),
    Filter(usize),
}

impl Table {
    fn alias(&self) -> String {
        match self {
            Self::Object => "o".to_owned(),
            Self::Sorted(_) => "s".to_owned(),
            Self::Filter(n) => format!("f{n}"),
        }
    }

    fn name(&self) -> String {
        let table = if *self == Self::Object { "object" } else { "object_key" };
        format!("{table} {}", self.alias())
    }
}

/// The tables of a search, the one first at which it begins.
struct Tables(Vec<Table>, String);

impl Tables {
    fn of(search: &ObjectSearch, narrow: Option<usize>) -> Self {
        let sorted = match &search.sort {
            SortBy::Field(field) => Some(field),
            _ => None,
        };
        let others = |n: &usize| search.filters.get(*n).is_some_and(|filter| Some(&filter.field) != sorted);
        let mut tables: Vec<Table> = (0..search.filters.len()).filter(others).map(Table::Filter).collect();
        if let Some(place) = narrow.and_then(|narrow| tables.iter().position(|table| *table == Table::Filter(narrow))) {
            tables.swap(0, place);
        }
        match sorted {
            Some(field) if narrow.is_some() => tables.push(Table::Sorted(field.clone())),
            Some(field) => tables.insert(0, Table::Sorted(field.clone())),
            None => {}
        }
        // In the order of ids every filter for one value is an index, and so is the status.
        match search.sort {
            SortBy::Created if narrow.is_none() => tables.insert(0, Table::Object),
            SortBy::Id if narrow.is_none() && search.status.is_some() => tables.insert(0, Table::Object),
            _ => tables.push(Table::Object),
        }
        let first = tables.first().map(Table::alias).unwrap_or_default();
        Self(tables, first)
    }

    fn first(&self) -> &str {
        &self.1
    }
}

impl Bound {
    fn is_upper(self) -> bool {
        matches!(self, Self::Below | Self::To)
    }

    fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Above => ">",
            Self::From => ">=",
            Self::Below => "<",
            Self::To => "<=",
        }
    }
}

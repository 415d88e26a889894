//! People, their roles and departments, the authority table, and who is behind the sources of an approval.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use workflow::definition::ApproverSource;
use workflow::{Candidate, FoundGroup, WantedGroup, Why};

/// Somebody in a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The full name.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// The manager's id.
    pub manager: Option<String>,
    /// The department's id.
    pub department: Option<String>,
    /// The roles, sorted.
    pub roles: Vec<String>,
    /// Whether the person can be asked and can sign in.
    pub active: bool,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The head's person id.
    pub head: String,
}

/// A row of the authority table: from which amount on a role decides a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The id.
    pub id: String,
    /// The step, as definitions name it.
    pub step: String,
    /// The role that decides.
    pub role: String,
    /// A decimal in the company's currency: amounts above it need the step.
    pub above: String,
    /// Only for this department.
    pub department: Option<String>,
    /// Only for this category.
    pub category: Option<String>,
    /// Not before, in milliseconds since 1970.
    pub valid_from: Option<i64>,
    /// Not from then on.
    pub valid_until: Option<i64>,
}

impl Unit {
    /// Stores a person with all roles, or replaces them.
    pub async fn put_person(&mut self, company: &str, person: &Person) -> Result<(), StoreError> {
        let sql = "INSERT INTO person (company, id, name, email, manager, department, active) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                   ON CONFLICT (company, id) DO UPDATE SET name = excluded.name, email = excluded.email, \
                   manager = excluded.manager, department = excluded.department, active = excluded.active";
        let Person { id, name, email, manager, department, roles, active } = person;
        let values = args![company, id, name, email, manager.clone(), department.clone(), i64::from(*active)];
        self.execute(sql, values).await?;
        self.execute("DELETE FROM person_role WHERE company = $1 AND person = $2", args![company, id]).await?;
        for role in roles {
            let sql = "INSERT INTO person_role (company, role, person) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            self.execute(sql, args![company, role, id]).await?;
        }
        Ok(())
    }

    /// Stores a department, or replaces it.
    pub async fn put_department(&mut self, company: &str, department: &Department) -> Result<(), StoreError> {
        let sql = "INSERT INTO department (company, id, name, head) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (company, id) DO UPDATE SET name = excluded.name, head = excluded.head";
        self.execute(sql, args![company, &department.id, &department.name, &department.head]).await.map(|_| ())
    }

    /// Stores a row of the authority table, or replaces it.
    pub async fn put_authority(&mut self, company: &str, row: &Authority) -> Result<(), StoreError> {
        let sql = "INSERT INTO authority (company, id, step, role, above, department, category, valid_from, valid_until) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (company, id) DO UPDATE SET step = excluded.step, \
                   role = excluded.role, above = excluded.above, department = excluded.department, category = excluded.category, \
                   valid_from = excluded.valid_from, valid_until = excluded.valid_until";
        let Authority { id, step, role, above, department, category, valid_from, valid_until } = row;
        let values =
            args![company, id, step, role, above, department.clone(), category.clone(), *valid_from, *valid_until];
        self.execute(sql, values).await.map(|_| ())
    }

    /// The people behind the sources, group by group. Inactive people are left out.
    pub(crate) async fn find_approvers(
        &mut self,
        company: &str,
        groups: &[WantedGroup],
    ) -> Result<Vec<FoundGroup>, StoreError> {
        let mut found = Vec::new();
        for group in groups {
            let mut people: Vec<Candidate> = Vec::new();
            for source in &group.from {
                let candidates = self.behind(company, source).await?;
                people.extend(candidates);
            }
            let mut seen = std::collections::HashSet::new();
            people.retain(|candidate| seen.insert(candidate.person.clone()));
            found.push(FoundGroup { name: group.name.clone(), people });
        }
        Ok(found)
    }

    async fn behind(&mut self, company: &str, source: &ApproverSource<String>) -> Result<Vec<Candidate>, StoreError> {
        match source {
            ApproverSource::User(id) | ApproverSource::Expr(id) => self.one(company, id, Why::Named).await,
            ApproverSource::Role(role) => self.with_role(company, role, Why::Role(role.clone())).await,
            ApproverSource::ManagerOf(id) => match self.person(company, id).await? {
                Some(Person { name, manager: Some(manager), .. }) => {
                    self.one(company, &manager, Why::ManagerOf(name)).await
                }
                _ => Ok(Vec::new()),
            },
            ApproverSource::HeadOf(id) => match self.department(company, id).await? {
                Some(department) => self.one(company, &department.head, Why::HeadOf(department.name)).await,
                None => Ok(Vec::new()),
            },
            ApproverSource::Matrix(step) => self.in_authority(company, step).await,
            // The core names the pending people before it asks.
            ApproverSource::ManagerOfPending => Ok(Vec::new()),
        }
    }

    async fn one(&mut self, company: &str, id: &str, why: Why) -> Result<Vec<Candidate>, StoreError> {
        let person = self.person(company, id).await?.filter(|person| person.active);
        Ok(person
            .into_iter()
            .map(|person| Candidate { person: person.id, name: person.name, why: why.clone() })
            .collect())
    }

    async fn with_role(&mut self, company: &str, role: &str, why: Why) -> Result<Vec<Candidate>, StoreError> {
        let sql = "SELECT p.id, p.name FROM person_role r JOIN person p ON p.company = r.company AND p.id = r.person \
                   WHERE r.company = $1 AND r.role = $2 AND p.active = 1 ORDER BY p.id";
        let rows = self.query(sql, args![company, role]).await?;
        rows.into_iter()
            .map(|mut row| Ok(Candidate { person: row.text()?, name: row.text()?, why: why.clone() }))
            .collect()
    }

    async fn in_authority(&mut self, company: &str, step: &str) -> Result<Vec<Candidate>, StoreError> {
        let now = self.now_ms();
        let rows = self.authority(company).await?;
        let mut found = Vec::new();
        for row in rows.into_iter().filter(|row| row.step == step && row.valid_at(now)) {
            let why = Why::Authority { step: step.to_owned(), role: row.role.clone() };
            found.extend(self.with_role(company, &row.role, why).await?);
        }
        Ok(found)
    }
}

impl Authority {
    /// Whether the row counts at this time.
    pub fn valid_at(&self, now_ms: i64) -> bool {
        self.valid_from.is_none_or(|from| from <= now_ms) && self.valid_until.is_none_or(|until| now_ms < until)
    }
}

/// Between roles; no name has it.
const BETWEEN: char = '\u{1f}';

/// The columns of [`person`], after some others, of the people `p` that the rest names.
macro_rules! select_person {
    ($rest:literal) => {
        $crate::people::select_person!("", $rest)
    };
    ($before:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $before,
            "p.id, p.name, p.email, p.manager, p.department, p.active, \
             (SELECT string_agg(r.role, '\u{1f}' ORDER BY r.role) FROM person_role r \
             WHERE r.company = p.company AND r.person = p.id) FROM person p ",
            $rest
        )
    };
}
pub(crate) use select_person;

impl Session {
    /// A person with roles.
    pub async fn person(&mut self, company: &str, id: &str) -> Result<Option<Person>, StoreError> {
        let sql = select_person!("WHERE p.company = $1 AND p.id = $2");
        self.query_one(sql, args![company, id]).await?.map(person).transpose()
    }

    /// Everybody of a company, with roles, by id.
    pub async fn people(&mut self, company: &str) -> Result<Vec<Person>, StoreError> {
        let sql = select_person!("WHERE p.company = $1 ORDER BY p.id");
        self.query(sql, args![company]).await?.into_iter().map(person).collect()
    }

    /// A department.
    pub async fn department(&mut self, company: &str, id: &str) -> Result<Option<Department>, StoreError> {
        let sql = "SELECT id, name, head FROM department WHERE company = $1 AND id = $2";
        let row = self.query_one(sql, args![company, id]).await?;
        row.map(|mut row| Ok(Department { id: row.text()?, name: row.text()?, head: row.text()? })).transpose()
    }

    /// The whole authority table.
    pub async fn authority(&mut self, company: &str) -> Result<Vec<Authority>, StoreError> {
        let sql = "SELECT id, step, role, above, department, category, valid_from, valid_until FROM authority WHERE company = $1 ORDER BY id";
        let rows = self.query(sql, args![company]).await?;
        rows.into_iter().map(authority).collect()
    }
}

pub(crate) fn person(mut row: Row) -> Result<Person, StoreError> {
    let (id, name, email) = (row.text()?, row.text()?, row.text()?);
    let (manager, department, active) = (row.maybe_text()?, row.maybe_text()?, row.int()? == 1);
    let roles = row.maybe_text()?.map(|roles| roles.split(BETWEEN).map(str::to_owned).collect()).unwrap_or_default();
    Ok(Person { id, name, email, manager, department, roles, active })
}

fn authority(mut row: Row) -> Result<Authority, StoreError> {
    Ok(Authority {
        id: row.text()?,
        step: row.text()?,
        role: row.text()?,
        above: row.text()?,
        department: row.maybe_text()?,
        category: row.maybe_text()?,
        valid_from: row.maybe_int()?,
        valid_until: row.maybe_int()?,
    })
}

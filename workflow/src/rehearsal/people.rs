//! Who is who in a rehearsal.

use crate::definition::ApproverSource;
use crate::event::{Candidate, Why};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Roles, managers, heads and the authority table of a rehearsal, by person id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct People {
    /// Who has a role.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Who manages a person.
    pub managers: BTreeMap<String, String>,
    /// Who heads a department.
    pub heads: BTreeMap<String, String>,
    /// Whom the authority table names for a step.
    pub matrix: BTreeMap<String, Vec<String>>,
}

impl People {
    /// The people behind a source. Somebody who is named is taken to exist.
    pub(super) fn behind(&self, source: &ApproverSource<String>) -> Vec<Candidate> {
        match source {
            ApproverSource::User(id) | ApproverSource::Expr(id) => vec![candidate(id, Why::Named)],
            ApproverSource::Role(role) => all(self.roles.get(role), &Why::Role(role.clone())),
            ApproverSource::ManagerOf(id) => one(self.managers.get(id), &Why::ManagerOf(id.clone())),
            ApproverSource::HeadOf(id) => one(self.heads.get(id), &Why::HeadOf(id.clone())),
            ApproverSource::Matrix(step) => {
                let why = Why::Authority { step: step.clone(), role: step.clone() };
                all(self.matrix.get(step).or(self.roles.get(step)), &why)
            }
            // The core names the pending people before it asks.
            ApproverSource::ManagerOfPending => Vec::new(),
        }
    }
}

fn all(people: Option<&Vec<String>>, why: &Why) -> Vec<Candidate> {
    people.into_iter().flatten().map(|id| candidate(id, why.clone())).collect()
}

fn one(person: Option<&String>, why: &Why) -> Vec<Candidate> {
    person.into_iter().map(|id| candidate(id, why.clone())).collect()
}

fn candidate(id: &str, why: Why) -> Candidate {
    Candidate { person: id.to_owned(), name: id.to_owned(), why }
}

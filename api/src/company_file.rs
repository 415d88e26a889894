//! A company as a JSON file: people, departments, authority table. What `company apply` and the demo read.

use futures::FutureExt;
use modules::text::direction_problems;
use modules::{Catalogue, Registry};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use store::{Authority, Company, Department, Person, Store, StoreError};

/// A company with its people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyFile {
    /// The company.
    pub company: CompanyEntry,
    /// Its departments.
    #[serde(default)]
    pub departments: Vec<DepartmentEntry>,
    /// Its people.
    pub people: Vec<PersonEntry>,
    /// From which amounts on which role decides.
    #[serde(default)]
    pub authority: Vec<AuthorityEntry>,
}

/// The company itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyEntry {
    /// Its short name, part of every path.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Base currency, rounding, letterhead.
    pub settings: Value,
}

/// A department.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentEntry {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The person id of its head.
    pub head: String,
}

/// A person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
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
    /// The roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether the person can be asked.
    #[serde(default = "yes")]
    pub active: bool,
}

/// A row of the authority table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityEntry {
    /// Its id.
    pub id: String,
    /// The step, as definitions name it.
    pub step: String,
    /// The role that decides.
    pub role: String,
    /// A decimal in the base currency.
    pub above: String,
    /// Only for this department.
    pub department: Option<String>,
    /// Only for this category.
    pub category: Option<String>,
}

fn yes() -> bool {
    true
}

impl CompanyFile {
    /// Reads a file's text, or says everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let file: Self = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
        let document = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
        let unreadable = direction_problems(&document).into_iter().map(|problem| problem.to_string());
        let problems: Vec<String> = file.problems().into_iter().chain(unreadable).collect();
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }

    /// What the installed modules find wrong with its settings.
    pub fn settings_problems(&self, catalogue: &Catalogue) -> Vec<String> {
        let found = catalogue.modules().iter().flat_map(|installed| {
            let problems = installed.module().settings_problems(&self.company.settings);
            problems.into_iter().map(|problem| format!("company.settings{} {}", problem.pointer, problem.message))
        });
        found.collect()
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let plain = |id: &str| {
            !id.is_empty()
                && id.chars().all(|letter| {
                    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '_'
                })
        };
        if !plain(&self.company.id) {
            problems.push(format!("company.id \"{}\": use lower-case letters, digits, - and _", self.company.id));
        }
        let mut people = HashSet::new();
        for (n, person) in self.people.iter().enumerate() {
            if !people.insert(person.id.as_str()) {
                problems.push(format!("people[{n}].id \"{}\" is there twice", person.id));
            }
            // The ids and roles of modules that act by themselves begin like that.
            for name in [&person.id].into_iter().chain(&person.roles).filter(|name| name.contains(':')) {
                problems.push(format!("people[{n}]: \"{name}\" has a colon; ids and roles have none"));
            }
            if !person.email.contains('@') {
                problems.push(format!("people[{n}].email \"{}\" is not a mail address", person.email));
            }
        }
        let departments: HashSet<&str> = self.departments.iter().map(|department| department.id.as_str()).collect();
        for (n, person) in self.people.iter().enumerate() {
            unknown(&mut problems, &people, &format!("people[{n}].manager"), person.manager.as_deref());
            unknown(&mut problems, &departments, &format!("people[{n}].department"), person.department.as_deref());
        }
        for (n, department) in self.departments.iter().enumerate() {
            unknown(&mut problems, &people, &format!("departments[{n}].head"), Some(&department.head));
        }
        let decimal =
            |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
        for (n, row) in self.authority.iter().enumerate().filter(|(_, row)| !decimal(&row.above)) {
            problems.push(format!("authority[{n}].above \"{}\" is not a decimal such as 5000.00", row.above));
        }
        problems
    }

    /// Stores the company and everything in the file, and the definitions of every module for it.
    pub async fn apply(&self, store: &Store, registry: &Registry) -> Result<(), StoreError> {
        let (file, registry) = (self.clone(), registry.clone());
        store
            .write(move |unit| {
                let (file, registry) = (file.clone(), registry.clone());
                async move { file.put(unit, &registry).await }.boxed()
            })
            .await
    }

    async fn put(&self, unit: &mut store::Unit, registry: &Registry) -> Result<(), StoreError> {
        let CompanyEntry { id, name, settings } = self.company.clone();
        unit.put_company(&Company { id: id.clone(), name, settings }).await?;
        for DepartmentEntry { id: department, name, head } in self.departments.clone() {
            unit.put_department(&id, &Department { id: department, name, head }).await?;
        }
        for PersonEntry { id: person, name, email, manager, department, roles, active } in self.people.clone() {
            unit.put_person(&id, &Person { id: person, name, email, manager, department, roles, active }).await?;
        }
        for AuthorityEntry { id: row, step, role, above, department, category } in self.authority.clone() {
            let (valid_from, valid_until) = (None, None);
            let row = Authority { id: row, step, role, above, department, category, valid_from, valid_until };
            unit.put_authority(&id, &row).await?;
        }
        registry.enable(unit, &id).await
    }
}

fn unknown(problems: &mut Vec<String>, known: &HashSet<&str>, place: &str, name: Option<&str>) {
    if let Some(name) = name.filter(|name| !known.contains(name)) {
        problems.push(format!("{place} \"{name}\" is not in this file"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;

    /// The fields of a part of the file, as its reader tells them of one that it does not know.
    fn fields<T: DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_str::<T>(r#"{"?": 0}"#).err().unwrap().to_string();
        let known = error.split("expected").nth(1).unwrap_or_else(|| panic!("{error}"));
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_documented_file_says_every_field() {
        let text = include_str!("../../docs/company.md");
        let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let file = CompanyFile::parse(example).unwrap();
        assert_eq!(file.people.len(), 7);
        let parts = [
            ("company", fields::<CompanyEntry>()),
            ("departments", fields::<DepartmentEntry>()),
            ("people", fields::<PersonEntry>()),
            ("authority", fields::<AuthorityEntry>()),
        ];
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        assert_eq!(fields::<CompanyFile>(), names);
        for (part, fields) in parts {
            let section = text.split(&format!("\n## {part}\n")).nth(1).unwrap_or_else(|| panic!("{part}"));
            let section = section.split("\n## ").next().unwrap();
            for field in fields {
                assert!(section.contains(&format!("\n| `{field}` |")), "{part}.{field} is not explained");
                assert!(example.contains(&format!("\"{field}\": ")), "{part}.{field} is not in the example");
            }
        }
    }

    #[test]
    fn the_demo_company_is_well_formed() {
        let file = CompanyFile::parse(include_str!("../../definitions/demo/acme.json")).unwrap();
        assert_eq!(file.company.id, "acme");
    }

    #[test]
    fn a_name_that_would_be_read_otherwise_is_refused() {
        let text = r#"{"company":{"id":"a","name":"A","settings":{}},
            "people":[{"id":"a","name":"ceo\u202e","email":"a@x","roles":[]}]}"#;
        let problems = CompanyFile::parse(text).unwrap_err();
        assert!(problems[0].contains("/people/0/name") && problems[0].contains("U+202E"), "{problems:?}");
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let text = r#"{"company":{"id":"A B","name":"x","settings":{}},"departments":[{"id":"d","name":"D","head":"nobody"}],
            "people":[{"id":"a","name":"A","email":"a","manager":"m"},{"id":"a","name":"A","email":"a@x","department":"q"}],
            "authority":[{"id":"1","step":"s","role":"r","above":"many"}]}"#;
        let problems = CompanyFile::parse(text).unwrap_err();
        assert_eq!(problems.len(), 7, "{problems:#?}");
    }
}

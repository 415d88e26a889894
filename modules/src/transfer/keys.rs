//! What rows of a file have that no two objects may have the same. In a preview nothing is stored, so the database does not
//! know of the rows before.

use crate::objects::keys::{name, of_fields};
use crate::objects::schema::Keywords;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use workflow::Problem;

/// The unique keys of the rows so far, each with the line that has it. Of a key the beginning of its hash is kept.
#[derive(Debug, Clone, Default)]
pub struct Keys(HashMap<[u8; 16], u64>);

/// A key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key([u8; 16]);

impl Key {
    pub(super) fn of(field: &str, value: &str) -> Self {
        let hash = Sha256::new().chain_update(field).chain_update([0]).chain_update(value).finalize();
        let mut key = [0; 16];
        hash.iter().zip(&mut key).for_each(|(from, to)| *to = *from);
        Self(key)
    }
}

impl Keys {
    /// The line that has a key, if it is another one.
    pub(super) fn line(&self, key: Key, line: u64) -> Option<u64> {
        self.0.get(&key.0).copied().filter(|other| *other != line)
    }

    pub(super) fn add(&mut self, keys: &[Key], line: u64) {
        keys.iter().for_each(|key| _ = self.0.insert(key.0, line));
    }

    /// What of an object the rows before have the same.
    pub(super) fn problems(&self, keywords: &Keywords, data: &Value, line: u64) -> Vec<Problem> {
        let problem = |(pointer, key): (String, Key)| {
            let other = self.line(key, line)?;
            Some(Problem::new(pointer, "not-unique", format!("is the same as in line {other}; it must be another")))
        };
        of(keywords, data).into_iter().filter_map(problem).collect()
    }
}

/// The unique keys of an object, each with the place of its first field.
pub(super) fn of(keywords: &Keywords, data: &Value) -> Vec<(String, Key)> {
    let keys = keywords.unique.iter().filter_map(|fields| {
        let key = of_fields(fields, data)?;
        Some((fields.first()?.path.pointer(), Key::of(&name(fields), &key.value)))
    });
    keys.collect()
}

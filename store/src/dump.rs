//! The whole store as text, for tests: two stores that tell the same story give the same dump.
//!
//! Random ids become `#1`, `#2`, ... in the order in which they appear, and what only says how often something was
//! tried is left out.

use crate::error::StoreError;
use crate::unit::Session;
use std::collections::HashMap;
use std::fmt::Write;

const QUERIES: [(&str, &str); 11] = [
    ("object", "SELECT company, kind, number, status, data FROM object ORDER BY company, kind, number, id"),
    (
        "revision",
        "SELECT r.company, r.kind, o.number, r.by_whom, r.data FROM object_revision r JOIN object o ON o.company = r.company AND o.kind = r.kind AND o.id = r.id ORDER BY r.company, r.kind, o.number, r.id, r.revision",
    ),
    (
        "instance",
        "SELECT i.company, i.definition, i.status, o.number, i.body FROM instance i LEFT JOIN object o ON o.company = i.company AND o.kind = i.subject_kind AND o.id = i.subject_id ORDER BY i.company, o.number, i.id",
    ),
    (
        "transition",
        "SELECT t.company, o.number, t.event, t.entries FROM transition t JOIN instance i ON i.company = t.company AND i.id = t.instance LEFT JOIN object o ON o.company = i.company AND o.kind = i.subject_kind AND o.id = i.subject_id ORDER BY t.company, o.number, t.instance, t.version",
    ),
    (
        "effect",
        "SELECT e.company, o.number, e.status, e.body FROM effect e JOIN instance i ON i.company = e.company AND i.id = e.instance LEFT JOIN object o ON o.company = i.company AND o.kind = i.subject_kind AND o.id = i.subject_id ORDER BY e.company, o.number, e.instance, e.version, e.n",
    ),
    (
        "document",
        "SELECT d.company, o.number, d.name, d.sha256 FROM document d JOIN object o ON o.company = d.company AND o.kind = d.kind AND o.id = d.object ORDER BY d.company, o.number, d.name, d.revision",
    ),
    ("event", "SELECT company, type, data FROM event ORDER BY company, seq"),
    (
        "subscription",
        "SELECT s.company, s.module, s.name, s.position, s.state, h.seq, h.status FROM subscription s LEFT JOIN held_event h ON h.company = s.company AND h.module = s.module AND h.name = s.name ORDER BY s.company, s.module, s.name, h.seq",
    ),
    ("data version", "SELECT company, kind, version FROM data_version ORDER BY company, kind"),
    ("series", "SELECT company, name FROM series ORDER BY company, name"),
    ("answer", "SELECT company, actor, key, answer FROM idempotency ORDER BY company, actor, key"),
];

impl Session {
    /// Everything that is stored and that has a meaning, as text.
    pub async fn dump(&mut self) -> Result<String, StoreError> {
        let mut names = HashMap::new();
        let mut out = String::new();
        for (table, sql) in QUERIES {
            for row in self.query(sql, Vec::new()).await? {
                let line = row.into_texts().join(" | ");
                // Writing to a text cannot fail.
                let _ = writeln!(out, "{table} {}", anonymous(&line, &mut names));
            }
        }
        Ok(out)
    }
}

/// Replaces every UUID by its place of first appearance.
fn anonymous(line: &str, names: &mut HashMap<String, usize>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.char_indices().map(|(at, _)| at).find(|at| is_uuid(rest.get(*at..at + 36))) {
        let (before, tail) = rest.split_at(start);
        let (uuid, after) = tail.split_at(36);
        let next = names.len() + 1;
        let n = *names.entry(uuid.to_owned()).or_insert(next);
        let _ = write!(out, "{before}#{n}");
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_uuid(text: Option<&str>) -> bool {
    text.is_some_and(|text| {
        text.bytes().enumerate().all(|(n, byte)| match n {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::anonymous;
    use std::collections::HashMap;

    #[test]
    fn random_ids_are_named_by_their_first_appearance() {
        let (a, b) = ("0192f7a0-0000-7000-8000-00000000000a", "0192f7a0-0000-7000-8000-00000000000b");
        let line = format!("é {a} x {b}/{a}.");
        assert_eq!(anonymous(&line, &mut HashMap::new()), "é #1 x #2/#1.");
    }
}

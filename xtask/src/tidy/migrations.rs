//! Migrations: the two databases have the same steps, numbered without gaps, and they only add, because programs of two
//! releases work on one database while nodes are replaced one after the other.

use super::{File, Problem};

const SQLITE: &str = "migrations/sqlite/";
const POSTGRES: &str = "migrations/postgres/";

/// Each migration exists for both databases under the same name, `0001_what_it_does.sql`, and the numbers are dense.
pub(crate) fn they_are_numbered_twins(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (folder, other) in [(SQLITE, POSTGRES), (POSTGRES, SQLITE)] {
        let mut own: Vec<(&File, &str)> =
            files.iter().filter_map(|file| Some((file, file.path.strip_prefix(folder)?))).collect();
        own.sort_by_key(|(_, name)| *name);
        problems.extend(own.iter().filter_map(|(file, name)| lonely(files, file, other, name)));
        problems.extend(own.iter().zip(1..).filter_map(|((file, name), number)| misnumbered(file, name, number)));
    }
    problems
}

fn lonely(files: &[File], file: &File, other: &str, name: &str) -> Option<Problem> {
    let twin = format!("{other}{name}");
    let exists = files.iter().any(|file| file.path == twin);
    (!exists).then(|| file.problem(1, "this migration has no twin", format!("write {twin}")))
}

fn misnumbered(file: &File, name: &str, number: usize) -> Option<Problem> {
    let is_right = name.strip_suffix(".sql").is_some_and(|stem| stem.starts_with(&format!("{number:04}_")));
    let remedy = format!("number it from 0001 without gaps: {number:04}_what_it_does.sql");
    (!is_right).then(|| file.problem(1, "this migration is out of order", remedy))
}

/// What no program that was there before can work with.
const TAKES_AWAY: [&str; 7] =
    ["DROP TABLE", "DROP COLUMN", "RENAME", "ALTER COLUMN", "SET NOT NULL", "DELETE FROM", "TRUNCATE"];

/// A migration adds tables, indexes, and columns that are empty or have a default. One that takes something away says from
/// which migration on a program must know the schema: it sets `oldest_schema`, and older programs are refused.
pub(crate) fn they_only_add(files: &[File]) -> Vec<Problem> {
    let migrations =
        files.iter().filter(|file| file.path.starts_with(SQLITE) || file.path.starts_with(POSTGRES)).filter(|file| {
            // The setting is a table of the first one.
            !file.text.contains("'oldest_schema'")
        });
    migrations.flat_map(|file| statements(&file.text).filter_map(|(line, sql)| taken_away(file, line, &sql))).collect()
}

fn taken_away(file: &File, line: usize, sql: &str) -> Option<Problem> {
    let needs_value = sql.contains("ADD COLUMN") && sql.contains("NOT NULL") && !sql.contains("DEFAULT");
    let what = TAKES_AWAY.into_iter().find(|words| sql.contains(words));
    let what = what.or_else(|| needs_value.then_some("a new column that older programs do not fill"))?;
    let remedy =
        "only add; or take it away a release later and raise the setting 'oldest_schema' in the same migration";
    Some(file.problem(line, format!("an older program cannot work after this: {what}"), remedy))
}

/// Statements in capitals, one space between the words, with the line in which each begins.
fn statements(text: &str) -> impl Iterator<Item = (usize, String)> {
    let code = text.lines().map(|line| line.split("--").next().unwrap_or_default());
    let (mut all, mut begun) = (Vec::new(), None::<(usize, String)>);
    for (number, line) in (1..).zip(code) {
        for (place, part) in line.split(';').enumerate() {
            if place > 0 {
                all.extend(begun.take());
            }
            let words = part.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>().join(" ");
            if !words.is_empty() {
                let (_, sql) = begun.get_or_insert_with(|| (number, String::new()));
                *sql = format!("{sql} {words}");
            }
        }
    }
    all.extend(begun);
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn twins_in_order_are_fine() {
        let good = ["sqlite/0001_a.sql", "postgres/0001_a.sql", "postgres/0002_b.sql", "sqlite/0002_b.sql"];
        let paths = good.map(|name| format!("migrations/{name}"));
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        assert_eq!(places(they_are_numbered_twins, &files), [""; 0]);
    }

    #[test]
    fn a_migration_for_one_database_only_is_found() {
        let bad = [("migrations/sqlite/0001_a.sql", ""), ("migrations/postgres/0001_b.sql", "")];
        let found = places(they_are_numbered_twins, &bad);
        assert_eq!(found, ["migrations/sqlite/0001_a.sql:1", "migrations/postgres/0001_b.sql:1"]);
    }

    #[test]
    fn a_gap_and_a_strange_name_are_found() {
        let gap = [("migrations/sqlite/0002_a.sql", ""), ("migrations/postgres/0002_a.sql", "")];
        assert_eq!(places(they_are_numbered_twins, &gap).len(), 2);
        let strange = [("migrations/sqlite/0001_a.txt", ""), ("migrations/postgres/0001_a.txt", "")];
        assert_eq!(places(they_are_numbered_twins, &strange).len(), 2);
    }

    #[test]
    fn a_migration_that_takes_something_away_is_found() {
        let bad = [
            ("migrations/sqlite/0002_a.sql", "CREATE TABLE a (b TEXT);\nALTER TABLE c\n  drop  column d;"),
            ("migrations/sqlite/0003_b.sql", "ALTER TABLE c ADD COLUMN d TEXT NOT NULL;"),
            ("migrations/sqlite/0004_c.sql", "-- first\nALTER TABLE c RENAME TO d;"),
        ];
        let found =
            ["migrations/sqlite/0002_a.sql:2", "migrations/sqlite/0003_b.sql:1", "migrations/sqlite/0004_c.sql:2"];
        assert_eq!(places(they_only_add, &bad), found);
    }

    #[test]
    fn what_adds_or_says_who_may_go_on_is_fine() {
        let good = [
            (
                "migrations/sqlite/0002_a.sql",
                "ALTER TABLE c ADD COLUMN d TEXT;\nCREATE INDEX e ON c (d); -- no DROP TABLE",
            ),
            ("migrations/sqlite/0003_b.sql", "ALTER TABLE c ADD COLUMN d BIGINT NOT NULL DEFAULT 0;"),
            ("migrations/sqlite/0004_c.sql", "INSERT INTO setting VALUES ('', 'oldest_schema', '4');\nDROP TABLE c;"),
            ("docs/upgrade.sql", "DROP TABLE c;"),
        ];
        assert_eq!(places(they_only_add, &good), [""; 0]);
    }
}

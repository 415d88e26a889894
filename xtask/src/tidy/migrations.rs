//! Migrations: the two databases have the same steps, numbered without gaps.

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
}

//! Which statements meet the rows that the ledger holds back.

/// The tables that are written through the ledger.
const HELD_BACK: [&str; 3] = ["instance", "transition", "effect"];

/// Whether a statement reads or writes one of the ledger's tables, by its text: the word after `FROM`, `JOIN`, `INTO` or
/// `UPDATE`. Tables are joined with `JOIN` everywhere in here, never with a comma.
pub(crate) fn meets_ledger(sql: &str) -> bool {
    names(sql, &HELD_BACK)
}

/// The same for the tables of which an instance is loaded.
pub(crate) fn meets_instances(sql: &str) -> bool {
    names(sql, &["instance", "transition"])
}

fn names(sql: &str, tables: &[&str]) -> bool {
    let mut words = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut before = "";
    words.any(|word| {
        let names_table = ["FROM", "JOIN", "INTO", "UPDATE"].iter().any(|keyword| before.eq_ignore_ascii_case(keyword));
        before = word;
        names_table && tables.contains(&word)
    })
}

/// Whether a statement only looks.
pub(crate) fn only_reads(sql: &str) -> bool {
    sql.starts_with("SELECT ") && !sql.contains(" FOR UPDATE")
}

#[cfg(test)]
mod tests {
    use super::{meets_ledger, only_reads};

    #[test]
    fn tables_of_the_ledger_are_found_wherever_they_stand() {
        for sql in [
            "SELECT body FROM instance WHERE id = $1",
            "SELECT i.id FROM object o LEFT JOIN instance i ON i.id = o.instance",
            "UPDATE object SET status = $1 WHERE id IN (SELECT subject_id FROM instance WHERE id = $2)",
            "WITH due AS (SELECT n FROM effect WHERE run_at <= $1) UPDATE effect e SET n = 1 FROM due d",
            "UPDATE effect SET lease_until = NULL",
            "INSERT INTO transition (company) VALUES ($1)",
            "SELECT count(*)\n  from effect",
        ] {
            assert!(meets_ledger(sql), "{sql}");
        }
    }

    #[test]
    fn columns_of_the_same_name_are_not_tables() {
        for sql in [
            "SELECT company, instance, effect FROM link WHERE hash = $1",
            "UPDATE object SET instance = $4 WHERE company = $1",
            "INSERT INTO link (company, instance, effect) VALUES ($1, $2, $3)",
            "SELECT value FROM instances",
            "BEGIN",
        ] {
            assert!(!meets_ledger(sql), "{sql}");
        }
    }

    #[test]
    fn a_statement_that_locks_or_returns_what_it_wrote_does_not_only_read() {
        assert!(only_reads("SELECT 1"));
        for sql in [
            "INSERT INTO series VALUES (1) RETURNING value",
            "WITH due AS (SELECT 1) UPDATE effect SET n = 1",
            "SELECT id FROM instance WHERE id = $1 FOR UPDATE",
            "SELECT id FROM instance LIMIT 1 FOR UPDATE SKIP LOCKED",
        ] {
            assert!(!only_reads(sql), "{sql}");
        }
    }
}

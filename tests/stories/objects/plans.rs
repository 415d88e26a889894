//! How databases find objects: by the index, and never by looking at all of them.

use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use store::{Bound, FieldFilter, ObjectSearch, Place, SortBy, number_key, text_key};

/// How many objects there are unless `COUNTERSIGN_TEST_OBJECTS` says otherwise: `1000000` for a measurement.
const COUNT: u32 = 30_000;

fn count() -> u32 {
    std::env::var("COUNTERSIGN_TEST_OBJECTS").ok().and_then(|count| count.parse().ok()).unwrap_or(COUNT)
}

/// Very many objects, written behind the service's back: each third has the same colour, each has its own number.
async fn fill(app: &App) -> Result<()> {
    let count = count();
    let numbers = match app.url().starts_with("sqlite") {
        true => format!(
            "(WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < {count}) SELECT n FROM t) AS t"
        ),
        false => format!("generate_series(1, {count}) AS t(n)"),
    };
    let id = "CAST(10000000 + t.n AS TEXT)";
    let rows = [
        format!(
            "INSERT INTO object (company, kind, id, revision, status, data, created_at, created_by, updated_at) SELECT 'acme', 'test/things', {id}, 1, CASE WHEN t.n % 3 = 0 THEN 'sent' ELSE 'active' END, '{{}}', t.n, 'eva', t.n FROM {numbers}"
        ),
        format!(
            "INSERT INTO object_key (company, kind, id, field, value) SELECT 'acme', 'test/things', {id}, 'colour', CASE WHEN t.n % 3 = 0 THEN 'tred' ELSE 'tblue' END FROM {numbers}"
        ),
        format!(
            "INSERT INTO object_key (company, kind, id, field, value) SELECT 'acme', 'test/things', {id}, 'number', 'np50008' || rtrim({id}, '0') FROM {numbers}"
        ),
    ];
    for sql in rows {
        app.sql(&sql).await?;
    }
    app.sql("ANALYZE").await
}

fn filter(field: &str, bound: Bound, value: String) -> FieldFilter {
    FieldFilter { field: field.to_owned(), bound, value }
}

fn searches() -> Vec<(&'static str, ObjectSearch)> {
    let base = || ObjectSearch { descending: true, limit: 51, ..ObjectSearch::default() };
    let red = || vec![filter("colour", Bound::Equal, text_key("red"))];
    let number = |text: &str| number_key(text).unwrap_or_default();
    let by_number = || SortBy::Field("number".to_owned());
    let place = |value: &str| Some(Place { value: value.to_owned(), id: "10015000".to_owned() });
    vec![
        ("newest first", base()),
        ("newest first, next page", ObjectSearch { after: place(""), ..base() }),
        ("by status", ObjectSearch { status: Some("sent".to_owned()), ..base() }),
        ("by time", ObjectSearch { sort: SortBy::Created, after: place("15000"), ..base() }),
        ("a filter that many meet", ObjectSearch { filters: red(), after: place(""), ..base() }),
        ("a filter that many meet, sorted", ObjectSearch { filters: red(), sort: by_number(), ..base() }),
        ("sorted, next page", ObjectSearch { sort: by_number(), after: place(&number("10015000")), ..base() }),
        ("one number", ObjectSearch { filters: vec![filter("number", Bound::Equal, number("10015000"))], ..base() }),
        (
            "bounds",
            ObjectSearch {
                filters: vec![filter("number", Bound::From, number("10015000"))],
                sort: by_number(),
                descending: false,
                ..base()
            },
        ),
        (
            "an upper bound",
            ObjectSearch {
                filters: vec![filter("number", Bound::Below, number("10015000"))],
                sort: by_number(),
                descending: false,
                ..base()
            },
        ),
        (
            "an upper bound, from above, next page",
            ObjectSearch {
                filters: vec![filter("number", Bound::To, number("10015000"))],
                sort: by_number(),
                after: place(&number("10014000")),
                ..base()
            },
        ),
        (
            "an upper bound of another field",
            ObjectSearch {
                filters: vec![filter("number", Bound::To, number("10015000"))],
                sort: SortBy::Field("colour".to_owned()),
                ..base()
            },
        ),
    ]
}

stories! {
    /// Every kind of search reads an index, and none reads the whole table.
    async fn every_search_uses_an_index(app: App) {
        fill(app).await?;
        let mut reader = app.store.read().await?;
        for (name, search) in searches() {
            let plan = reader.explain_search("acme", "test/things", &search).await?.join("\n");
            let scans = plan.contains("Seq Scan") || plan.lines().any(|line| line.contains("SCAN ") && !line.contains("CONSTANT ROW"));
            ensure!(!scans && plan.to_lowercase().contains("index"), "{name}:\n{plan}");
            let sorts = plan.contains("TEMP B-TREE") || plan.contains("Sort");
            ensure!(!sorts || name == "one number" , "{name} sorts:\n{plan}");
            let begun = std::time::Instant::now();
            let found = reader.find_objects("acme", "test/things", &search).await?;
            println!("{name}: {} of {} objects in {:?}", found.len(), count(), begun.elapsed());
            ensure!(!found.is_empty() && (name == "one number" || found.len() == 51), "{name}: {}", found.len());
        }
        drop(reader);
        app.sql("DELETE FROM object_key").await?;
        app.sql("DELETE FROM object").await
    }
}

//! Who may use whom: `workflow <- store <- modules <- jobs <- api <- tests`.

use super::source::{Source, lines_with_name, lines_with_prefix};
use super::{File, Problem};

/// Every package, its folder, and the packages of ours that it may name in its manifest.
const PACKAGES: [(&str, &str, &[&str]); 12] = [
    ("workflow", "workflow", &[]),
    ("workflow-fuzz", "workflow/fuzz", &["workflow"]),
    ("store", "store", &["workflow"]),
    ("sandbox", "modules/sandbox", &[]),
    ("modules", "modules", &["workflow", "store", "sandbox"]),
    ("countersign-module", "modules/sdk", &[]),
    ("it-equipment-code", "definitions/it-equipment/code", &["countersign-module"]),
    ("purchasing", "modules/purchasing", &["workflow", "modules"]),
    ("jobs", "jobs", &["workflow", "store", "modules"]),
    ("api", "api", &["workflow", "store", "modules", "purchasing", "jobs"]),
    ("tests", "tests", &["workflow", "store", "modules", "purchasing", "jobs", "api"]),
    ("xtask", "xtask", &[]),
];

/// The modules that may name the database drivers, each a file and perhaps a folder, and what each may not name.
const DRIVERS: [(&str, &[&str]); 2] = [
    ("store/src/sqlite", &["PgConn", "PgPool", "PgListener", "PgRow", "postgres"]),
    ("store/src/postgres", &["SqliteConn", "SqlitePool", "SqliteRow", "SqliteJournal", "sqlite"]),
];

/// A package uses only packages above it, in its tests too.
pub(crate) fn arrows_go_up(files: &[File]) -> Vec<Problem> {
    let manifests = files.iter().filter_map(|file| Some((file, file.path.strip_suffix("/Cargo.toml")?)));
    manifests.flat_map(|(file, folder)| arrows_of(file, folder)).collect()
}

fn arrows_of(file: &File, folder: &str) -> Vec<Problem> {
    let Some((package, _, may_use)) = PACKAGES.into_iter().find(|(_, place, _)| *place == folder) else {
        let remedy = "add it to PACKAGES in xtask/src/tidy/architecture.rs and to the house in the documentation";
        return vec![file.problem(1, "this package has no place in the architecture", remedy)];
    };
    let manifest = match file.text.parse::<toml::Table>() {
        Ok(manifest) => manifest,
        Err(problem) => return vec![file.problem(1, format!("not TOML: {problem}"), "correct it")],
    };
    let ours = |name: &&String| PACKAGES.iter().any(|(package, ..)| package == name);
    let used = dependencies(&manifest).into_iter().filter(ours);
    let wrong = used.filter(|name| !may_use.contains(&name.as_str()));
    wrong.map(|name| file.problem(line_of(&file.text, name), against(package, name), REVERSE)).collect()
}

const REVERSE: &str = "move what is needed up the list, or hand it in as an argument or trait";

fn against(package: &str, name: &str) -> String {
    format!("`{package}` must not use `{name}`, the arrows go workflow <- store <- modules <- jobs <- api <- tests")
}

/// The names in all tables of dependencies, those of single systems included.
fn dependencies(manifest: &toml::Table) -> Vec<&String> {
    let systems = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let holders = std::iter::once(manifest).chain(systems.filter_map(toml::Value::as_table));
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = holders.flat_map(move |holder| kinds.map(|kind| holder.get(kind).and_then(toml::Value::as_table)));
    tables.flatten().flat_map(toml::Table::keys).collect()
}

fn line_of(manifest: &str, name: &str) -> usize {
    let is_it = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    manifest.lines().position(is_it).map_or(1, |index| index + 1)
}

/// Only the binary's `main` names `purchasing`: everything else must work for any module.
pub(crate) fn the_service_does_not_know_its_first_module(files: &[File]) -> Vec<Problem> {
    let service = ["workflow/src/", "store/src/", "modules/src/", "jobs/src/", "api/src/"];
    let is_service = |file: &&File| service.iter().any(|folder| file.path.starts_with(folder));
    let is_test = |file: &File| file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    let sources = rust(files).filter(is_service).filter(|file| !is_test(file) && file.path != "api/src/main.rs");
    let name_it = sources.flat_map(|file| {
        let source = Source::read(&file.text);
        let lines: Vec<usize> = lines_with_name(source.without_tests(), "purchasing").collect();
        lines.into_iter().map(|line| file.problem(line, "the service names a module", "let the module register itself"))
    });
    name_it.collect()
}

/// One file of `jobs` names apalis, so that replacing the queue means replacing that file.
pub(crate) fn one_file_names_the_queue(files: &[File]) -> Vec<Problem> {
    let mut naming: Vec<(&File, usize)> = rust(files)
        .filter(|file| !file.path.starts_with("xtask/"))
        .filter_map(|file| Some((file, lines_with_prefix(&Source::read(&file.text).code, "apalis").next()?)))
        .collect();
    // The one file is the first of `jobs`; all others are wrong.
    if let Some(the_one) = naming.iter().position(|(file, _)| file.path.starts_with("jobs/src/")) {
        naming.remove(the_one);
    }
    let remedy = "only one file of `jobs` names apalis: put this behind its types";
    naming.into_iter().map(|(file, line)| file.problem(line, "apalis is named in a second place", remedy)).collect()
}

/// The two backends name their driver, and nobody else does. Behaviour tests may: they make and drop databases.
pub(crate) fn two_modules_name_a_driver(files: &[File]) -> Vec<Problem> {
    let elsewhere: &[&str] = &["sqlx", "SqliteConn", "SqlitePool", "PgConn", "PgPool", "PgListener"];
    let sources = rust(files).filter(|file| !file.path.starts_with("tests/") && !file.path.starts_with("xtask/"));
    let wrong = sources.flat_map(|file| {
        let backend = DRIVERS.into_iter().find(|(module, _)| is_part_of(module, &file.path));
        let code = Source::read(&file.text).code;
        match backend {
            Some((_, others)) => others.iter().flat_map(|name| foreign(file, &code, name)).collect::<Vec<_>>(),
            None => elsewhere.iter().flat_map(|name| foreign(file, &code, name)).collect(),
        }
    });
    wrong.collect()
}

/// A module is a file, and what lies in the folder of its name.
fn is_part_of(module: &str, path: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// In a backend a lower-case name is a module of the driver (`sqlx::sqlite`), elsewhere it is any name.
fn foreign(file: &File, code: &str, name: &str) -> Vec<Problem> {
    let of_driver = format!("sqlx::{name}");
    let is_module = matches!(name, "sqlite" | "postgres");
    let lines: Vec<usize> = lines_with_prefix(code, if is_module { &of_driver } else { name }).collect();
    let remedy = "only the modules sqlite and postgres of store name a driver, each its own: go through the store";
    lines.into_iter().map(|line| file.problem(line, format!("`{name}` is named here"), remedy)).collect()
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is_rust())
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn an_arrow_down_is_found_in_every_kind_of_table() {
        let bad = [
            ("store/Cargo.toml", "[dependencies]\nworkflow.workspace = true\njobs.workspace = true\n"),
            ("workflow/Cargo.toml", "[dev-dependencies]\nstore = { path = \"../store\" }\n"),
            ("modules/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nserde = \"1\"\napi.workspace = true\n"),
            ("modules/purchasing/Cargo.toml", "[dependencies]\nstore.workspace = true\n"),
        ];
        let expected =
            ["store/Cargo.toml:3", "workflow/Cargo.toml:2", "modules/Cargo.toml:3", "modules/purchasing/Cargo.toml:2"];
        assert_eq!(places(arrows_go_up, &bad), expected);
    }

    #[test]
    fn an_arrow_up_is_fine() {
        let good = [
            ("Cargo.toml", "[workspace]"),
            ("jobs/Cargo.toml", "[dependencies]\nworkflow.workspace = true\nstore.workspace = true\nserde = \"1\""),
            ("tests/Cargo.toml", "[dev-dependencies]\napi.workspace = true\npurchasing.workspace = true"),
        ];
        assert_eq!(places(arrows_go_up, &good), [""; 0]);
    }

    #[test]
    fn a_package_outside_the_house_is_found() {
        assert_eq!(places(arrows_go_up, &[("extra/Cargo.toml", "")]), ["extra/Cargo.toml:1"]);
    }

    #[test]
    fn the_service_may_not_name_purchasing_but_its_tests_and_main_may() {
        let bad = [
            ("api/src/pages.rs", "// purchasing is fine here\nuse purchasing::Order;"),
            ("store/src/lib.rs", "let kind = \"purchasing.order\";"),
        ];
        let rule = the_service_does_not_know_its_first_module;
        assert_eq!(places(rule, &bad), ["api/src/pages.rs:2", "store/src/lib.rs:1"]);
        let good = [
            ("api/src/main.rs", "use purchasing::module;"),
            ("modules/purchasing/src/lib.rs", "mod purchasing;"),
            ("modules/src/registry.rs", "fn f() {}\n#[cfg(test)]\nmod tests { const M: &str = \"purchasing\"; }"),
            ("modules/src/registry/tests.rs", "const M: &str = \"purchasing\";"),
            ("tests/order.rs", "use purchasing::Order;"),
        ];
        assert_eq!(places(rule, &good), [""; 0]);
    }

    #[test]
    fn a_second_file_with_the_queue_is_found() {
        let one = ("jobs/src/queue.rs", "use apalis_core::backend::Backend;\nuse apalis::prelude::*;");
        assert_eq!(places(one_file_names_the_queue, &[one]), [""; 0]);
        assert_eq!(
            places(one_file_names_the_queue, &[one, ("jobs/src/mail.rs", "\nuse apalis::x;")]),
            ["jobs/src/mail.rs:2"]
        );
        assert_eq!(places(one_file_names_the_queue, &[("api/src/main.rs", "apalis::x()")]), ["api/src/main.rs:1"]);
        assert_eq!(places(one_file_names_the_queue, &[one, ("jobs/src/lib.rs", "//! apalis runs it")]), [""; 0]);
    }

    #[test]
    fn a_driver_outside_its_backend_is_found() {
        let bad = [
            ("store/src/sqlite.rs", "use sqlx::SqliteConnection;\nuse sqlx::postgres::PgRow;"),
            ("store/src/lib.rs", "fn f(row: sqlx::Row) {}"),
            ("store/src/postgres/pool.rs", "struct Pool(SqlitePool);"),
            ("store/src/postgres_old.rs", "use sqlx::PgConnection;"),
            ("api/src/main.rs", "\nlet pool: SqlitePool;"),
        ];
        let found = places(two_modules_name_a_driver, &bad);
        assert_eq!(
            found,
            [
                "store/src/sqlite.rs:2",
                "store/src/sqlite.rs:2",
                "store/src/lib.rs:1",
                "store/src/postgres/pool.rs:1",
                "store/src/postgres_old.rs:1",
                "store/src/postgres_old.rs:1",
                "api/src/main.rs:2"
            ]
        );
        let good = [
            ("store/src/postgres.rs", "use sqlx::postgres::{PgConnection, PgPool};\nuse super::sqlite_text;"),
            ("store/src/postgres/listener.rs", "use sqlx::postgres::PgListener;"),
            ("store/src/lib.rs", "/// Not sqlx::Any.\npub use sqlite::SqliteStore;"),
            ("tests/support/database.rs", "use sqlx::PgConnection;"),
        ];
        assert_eq!(places(two_modules_name_a_driver, &good), [""; 0]);
    }
}

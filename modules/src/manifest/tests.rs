use crate::{Finding, Package};

const SCHEMA: &str = r#"{ "type": "object", "properties": { "n": { "type": "integer" } } }"#;
const MACHINE: &str =
    r#"{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "travel.book", "End": true } } }"#;
const MANIFEST: &str = "\
name: travel
version: 1.0.0
title: Travel
description: Trips and who must agree to them.
licence: Apache-2.0
permissions:
  - { name: travel.trips.create, title: Ask for trips, roles: [\"*\"] }
  - { name: travel.trips.read, title: See trips, roles: [\"*\"] }
objects:
  - collection: trips
    title: Trip
    schema: schemas/trip.json
    create: travel.trips.create
    read: travel.trips.read
workflows:
  - { name: travel/trip, file: trip.asl.json }
actions: [travel.book]
";

fn package(manifest: &str) -> Package {
    let files = [("schemas/trip.json", SCHEMA), ("trip.asl.json", MACHINE)]
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
    Package::of_texts(files.into_iter().chain([("module.yaml".to_owned(), manifest.to_owned())]))
}

/// What is found after one text of the manifest is replaced.
pub(super) fn found(from: &str, to: &str) -> Vec<String> {
    assert!(MANIFEST.contains(from), "{from}");
    lines(&package(&MANIFEST.replacen(from, to, 1)))
}

fn lines(package: &Package) -> Vec<String> {
    match super::check(package) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(Finding::to_string).collect(),
    }
}

#[test]
fn a_package_that_is_in_order_is_read() {
    let manifest = package(MANIFEST).manifest().unwrap();
    assert_eq!((manifest.name.as_str(), manifest.version.minor, manifest.objects.len()), ("travel", 0, 1));
}

#[test]
fn each_problem_has_its_place_and_a_remedy() {
    let cases = [
        ("version: 1.0.0", "version: 1.0", "module.yaml:2:1: 1.0 is no text; put it in quotes: \"1.0\""),
        (
            "version: 1.0.0",
            "version: v1",
            "module.yaml:2:1: \"v1\" does not fit; give major, minor and patch, without +build: 1.0.0",
        ),
        (
            "version: 1.0.0",
            "version: 1.0.0+a",
            "module.yaml:2:1: \"1.0.0+a\" does not fit; give major, minor and patch, without +build: 1.0.0",
        ),
        ("title: Travel\n", "", "module.yaml:1:1: the field \"title\" is missing; add it, such as title: Purchasing"),
        ("licence:", "license:", "module.yaml:5:1: there is no field \"license\"; did you mean \"licence\"?"),
        (
            "actions: [travel.book]",
            "actions: travel.book",
            "module.yaml:17:1: \"travel.book\" is no list; write a list: [a, b], or a hyphen before each entry",
        ),
        (
            "name: travel\n",
            "name: Travel Agency\n",
            "module.yaml:1:1: \"Travel Agency\" does not fit; use small letters, digits and single hyphens, and begin with a letter: it-equipment",
        ),
        (
            "create: travel.trips.create",
            "create: travel.trip.create",
            "module.yaml:13:5: there is no permission \"travel.trip.create\"; did you mean \"travel.trips.create\"?",
        ),
        (
            "travel.trips.read, title",
            "purchasing.orders.read, title",
            "module.yaml:8:7: \"purchasing.orders.read\" is not a name of this module; begin it with \"travel.\"",
        ),
        (
            "schemas/trip.json",
            "schemas/trips.json",
            "module.yaml:12:5: the package has no file schemas/trips.json; add the file, or correct its path; paths begin in the folder of module.yaml",
        ),
        (
            "schemas/trip.json",
            "../trip.json",
            "module.yaml:12:5: \"../trip.json\" does not fit; give the path of a file of the package, with / between folders, without . and ..",
        ),
        (
            "actions: [travel.book]",
            "actions: [travel.book, travel.book]",
            "module.yaml:17:24: \"travel.book\" is given twice; keep one of them",
        ),
        (
            "actions: [travel.book]",
            "actions: [travel.pay]",
            "trip.asl.json:1:54: there is no code named travel.book: travel has none such under actions or inline; see docs/definitions.md",
        ),
        (
            "name: travel\n",
            "name: travel\nrequires: { countersign: \">=99\" }\n",
            "module.yaml:2:13: it needs Countersign >=99, and this is 0.1.0; use another version of one of them",
        ),
        (
            "actions:",
            "limits: { requests_per_minute: 0 }\nactions:",
            "module.yaml:17:11: 0 does not fit; write a whole number of requests from 1 to 6000000",
        ),
        (
            "actions:",
            "limits: { request_per_minute: 5 }\nactions:",
            "module.yaml:17:11: there is no field \"request_per_minute\"; did you mean \"requests_per_minute\"?",
        ),
        (
            "actions:",
            "health: { isolate_after: many }\nactions:",
            "module.yaml:17:11: \"many\" is no integer; write a integer",
        ),
        (
            "name: travel\n",
            "name: modules\n",
            "module.yaml:1:1: \"modules\" is a name of the service itself; give the module another name",
        ),
        (
            "    read: travel.trips.read\n",
            "    read: travel.trips.read\n    update: travel.trips.change\n    document: revisions\n",
            "module.yaml:15:5: there is no permission \"travel.trips.change\"; declare it under permissions",
        ),
        (
            "    read: travel.trips.read\n",
            "    read: travel.trips.read\n    document: revisions\n",
            "module.yaml:15:5: \"revisions\" is a path of the service itself; choose another name",
        ),
        (
            "    read: travel.trips.read\n",
            "    read: travel.trips.read\n    events: [changed]\n",
            "module.yaml:15:5: [\"changed\"] does not fit; write true, or a list of these: [created, updated, deleted]",
        ),
        ("name: travel\n", "name: travel\nname: again\n", "module.yaml:2:1: \"name\" is given twice; keep one of them"),
    ];
    for (from, to, expected) in cases {
        let found = found(from, to);
        assert!(found.iter().any(|line| line == expected), "{to}: {found:#?}\n{expected}");
    }
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_text() {
    let broken = MANIFEST
        .replace("version: 1.0.0", "version: 1")
        .replace("title: Trip", "titel: Trip")
        .replace("roles: [\"*\"]", "roles: all");
    let found = lines(&package(&broken));
    let places: Vec<&str> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        ["module.yaml:2:1", "module.yaml:7:56", "module.yaml:8:50", "module.yaml:10:5", "module.yaml:11:5"],
        "{found:#?}"
    );
}

#[test]
fn files_are_looked_into() {
    let with = |path: &str, text: &str| {
        let package = package(MANIFEST);
        lines(&package.with(path, text))
    };
    let schema = with("schemas/trip.json", "{ \"type\":\n  \"nothing\" }");
    assert!(schema[0].starts_with("schemas/trip.json:1:3: this is not a JSON Schema:"), "{schema:?}");
    let broken = with("trip.asl.json", "{\n  \"StartAt\" }");
    assert!(broken[0].starts_with("trip.asl.json:2:13: this is not JSON:"), "{broken:?}");
    let machine = with("trip.asl.json", "{ \"StartAt\": \"B\", \"States\": {} }");
    assert!(machine.iter().all(|line| line.starts_with("trip.asl.json:1:")) && !machine.is_empty(), "{machine:?}");
}

#[test]
fn a_definition_claims_nothing_of_others() {
    let claim = |resource: &str, arguments: &str| {
        let task = format!(r#"{{ "Type": "Task", "Resource": "{resource}", "Arguments": {arguments}, "End": true }}"#);
        let machine = format!(r#"{{ "QueryLanguage": "JSONata", "StartAt": "A", "States": {{ "A": {task} }} }}"#);
        lines(&package(MANIFEST).with("trip.asl.json", &machine))
    };
    let found = claim("event.publish", r#"{ "type": "purchasing.order.sent", "subject": "x" }"#);
    assert!(
        found[0].ends_with("it publishes \"purchasing.order.sent\", which is not among the module's events; a module publishes events of its own; begin it with \"travel.\""),
        "{found:?}"
    );
    let found = claim("event.publish", r#"{ "type": "travel.trip.lost", "subject": "x" }"#);
    assert!(found[0].ends_with("add travel.trip.lost under publishes in module.yaml, or correct it"), "{found:?}");
    let found = claim("object.set_status", r#"{ "kind": "purchasing/orders", "id": "1", "status": "x" }"#);
    assert!(found[0].ends_with("a module has no say in objects of others; its own are: travel/trips"), "{found:?}");
    for fine in [
        r#"{ "kind": "travel/trips", "id": "1", "status": "x" }"#,
        r#"{ "kind": "{% $states.input.kind %}", "id": "1", "status": "x" }"#,
    ] {
        assert_eq!(claim("object.set_status", fine), [""; 0]);
    }
}

#[test]
fn what_is_read_as_text_is_text() {
    let mut package = package(MANIFEST);
    package.put("schemas/trip.json", b"\xff\xfe".as_slice());
    assert_eq!(lines(&package), ["schemas/trip.json:1:1: it is no text in UTF-8; save it as UTF-8"]);
    package.put("module.yaml", b"\xff".as_slice());
    assert_eq!(lines(&package), ["module.yaml:1:1: the manifest is no text in UTF-8; save it as UTF-8"]);
}

#[test]
fn without_a_manifest_nothing_is_read() {
    let found = lines(&Package::default());
    assert_eq!(found, ["module.yaml:1:1: the package has no manifest; add module.yaml in its first folder"]);
}

/// What the types take, the schema describes, and the other way round.
#[test]
fn the_published_schema_knows_every_field() {
    let schema: serde_json::Value = serde_json::from_str(super::MANIFEST_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let fields = schema["properties"].as_object().unwrap();
    for name in fields.keys() {
        let known = serde_json::from_value::<super::Manifest>(serde_json::json!({ name: 1 })).unwrap_err().to_string();
        assert!(!known.contains("unknown field"), "{name}: {known}");
    }
    assert!(fields.values().all(|field| field["description"].is_string()));
}

#[test]
fn of_many_problems_the_first_hundred_are_told() {
    let fields: String = (0..5_000).map(|n| format!("x{n}: 1\n")).collect();
    assert_eq!(lines(&package(&format!("{MANIFEST}{fields}"))).len(), 100);
    let many = vec!["1"; 5_000].join(", ");
    assert_eq!(found("actions: [travel.book]", &format!("actions: [{many}]")).len(), 100);
    let long = lines(&package(&format!("{MANIFEST}# {}", "x".repeat(262_144))));
    assert!(long.len() == 1 && long[0].contains("this file may have 262144"), "{long:?}");
}

#[test]
fn a_template_that_cannot_be_read_is_told_with_its_line() {
    let manifest = format!("{MANIFEST}mails:\n  - {{ name: travel/trip, file: mail/trip }}\n");
    let mails = package(&manifest).with("mail/trip.subject.txt", "A trip").with("mail/trip.html", "<p>");
    assert_eq!(lines(&mails.clone().with("mail/trip.txt", "{% include 'mail/_layout.txt' %}")), [""; 0]);
    let told = lines(&mails.with("mail/trip.txt", "Hello\n{% for a in b %}\n"));
    assert!(told.len() == 1 && told[0].starts_with("mail/trip.txt:"), "{told:?}");
    assert!(told[0].contains("this is no template: "), "{told:?}");
}

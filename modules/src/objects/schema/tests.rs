use super::*;
use serde_json::json;

const AROUND: Around<'_> = Around {
    module: "travel",
    collections: &["trips", "projects"],
    permissions: &["travel.trips.approve"],
    workflows: &["travel/trip"],
};

fn read(document: Value) -> Result<ObjectSchema, Vec<String>> {
    let lines = |flaws: Vec<Flaw>| {
        flaws.into_iter().map(|flaw| format!("{}: {}; {}", flaw.pointer, flaw.message, flaw.remedy)).collect()
    };
    ObjectSchema::read(document, &AROUND).map_err(lines)
}

fn with(field: Value) -> Value {
    json!({ "type": "object", "properties": { "f": field, "currency": { "type": "string" } } })
}

#[test]
fn every_keyword_is_read() {
    let schema = read(json!({
        "type": "object",
        "x-unique": [["project", "no"]],
        "x-workflow": { "definition": "travel/trip", "input": "{% { 'days': $object.days } %}", "status": "asked" },
        "properties": {
            "project": { "type": "string", "x-ref": "projects" },
            "no": { "type": "integer", "x-index": true },
            "code": { "type": ["string", "null"], "x-unique": true },
            "days": { "type": "integer" },
            "at": { "type": "string", "format": "date-time", "x-index": true },
            "total": { "type": "string", "x-money": { "field": "currency" }, "x-index": true, "x-computed": "{% '1' %}" },
            "currency": { "type": "string" },
            "lines": { "type": "array", "items": { "$ref": "#/$defs/line" } },
            "address": { "type": "object", "properties": { "city": { "type": "string", "x-index": true } } },
            "limit": { "type": "string", "x-guarded": "travel.trips.approve" },
            "made": { "type": "string", "readOnly": true }
        },
        "$defs": { "line": { "properties": {
            "price": { "type": "string", "x-money": { "field": "currency" } },
            "supplier": { "type": "string", "x-ref": "purchasing/suppliers" }
        } } }
    }))
    .unwrap();
    let Keywords { indexes, unique, references, money, computed, guarded, workflow, made_here } = schema.keywords;
    let indexes: Vec<String> = indexes.iter().map(|index| format!("{} {:?}", index.path, index.kind)).collect();
    assert_eq!(indexes, ["no Number", "at Time", "total Number", "address.city Text"]);
    let unique: Vec<String> = unique.iter().map(|all| all.iter().map(|one| one.path.to_string()).collect()).collect();
    assert_eq!(unique, ["projectno", "code"]);
    let named: Vec<String> = references.iter().map(|one| format!("{} {}", one.path, one.kind)).collect();
    assert_eq!(named, ["project travel/projects", "lines[].supplier purchasing/suppliers"]);
    assert_eq!(money.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>(), ["total", "lines[].price"]);
    assert_eq!((computed.len(), guarded.len(), made_here.len()), (1, 1, 2));
    assert_eq!(
        workflow.map(|starts| (starts.definition, starts.status)),
        Some(("travel/trip".to_owned(), "asked".to_owned()))
    );
    assert!(schema.sent["properties"].get("total").is_none() && schema.sent["properties"].get("made").is_none());
}

#[test]
fn what_cannot_be_kept_is_refused_with_a_remedy() {
    let list = |field: Value| json!({ "type": "array", "items": field });
    let cases = [
        (
            with(json!({ "type": "string", "x-indx": true })),
            "/properties/f/x-indx: there is no keyword \"x-indx\"; did you mean \"x-index\"?",
        ),
        (
            with(json!({ "x-index": true })),
            "/properties/f/x-index: \"f\" has no type whose values have an order; give the field",
        ),
        (with(json!({ "type": "object", "x-index": true })), "/properties/f/x-index: \"f\" has no type"),
        (
            with(list(json!({ "type": "string", "x-index": true }))),
            "/properties/f/items/x-index: x-index is not read at \"f[]\"",
        ),
        (with(json!({ "type": "string", "x-unique": "yes" })), "/properties/f/x-unique: x-unique is true at a field"),
        (
            json!({ "x-unique": [["g"]], "properties": { "f": { "type": "string" } } }),
            "/x-unique: there is no field \"g\"",
        ),
        (
            with(json!({ "type": "string", "x-ref": "trip" })),
            "/properties/f/x-ref: this module has no collection \"trip\"; did you mean \"trips\"?",
        ),
        (with(json!({ "type": "integer", "x-ref": "trips" })), "/properties/f/x-ref: x-ref needs a text"),
        (
            with(json!({ "type": "string", "x-money": "EUR" })),
            "/properties/f/x-money: x-money says where the currency stands",
        ),
        (
            with(json!({ "type": "string", "x-money": { "currency": "Euro" } })),
            "/properties/f/x-money: \"Euro\" is not an ISO 4217",
        ),
        (
            with(json!({ "type": "string", "x-money": { "field": "curency" } })),
            "/properties/f/x-money: there is no field \"curency\"; did you mean \"currency\"?",
        ),
        (
            with(json!({ "x-computed": "$object.a" })),
            "/properties/f/x-computed: an expression stands between {% and %}",
        ),
        (with(json!({ "x-computed": "{% $object.( %}" })), "/properties/f/x-computed: "),
        (
            with(json!({ "x-computed": "{% $order.a %}" })),
            "/properties/f/x-computed: there is nothing named $order; use $object",
        ),
        (
            with(json!({ "type": "object", "properties": { "g": { "x-computed": "{% 1 %}" } } })),
            "/properties/f/properties/g/x-computed: x-computed is read at fields of the object itself only",
        ),
        (
            with(json!({ "type": "string", "x-guarded": "travel.trip.approve" })),
            "/properties/f/x-guarded: there is no permission \"travel.trip.approve\"; did you mean",
        ),
        (
            json!({ "x-workflow": "travel/trp" }),
            "/x-workflow: this module has no workflow \"travel/trp\"; did you mean \"travel/trip\"?",
        ),
        (
            with(json!({ "x-workflow": "travel/trip" })),
            "/properties/f/x-workflow: x-workflow is read at the schema itself only",
        ),
        (
            with(json!({ "anyOf": [{ "type": "string", "x-index": true }] })),
            "/properties/f/anyOf/0/x-index: x-index is not read here",
        ),
        (
            json!({ "$defs": { "a": { "type": "string", "x-index": true } } }),
            "/$defs/a/x-index: x-index is not read here",
        ),
    ];
    for (document, expected) in cases {
        let found = read(document.clone()).err().unwrap_or_default();
        assert!(found.len() == 1 && found[0].starts_with(expected), "{document}\n{found:#?}\n{expected}");
    }
}

#[test]
fn a_field_may_have_the_name_of_a_keyword() {
    let schema =
        read(json!({ "properties": { "x-index": { "type": "string" } }, "examples": [{ "x-unique": 1 }] })).unwrap();
    assert!(schema.keywords.indexes.is_empty());
}

#[test]
fn schemas_that_lead_out_or_round_are_refused() {
    let cases = [
        (
            json!({ "$ref": "https://example.com/a.json" }),
            "/$ref: \"https://example.com/a.json\" leads out of this file",
        ),
        (
            json!({ "properties": { "a": { "$ref": "other.json#/x" } } }),
            "/properties/a/$ref: \"other.json#/x\" leads out",
        ),
        (json!({ "$ref": "#/$defs/none" }), "/$ref: \"#/$defs/none\" leads nowhere"),
        (json!({ "$ref": "#" }), ": this part of the schema refers to itself without end"),
        (
            json!({ "$ref": "#/$defs/a", "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }] }, "b": { "anyOf": [{ "$ref": "#/$defs/a" }] } } }),
            "/$defs/a: this part of the schema refers to itself without end; let it",
        ),
        (
            json!({ "properties": { "a": { "$dynamicRef": "#x" } } }),
            "/properties/a/$dynamicRef: $dynamicRef is not read",
        ),
        (json!({ "$defs": { "a": { "$id": "b" } } }), "/$defs/a/$id: a part of a schema with an $id of its own"),
        (json!({ "type": "nothing" }), "/type: this is not a JSON Schema"),
    ];
    for (document, expected) in cases {
        let found = read(document.clone()).err().unwrap_or_default();
        assert!(!found.is_empty() && found[0].starts_with(expected), "{document}\n{found:#?}\n{expected}");
    }
}

#[test]
fn a_tree_is_fine_and_a_bomb_is_not() {
    let tree = json!({ "$ref": "#/$defs/n", "$defs": { "n": { "type": "object", "properties": {
        "name": { "type": "string", "x-index": true }, "children": { "type": "array", "items": { "$ref": "#/$defs/n" } },
    } } } });
    let schema = read(tree).unwrap();
    assert_eq!(schema.keywords.indexes.len(), 1);
    assert!(schema.problems(&json!({ "name": "a", "children": [{ "name": 1 }] })).len() == 1);
    let parts: Map<String, Value> = (0..40)
        .map(|n| {
            let next = json!({ "$ref": format!("#/$defs/p{}", n + 1) });
            (format!("p{n}"), json!({ "properties": { "a": next, "b": next } }))
        })
        .chain([("p40".to_owned(), json!({ "type": "string" }))])
        .collect();
    let found = read(json!({ "$ref": "#/$defs/p0", "$defs": parts })).err().unwrap_or_default();
    assert!(found.len() == 1 && found[0].contains("more than 10000 fields"), "{found:?}");
}

#[test]
fn every_wrong_field_is_named_at_its_own_place() {
    let schema = read(json!({
        "type": "object", "additionalProperties": false, "required": ["a", "total"],
        "properties": {
            "a": { "type": "string" },
            "b": { "type": "object", "additionalProperties": false, "required": ["c"], "properties": { "c": {} } },
            "total": { "type": "string", "x-computed": "{% $object.a %}" }
        }
    }))
    .unwrap();
    let told = |data: Value| {
        let problems = schema.problems_of_sent(&data);
        problems.into_iter().map(|problem| format!("{} {}", problem.pointer, problem.code)).collect::<Vec<_>>()
    };
    let mut found = told(json!({ "b": { "x": 1, "y/z": 2 }, "total": "1", "more": 1 }));
    found.sort();
    assert_eq!(found, ["/a schema", "/b/c schema", "/b/x schema", "/b/y~1z schema", "/more schema", "/total computed"]);
    assert_eq!(told(json!({ "a": "x" })), [""; 0]);
    assert_eq!(told(json!([1])), [" type"]);
}

#[test]
fn a_pattern_that_may_take_too_long_is_refused_with_a_sentence() {
    for pattern in ["^(?=.*a)b$", "^(a+)\\1$"] {
        let found =
            read(json!({ "properties": { "a": { "type": "string", "pattern": pattern } } })).err().unwrap_or_default();
        assert!(found.len() == 1 && found[0].contains("without looking around"), "{found:?}");
    }
    assert!(read(json!({ "properties": { "a": { "type": "string", "pattern": "^(a+)+$" } } })).is_ok());
}

#[test]
fn nothing_is_declared_twice() {
    let text = |more: Value| {
        let mut field = json!({ "type": "string" });
        more.as_object().into_iter().flatten().for_each(|(name, value)| field[name] = value.clone());
        field
    };
    let cases = [
        (
            json!({ "x-unique": [["no"]], "properties": { "no": text(json!({ "x-unique": true })) } }),
            "/properties/no/x-unique: x-unique is declared twice for \"no\"; leave one",
        ),
        (
            json!({ "x-unique": [["no", "of"], ["no", "of"]], "properties": { "no": text(json!({})), "of": text(json!({})) } }),
            "/x-unique/1: x-unique is declared twice for \"no+of\"",
        ),
        (
            with(text(json!({ "x-index": true, "allOf": [{ "x-index": true }] }))),
            "/properties/f/allOf/0/x-index: x-index is declared twice for \"f\"",
        ),
        (
            json!({ "properties": {
                "a.b": text(json!({ "x-index": true })),
                "a": { "type": "object", "properties": { "b": text(json!({ "x-index": true })) } }
            } }),
            "/properties/a/properties/b/x-index: x-index is declared twice for \"a.b\"",
        ),
    ];
    for (schema, expected) in cases {
        let flaws = read(schema.clone()).unwrap_err();
        assert!(flaws.len() == 1 && flaws[0].starts_with(expected), "{schema}: {flaws:?}");
    }
    let both = read(with(text(json!({ "x-index": true, "x-unique": true }))));
    assert!(both.is_ok(), "{both:?}");
}

//! Files of objects, without a service.

use super::columns::columns;
use super::row::{Content, Row};
use super::{Exporting, Format, Rows};
use crate::objects::schema::{Around, ObjectSchema};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Object;

fn schema() -> ObjectSchema {
    let document = json!({
        "type": "object", "required": ["code"],
        "properties": {
            "code": { "type": "string", "x-unique": true },
            "count": { "type": ["integer", "null"] },
            "address": { "$ref": "#/$defs/address" },
            "maybe": { "type": ["object", "null"], "properties": { "a": { "type": "string" } } },
            "tags": { "type": "array", "items": { "type": "string" } },
            "any": {},
            "total": { "type": "string", "x-computed": "{% $object.code %}" },
            "odd.name": { "type": "string" },
            "=odd": { "type": "string" }
        },
        "$defs": { "address": {
            "type": "object", "additionalProperties": false,
            "properties": { "city": { "type": "string" }, "geo": { "type": "object", "properties": { "lat": { "type": "number" } } } }
        } }
    });
    let around = Around { module: "m", collections: &["c"], permissions: &[], workflows: &[] };
    ObjectSchema::read(document, &around).unwrap()
}

fn object(data: Value) -> Object {
    let text = |text: &str| text.to_owned();
    Object {
        kind: text("m/c"),
        id: text("=1"),
        revision: 3,
        status: text("active"),
        number: None,
        instance: None,
        data,
        created_at: 1_795_424_400_000,
        created_by: text("eva"),
        updated_at: 1_795_424_400_000,
    }
}

fn exported(format: Format, data: &Value) -> String {
    let (schema, object) = (schema(), object(data.clone()));
    let exporting = Exporting::new(format, &schema, None);
    let mut text = exporting.head();
    exporting.write(&object, data, &mut text);
    text
}

fn rows(format: Format, text: &str) -> Vec<Row> {
    Rows::of(format, text, &schema()).unwrap().collect()
}

/// What is wrong with a file, as `line:column pointer code: message`.
fn wrong(format: Format, text: &str) -> Vec<String> {
    let refusals = match Rows::of(format, text, &schema()).and_then(|rows| rows.total().map(|_| rows)) {
        Err(unreadable) => unreadable.problems,
        Ok(rows) => rows.filter_map(|row| row.said.err()).flatten().collect(),
    };
    let told = |refusal: super::Refusal| {
        let column = refusal.column.map(|column| format!(":{column}")).unwrap_or_default();
        format!("{}{column} {} {}: {}", refusal.line, refusal.pointer, refusal.code, refusal.message)
    };
    refusals.into_iter().map(told).collect()
}

#[test]
fn every_field_that_is_always_there_or_not_has_a_column() {
    let names: Vec<String> = columns(&schema()).iter().map(super::Column::name).collect();
    assert_eq!(names, ["code", "count", "address.city", "address.geo.lat", "maybe", "tags", "any", "total"]);
}

#[test]
fn a_table_says_what_the_object_is() {
    let data =
        json!({ "code": "=A1", "count": -3, "address": { "city": "", "geo": {} }, "odd.name": "x", "more": [1] });
    assert_eq!(
        exported(Format::Csv, &data),
        "$id,$revision,$number,$status,$created_at,$created_by,$updated_at,code,count,address.city,address.geo.lat,maybe,tags,any,total,*\r\n\
         '=1,3,,active,2026-11-23T09:00:00Z,eva,2026-11-23T09:00:00Z,'=A1,-3,\"\",,,,,,\"{\"\"address\"\":{\"\"geo\"\":{}},\"\"odd.name\"\":\"\"x\"\",\"\"more\"\":[1]}\"\r\n"
    );
}

#[test]
fn columns_that_are_left_out_leave_their_fields_alone() {
    let before = json!({ "code": "A", "count": 1, "address": { "city": "Oslo" }, "more": true });
    let row = |text: &str| match rows(Format::Csv, text).remove(0).said.unwrap().content {
        content @ Content::Columns { .. } => content.over(&before),
        Content::Whole(_) => Value::Null,
    };
    assert_eq!(row("code,address.city\nB,\n"), json!({ "code": "B", "count": 1, "more": true }));
    assert_eq!(
        row("count,*\nnull,\"{\"\"address\"\":{\"\"geo\"\":{}}}\"\n"),
        json!({ "code": "A", "count": null, "address": { "city": "Oslo", "geo": {} }, "more": true })
    );
}

#[test]
fn headings_that_mean_nothing_are_all_told() {
    let told = wrong(Format::Csv, "cod,code,code,address,address.town,$made,,new\n");
    assert_eq!(told.len(), 5, "{told:#?}");
    let told = told.join("\n");
    for sentence in [
        "the column \"code\" stands there twice",
        "such as address.city",
        "\"address.town\" is no field",
        "what begins with $ is one of",
        "has no name",
    ] {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(wrong(Format::Csv, "code;count\n1;2\n").join("").contains("with commas between cells"));
    assert!(wrong(Format::Csv, "").join("").contains("the file is empty"));
    assert!(wrong(Format::Csv, "$id\n1\n").join("").contains("no column holds a field"));
}

#[test]
fn rows_that_mean_nothing_are_told_one_by_one() {
    let told = wrong(Format::Csv, "code,tags,$revision\nA\nB,\"[1\",x\nC,[],1\nD,\u{0},\n");
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("2  cells: has 1 cells, and the table has 3 columns"), "{}", told[0]);
    assert!(told[1].starts_with("3:2 /tags json: is not JSON"), "{}", told[1]);
    assert!(told[2].starts_with("3:3 /revision type"), "{}", told[2]);
    assert!(told[3].starts_with("5:2 /tags control-character"), "{}", told[3]);
    let told = wrong(
        Format::JsonLines,
        "{\"data\":{}}\n\n{\"data\":1,\"x\":2}\n[1]\n{\"data\": {\"a\":1,\"a\":2}}\n{}\n{\"id\":1,\"data\":{}}",
    );
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(told[0].starts_with("3 /x unknown-field"), "{}", told[0]);
    assert!(told[1].starts_with("4  type"), "{}", told[1]);
    assert!(told[2].starts_with("5:") && told[2].contains("stands twice"), "{}", told[2]);
    assert!(told[3].starts_with("6 /data missing"), "{}", told[3]);
    assert!(told[4].starts_with("7 /id type"), "{}", told[4]);
}

#[test]
fn what_is_no_table_is_refused_as_a_whole() {
    assert_eq!(wrong(Format::Csv, "code\nA\n\"B\nC").len(), 1);
    assert!(wrong(Format::Csv, "code\nA\n\"B\nC")[0].starts_with("3:1  malformed-csv"));
    let many = "code\n".to_owned() + &"A\n".repeat(100_001);
    assert!(wrong(Format::Csv, &many)[0].contains("has 100001 rows"));
}

#[test]
fn a_mark_before_the_text_is_skipped() {
    assert_eq!(rows(Format::Csv, "\u{FEFF}code\nA\n").len(), 1);
    assert_eq!(rows(Format::JsonLines, "\u{FEFF}{\"data\":{}}\r\n").len(), 1);
}

fn any_data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[-=+'\"a1,\n\\[{]{0,4}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("(city|geo|lat|a|\\*|x\\.y)", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let name = "(code|count|address|maybe|tags|any|total|odd\\.name|=odd|more|\\*|\\$id)";
    prop::collection::hash_map(name, value, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

proptest! {
    /// Whatever an object holds, also what its schema would not let in today.
    #[test]
    fn what_was_exported_says_the_same_again(data in any_data()) {
        for format in Format::ALL {
            let text = exported(format, &data);
            let row = rows(format, &text).remove(0);
            let said = row.said.map_err(|refusals| TestCaseError::fail(format!("{refusals:?}\n{text}")))?;
            prop_assert_eq!(said.content.alone(), data.clone(), "{}", text);
            prop_assert_eq!(said.content.over(&data), data.clone(), "{}", text);
            prop_assert_eq!((said.id.as_deref(), said.revision), (Some("=1"), Some(3)));
        }
    }
}

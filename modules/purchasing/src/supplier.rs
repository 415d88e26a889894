//! A supplier as a client sends it: read from JSON with all its problems at once.
//!
//! Its name and address are printed on orders and its e-mail address decides who gets them, so both are read as strictly
//! as an order. The schema in `definitions/purchasing/schemas/supplier.json` says the same for documentation.

use serde_json::Value;

use crate::reader::{self, Object, Problem, Reader, TextRule};
use crate::record::SupplierData;

/// Lines that an address may have.
const MAX_ADDRESS_LINES: usize = 8;
const NAME: TextRule = TextRule { max_characters: 200, several_lines: false };
const EMAIL: TextRule = TextRule { max_characters: 254, several_lines: false };
const ADDRESS_LINE: TextRule = TextRule { max_characters: 100, several_lines: false };
const TAX_ID: TextRule = TextRule { max_characters: 40, several_lines: false };
const CONTACT: TextRule = TextRule { max_characters: 100, several_lines: false };
const FIELDS: [&str; 5] = ["name", "email", "address", "tax_id", "contact"];

/// Reads a supplier.
///
/// # Errors
/// All problems, each with its place and a remedy.
pub(crate) fn parse(value: &Value) -> Result<SupplierData, Vec<Problem>> {
    reader::read(|reader| supplier(reader, value))
}

/// Every field is read before the first `?` looks at a result: a problem in one must not hide those after it.
fn supplier(reader: &mut Reader, value: &Value) -> Option<SupplierData> {
    let object = reader.object(String::new(), value, &FIELDS)?;
    let name = reader.text(&object, "name", NAME, "write it as it stands on the order");
    let email = email(reader, &object);
    let address = reader.list(&object, "address", MAX_ADDRESS_LINES, |reader, pointer, line| {
        reader.text_value(pointer, line, ADDRESS_LINE)
    });
    let tax_id = reader.optional_text(&object, "tax_id", TAX_ID);
    let contact = reader.optional_text(&object, "contact", CONTACT);
    Some(SupplierData { name: name?, email: email?, address: address?, tax_id: tax_id?, contact: contact? })
}

fn email(reader: &mut Reader, object: &Object<'_>) -> Option<String> {
    let text = reader.text(object, "email", EMAIL, "send the address that orders go to, such as orders@example.com")?;
    if is_plain_address(&text) {
        return Some(text);
    }
    let message =
        "this is not one plain e-mail address; write it without a name, spaces or brackets, such as orders@example.com";
    reader.problem(object.field("email").0, "not-an-email", message);
    None
}

/// One address and nothing else: what RFC 5322 allows besides (names, comments, quotes, lists) would let one field name
/// several recipients.
fn is_plain_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |character: char| !character.is_whitespace() && !r#"<>()[]\,;:"@"#.contains(character);
    let of_a_host = |character: char| character.is_alphanumeric() || character == '-';
    local.chars().all(plain)
        && local.split('.').all(|part| !part.is_empty())
        && domain.split('.').all(|label| !label.is_empty() && label.chars().all(of_a_host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn full() -> Value {
        json!({
            "name": "Nordwind Werkzeuge GmbH", "email": "orders@nordwind.example",
            "address": ["Hafenstraße 9", "20457 Hamburg"], "tax_id": "DE 812 345 678", "contact": "Anna Petersen",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut supplier = full();
        supplier[name] = value;
        supplier
    }

    fn places(supplier: &Value) -> Vec<(String, &'static str)> {
        parse(supplier).unwrap_err().into_iter().map(|problem| (problem.pointer, problem.code)).collect()
    }

    #[test]
    fn a_supplier_is_kept_as_it_was_sent() {
        assert_eq!(serde_json::to_value(parse(&full()).unwrap()).unwrap(), full());
        let least = json!({ "name": "Nordwind", "email": "o@n" });
        assert_eq!(serde_json::to_value(parse(&least).unwrap()).unwrap(), least);
        let example = include_str!("../../../definitions/purchasing/examples/supplier.json");
        assert!(parse(&serde_json::from_str(example).unwrap()).is_ok());
    }

    #[test]
    fn each_field_that_is_missing_is_named_with_a_remedy() {
        assert_eq!(places(&json!({})), [("/name".to_owned(), "missing"), ("/email".to_owned(), "missing")]);
        let problems = parse(&json!({})).unwrap_err();
        assert_eq!(problems[0].message, "name is missing; write it as it stands on the order");
        assert_eq!(
            problems[1].message,
            "email is missing; send the address that orders go to, such as orders@example.com"
        );
    }

    #[test]
    fn each_field_that_is_wrong_is_named_with_its_kind_of_problem() {
        let long = |length: usize| json!("x".repeat(length));
        let table = [
            ("name", json!("  "), "/name", "empty"),
            ("name", long(201), "/name", "too-long"),
            ("name", json!("Nord\nwind"), "/name", "control-character"),
            ("name", json!("Nord\u{202E}dniw"), "/name", "direction-override"),
            ("email", json!(7), "/email", "not-text"),
            ("email", json!("a\u{2067}@b.example"), "/email", "direction-override"),
            ("email", json!("a@b.example\r\nBcc: c@d.example"), "/email", "control-character"),
            ("address", json!("Hafenstraße 9"), "/address", "not-a-list"),
            ("address", json!(vec!["a"; 9]), "/address", "too-many"),
            ("address", json!(["a", "b\u{0}"]), "/address/1", "control-character"),
            ("address", json!(["\u{2069}a"]), "/address/0", "direction-override"),
            ("tax_id", long(41), "/tax_id", "too-long"),
            ("contact", json!("Anna\u{1F}"), "/contact", "control-character"),
            ("contact", json!("\u{202A}Anna"), "/contact", "direction-override"),
            ("phone", json!("1"), "/phone", "unknown-field"),
        ];
        for (name, value, pointer, code) in table {
            assert_eq!(places(&with(name, value.clone())), [(pointer.to_owned(), code)], "{name} {value}");
        }
        assert_eq!(places(&json!([])), [(String::new(), "not-an-object")]);
    }

    #[test]
    fn the_email_is_one_plain_address() {
        for good in ["a@b", "first.last+orders@shop.example", "o'neil@ex-ample.com", "bestellung@münchen.example"] {
            assert!(parse(&with("email", json!(good))).is_ok(), "{good}");
        }
        let bad = [
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c.example",
            "a@b c",
            "Anna <a@b.example>",
            "<a@b.example>",
            "a@b.example,c@d.example",
            "a@b.example;c",
            "\"a\"@b.example",
            "a(x)@b.example",
            "a@[127.0.0.1]",
            ".a@b.example",
            "a..b@c.example",
            "a@b..example",
            "a@.b",
            "a@b.",
            "mailto:a@b.example",
            "a@b.example?cc=c",
        ];
        for text in bad {
            assert_eq!(places(&with("email", json!(text))), [("/email".to_owned(), "not-an-email")], "{text}");
        }
    }
}

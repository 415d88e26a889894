//! How often the parts of a schema are followed for one value. Parts that use each other twice over multiply: forty of them
//! make 2^40, and one that leads to itself twice over doubles with every step into the value.
//!
//! Counted is the worst that a value can do: of the places below it, the one for which most parts are followed, and so on as
//! deep as documents are read. Parts for different places, such as the two sides of a tree, do not add up.

use super::Flaw;
use super::parts::in_place;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use workflow::definition::below;

/// The most parts that are followed for one value.
const MOST: u64 = 1_000;
/// How deep a document goes: what is deeper is not read.
const DEEPEST: usize = 128;
/// The most that is looked at here: parts times the names that they know.
const MOST_WORK: usize = 1_000_000;

/// A place below a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'s> {
    Name(&'s str),
    OtherName,
    /// What a name itself has to be.
    TheName,
    Item(usize),
    OtherItem,
}

/// The parts that are followed for a value, each as often as it is.
type Parts<'s> = BTreeMap<String, (u64, &'s Map<String, Value>)>;
/// What is followed below a value: for each place, values by number and how often.
type Below = Vec<Vec<(usize, u64)>>;

/// Whether no value makes the parts multiply.
pub(super) fn within(root: &Value) -> Result<(), Flaw> {
    let mut counting = Counting::of(root);
    counting.number(String::new());
    let mut next = 0;
    while next < counting.pointers.len() {
        let pointer = counting.pointers[next].clone();
        counting.value(pointer)?;
        next += 1;
    }
    counting.worst()
}

struct Counting<'s> {
    root: &'s Value,
    /// Parts at which a value begins, in the order in which they were met.
    pointers: Vec<String>,
    numbers: BTreeMap<String, usize>,
    /// How many parts are followed for the value itself.
    here: Vec<u64>,
    below: Vec<Below>,
    work: usize,
}

impl<'s> Counting<'s> {
    fn of(root: &'s Value) -> Self {
        Self { root, pointers: Vec::new(), numbers: BTreeMap::new(), here: Vec::new(), below: Vec::new(), work: 0 }
    }

    fn number(&mut self, pointer: String) -> usize {
        let next = self.pointers.len();
        *self.numbers.entry(pointer).or_insert_with_key(|pointer| {
            self.pointers.push(pointer.clone());
            next
        })
    }

    /// Counts what is followed for a value that begins at a part, and for what is below it.
    fn value(&mut self, pointer: String) -> Result<(), Flaw> {
        let parts = self.parts(&pointer)?;
        self.here.push(parts.values().map(|(times, _)| times).sum());
        let places: BTreeSet<Place<'s>> = parts.values().flat_map(|(_, keywords)| places(keywords)).collect();
        let mut below = Below::new();
        for place in &places {
            let mut followed: BTreeMap<usize, u64> = BTreeMap::new();
            for (pointer, (times, keywords)) in &parts {
                self.work += 1;
                for target in targets(pointer, keywords, place) {
                    *followed.entry(self.number(target)).or_default() += times;
                    self.work += 1;
                }
            }
            below.push(followed.into_iter().collect());
            if self.work > MOST_WORK {
                return Err(Flaw::at(pointer, "the schema is too large to be looked through", "make it smaller"));
            }
        }
        self.below.push(below);
        Ok(())
    }

    /// The parts about the same value. That none leads to itself is known.
    fn parts(&mut self, pointer: &str) -> Result<Parts<'s>, Flaw> {
        let mut parts = Parts::new();
        let mut waiting = vec![pointer.to_owned()];
        let mut count = 0;
        while let Some(next) = waiting.pop() {
            let Some(Value::Object(keywords)) = self.root.pointer(&next) else { continue };
            count += 1;
            self.work += 1;
            if count > MOST {
                return Err(too_many(pointer));
            }
            waiting.extend(in_place(self.root, &next, keywords).into_iter().map(|(place, _)| place));
            parts.entry(next).or_insert((0, keywords)).0 += 1;
        }
        Ok(parts)
    }

    /// Goes down as deep as a document does.
    fn worst(&self) -> Result<(), Flaw> {
        let mut counts = self.here.clone();
        for _ in 0..DEEPEST {
            let sum = |followed: &Vec<(usize, u64)>| {
                let each = followed.iter().map(|(number, times)| times.saturating_mul(counts[*number]));
                each.fold(0, u64::saturating_add)
            };
            let deeper: Vec<u64> = self.below.iter().map(|below| below.iter().map(sum).max().unwrap_or(0)).collect();
            if deeper.first().is_some_and(|count| *count > MOST) {
                let steepest = (0..deeper.len()).find(|n| counts[*n] <= MOST && deeper[*n] > MOST).unwrap_or(0);
                return Err(too_many(&self.pointers[steepest]));
            }
            if deeper == counts {
                break;
            }
            counts = deeper;
        }
        Ok(())
    }
}

fn too_many(pointer: &str) -> Flaw {
    let message = format!("for one value more than {MOST} parts of the schema may have to be followed from here");
    Flaw::at(pointer, message, "let parts refer to each other less often, and each to itself once for the same field")
}

fn names<'s>(keywords: &'s Map<String, Value>, keyword: &str) -> impl Iterator<Item = &'s str> + use<'s> {
    keywords.get(keyword).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str())
}

fn length(keywords: &Map<String, Value>, keyword: &str) -> usize {
    keywords.get(keyword).and_then(Value::as_array).map_or(0, Vec::len)
}

/// The places that a part knows by themselves, and all others.
fn places(keywords: &Map<String, Value>) -> Vec<Place<'_>> {
    let named = names(keywords, "properties").map(Place::Name);
    let items = (0..length(keywords, "prefixItems")).map(Place::Item);
    named.chain(items).chain([Place::OtherName, Place::TheName, Place::OtherItem]).collect()
}

/// Where a part leads for a place. Which names a pattern fits is not asked: it may be any.
fn targets(pointer: &str, keywords: &Map<String, Value>, place: &Place<'_>) -> Vec<String> {
    let whole = |keyword: &'static str| keywords.contains_key(keyword).then(|| below(pointer, keyword));
    let patterns = || {
        let at = below(pointer, "patternProperties");
        names(keywords, "patternProperties").map(move |name| below(&at, name))
    };
    let others = || whole("additionalProperties").into_iter().chain(whole("unevaluatedProperties"));
    let after = || whole("items").into_iter().chain(whole("unevaluatedItems"));
    match place {
        Place::Name(name) if keywords.get("properties").is_some_and(|known| known.get(*name).is_some()) => {
            patterns().chain([below(&below(pointer, "properties"), name)]).collect()
        }
        Place::Name(_) | Place::OtherName => patterns().chain(others()).collect(),
        Place::TheName => whole("propertyNames").into_iter().collect(),
        Place::Item(n) if *n < length(keywords, "prefixItems") => {
            let item = below(&below(pointer, "prefixItems"), n);
            whole("contains").into_iter().chain([item]).collect()
        }
        Place::Item(_) | Place::OtherItem => after().chain(whole("contains")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn flaw(schema: &Value) -> Option<String> {
        within(schema).err().map(|flaw| format!("{}: {}", flaw.pointer, flaw.message))
    }

    /// Forty parts, each of which uses the next twice.
    fn doubling(twice: impl Fn(Value) -> Value) -> Value {
        let part = |n: u32| (format!("a{n}"), twice(json!({ "$ref": format!("#/$defs/a{}", n + 1) })));
        let mut parts: Map<String, Value> = (0..40).map(part).collect();
        parts.insert("a40".to_owned(), json!({ "type": "string" }));
        json!({ "$ref": "#/$defs/a0", "$defs": parts })
    }

    #[test]
    fn parts_that_double_are_refused_by_every_keyword() {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let found = flaw(&doubling(|next| json!({ keyword: [next, next] }))).unwrap();
            assert!(found.starts_with(": for one value more than 1000 parts"), "{found}");
        }
        for (one, other) in [("if", "then"), ("not", "else"), ("allOf", "not")] {
            let listed = |keyword: &str, next: &Value| if keyword == "allOf" { json!([next]) } else { next.clone() };
            let found = flaw(&doubling(|next| json!({ one: listed(one, &next), other: listed(other, &next) })));
            assert!(found.is_some(), "{one} {other}");
        }
        for twice in [
            |next: Value| json!({ "items": next, "contains": next }),
            |next: Value| json!({ "properties": { "a": next }, "patternProperties": { "^a": next } }),
            |next: Value| json!({ "additionalProperties": next, "unevaluatedProperties": next }),
            |next: Value| json!({ "dependentSchemas": { "a": next, "b": next } }),
        ] {
            assert!(flaw(&doubling(twice)).is_some(), "{}", twice(Value::Null));
        }
    }

    #[test]
    fn a_part_that_leads_to_itself_twice_for_one_field_is_refused() {
        let again = json!({ "properties": { "a": { "$ref": "#" } } });
        for schema in [
            json!({ "allOf": [again, again] }),
            json!({ "anyOf": [again, { "additionalProperties": { "$ref": "#" } }] }),
            json!({ "items": { "$ref": "#" }, "contains": { "$ref": "#" } }),
        ] {
            assert!(flaw(&schema).is_some(), "{schema}");
        }
        // Not twice, and still by far too often: each of these goes on with itself and with the next.
        let part = |n: u32| {
            let to = |n: u32| json!({ "properties": { "a": { "$ref": format!("#/$defs/a{n}") } } });
            (format!("a{n}"), json!({ "allOf": [to(n), to((n + 1).min(9))] }))
        };
        let parts: Map<String, Value> = (0..9).map(part).chain([("a9".to_owned(), json!({}))]).collect();
        assert!(flaw(&json!({ "$ref": "#/$defs/a0", "$defs": parts })).is_some());
    }

    #[test]
    fn trees_and_languages_are_fine() {
        let again = json!({ "$ref": "#/$defs/n" });
        let several = json!({ "type": "array", "items": again });
        for part in [
            json!({ "properties": { "left": again, "right": again, "children": several } }),
            json!({ "oneOf": [
                { "properties": { "and": several } }, { "properties": { "or": several } }, { "properties": { "not": again } },
            ] }),
            json!({ "properties": { "name": { "type": "string" } }, "additionalProperties": again }),
            json!({ "prefixItems": [again, { "type": "string" }], "items": again }),
        ] {
            assert_eq!(flaw(&json!({ "$ref": "#/$defs/n", "$defs": { "n": part } })), None);
        }
        let fields: Map<String, Value> = (0..2_000).map(|n| (format!("f{n}"), json!({ "type": "string" }))).collect();
        assert_eq!(flaw(&json!({ "properties": fields })), None);
    }
}

//! Fields that stand twice in a JSON text. A parser keeps the last without a word, and a whole state is gone.

use super::problem::{Problem, below};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

/// Every field of `text` that its object has already. Nothing for a text that is not JSON.
pub(super) fn duplicates(text: &str) -> Vec<Problem> {
    let found = RefCell::new(Vec::new());
    let walk = Walk { pointer: String::new(), found: &found };
    let read = walk.deserialize(&mut serde_json::Deserializer::from_str(text));
    if read.is_ok() { found.into_inner() } else { Vec::new() }
}

struct Walk<'f> {
    pointer: String,
    found: &'f RefCell<Vec<Problem>>,
}

impl Walk<'_> {
    fn inside(&self, token: impl fmt::Display) -> Self {
        Self { pointer: below(&self.pointer, token), found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let field = self.inside(&name);
            if names.contains(&name) {
                let message = format!("{name} stands here twice, and only the last would count; rename or remove one");
                self.found.borrow_mut().push(Problem::new(field.pointer.as_str(), "duplicate-field", message));
            }
            names.insert(name);
            map.next_value_seed(field)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut at = 0_usize;
        while items.next_element_seed(self.inside(at))?.is_some() {
            at += 1;
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

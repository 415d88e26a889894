//! Inputs made by chance, which is always the same chance.

use crate::seeds::{FIELDS, PIECES};
use serde_json::{Value, json};

/// The longest input.
const MOST_BYTES: usize = 8_192;

/// A sequence of numbers that is always the same (splitmix64, Steele et al. 2014).
pub struct Chance(pub u64);

impl Chance {
    /// A number below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let once = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let twice = (once ^ (once >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((twice ^ (twice >> 31)) >> 33).unwrap_or_default() % most.max(1)
    }

    /// A seed that was changed in some places, or bytes that mean nothing yet.
    pub fn input(&mut self, seeds: &[Vec<u8>], raw: bool) -> Vec<u8> {
        if seeds.is_empty() || raw && self.below(4) > 0 {
            return (0..self.below(400)).map(|_| u8::try_from(self.below(256)).unwrap_or_default()).collect();
        }
        let mut bytes = seeds[self.below(seeds.len())].clone();
        if let (true, Ok(mut document)) = (self.below(2) == 0, serde_json::from_slice::<Value>(&bytes)) {
            let other = serde_json::from_slice(&seeds[self.below(seeds.len())]).unwrap_or_default();
            (0..1 + self.below(4)).for_each(|_| self.change_value(&mut document, &other));
            return document.to_string().into_bytes();
        }
        for _ in 0..1 + self.below(4) {
            self.change(&mut bytes, seeds);
        }
        bytes.truncate(MOST_BYTES);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let length = self.below(12).min(bytes.len() - at);
        match self.below(6) {
            0 => {
                bytes.drain(at..at + length);
            }
            1 => {
                let part = bytes[at..at + length].repeat(1 + self.below(6));
                bytes.splice(at..at, part);
            }
            2 | 3 => {
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(at..at + length * self.below(2), piece.bytes());
            }
            4 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let part = &other[from..(from + self.below(60)).min(other.len())];
                bytes.splice(at..at + length, part.iter().copied());
            }
            _ => bytes.insert(at, u8::try_from(self.below(256)).unwrap_or_default()),
        }
    }

    /// Changes one value of a document: drops it, or puts another in its place.
    fn change_value(&mut self, document: &mut Value, other: &Value) {
        let places = places(document);
        let place = places[self.below(places.len())].clone();
        let new = self.value(other);
        let Some((owner, name)) = place.rsplit_once('/') else {
            *document = new;
            return;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        match (document.pointer_mut(owner), self.below(4)) {
            (Some(Value::Object(fields)), 0) => drop(fields.remove(&name)),
            (Some(Value::Object(fields)), 1) => {
                let field = FIELDS[self.below(FIELDS.len())];
                drop(fields.insert(field.to_owned(), new));
            }
            (Some(Value::Object(fields)), _) => drop(fields.insert(name, new)),
            (Some(Value::Array(items)), n) => {
                let at = name.parse().unwrap_or(0).min(items.len());
                if n == 0 && at < items.len() { drop(items.remove(at)) } else { items.insert(at, new) }
            }
            _ => {}
        }
    }

    /// A value that stands in another document, or a small one.
    fn value(&mut self, other: &Value) -> Value {
        let places = places(other);
        match self.below(8) {
            0 => json!(null),
            1 => json!([0, 1, -1, 99_999_999, i64::MAX][self.below(5)]),
            2 => json!([0.5, -0.0, 1e300, 1e-7][self.below(4)]),
            3 => json!(format!("{{% {} %}}", PIECES[self.below(PIECES.len())])),
            4 => json!(PIECES[self.below(PIECES.len())]),
            _ => other.pointer(&places[self.below(places.len())]).cloned().unwrap_or_default(),
        }
    }
}

/// The pointer (RFC 6901) of every value of a document.
fn places(document: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(place) = found.get(next).cloned() {
        next += 1;
        match document.pointer(&place) {
            Some(Value::Object(fields)) => found
                .extend(fields.keys().map(|name| format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")))),
            Some(Value::Array(items)) => found.extend((0..items.len()).map(|n| format!("{place}/{n}"))),
            _ => {}
        }
    }
    found
}

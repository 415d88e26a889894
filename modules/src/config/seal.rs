//! Secrets at rest: ChaCha20-Poly1305 (RFC 8439) under the key of the installation.
//!
//! What is sealed is bound to its company, module and name, so that a row that was moved elsewhere does not open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use std::fmt;
use store::StoreError;

/// The field that holds what is sealed.
const SEALED: &str = "$sealed";

/// So many keys are tried for one secret.
const MOST_KEYS: usize = 8;

/// The key that secrets are encrypted with, and those that it has taken the place of, which open what they have sealed.
#[derive(Clone)]
pub struct SecretsKey {
    own: Key,
    former: Vec<Key>,
}

#[derive(Clone, PartialEq, Eq)]
struct Key([u8; 32]);

impl fmt::Debug for SecretsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretsKey(...)")
    }
}

pub(super) fn is_sealed(value: &Value) -> bool {
    value.get(SEALED).is_some_and(Value::is_string)
}

impl SecretsKey {
    /// 64 hex digits; former keys follow after commas or blanks, 8 keys at most.
    pub fn parse(text: &str) -> Option<Self> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
        let mut keys = words.map(Key::parse).collect::<Option<Vec<Key>>>()?.into_iter();
        let (own, former) = (keys.next()?, keys.collect::<Vec<_>>());
        (former.len() < MOST_KEYS).then_some(Self { own, former })
    }

    pub(super) fn seal(&self, place: (&str, &str, &str), value: &Value) -> Result<Value, StoreError> {
        self.own.seal(place, value)
    }

    pub(super) fn open(&self, place: (&str, &str, &str), value: &Value) -> Result<Value, StoreError> {
        let opened = self.own.open(place, value);
        self.former.iter().fold(opened, |opened, key| opened.or_else(|_| key.open(place, value)))
    }

    /// The same secret under the key of its own; nothing if it is so already.
    pub(super) fn sealed_anew(&self, place: (&str, &str, &str), value: &Value) -> Result<Option<Value>, StoreError> {
        if self.own.open(place, value).is_ok() {
            return Ok(None);
        }
        self.seal(place, &self.open(place, value)?).map(Some)
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        hex::decode_to_slice(text, &mut key).ok()?;
        Some(Self(key))
    }

    fn key(&self) -> Result<LessSafeKey, StoreError> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.0).map(LessSafeKey::new).map_err(|_| corrupt("the key is none"))
    }

    fn seal(&self, place: (&str, &str, &str), value: &Value) -> Result<Value, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| StoreError::Unavailable("there is no chance to be had".to_owned()))?;
        let mut bytes = value.to_string().into_bytes();
        let sealed = self.key()?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound_to(place)),
            &mut bytes,
        );
        sealed.map_err(|_| corrupt("it cannot be sealed"))?;
        let all: Vec<u8> = nonce.into_iter().chain(bytes).collect();
        Ok(json!({ SEALED: STANDARD.encode(all) }))
    }

    fn open(&self, place: (&str, &str, &str), value: &Value) -> Result<Value, StoreError> {
        let text = value.get(SEALED).and_then(Value::as_str).unwrap_or_default();
        let bytes = STANDARD.decode(text).map_err(|_| corrupt("it is no base64"))?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(|| corrupt("it is too short"))?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key()?.open_in_place(nonce, Aad::from(bound_to(place)), &mut sealed);
        let opened = opened.map_err(|_| corrupt("it was sealed with another key, or for another place"))?;
        serde_json::from_slice(opened).map_err(|_| corrupt("it holds no JSON"))
    }
}

/// Lengths keep `a/bc` and `ab/c` apart.
fn bound_to((company, module, name): (&str, &str, &str)) -> Vec<u8> {
    let part = |text: &str| (text.len() as u64).to_be_bytes().into_iter().chain(text.bytes()).collect::<Vec<u8>>();
    [part(company), part(module), part(name)].concat()
}

fn corrupt(why: &str) -> StoreError {
    StoreError::Corrupt(format!("a secret: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let key = SecretsKey::parse(&"7".repeat(64)).unwrap();
        let (place, secret) = (("acme", "travel", "password"), json!("hush"));
        let sealed = key.seal(place, &secret).unwrap();
        assert!(is_sealed(&sealed) && !sealed.to_string().contains("hush"));
        assert_ne!(sealed, key.seal(place, &secret).unwrap(), "the same secret looks the same twice");
        assert_eq!(key.open(place, &sealed).unwrap(), secret);
        for elsewhere in [("other", "travel", "password"), ("acme", "travel", "token"), ("acme", "travelp", "assword")]
        {
            assert!(key.open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        assert!(SecretsKey::parse(&"8".repeat(64)).unwrap().open(place, &sealed).is_err());
        assert!(SecretsKey::parse("short").is_none());
    }

    #[test]
    fn a_former_key_opens_and_the_own_one_seals() {
        let (old, new) = ("7".repeat(64), "8".repeat(64));
        let key = |text: &str| SecretsKey::parse(text).unwrap();
        let (place, secret) = (("acme", "travel", "password"), json!("hush"));
        let (former, both) = (key(&old), key(&format!("{new}, {old}")));
        let sealed = former.seal(place, &secret).unwrap();
        assert_eq!(both.open(place, &sealed).unwrap(), secret);
        let anew = both.sealed_anew(place, &sealed).unwrap().unwrap();
        assert_eq!(key(&new).open(place, &anew).unwrap(), secret);
        assert!(former.open(place, &anew).is_err());
        assert_eq!(both.sealed_anew(place, &anew).unwrap(), None);
        assert!(key(&new).sealed_anew(place, &sealed).is_err());
        for nonsense in [String::new(), ",".to_owned(), format!("{new},short"), vec![new; 9].join(" ")] {
            assert!(SecretsKey::parse(&nonsense).is_none(), "{nonsense}");
        }
    }
}

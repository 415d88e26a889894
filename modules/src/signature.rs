//! Who packed a package: signatures of its checksums, as the program `minisign` makes and verifies them (Ed25519).
//!
//! A signature is a file of the package, `SHA256SUMS.minisig`. It says that whoever holds the key has seen these files; whose
//! key it is, only the person can say who trusts it.

use crate::package::Package;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minisign::{KeyPair, PError, SecretKeyBox};
use minisign_verify::{Error, Signature};
use std::fmt;
use std::io::Cursor;
use thiserror::Error as Fails;

/// A key with which signatures are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(minisign_verify::PublicKey);

/// A key with which packages are signed.
pub struct SecretKey(minisign::SecretKey);

/// Why a signature or a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Fails)]
pub enum SignatureError {
    /// The package has no signature.
    #[error("the package is not signed; ask whoever packed it to sign it with module sign")]
    None,
    /// The signature cannot be read.
    #[error("SHA256SUMS.minisig is no signature of minisign; get the package again")]
    Unreadable,
    /// Another key has signed it.
    #[error("the package is signed with another key; get the public key of whoever packed it")]
    OtherKey,
    /// It is not the package that was signed.
    #[error("the signature is not one of these files: the package was changed after it was signed; get it again")]
    Wrong,
    /// A key cannot be read.
    #[error("{0}")]
    Key(String),
}

/// A pair of keys, each as the text of its file.
#[derive(Clone)]
pub struct NewKey {
    /// What others verify with.
    pub public: String,
    /// What its owner signs with, and keeps.
    pub secret: String,
}

impl PublicKey {
    /// Reads the file of a public key, or the line of it that holds the key.
    pub fn read(text: &str) -> Result<Self, SignatureError> {
        let line = text.trim().lines().last().unwrap_or_default();
        let key = minisign_verify::PublicKey::from_base64(line.trim());
        let wrong = |_| SignatureError::Key("this is no public key of minisign; it begins with RW".to_owned());
        key.map(Self).map_err(wrong)
    }

    /// Verifies the signature of a package, and says what its signer wrote beside it.
    pub fn verify(&self, package: &Package) -> Result<String, SignatureError> {
        let signature = package.signature().ok_or(SignatureError::None)?;
        let signature = Signature::decode(signature).map_err(|_| SignatureError::Unreadable)?;
        self.0.verify(package.sums().as_bytes(), &signature, false).map_err(|error| match error {
            Error::UnexpectedKeyId => SignatureError::OtherKey,
            _ => SignatureError::Wrong,
        })?;
        Ok(signature.trusted_comment().to_owned())
    }
}

impl SecretKey {
    /// Reads the file of a secret key. One with a password that is not given here is asked for at the terminal.
    pub fn read(text: &str, password: Option<String>) -> Result<Self, SignatureError> {
        let wrong = |error: PError| SignatureError::Key(format!("the secret key cannot be used: {error}"));
        let bytes = text.lines().nth(1).and_then(|line| BASE64.decode(line.trim()).ok()).unwrap_or_default();
        // A key of minisign without a password has no checksum, which the other way would look for.
        let key = match bytes.get(2..4) {
            Some([0, 0]) => minisign::SecretKey::from_bytes(&bytes),
            Some(_) => SecretKeyBox::from_string(text).and_then(|key| key.into_secret_key(password)),
            None => return Err(SignatureError::Key("this is no secret key of minisign".to_owned())),
        };
        key.map(Self).map_err(wrong)
    }

    /// The package with a signature, in place of the one that it had. `comment` is shown to those who verify it.
    pub fn sign(&self, package: &Package, comment: &str) -> Result<Package, SignatureError> {
        let sums = Cursor::new(package.sums());
        let signed = minisign::sign(None, &self.0, sums, Some(comment), Some("signature of a Countersign package"));
        let signed = signed.map_err(|error| SignatureError::Key(error.to_string()))?;
        Ok(package.clone().signed(signed.into_string()))
    }
}

impl NewKey {
    /// Makes one, from the system's chance. Without a password whoever has the file can sign.
    pub fn generate(password: Option<String>) -> Result<Self, SignatureError> {
        let pair = match password {
            None => KeyPair::generate_unencrypted_keypair(),
            some => KeyPair::generate_encrypted_keypair(some),
        };
        let texts = pair.and_then(|pair| Ok((pair.pk.to_box()?, pair.sk.to_box(Some("minisign secret key"))?)));
        let (public, secret) = texts.map_err(|error| SignatureError::Key(error.to_string()))?;
        Ok(Self { public: public.into_string(), secret: secret.into_string() })
    }
}

/// The public key only.
impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package::of([("module.yaml", "name: travel\n"), ("trip.json", "{}")])
    }

    fn keys() -> (PublicKey, SecretKey) {
        let key = NewKey::generate(None).unwrap();
        (PublicKey::read(&key.public).unwrap(), SecretKey::read(&key.secret, None).unwrap())
    }

    #[test]
    fn what_was_signed_is_verified_after_it_was_packed() {
        let (public, secret) = keys();
        assert_eq!(public.verify(&package()), Err(SignatureError::None));
        let signed = secret.sign(&package(), "travel 1.0.0").unwrap();
        let read = Package::from_archive(&signed.to_archive().unwrap()).unwrap();
        assert_eq!(public.verify(&read).unwrap(), "travel 1.0.0");
        assert_eq!((read.digest(), read.files().count()), (package().digest(), 2));
    }

    #[test]
    fn other_files_and_other_keys_are_told_apart() {
        let (public, secret) = keys();
        let signed = secret.sign(&package(), "").unwrap();
        assert_eq!(keys().0.verify(&signed), Err(SignatureError::OtherKey));
        let mut changed = signed.clone();
        changed.put("trip.json", b"{ }".as_slice());
        assert_eq!(public.verify(&changed), Err(SignatureError::Wrong));
        for nonsense in ["", "x\ny\nz\nw", "untrusted comment: x\nRWQ=\ntrusted comment: \nRWQ="] {
            let package = package().signed(nonsense);
            assert_eq!(public.verify(&package), Err(SignatureError::Unreadable), "{nonsense}");
        }
    }

    #[test]
    fn a_secret_key_may_have_a_password() {
        let key = NewKey::generate(Some("correct horse".to_owned())).unwrap();
        let wrong = SecretKey::read(&key.secret, Some("wrong".to_owned())).err().unwrap();
        assert_eq!(wrong.to_string(), "the secret key cannot be used: Wrong password for that key");
        let secret = SecretKey::read(&key.secret, Some("correct horse".to_owned())).unwrap();
        let signed = secret.sign(&package(), "x").unwrap();
        assert_eq!(PublicKey::read(&key.public).unwrap().verify(&signed).unwrap(), "x");
    }

    /// Written by minisign 0.11: `minisign -G -W` and `minisign -S -t "travel 1.0.0"`. The key is good for this test only.
    #[test]
    fn what_minisign_signed_is_verified() {
        let line = include_str!("signature/minisign.pub").lines().nth(1).unwrap();
        let package = package().signed(include_str!("signature/SHA256SUMS.minisig"));
        assert_eq!(PublicKey::read(line).unwrap().verify(&package).unwrap(), "travel 1.0.0");
        assert_eq!(PublicKey::read(include_str!("signature/minisign.pub")), PublicKey::read(line));
    }

    #[test]
    fn a_key_of_minisign_signs() {
        let secret = SecretKey::read(include_str!("signature/minisign.key"), None).unwrap();
        let public = PublicKey::read(include_str!("signature/minisign.pub")).unwrap();
        assert_eq!(public.verify(&secret.sign(&package(), "x").unwrap()).unwrap(), "x");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "RWQ", "a\nb", "untrusted comment: x\n"] {
            assert!(PublicKey::read(text).is_err(), "{text}");
            assert!(SecretKey::read(text, Some(String::new())).is_err(), "{text}");
        }
    }
}

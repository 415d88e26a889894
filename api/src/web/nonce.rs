//! The nonce of a form: proof that the page of this link showed this revision, for a day. Nothing is stored.
//!
//! It is `expiry-revision-mac` in hex, the mac being HMAC-SHA256 over the link's hash, the approval, the revision and
//! the expiry. It is not spent: a second POST is harmless, because the same decision counts once.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How long a page may stay open before its form is refused: a day, in milliseconds.
const LIFETIME_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a form belongs to.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    /// The secret of the link.
    pub token: &'a str,
    /// The approval.
    pub activity: u64,
}

/// Why a nonce does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Missing, of another link, or made up.
    Forged,
    /// The page was open for more than a day.
    Expired,
}

/// The nonce of a page that shows this revision now.
pub(super) fn issue(key: &[u8; 32], bound: Bound<'_>, revision: u64, now_ms: i64) -> String {
    let expiry = now_ms.saturating_add(LIFETIME_MS);
    let mac = hex::encode(mac(key, bound, revision, expiry).finalize().into_bytes());
    format!("{expiry:x}-{revision:x}-{mac}")
}

/// The revision that the page showed.
pub(super) fn check(key: &[u8; 32], bound: Bound<'_>, nonce: &str, now_ms: i64) -> Result<u64, Refusal> {
    let (expiry, revision, given) = parts(nonce).ok_or(Refusal::Forged)?;
    // `verify_slice` compares in constant time.
    mac(key, bound, revision, expiry).verify_slice(&given).map_err(|_| Refusal::Forged)?;
    if now_ms < expiry { Ok(revision) } else { Err(Refusal::Expired) }
}

fn parts(nonce: &str) -> Option<(i64, u64, Vec<u8>)> {
    let (expiry, rest) = nonce.split_once('-')?;
    let (revision, mac) = rest.split_once('-')?;
    Some((i64::from_str_radix(expiry, 16).ok()?, u64::from_str_radix(revision, 16).ok()?, hex::decode(mac).ok()?))
}

fn mac(key: &[u8; 32], bound: Bound<'_>, revision: u64, expiry: i64) -> Hmac<Sha256> {
    // HMAC fills a short key with zeros up to the block (RFC 2104); a whole block cannot have a wrong length.
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(b"countersign decision form 1");
    mac.update(&Sha256::digest(bound.token));
    mac.update(&bound.activity.to_be_bytes());
    mac.update(&revision.to_be_bytes());
    mac.update(&expiry.to_be_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const BOUND: Bound<'static> = Bound { token: "t", activity: 3 };

    #[test]
    fn a_nonce_tells_the_revision_for_a_day() {
        let nonce = issue(&KEY, BOUND, 5, 1_000);
        assert_eq!(check(&KEY, BOUND, &nonce, 1_000 + LIFETIME_MS - 1), Ok(5));
        assert_eq!(check(&KEY, BOUND, &nonce, 1_000 + LIFETIME_MS), Err(Refusal::Expired));
    }

    #[test]
    fn a_nonce_counts_for_its_link_approval_and_key_only() {
        let nonce = issue(&KEY, BOUND, 5, 1_000);
        for other in [Bound { token: "u", ..BOUND }, Bound { activity: 4, ..BOUND }] {
            assert_eq!(check(&KEY, other, &nonce, 1_000), Err(Refusal::Forged));
        }
        assert_eq!(check(&[8; 32], BOUND, &nonce, 1_000), Err(Refusal::Forged));
    }

    #[test]
    fn every_change_of_a_nonce_is_seen() {
        let nonce = issue(&KEY, BOUND, 5, 1_000);
        for at in 0..nonce.len() {
            let mut changed = nonce.clone().into_bytes();
            changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(check(&KEY, BOUND, &changed, 1_000), Err(Refusal::Forged), "{changed}");
        }
        for made_up in ["", "-", "--", "1-1-", "zz-1-00", "é-é-é"] {
            assert_eq!(check(&KEY, BOUND, made_up, 1_000), Err(Refusal::Forged), "{made_up}");
        }
    }
}

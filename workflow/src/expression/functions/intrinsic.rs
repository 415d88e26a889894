//! The functions that Step Functions adds to JSONata (AWS Step Functions Developer Guide, "Transforming data with
//! JSONata", JSONata functions provided by Step Functions).

use super::super::convert;
use super::super::limits;
use super::arguments::Arguments;
use super::{Answer, Run, Stop, guards};
use jsonata_core::value::JValue;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// `$partition(array, size)`: the array in pieces of `size`, the last of which may be shorter.
pub(super) fn partition(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("partition", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let size = args.integer(1).ok().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let size = size.ok_or_else(|| args.wrong(1, "a whole number above 0"))?;
    run.charge(args.get(0))?;
    Ok(JValue::array(args.items(0).chunks(size).map(|piece| JValue::array(piece.to_vec())).collect()))
}

/// `$range(start, end, step?)`: `end` is included when a step meets it. A step of 0 gives nothing.
pub(super) fn range(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("range", args);
    let step = if args.is_missing(2) { 1 } else { args.integer(2)? };
    if step == 0 {
        return Err(args.wrong(2, "a whole number other than 0"));
    }
    guards::sequence(run, args.integer(0)?, args.integer(1)?, step)
}

/// `$hash(text, algorithm)`, in lower-case hexadecimal digits.
pub(super) fn hash(_: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("hash", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let digest = digest(args.text(0)?, args.text(1)?);
    digest.map(JValue::string).ok_or_else(|| args.wrong(1, "MD5, SHA-1, SHA-256, SHA-384 or SHA-512"))
}

/// The digest in lower-case hexadecimal digits; `None` for an algorithm that Step Functions does not have.
pub(crate) fn digest(data: &str, algorithm: &str) -> Option<String> {
    Some(match algorithm {
        "MD5" => hex::encode(Md5::digest(data)),
        "SHA-1" => hex::encode(Sha1::digest(data)),
        "SHA-256" => hex::encode(Sha256::digest(data)),
        "SHA-384" => hex::encode(Sha384::digest(data)),
        "SHA-512" => hex::encode(Sha512::digest(data)),
        _ => return None,
    })
}

/// `$parse(text)`: the value that a JSON text describes.
pub(super) fn parse(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("parse", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let document: serde_json::Value =
        serde_json::from_str(args.text(0)?).map_err(|problem| Stop::failed(format!("$parse: {problem}")))?;
    let value = convert::whole(&document, limits::VALUE_DEPTH)?;
    run.charge(&value)?;
    Ok(value)
}

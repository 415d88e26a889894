//! Encoding, digests and identifiers.

use super::super::run::Run;
use super::{Answer, Arguments};
use crate::expression::{digest, uuid_of};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use std::borrow::Cow;

/// Writes padding and can do without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `States.Base64Encode(text)`, on one line.
pub(super) fn encode(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    Ok(Value::String(BASE64.encode(args.data(0)?)))
}

/// `States.Base64Decode(text)`. MIME breaks lines (RFC 2045), so white space is skipped.
pub(super) fn decode(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let text: String = args.data(0)?.split_ascii_whitespace().collect();
    let bytes = BASE64.decode(text).map_err(|_| args.wrong(0, "text in Base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| args.wrong(0, "Base64 of a text in UTF-8"))?;
    Ok(Value::String(text))
}

/// `States.Hash(data, algorithm)`, in lower-case hexadecimal digits. Of anything but a text, its JSON is hashed.
pub(super) fn hash(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let data = match args.get(0) {
        Value::Null => return Err(args.wrong(0, "a string")),
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(other.to_string()),
    };
    args.check_length(0, &data)?;
    let digest = digest(&data, args.text(1)?);
    digest.map(Value::String).ok_or_else(|| args.wrong(1, "MD5, SHA-1, SHA-256, SHA-384 or SHA-512"))
}

/// `States.UUID()`: version 4.
pub(super) fn uuid(run: &Run<'_>, _: &Arguments<'_>) -> Answer {
    Ok(Value::String(uuid_of(run.next_random(), run.next_random())))
}

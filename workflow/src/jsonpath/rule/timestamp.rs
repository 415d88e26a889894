//! Timestamps as Amazon States Language writes them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The instant of a timestamp: RFC 3339 with an upper-case `T`, and an upper-case `Z` where there is no offset.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let upper = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    upper.then(|| OffsetDateTime::parse(text, &Rfc3339).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_the_profile_of_the_language_is_a_timestamp() {
        for text in [
            "2016-03-14T01:59:00Z",
            "2016-03-14T01:59:00.123456789Z",
            "2016-03-14T01:59:00.1Z",
            "2016-03-14T01:59:00+02:00",
        ] {
            assert!(read(text).is_some(), "{text}");
        }
        for text in [
            "",
            "date",
            "2023-02-24",
            "2012-10-09T19:00:55",
            "2023-02-24 12:15:56.832957",
            "2016-03-14 01:59:00Z",
            "2016-03-14t01:59:00Z",
            "2016-03-14T01:59:00z",
            "2016-13-14T01:59:00Z",
            "2016-03-14T25:59:00Z",
            "2016-03-14T01:59:00Zulu",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        assert_eq!(read("2016-03-14T01:59:00Z"), read("2016-03-14T03:59:00.000+02:00"));
    }
}

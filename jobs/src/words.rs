//! Words for mails: times, decisions and the reasons why somebody is asked.

use time::OffsetDateTime;
use time::macros::format_description;

/// A time for the reader: `23 November 2026, 15:21 UTC`.
pub(crate) fn moment(ms: i64) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    at.ok().and_then(|at| at.format(format).ok()).unwrap_or_else(|| format!("{ms} ms after 1970"))
}

/// A decision in the past tense, by what it leads to; the definition's own word if it leads elsewhere.
pub(crate) fn decided(decision: &str, outcome: Option<&str>) -> String {
    let told = match outcome.unwrap_or(decision) {
        "approved" | "approve" => "approved",
        "rejected" | "reject" => "rejected",
        "returned" | "return" => "asked for changes",
        _ => return format!("decided: {decision}"),
    };
    told.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_for_people() {
        assert_eq!(moment(1_795_447_269_000), "23 November 2026, 15:21 UTC");
        assert_eq!(moment(0), "1 January 1970, 00:00 UTC");
    }

    #[test]
    fn the_outcome_gives_the_word() {
        assert_eq!(decided("approve", Some("approved")), "approved");
        assert_eq!(decided("send_back", Some("returned")), "asked for changes");
        assert_eq!(decided("need_info", Some("questioned")), "decided: need_info");
        assert_eq!(decided("approve", None), "approved");
    }
}

//! Pages that only say something: a link that leads nowhere, too many attempts, trouble here.

use askama::Template;
use axum::http::StatusCode;

use super::parts::Moment;

/// A page with one message.
#[derive(Debug, Clone, Template)]
#[template(path = "notice.html")]
pub struct NoticePage {
    /// The company, empty when the link does not tell which.
    pub company: String,
    /// What happened.
    pub notice: Notice,
}

/// What happened, with what the reader needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// 404: no such link, mistyped or cut off.
    LinkUnknown,
    /// 410: the link was valid; its decision is too long ago to be shown.
    LinkExpired,
    /// 410: somebody else is asked now.
    Reassigned {
        /// Who is asked now.
        to: String,
        /// Who handed it over. Nobody when a rule did.
        by: Option<String>,
        /// When.
        at: Moment,
    },
    /// 404: no such page.
    PageUnknown,
    /// 421: a page that is for this machine only was asked for by a name that is not the service's.
    OtherHost {
        /// Where the service is.
        base_url: String,
    },
    /// 429: too many requests.
    TooManyAttempts {
        /// How long to wait, in seconds.
        wait_seconds: u64,
    },
    /// 500: a fault of ours.
    Trouble {
        /// What support needs to find it in the log.
        reference: String,
    },
    /// 503: starting, stopping, or the database cannot be reached.
    Unavailable,
}

impl Notice {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::LinkUnknown | Self::PageUnknown => StatusCode::NOT_FOUND,
            Self::LinkExpired | Self::Reassigned { .. } => StatusCode::GONE,
            Self::OtherHost { .. } => StatusCode::MISDIRECTED_REQUEST,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Trouble { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The head of the page.
    pub fn heading(&self) -> &'static str {
        match self {
            Self::LinkUnknown => "This link leads nowhere",
            Self::LinkExpired => "This link has expired",
            Self::Reassigned { .. } => "Somebody else is asked now",
            Self::PageUnknown => "This page does not exist",
            Self::OtherHost { .. } => "This is not the address of this page",
            Self::TooManyAttempts { .. } => "Too many attempts",
            Self::Trouble { .. } => "Something went wrong here",
            Self::Unavailable => "We will be back in a moment",
        }
    }

    /// What happened.
    pub fn text(&self) -> String {
        match self {
            Self::LinkUnknown => "We do not know this address. Nothing was recorded.".to_owned(),
            Self::LinkExpired => "The decision was made long ago, so this link no longer shows it.".to_owned(),
            Self::Reassigned { to, by: Some(by), at } => format!("{by} gave this request to {to} on {at}."),
            Self::Reassigned { to, by: None, at } => format!("This request was given to {to} on {at}."),
            Self::PageUnknown => "There is nothing at this address.".to_owned(),
            Self::OtherHost { .. } => {
                "This page is for the machine that it runs on, and it was asked for by a name that is not its own."
                    .to_owned()
            }
            Self::TooManyAttempts { .. } => {
                "This link was used too often in a short time. Nothing was recorded.".to_owned()
            }
            Self::Trouble { .. } => "It is not your fault. Your last click may not have been recorded.".to_owned(),
            Self::Unavailable => {
                "The service is starting or cannot reach its database. Nothing was recorded.".to_owned()
            }
        }
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            Self::LinkUnknown => "Long links are sometimes cut in two by mail programs. Go back to the mail and use \
                                  the button, or copy the whole link."
                .to_owned(),
            Self::LinkExpired => "Ask the person who sent you the request if you need to see it.".to_owned(),
            Self::Reassigned { .. } => {
                "You need not do anything. If this is a mistake, ask them to give it back.".to_owned()
            }
            Self::PageUnknown => "Check the address, or go back to where you came from.".to_owned(),
            Self::OtherHost { base_url } => format!("Open {base_url} instead."),
            Self::TooManyAttempts { wait_seconds } => {
                format!("Wait {}, then open the link again.", duration(*wait_seconds))
            }
            Self::Trouble { .. } => {
                "Open the link again: it shows whether your decision was recorded. Pressing the same \
                                     button twice does no harm."
                    .to_owned()
            }
            Self::Unavailable => "Reload this page in a minute. Your link stays valid.".to_owned(),
        }
    }
}

/// A waiting time in words, rounded up to minutes when it is long: `45 seconds`, `2 minutes`.
fn duration(seconds: u64) -> String {
    match seconds {
        0 | 1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_words() {
        assert_eq!(duration(0), "1 second");
        assert_eq!(duration(60), "60 seconds");
        assert_eq!(duration(121), "3 minutes");
    }
}

//! Why an effect did not succeed, by what is to be done about it.

use crate::mail::PostError;
use modules::ActionError;
use store::StoreError;

/// Why an effect did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The cause may pass.
    Later { error: String, cause: String },
    /// Trying again will not help.
    Never { error: String, cause: String },
    /// A test has stopped the service: nothing is stored any more.
    Stopped,
}

impl Failure {
    pub(crate) fn later(error: &str, cause: impl ToString) -> Self {
        Self::Later { error: error.to_owned(), cause: cause.to_string() }
    }

    pub(crate) fn never(error: &str, cause: impl ToString) -> Self {
        Self::Never { error: error.to_owned(), cause: cause.to_string() }
    }

    /// The same failure without a secret that a server may have repeated in its words.
    pub(crate) fn without(self, secret: &str) -> Self {
        let hide = |cause: String| cause.replace(secret, "(link)");
        match self {
            Self::Later { error, cause } => Self::Later { error, cause: hide(cause) },
            Self::Never { error, cause } => Self::Never { error, cause: hide(cause) },
            Self::Stopped => Self::Stopped,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Crashed(_) => Self::Stopped,
            StoreError::Missing { .. } => Self::never("Store.Missing", error),
            StoreError::Corrupt(_) => Self::never("Store.Corrupt", error),
            other => Self::later("Store.Unavailable", other),
        }
    }
}

impl From<ActionError> for Failure {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Retry { error, cause } => Self::Later { error, cause },
            ActionError::GiveUp { error, cause } => Self::Never { error, cause },
        }
    }
}

impl From<PostError> for Failure {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Later(cause) => Self::Later { error: "Mail.Unreachable".to_owned(), cause },
            PostError::Never(cause) => Self::Never { error: "Mail.Rejected".to_owned(), cause },
        }
    }
}

impl From<minijinja::Error> for Failure {
    /// Only the message: the longer form of the error would show the context, which holds the link.
    fn from(error: minijinja::Error) -> Self {
        Self::never("Mail.Template", format!("the mail cannot be written: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_lose_the_link() {
        let failure = Failure::from(PostError::Never("550 https://x/a/abc123 is spam".to_owned())).without("abc123");
        assert!(
            matches!(failure, Failure::Never { error, cause } if error == "Mail.Rejected" && !cause.contains("abc123"))
        );
    }
}

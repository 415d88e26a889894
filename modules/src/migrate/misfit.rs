//! Why an object cannot be one of another version.

use serde::{Deserialize, Serialize};
use std::fmt;
use store::Clash;
use workflow::Problem;

/// An object, and what about it does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misfit {
    /// The kind: `travel/requests`.
    pub kind: String,
    /// The object.
    pub id: String,
    /// The place in it, a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Misfit {
    pub(crate) fn of(kind: &str, id: &str, problem: Problem) -> Self {
        let Problem { pointer, message, .. } = problem;
        // An expression or a schema may quote as much of the object as it likes.
        let message = message.chars().take(300).collect();
        Self { kind: kind.to_owned(), id: id.to_owned(), pointer, message }
    }
}

/// `travel/requests/0190 /days is missing; add it`
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, pointer, message } = self;
        match pointer.as_str() {
            "" => write!(f, "{kind}/{id}: {message}"),
            pointer => write!(f, "{kind}/{id}: {pointer} {message}"),
        }
    }
}

/// Two objects that would have in common what no two may.
pub(crate) fn clash(kind: &str, clash: &Clash) -> Misfit {
    let Clash { id, other, field } = clash;
    let pointer = format!("/{}", field.split('+').next().unwrap_or_default().replace('.', "/"));
    let message = match field.contains('+') {
        true => {
            format!("{} are together the same as those of \"{other}\"; they must differ", field.replace('+', " and "))
        }
        false => format!("is the same as that of \"{other}\"; it must be another"),
    };
    Misfit { kind: kind.to_owned(), id: id.clone(), pointer, message }
}

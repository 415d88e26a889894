//! The hands: effects performed by workers, timers, mail.
//!
//! An effect is a row that was committed with its cause. [`Hands`] claims it, does what it asks for (writes a mail, has
//! a module act) and stores the verdict: done, again later, or given up. Every effect may be performed twice, because a
//! service can die between the deed and the verdict; what leaves the house carries an id that derives from the effect.

mod act;
mod ask;
mod case;
mod deadlines;
mod delivering;
mod failure;
mod hands;
mod held;
mod history;
mod mail;
mod policy;
mod release;
mod running;
mod send;
mod share;
mod shown;
mod templates;
#[cfg(test)]
mod tests;
mod words;
mod workers;

pub use hands::{Hands, HandsError, Settings};
pub use mail::{Address, Attachment, Mail, MailboxPostman, PostError, Postman, SmtpPostman, SmtpUrlError};
pub use policy::RetryPolicy;
pub use running::Running;

//! The mail templates: the service's own, and those of the installed modules.

use crate::failure::Failure;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use modules::{Catalogue, PackageError};
use serde_json::Value;

/// A file of `templates/mail`, compiled in.
macro_rules! own {
    ($($name:literal),+ $(,)?) => { [$((concat!("mail/", $name), include_str!(concat!("../templates/mail/", $name)))),+] };
}

/// Every template of the service, by the name under which others include it.
const OWN: [(&str, &str); 26] = own![
    "_button.html",
    "_document.html",
    "_document.txt",
    "_head.html",
    "_history.html",
    "_history.txt",
    "_layout.html",
    "_layout.txt",
    "_outcome.txt",
    "_request.html",
    "_result.html",
    "ask.html",
    "ask.subject.txt",
    "ask.txt",
    "closed.html",
    "closed.subject.txt",
    "closed.txt",
    "escalate.html",
    "escalate.subject.txt",
    "escalate.txt",
    "remind.html",
    "remind.subject.txt",
    "remind.txt",
    "requester.html",
    "requester.subject.txt",
    "requester.txt",
];

/// A mail as it was written: a subject of one line, and two parts that say the same.
pub(crate) struct Written {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// Why the templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("{0}")]
    Syntax(#[from] minijinja::Error),
    #[error(transparent)]
    Package(#[from] PackageError),
}

pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// Reads every template, so that a mistake is found when the service starts and not when a mail is due.
    pub(crate) fn new(built_in: &Catalogue) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        // What does not apply must be said: an empty place in a mail would not be noticed.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // With it an error shows the values that were at hand, the link among them.
        environment.set_debug(false);
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, text) in OWN {
            environment.add_template(name, text)?;
        }
        for installed in built_in.modules() {
            for mail in &installed.manifest.mails {
                for ending in ["subject.txt", "txt", "html"] {
                    let text = installed.module().package().text(&format!("{}.{ending}", mail.file))?;
                    environment.add_template_owned(format!("{}.{ending}", mail.name), text.to_owned())?;
                }
            }
        }
        Ok(Self(environment))
    }

    /// Whether there is a mail of that name: `mail/ask`, `purchasing/order`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get_template(&format!("{name}.subject.txt")).is_ok()
    }

    /// Writes the three pieces of a mail.
    pub(crate) fn write(&self, name: &str, context: &Value) -> Result<Written, Failure> {
        let subject = self.render(name, "subject.txt", context)?;
        let (text, html) = (self.render(name, "txt", context)?, self.render(name, "html", context)?);
        Ok(Written { subject: crate::mail::one_line(&subject), text, html })
    }

    fn render(&self, name: &str, ending: &str, context: &Value) -> Result<String, Failure> {
        Ok(self.0.get_template(&format!("{name}.{ending}"))?.render(Serde(context))?)
    }
}

//! The mail templates: the service's own, and those of the installed modules.

use crate::failure::Failure;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use modules::{Catalogue, Installed, PackageError};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

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

/// So many uploaded packages keep their templates read.
const MOST_UPLOADED: usize = 200;

/// The work that one part of a mail may take: an order of a thousand lines takes a tenth of it.
const FUEL: u64 = 500_000;
/// The longest part of a mail, in bytes.
const MAX_BYTES: usize = 1_048_576;

pub(crate) struct Templates {
    environment: Environment<'static>,
    /// Those of uploaded packages, by the hash of their file, each with the service's own beside them.
    uploaded: Mutex<HashMap<String, Arc<Self>>>,
}

impl Templates {
    /// Reads every template, so that a mistake is found when the service starts and not when a mail is due.
    pub(crate) fn new(built_in: &Catalogue) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        // What does not apply must be said: an empty place in a mail would not be noticed.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // With it an error shows the values that were at hand, the link among them.
        environment.set_debug(false);
        // Strangers upload templates, and a loop within a loop need not end.
        environment.set_fuel(Some(FUEL));
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, text) in OWN {
            environment.add_template(name, text)?;
        }
        for installed in built_in.modules() {
            add(&mut environment, installed)?;
        }
        Ok(Self { environment, uploaded: Mutex::default() })
    }

    /// The templates among which a mail of that name is, if it is one of an uploaded module.
    pub(crate) fn uploaded(&self, catalogue: &Catalogue, name: &str) -> Result<Option<Arc<Self>>, Failure> {
        let module = name.split_once('/').and_then(|(module, _)| catalogue.module(module));
        let Some((installed, sha256)) = module.and_then(|found| Some((found, found.sha256.as_ref()?))) else {
            return Ok(None);
        };
        if let Some(known) = self.uploaded.lock().ok().and_then(|all| all.get(sha256).cloned()) {
            return Ok(Some(known));
        }
        let mut environment = self.environment.clone();
        add(&mut environment, installed).map_err(|error| Failure::never("Mail.Template", error))?;
        let read = Arc::new(Self { environment, uploaded: Mutex::default() });
        if let Ok(mut all) = self.uploaded.lock() {
            if all.len() >= MOST_UPLOADED {
                all.clear();
            }
            all.insert(sha256.clone(), read.clone());
        }
        Ok(Some(read))
    }

    /// Whether there is a mail of that name: `mail/ask`, `purchasing/order`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.environment.get_template(&format!("{name}.subject.txt")).is_ok()
    }

    /// Writes the three pieces of a mail.
    pub(crate) fn write(&self, name: &str, context: &Value) -> Result<Written, Failure> {
        let subject = self.render(name, "subject.txt", context)?;
        let (text, html) = (self.render(name, "txt", context)?, self.render(name, "html", context)?);
        Ok(Written { subject: crate::mail::one_line(&subject), text, html })
    }

    fn render(&self, name: &str, ending: &str, context: &Value) -> Result<String, Failure> {
        let template = self.environment.get_template(&format!("{name}.{ending}"))?;
        let mut part = Part::default();
        let written = template.render_captured_to(Serde(context), &mut part).map(|_| ());
        let too_much = |what: &str| Failure::never("Mail.Template", format!("{name}.{ending} {what}"));
        match written {
            _ if part.too_long => Err(too_much(&format!("makes more than {MAX_BYTES} bytes; make the mail shorter"))),
            Err(error) if error.kind() == ErrorKind::OutOfFuel => {
                Err(too_much("takes more work than a mail may take; loop less in it"))
            }
            Err(error) => Err(error.into()),
            Ok(()) => String::from_utf8(part.bytes).map_err(|error| Failure::never("Mail.Template", error)),
        }
    }
}

/// A part of a mail while it is written.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    too_long: bool,
}

impl Write for Part {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        self.too_long |= self.bytes.len().saturating_add(more.len()) > MAX_BYTES;
        if self.too_long {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Adds the mails of a module.
fn add(environment: &mut Environment<'static>, installed: &Installed) -> Result<(), TemplateError> {
    for mail in &installed.manifest.mails {
        for ending in ["subject.txt", "txt", "html"] {
            let text = installed.module().package().text(&format!("{}.{ending}", mail.file))?;
            environment.add_template_owned(format!("{}.{ending}", mail.name), text.to_owned())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use modules::Registry;

    /// What comes of a mail whose text is this.
    fn written(text: &str) -> Result<Written, String> {
        let mut templates = Templates::new(Registry::default().built_in()).unwrap();
        for (ending, text) in [("subject.txt", "A trip"), ("txt", text), ("html", "<p>")] {
            templates.environment.add_template_owned(format!("travel/trip.{ending}"), text.to_owned()).unwrap();
        }
        templates.write("travel/trip", &serde_json::json!({})).map_err(|failure| match failure {
            Failure::Never { error, cause } => format!("{error}: {cause}"),
            other => format!("not given up: {other:?}"),
        })
    }

    #[test]
    fn a_mail_that_would_not_end_is_given_up() {
        let loops = "{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}";
        let long = "{% for a in range(9999) %}{{ 'x' * 999 }}{% endfor %}";
        for text in [loops, "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"] {
            let said = written(text).err().unwrap_or_default();
            assert!(said.starts_with("Mail.Template: travel/trip.txt takes more work"), "{said}");
        }
        for text in [long, "{{ 'x' * 20000000 }}"] {
            let said = written(text).err().unwrap_or_default();
            assert!(said.starts_with("Mail.Template: travel/trip.txt makes more than 1048576 bytes"), "{said}");
        }
        let thousand = "{% for a in range(1000) %}{{ a }} of {{ a * 2 }}: {{ 'x' * 200 }}{% endfor %}";
        assert!(written(thousand).is_ok_and(|mail| mail.text.len() > 200_000));
    }
}

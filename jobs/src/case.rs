//! What a mail to an approver is written from, read in one go.

use crate::failure::Failure;
use crate::hands::Hands;
use crate::history::decided_before;
use crate::mail::{Address, Attachment, Mail};
use crate::shown::Shown;
use crate::templates::Written;
use modules::Registry;
use modules::view::View;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::{Company, EffectKey, Person, Reader, StoreError};
use workflow::{Definition, EventKind, Instance, OpenApproval, Subject};

/// An instance, the person whom a mail goes to, and what it is about.
pub(crate) struct Case {
    pub(crate) company: Company,
    pub(crate) instance: Instance,
    pub(crate) definition: Arc<Definition>,
    pub(crate) person: Person,
    pub(crate) requester: String,
    pub(crate) shown: Option<Shown>,
}

impl Case {
    /// Reads it. `None` if the person cannot be asked any more.
    pub(crate) async fn read(
        reader: &mut Reader,
        registry: &Registry,
        key: &EffectKey,
        activity: u64,
        person: &str,
    ) -> Result<Option<Self>, Failure> {
        let company = reader.company(&key.company).await?;
        let (instance, definition) = reader.instance(&key.company, &key.instance).await?;
        let gone = || Failure::never("Mail.NoAddress", format!("there is no person \"{person}\""));
        let person = reader.person(&key.company, person).await?.ok_or_else(gone)?;
        if !person.active {
            return Ok(None);
        }
        let shown = match subject(reader, &instance, activity).await? {
            Some(Subject { kind, id }) => Shown::load(reader, registry, &key.company, &kind, &id).await?,
            None => None,
        };
        let requester = requester(reader, &company, &instance, shown.as_ref()).await?;
        Ok(Some(Self { company, instance, definition, person, requester, shown }))
    }

    /// Where the mail goes.
    pub(crate) fn address(&self) -> Result<Address, Failure> {
        let Person { name, email, .. } = &self.person;
        let wrong =
            |_| Failure::never("Mail.NoAddress", format!("{name} has no mail address that can be used: \"{email}\""));
        Address::new(name, email).map_err(wrong)
    }

    /// What is decided on; the title of the step where no object is.
    pub(crate) fn view(&self, title: &str) -> View {
        let shown = self.shown.as_ref().map(|shown| shown.view());
        shown.unwrap_or_else(|| View { title: title.to_owned(), ..View::default() })
    }

    /// The keys that all kinds of mail share; `templates/mail/README.md` explains them.
    pub(crate) fn context(&self, state: &str, approval: Option<&OpenApproval>) -> Map<String, Value> {
        let title = approval.map_or("", |approval| approval.title.as_str());
        let shared = json!({
            "company": { "name": self.company.name },
            "person": { "name": self.person.name },
            "requester": { "name": self.requester },
            "link": null,
            "view": self.view(if title.is_empty() { "Request" } else { title }),
            "title": title,
            "step": state,
            "details": approval.and_then(|approval| approval.details.clone()),
            "round": approval.map_or(1, |approval| approval.round),
            "changed": [],
            "decided_before": decided_before(&self.definition, &self.instance),
            "attachments": [],
        });
        match shared {
            Value::Object(context) => context,
            _ => Map::new(),
        }
    }
}

/// The object of an approval. An approval that was cut off with its workflow is in no row any more; then the object that
/// the workflow was started with is the best that is known.
async fn subject(reader: &mut Reader, instance: &Instance, activity: u64) -> Result<Option<Subject>, StoreError> {
    let open = instance.open_approval(activity).map(|(_, open)| open);
    let closed = || instance.closed_approval(activity).map(|closed| &closed.approval);
    if let Some(approval) = open.or_else(closed) {
        return Ok(approval.subject.clone());
    }
    let first = reader.transitions(&instance.company, &instance.id).await?.into_iter().next();
    let input = first.and_then(|first| match first.event.kind {
        EventKind::Started { input, .. } => Some(input),
        _ => None,
    });
    let text = |name: &str| Some(input.as_ref()?.get("object")?.get(name)?.as_str()?.to_owned());
    Ok(text("kind").zip(text("id")).map(|(kind, id)| Subject { kind, id }))
}

/// The name of whoever asked: the requester, the maker of the object, or the company itself.
async fn requester(
    reader: &mut Reader,
    company: &Company,
    instance: &Instance,
    shown: Option<&Shown>,
) -> Result<String, StoreError> {
    let requester = instance.running().and_then(|running| running.requester.clone());
    let Some(id) = requester.or_else(|| shown.map(|shown| shown.object.created_by.clone())) else {
        return Ok(company.name.clone());
    };
    Ok(reader.person(&company.id, &id).await?.map_or_else(|| company.name.clone(), |person| person.name))
}

impl Hands {
    /// The Message-ID of an effect: the same for every attempt.
    pub(crate) fn message_id(&self, key: &EffectKey) -> String {
        format!("<{}.{}.{}@{}>", key.instance, key.version, key.n, self.settings.mail_domain)
    }

    /// A mail of the thread of an approval. The root of the thread is a Message-ID that no mail has: whichever mail comes
    /// first, the others stand beside it.
    pub(crate) fn threaded(
        &self,
        case: &Case,
        key: &EffectKey,
        activity: u64,
        written: Written,
    ) -> Result<Mail, Failure> {
        let root = format!("<{}.approval-{activity}@{}>", key.instance, self.settings.mail_domain);
        let to = case.address()?;
        Ok(Mail { in_reply_to: Some(root.clone()), references: vec![root], ..self.mail(key, to, written, Vec::new()) })
    }

    /// A mail on its own.
    pub(crate) fn mail(&self, key: &EffectKey, to: Address, written: Written, attachments: Vec<Attachment>) -> Mail {
        let Written { subject, text, html } = written;
        Mail {
            company: key.company.clone(),
            message_id: self.message_id(key),
            in_reply_to: None,
            references: Vec::new(),
            at: self.store.now_ms(),
            from: self.from.clone(),
            to,
            reply_to: None,
            subject,
            text,
            html,
            attachments,
        }
    }
}

//! Asking a person: the request, the reminder, the escalation.

use crate::case::Case;
use crate::failure::Failure;
use crate::hands::Hands;
use crate::shown::Draft;
use crate::words::moment;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use store::{EffectKey, Link, LinkToken, Reader, StoreError};
use workflow::definition::StateKind;
use workflow::{Asking, Definition, Instance, Occasion, OpenApproval, Seat};

const NOT_ATTACHED: &str = "The document could not be attached; you see it on the page of the decision.";

impl Hands {
    /// Sends the request, unless nothing is left to ask.
    pub(crate) async fn ask(&self, key: &EffectKey, asking: &Asking) -> Result<Value, Failure> {
        let mut reader = self.store.read().await?;
        let case = Case::read(&mut reader, &self.registry, key, asking.activity, &asking.person).await?;
        let Some(case) = case else { return Ok(Value::Null) };
        let Some((state, open, seat)) = pending(&case.instance, asking) else { return Ok(Value::Null) };
        let mut context = case.context(state, Some(open));
        self.add_changes(&mut reader, &case, state, &mut context).await?;
        drop(reader);
        context.extend(question(&case.definition, state, open, seat, asking.occasion));
        let draft = match &case.shown {
            Some(shown) => shown.draft(&case.company, &case.instance).await,
            None => Draft::None,
        };
        self.send_request(key, asking, &case, context, draft).await
    }

    /// Writes the mail around a new link, makes the link known, and only then lets the mail go.
    async fn send_request(
        &self,
        key: &EffectKey,
        asking: &Asking,
        case: &Case,
        mut context: Map<String, Value>,
        draft: Draft,
    ) -> Result<Value, Failure> {
        let token = LinkToken::random();
        let link = format!("{}/a/{}", self.settings.base_url, token.secret());
        context.insert("link".to_owned(), Value::String(link));
        let attachment = attach(draft, &mut context);
        let written = self.templates.write(template(asking.occasion), &Value::Object(context))?;
        let mut mail = self.threaded(case, key, asking.activity, written)?;
        mail.attachments.extend(attachment);
        self.make_known(&token, key, asking, case).await?;
        self.store.crash_point("after_link")?;
        // The server's answer may repeat what it refuses.
        self.deliver(&mail).await.map_err(|failure| failure.without(token.secret()))
    }

    async fn make_known(
        &self,
        token: &LinkToken,
        key: &EffectKey,
        asking: &Asking,
        case: &Case,
    ) -> Result<(), StoreError> {
        let token = token.clone();
        let link = Link {
            company: key.company.clone(),
            instance: key.instance.clone(),
            activity: asking.activity,
            person: asking.person.clone(),
            revision: case.shown.as_ref().map_or(0, |shown| shown.object.revision),
            effect: key.to_string(),
        };
        let work = self.store.write(move |unit| {
            let (token, link) = (token.clone(), link.clone());
            async move { unit.put_link(&token, &link).await }.boxed()
        });
        work.await
    }

    /// What changed since the same question was asked before.
    async fn add_changes(
        &self,
        reader: &mut Reader,
        case: &Case,
        state: &str,
        context: &mut Map<String, Value>,
    ) -> Result<(), StoreError> {
        let before = case.instance.closed.iter().rfind(|closed| closed.state == state);
        if let (Some(shown), Some(before)) = (&case.shown, before) {
            let (company, instance) = (&case.company.id, &case.instance.id);
            let since = reader.revision_asked(company, instance, before.approval.activity).await?;
            let changes = shown.changes(reader, company, since).await?;
            context.insert("changed".to_owned(), json!(changes));
        }
        Ok(())
    }
}

/// The seat that is asked, if the approval is open and the person has not decided.
fn pending<'a>(instance: &'a Instance, asking: &Asking) -> Option<(&'a str, &'a OpenApproval, &'a Seat)> {
    let (branch, open) = instance.open_approval(asking.activity)?;
    let seat = open.pending().into_iter().find(|seat| seat.person == asking.person)?;
    Some((branch.state.as_str(), open, seat))
}

fn template(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Opened => "mail/ask",
        Occasion::Reminder(_) => "mail/remind",
        Occasion::Escalation => "mail/escalate",
    }
}

/// The keys of `ask`, `remind` and `escalate`.
fn question(
    definition: &Definition,
    state: &str,
    open: &OpenApproval,
    seat: &Seat,
    occasion: Occasion,
) -> Map<String, Value> {
    let (count, since) = match occasion {
        Occasion::Opened => (0, None),
        Occasion::Reminder(count) => (count, Some(seat.since)),
        Occasion::Escalation => (0, Some(open.opened_at)),
    };
    let earlier = open.pending().into_iter().filter(|other| other.since < seat.since);
    let keys = [
        ("asked_because", json!(seat.why.to_you())),
        ("on_behalf_of", Value::Null),
        ("due", json!(due(definition, state, open).map(moment))),
        ("reminder_count", json!(count)),
        ("waiting_since", json!(since.map(moment))),
        ("waiting_for", json!(earlier.map(|other| other.name.as_str()).collect::<Vec<_>>())),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// When the question expires.
fn due(definition: &Definition, state: &str, open: &OpenApproval) -> Option<i64> {
    match &definition.state(state)?.kind {
        StateKind::Approval(approval) => approval.expire_after_ms.map(|after| open.opened_at + after),
        _ => None,
    }
}

fn attach(draft: Draft, context: &mut Map<String, Value>) -> Option<crate::mail::Attachment> {
    match draft {
        Draft::None => None,
        Draft::File(file) => {
            context.insert("attachments".to_owned(), json!([file.name]));
            Some(file)
        }
        Draft::Failed => {
            let details = context.get("details").and_then(Value::as_str).unwrap_or_default();
            let details = format!("{details} {NOT_ATTACHED}").trim_start().to_owned();
            context.insert("details".to_owned(), Value::String(details));
            None
        }
    }
}

//! Mail that stays in the house: into the store's mailbox, where a browser can read it.

use super::{Mail, PostError, Postman};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use store::{Store, StoreError, Unit};

/// Puts mail into the store's mailbox: for the demo, and for installations without a mail server.
///
/// A mail's body is `{from, to, reply_to, subject, text, html, message_id, in_reply_to, references, attachments: [{name, type, size,
/// sha256}]}`; the bytes of the files are blobs of the company.
pub struct MailboxPostman {
    store: Store,
}

impl MailboxPostman {
    /// A postman who never leaves this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl Postman for MailboxPostman {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), PostError>> {
        async move {
            let mail = mail.clone();
            let kept = self.store.write(move |unit| {
                let mail = mail.clone();
                async move { keep(unit, &mail).await }.boxed()
            });
            kept.await.map_err(|error| PostError::Later(format!("the mailbox cannot be written: {error}")))
        }
        .boxed()
    }
}

async fn keep(unit: &mut Unit, mail: &Mail) -> Result<(), StoreError> {
    let mut attachments = Vec::new();
    for file in &mail.attachments {
        let sha256 = unit.put_blob(&mail.company, &file.bytes).await?;
        attachments
            .push(json!({ "name": file.name, "type": file.media_type, "size": file.bytes.len(), "sha256": sha256 }));
    }
    let body = body(mail, attachments);
    unit.put_mail(&mail.company, &mail.message_id, mail.to.email(), &body).await
}

fn body(mail: &Mail, attachments: Vec<Value>) -> Value {
    json!({
        "from": mail.from.to_string(),
        "to": mail.to.to_string(),
        "reply_to": mail.reply_to.as_ref().map(ToString::to_string),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "attachments": attachments,
    })
}

//! `mail.send`: a mail that a module wrote, about an object, with its documents.

use crate::failure::Failure;
use crate::hands::Hands;
use crate::mail::{Address, Attachment, PostError};
use crate::shown::Shown;
use serde_json::{Map, Value, json};
use store::{Company, EffectKey, Reader};

/// The arguments: `{to, template, object: {kind, id}, attach: ["document.pdf"], data: {..}}`. `to` is an address as text or
/// `{name, email}`; `reply_to` is like it, and is the `contact` of the data if it is not named.
struct Order<'a> {
    to: Address,
    reply_to: Option<Address>,
    template: &'a str,
    kind: &'a str,
    id: &'a str,
    attach: Vec<&'a str>,
    data: &'a Value,
}

impl Hands {
    /// Sends it, and gives `{message_id, to, at}`.
    pub(crate) async fn send_mail(&self, key: &EffectKey, arguments: &Value) -> Result<Value, Failure> {
        let order = Order::read(arguments)?;
        let mut reader = self.store.read().await?;
        let catalogue = self.registry.of(&mut reader, &key.company).await?;
        let uploaded = self.templates.uploaded(&catalogue, order.template)?;
        let templates = uploaded.as_deref().unwrap_or(&self.templates);
        if !templates.has(order.template) {
            return Err(invalid(format!("no module has a mail \"{}\"", order.template)));
        }
        let company = reader.company(&key.company).await?;
        let shown = Shown::load(&mut reader, &self.registry, &key.company, order.kind, order.id).await?;
        let shown = shown.ok_or_else(|| invalid(format!("there is no {} \"{}\"", order.kind, order.id)))?;
        let attachments = self.documents(&mut reader, &company, &shown, &order.attach).await?;
        drop(reader);
        let names: Vec<&str> = attachments.iter().map(|attachment| attachment.name.as_str()).collect();
        let context = self.context(&company, &shown, &names, order.data);
        let written = templates.write(order.template, &context)?;
        let mut mail = self.mail(key, order.to, written, attachments);
        mail.reply_to = order.reply_to;
        self.deliver(&mail).await
    }

    /// The latest stored files of the object.
    async fn documents(
        &self,
        reader: &mut Reader,
        company: &Company,
        shown: &Shown,
        names: &[&str],
    ) -> Result<Vec<Attachment>, Failure> {
        let object = &shown.object;
        let mut found = Vec::new();
        for name in names {
            let document = reader.latest_document(&company.id, &object.kind, &object.id, name).await?;
            let missing =
                || Failure::never("Mail.NoDocument", format!("{} {} has no file {name}", object.kind, object.id));
            let document = document.ok_or_else(missing)?;
            let bytes = reader.blob(&company.id, &document.sha256).await?;
            let name = shown.file_name(name);
            found.push(Attachment { name, media_type: document.media_type, bytes });
        }
        Ok(found)
    }

    /// What the template is given: the object as outsiders may see it, and the workflow's own data, key by key, over it.
    fn context(&self, company: &Company, shown: &Shown, attachments: &[&str], data: &Value) -> Value {
        let object = &shown.object;
        let mut context = json!({
            "company": { "name": company.name },
            "object": object.data,
            "number": object.number,
            "status": object.status,
            "revision": object.revision,
            "view": shown.outside_view(),
            "link": null,
            "changed": [],
            "data": data,
        });
        if let Value::Object(context) = &mut context {
            context.extend(data.as_object().cloned().unwrap_or_else(Map::new));
            context.insert("attachments".to_owned(), json!(attachments));
        }
        context
    }
}

impl<'a> Order<'a> {
    fn read(arguments: &'a Value) -> Result<Self, Failure> {
        let text = |pointer: &str| {
            let found = arguments.pointer(pointer).and_then(Value::as_str);
            found.ok_or_else(|| {
                invalid(format!("mail.send needs the text {}", pointer.trim_start_matches('/').replace('/', ".")))
            })
        };
        let attach = match arguments.get("attach") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            Some(_) => return Err(invalid("attach is not a list of file names")),
        };
        let data = arguments.get("data").unwrap_or(&Value::Null);
        let to = arguments
            .get("to")
            .filter(|to| !to.is_null())
            .ok_or_else(|| invalid("mail.send needs an address in to"))?;
        let named = arguments.get("reply_to").filter(|reply_to| !reply_to.is_null());
        let contact = data.get("contact").filter(|contact| contact.get("email").is_some_and(Value::is_string));
        Ok(Self {
            to: address(to)?,
            reply_to: named.or(contact).map(address).transpose()?,
            template: text("/template")?,
            kind: text("/object/kind")?,
            id: text("/object/id")?,
            attach,
            data,
        })
    }
}

fn address(value: &Value) -> Result<Address, Failure> {
    let read = match value {
        Value::String(text) => Address::parse(text),
        other => {
            let field = |name: &str| other.get(name).and_then(Value::as_str).unwrap_or_default();
            Address::new(field("name"), field("email"))
        }
    };
    read.map_err(|error: PostError| invalid(error))
}

fn invalid(cause: impl ToString) -> Failure {
    Failure::never("Mail.Invalid", cause)
}

//! The object that a mail is about, with what its module says of it.

use crate::mail::{Attachment, one_line};
use modules::view::View;
use modules::{Approved, Catalogue, Registry, Rendering, variables};
use std::sync::Arc;
use store::{Company, Object, Reader, StoreError};
use workflow::Instance;

/// An object, ready to be shown.
pub(crate) struct Shown {
    catalogue: Arc<Catalogue>,
    pub(crate) object: Object,
    pub(crate) related: Vec<Object>,
}

impl Shown {
    /// Loads an object and those that it names. `None` if it, or its module, is not there: a mail about it can still say
    /// what the workflow says.
    pub(crate) async fn load(
        reader: &mut Reader,
        registry: &Registry,
        company: &str,
        kind: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let catalogue = registry.of(reader, company).await?;
        let Some((installed, _)) = catalogue.kind(kind) else { return Ok(None) };
        let Some(object) = present(reader.object(company, kind, id).await)? else { return Ok(None) };
        let mut related = Vec::new();
        for (kind, id) in installed.module().related(&object) {
            related.extend(present(reader.object(company, &kind, &id).await)?);
        }
        Ok(Some(Self { catalogue, object, related }))
    }

    /// What people of the company see.
    pub(crate) fn view(&self) -> View {
        let found = self.catalogue.kind(&self.object.kind);
        found.map(|(installed, _)| installed.module().view(&self.object, &self.related)).unwrap_or_default()
    }

    /// What others see.
    pub(crate) fn outside_view(&self) -> View {
        let found = self.catalogue.kind(&self.object.kind);
        found.map(|(installed, _)| installed.module().outside_view(&self.object, &self.related)).unwrap_or_default()
    }

    /// What changed since a revision, a sentence each.
    pub(crate) async fn changes(
        &self,
        reader: &mut Reader,
        company: &str,
        since: u64,
    ) -> Result<Vec<String>, StoreError> {
        let Object { kind, id, revision, data, .. } = &self.object;
        if since == 0 || since >= *revision {
            return Ok(Vec::new());
        }
        let before = reader.object_at_revision(company, kind, id, since).await?;
        let (Some(before), Some((installed, object_type))) = (before, self.catalogue.kind(kind)) else {
            return Ok(Vec::new());
        };
        Ok(installed.module().changes(&object_type.collection, &before, data))
    }

    /// The name under which the document of an object is offered, if it has one.
    pub(crate) fn document(&self) -> Option<&str> {
        self.catalogue.kind(&self.object.kind)?.1.document.as_deref()
    }

    /// How a file of the object is called in a mail: the document by the object's number, others by their own name.
    pub(crate) fn file_name(&self, name: &str) -> String {
        let number = self.object.number.as_deref().filter(|_| self.document() == Some(name));
        let (number, ending) = match (number, name.rsplit_once('.')) {
            (Some(number), Some((_, ending))) => (number, ending),
            _ => return one_line(name),
        };
        let safe: String =
            number.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
        format!("{safe}.{ending}")
    }

    /// The document as it stands, marked as a draft. Rendering takes tens of milliseconds and may panic, so it has a
    /// thread of its own.
    pub(crate) async fn draft(&self, company: &Company, instance: &Instance) -> Draft {
        let Some(name) = self.document() else { return Draft::None };
        let file = self.file_name(name);
        let (catalogue, company, approvals) = (self.catalogue.clone(), company.clone(), Approved::standing(instance));
        let (object, related, variables) = (self.object.clone(), self.related.clone(), variables(instance));
        let rendered = tokio::task::spawn_blocking(move || {
            let (installed, _) = catalogue.kind(&object.kind)?;
            let rendering = Rendering {
                company: &company,
                object: &object,
                related: &related,
                approvals: &approvals,
                variables: &variables,
                is_final: false,
            };
            Some(installed.module().render(&rendering))
        });
        let cause = match rendered.await {
            Ok(Some(Ok(bytes))) => {
                return Draft::File(Attachment { name: file, media_type: "application/pdf".to_owned(), bytes });
            }
            Ok(Some(Err(error))) => error.to_string(),
            Ok(None) => return Draft::None,
            Err(error) => error.to_string(),
        };
        tracing::warn!(object = %self.object.id, %cause, "the draft was not rendered; the mail goes out without it");
        Draft::Failed
    }
}

/// What became of the document of a request.
pub(crate) enum Draft {
    /// There is none.
    None,
    /// It is attached.
    File(Attachment),
    /// It could not be rendered. Nobody has to wait for a decision because of that.
    Failed,
}

fn present(found: Result<Object, StoreError>) -> Result<Option<Object>, StoreError> {
    match found {
        Ok(object) => Ok(Some(object)),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

//! Deciding: a vote, with the form that goes with it and what the form changes, in one unit of work.

use crate::module::Filled;
use crate::registry::Registry;
use crate::repeat::form_name;
use crate::text::direction_problems;
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Object, Session, StoreError, Unit};
use workflow::{Actor, Channel, EventKind, Instance, OpenApproval, Problem, Rejected, may_decide};

/// A decision that somebody makes.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// The company.
    pub company: String,
    /// The instance.
    pub instance: String,
    /// The approval.
    pub activity: u64,
    /// Who decides.
    pub person: String,
    /// How the person was recognised.
    pub through: Channel,
    /// The decision.
    pub decision: String,
    /// The reason.
    pub comment: Option<String>,
    /// The form, as a page or a program filled it in.
    pub form: Answers,
}

/// A form that was filled in.
#[derive(Debug, Clone)]
pub enum Answers {
    /// There is none.
    None,
    /// By field, from a page.
    Fields(BTreeMap<String, String>),
    /// As a document, from a program.
    Document(Value),
}

/// What became of a decision.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The instance afterwards.
    pub instance: Instance,
    /// The same person had made the same decision before; nothing has changed.
    pub repeated: bool,
}

impl Registry {
    /// Takes a decision. The same decision of the same person is answered like the first time if it says the same.
    pub async fn decide(&self, unit: &mut Unit, deciding: &Deciding) -> Result<Decided, StoreError> {
        let (instance, definition) = unit.instance(&deciding.company, &deciding.instance).await?;
        let asked = instance.open_approval(deciding.activity).map(|(branch, _)| branch.state.as_str());
        let form = match asked.and_then(|state| form_name(&definition, state, &deciding.decision)) {
            None => None,
            Some(name) => self.form(unit, deciding, &instance, name).await?,
        };
        let actor = Actor::Person { id: deciding.person.clone(), through: deciding.through };
        let voted = EventKind::Voted {
            activity: deciding.activity,
            person: deciding.person.clone(),
            decision: deciding.decision.clone(),
            form,
            comment: deciding.comment.clone(),
        };
        match unit.advance(&deciding.company, &deciding.instance, actor, voted).await {
            Ok(instance) => Ok(Decided { instance, repeated: false }),
            Err(StoreError::Rejected(Rejected::Repeated { .. })) => {
                self.compare(unit, deciding, &instance, &definition).await?;
                Ok(Decided { instance, repeated: true })
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the form and stores what it changes. `None` where the vote will not be taken anyway: the core says why.
    async fn form(
        &self,
        unit: &mut Unit,
        deciding: &Deciding,
        instance: &Instance,
        name: &str,
    ) -> Result<Option<Value>, StoreError> {
        if may_decide(instance, deciding.activity, &deciding.person).is_err() {
            return Ok(None);
        }
        let missing = || StoreError::Missing { what: "form", id: name.to_owned() };
        let catalogue = self.of(unit, &deciding.company).await?;
        let module = catalogue.owner(name).ok_or_else(missing)?.module();
        let object = self.subject(unit, &deciding.company, instance, deciding.activity).await?;
        let document = match &deciding.form {
            Answers::None => return Ok(None),
            Answers::Fields(fields) => module.fill(name, object.as_ref(), fields).map_err(StoreError::Problems)?,
            Answers::Document(document) => document.clone(),
        };
        let accepted = module.accept(unit, &deciding.company, name, object.as_ref(), &document).await;
        let Filled { form, revised } = readable(accepted, direction_problems(&document)).map_err(in_form)?;
        if let (Some(data), Some(object)) = (revised, object) {
            let by = (deciding.company.as_str(), deciding.person.as_str(), [].as_slice());
            catalogue.collection_of(&object)?.store(unit, by, &object, data).await?;
        }
        Ok(Some(form))
    }

    /// The object that an open approval is about.
    pub async fn subject(
        &self,
        session: &mut Session,
        company: &str,
        instance: &Instance,
        activity: u64,
    ) -> Result<Option<Object>, StoreError> {
        match instance.open_approval(activity) {
            Some((_, open)) => self.subject_of(session, company, open).await,
            None => Ok(None),
        }
    }

    /// The object that an approval is or was about.
    pub(crate) async fn subject_of(
        &self,
        session: &mut Session,
        company: &str,
        approval: &OpenApproval,
    ) -> Result<Option<Object>, StoreError> {
        match &approval.subject {
            Some(subject) => session.object(company, &subject.kind, &subject.id).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Adds to what the module says of a form the texts that would be shown otherwise than they are stored.
fn readable(accepted: Result<Filled, StoreError>, unreadable: Vec<Problem>) -> Result<Filled, StoreError> {
    match accepted {
        Ok(_) if !unreadable.is_empty() => Err(StoreError::Problems(unreadable)),
        Err(StoreError::Problems(mut problems)) => {
            let more = unreadable.into_iter().filter(|new| problems.iter().all(|known| known.pointer != new.pointer));
            let more: Vec<Problem> = more.collect();
            problems.extend(more);
            Err(StoreError::Problems(problems))
        }
        other => other,
    }
}

/// Problems of a form stand below `/form`, where the caller sent it.
fn in_form(error: StoreError) -> StoreError {
    match error {
        StoreError::Problems(problems) => {
            let below = |problem: Problem| Problem { pointer: format!("/form{}", problem.pointer), ..problem };
            StoreError::Problems(problems.into_iter().map(below).collect())
        }
        other => other,
    }
}

//! A decision that is made once more: the same one is answered like the first time, another one hears what stands.

use crate::decide::{Answers, Deciding};
use crate::registry::Registry;
use store::{Session, StoreError};
use workflow::definition::StateKind;
use workflow::{Definition, Instance, OpenApproval, Rejected, Vote};

impl Registry {
    /// `Ok` if the decision says what the vote of the same person says; else that the vote stands.
    pub(crate) async fn compare(
        &self,
        session: &mut Session,
        deciding: &Deciding,
        instance: &Instance,
        definition: &Definition,
    ) -> Result<(), StoreError> {
        let Some((approval, state)) = approval(instance, deciding.activity) else { return Ok(()) };
        let Some(vote) = approval.vote_of(&deciding.person) else { return Ok(()) };
        let form = form_name(definition, state, &deciding.decision);
        if comment(deciding) == vote.comment.as_deref()
            && self.says_the_same(session, deciding, approval, vote, form).await?
        {
            return Ok(());
        }
        let Vote { name, decision, at, comment, .. } = vote.clone();
        Err(Rejected::Stands { name, decision, at, comment }.into())
    }

    async fn says_the_same(
        &self,
        session: &mut Session,
        deciding: &Deciding,
        approval: &OpenApproval,
        vote: &Vote,
        form: Option<&str>,
    ) -> Result<bool, StoreError> {
        // A form that no decision asks for is not read the first time either.
        let catalogue = self.of(session, &deciding.company).await?;
        let Some((name, owner)) = form.and_then(|name| Some((name, catalogue.owner(name)?))) else { return Ok(true) };
        let Some(stored) = &vote.form else { return Ok(matches!(deciding.form, Answers::None)) };
        let object = self.subject_of(session, &deciding.company, approval).await?;
        let sent = match &deciding.form {
            Answers::None => None,
            Answers::Document(document) => Some(document.clone()),
            Answers::Fields(fields) => owner.module().fill(name, object.as_ref(), fields).ok(),
        };
        Ok(sent.is_some_and(|sent| owner.module().same_form(name, object.as_ref(), &sent, stored)))
    }
}

/// The approval of that number and its state, open or closed.
fn approval(instance: &Instance, activity: u64) -> Option<(&OpenApproval, &str)> {
    let open = instance.open_approval(activity).map(|(branch, open)| (open, branch.state.as_str()));
    open.or_else(|| {
        let closed = instance.closed_approval(activity)?;
        Some((&closed.approval, closed.state.as_str()))
    })
}

/// The form that goes with a decision in a state.
pub(crate) fn form_name<'a>(definition: &'a Definition, state: &str, decision: &str) -> Option<&'a str> {
    match &definition.state(state)?.kind {
        StateKind::Approval(approval) => approval.decision(decision)?.form.as_deref(),
        _ => None,
    }
}

/// The comment as the core keeps it.
fn comment(deciding: &Deciding) -> Option<&str> {
    deciding.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty())
}

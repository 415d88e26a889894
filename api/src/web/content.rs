//! What both pages of a link show: the object, its changes, the votes, the document.

use super::asked::rule;
use super::link::{Opened, moment};
use super::words;
use crate::documents;
use crate::pages::parts::{Document, Vote};
use modules::view::View;
use store::{Reader, StoreError};
use workflow::definition::Approval;
use workflow::{ClosedApproval, OpenApproval};

/// The object as people read it; the title of the step where there is no object.
pub(super) fn view(opened: &Opened) -> View {
    let shown = opened.object.as_ref().and_then(|object| {
        let (installed, _) = opened.catalogue.kind(&object.kind)?;
        Some(installed.module().view(object, &opened.related))
    });
    shown.unwrap_or_else(|| View { title: opened.asked.approval.title.clone(), ..View::default() })
}

/// What changed since this step was asked last.
///
/// Within a workflow an object changes by the forms of decisions, one revision each, so as many revisions are compared
/// as forms were handed in since then.
pub(super) async fn changed(reader: &mut Reader, opened: &Opened) -> Result<Vec<String>, StoreError> {
    let (Some(object), Some(forms)) = (&opened.object, forms_since(opened)) else { return Ok(Vec::new()) };
    let before = object.revision.saturating_sub(forms).max(1);
    let Some((installed, kind)) = opened.catalogue.kind(&object.kind).filter(|_| before < object.revision) else {
        return Ok(Vec::new());
    };
    let earlier = reader.object_at_revision(&opened.link.company, &object.kind, &object.id, before).await?;
    let told = earlier.map(|earlier| installed.module().changes(&kind.collection, &earlier, &object.data));
    Ok(told.unwrap_or_default())
}

/// How many forms were handed in since this state was left last. `None` in the first round.
fn forms_since(opened: &Opened) -> Option<u64> {
    let closed = &opened.instance.closed;
    let last = closed.iter().rposition(|closed| closed.state == opened.asked.state)?;
    // A form of the state itself may have led back to it.
    let votes = closed.iter().skip(last).flat_map(|closed| &closed.approval.votes);
    u64::try_from(votes.filter(|vote| vote.form.is_some()).count()).ok()
}

/// All votes of the instance, oldest first, those of the open approval last.
pub(super) fn history(opened: &Opened) -> Vec<Vote> {
    let closed = &opened.instance.closed;
    let last_rejected = closed.iter().rposition(|closed| closed.outcome == "rejected");
    let mut votes: Vec<Vote> = Vec::new();
    for (n, closed) in closed.iter().enumerate() {
        let rule = rule(&opened.definition, &closed.state);
        let is_past = last_rejected.is_some_and(|last| n <= last);
        for given in &closed.approval.votes {
            let void = (is_past && agreed(rule, closed, &given.decision))
                .then(|| "the request was rejected afterwards.".to_owned());
            votes.push(vote(rule, &closed.approval, given, void));
        }
    }
    let asked = &opened.asked;
    if opened.instance.closed_approval(asked.approval.activity).is_none() {
        votes.extend(asked.approval.votes.iter().map(|given| vote(opened.rule(), &asked.approval, given, None)));
    }
    votes
}

/// Whether a vote agreed in an approval that came to nothing.
fn agreed(rule: Option<&Approval>, closed: &ClosedApproval, decision: &str) -> bool {
    let outcome = rule.and_then(|rule| rule.decision(decision)).map(|decision| decision.outcome.as_str());
    outcome == Some("approved") && (closed.outcome == "approved" || closed.outcome == "rejected")
}

/// A vote as the pages show it.
pub(super) fn vote(
    rule: Option<&Approval>,
    approval: &OpenApproval,
    given: &workflow::Vote,
    void: Option<String>,
) -> Vote {
    let (decision, tone) = words::decided(rule, &given.decision);
    let on_behalf_of = match &given.why {
        workflow::Why::InsteadOf(name) => Some(name.clone()),
        _ => None,
    };
    Vote {
        who: given.name.clone(),
        on_behalf_of,
        decision,
        tone,
        at: moment(given.at),
        step: approval.title.clone(),
        round: approval.round,
        comment: given.comment.clone(),
        void,
    }
}

/// The name and size of the object's document, where its kind has one.
pub(super) async fn document(reader: &mut Reader, opened: &Opened) -> Result<Option<Document>, StoreError> {
    let Some(object) = &opened.object else { return Ok(None) };
    let Some(file) = opened.catalogue.kind(&object.kind).and_then(|(_, kind)| kind.document.clone()) else {
        return Ok(None);
    };
    Ok(Some(match documents::stored(reader, &opened.link.company, object, &file).await? {
        Some(stored) => Document { name: stored.name, size: words::size(stored.bytes.len()) },
        None => Document { name: documents::file_name(object, &file, false), size: "draft".to_owned() },
    }))
}

//! Telling a person who was asked that nothing is left to decide.

use crate::case::Case;
use crate::failure::Failure;
use crate::hands::Hands;
use crate::words::moment;
use serde_json::{Map, Value, json};
use store::Claimed;
use workflow::ClosedApproval;

/// What a release says.
pub(crate) struct Released<'a> {
    pub(crate) activity: u64,
    pub(crate) person: &'a str,
    pub(crate) because: &'a str,
    pub(crate) by: Option<&'a str>,
}

impl Hands {
    /// Sends the mail. The link of the request shows the outcome, so this mail needs no link of its own.
    pub(crate) async fn release(&self, claimed: &Claimed, released: Released<'_>) -> Result<Value, Failure> {
        let mut reader = self.store.read().await?;
        let key = &claimed.key;
        let case = Case::read(&mut reader, &self.registry, key, released.activity, released.person).await?;
        let Some(case) = case else { return Ok(Value::Null) };
        drop(reader);
        let closed = case.instance.closed_approval(released.activity);
        let open = case.instance.open_approval(released.activity).map(|(branch, open)| (branch.state.as_str(), open));
        let found = closed.map(|closed| (closed.state.as_str(), &closed.approval)).or(open);
        let (state, approval) = found.unzip();
        let state = state.or_else(|| Some(case.instance.running()?.branch.state.as_str())).unwrap_or_default();
        let mut context = case.context(state, approval);
        context.extend(outcome(&released, closed, claimed.created_at));
        let written = self.templates.write("mail/closed", &Value::Object(context))?;
        let mail = self.threaded(&case, key, released.activity, written)?;
        self.deliver(&mail).await
    }
}

/// The keys of `closed`. A seat that was given away names who has it now in `next`: the template's `by` is who decided.
fn outcome(released: &Released<'_>, closed: Option<&ClosedApproval>, at: i64) -> Map<String, Value> {
    let reassigned = released.because == "reassigned";
    let taker = released.by.filter(|_| reassigned).map(|name| format!("{name} is asked instead."));
    let comment = closed.and_then(|closed| closed.deciding_vote()).and_then(|vote| vote.comment.as_deref());
    let keys = [
        ("outcome", json!(released.because)),
        ("by", json!(released.by.filter(|_| !reassigned))),
        ("at", json!(moment(closed.map_or(at, |closed| closed.closed_at)))),
        ("comment", json!(comment.filter(|_| !reassigned))),
        ("next", json!(taker)),
    ];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

//! What comes next for a subscription. Looked up outside of any unit: filters and long ways through the log keep nobody
//! waiting.

use super::cloud_event;
use crate::registry::Registry;
use store::{PublishedEvent, Session, StoreError, SubscriptionKey, SubscriptionState};
use workflow::expression::Moment;

/// So far one look goes through the log.
const FAR: u64 = 10_000;
/// So many events of its types it looks at.
const MANY: u32 = 64;

/// What was found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Where the subscription was.
    pub(super) from: u64,
    /// Where it is to be.
    pub(super) to: u64,
    /// The event there; if there is none, nothing up to there is wanted.
    pub(super) event: Option<Found>,
}

/// An event that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) event: PublishedEvent,
    /// Why it is not known whether it is wanted.
    pub(super) doubt: Option<String>,
}

impl Looked {
    /// The place of the event that is wanted.
    #[must_use]
    pub fn event(&self) -> Option<u64> {
        self.event.as_ref().map(|found| found.event.seq)
    }
}

impl Registry {
    /// What comes next; nothing if a subscription is at the end, or is not delivered now.
    pub async fn next_event(
        &self,
        session: &mut Session,
        key: &SubscriptionKey,
        source: &str,
        moment: Moment,
    ) -> Result<Option<Looked>, StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let stored = session.subscription(key).await?.filter(|stored| stored.state == SubscriptionState::Active);
        let Some(from) = stored.map(|stored| stored.position) else { return Ok(None) };
        let catalogue = self.of(session, company).await?;
        let Some(installed) = catalogue.module(module).filter(|_| catalogue.refuses_new(module).is_none()) else {
            return Ok(None);
        };
        let Some(subscription) = installed.manifest.subscription(name) else { return Ok(None) };
        let end = session.last_event(company).await?.min(from.saturating_add(FAR));
        if end <= from {
            return Ok(None);
        }
        let events = session.published_of(company, &subscription.types(), (from, end), MANY).await?;
        let to = if events.len() < MANY as usize { end } else { events.last().map_or(end, |last| last.seq) };
        let own = |event: &PublishedEvent| event.kind.split('.').next() == Some(module.as_str());
        for event in events.into_iter().filter(|event| !own(event)) {
            let doubt = match installed.events().wants(name, &cloud_event(source, &event), moment) {
                Ok(false) => continue,
                Ok(true) => None,
                Err(doubt) => Some(doubt),
            };
            return Ok(Some(Looked { from, to: event.seq, event: Some(Found { event, doubt }) }));
        }
        Ok(Some(Looked { from, to, event: None }))
    }
}

//! Tokens that are shown at the same moment share a query.
//!
//! Each query crosses to the database and back, and under load all who call ask the same kind of question. Whoever comes
//! first asks at once, alone; those who come meanwhile are asked for together by one of them. Nothing is kept: a token
//! that is shown after it was taken back is looked up after that.

use crate::error::StoreError;
use crate::handle::{Reader, Store};
use crate::people::Person;
use crate::tokens::{Shown, hash};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot::{self, Receiver, Sender};

/// Nothing, if the query has failed or its asker went away; then each asks for itself.
type Reply = Option<Option<Person>>;

/// Where those meet who show a token.
#[derive(Default)]
pub(crate) struct Together {
    waiting: Mutex<Vec<(Shown, Sender<Reply>)>>,
    /// Whose turn it is to ask, and the connection for that: it need not go through the pool each time.
    turn: tokio::sync::Mutex<Option<Reader>>,
}

impl Store {
    /// Who speaks with this token in that company: an active person, if the token is valid now.
    pub async fn person_of_token(&self, company: &str, secret: &str) -> Result<Option<Person>, StoreError> {
        let shown = Shown { company: company.to_owned(), hash: hash(secret) };
        let together = self.together();
        let mut reply = together.join(shown.clone());
        let answered = tokio::select! {
            biased;
            answered = &mut reply => answered.ok().flatten(),
            mut turn = together.turn.lock() => self.ask_for_all(&mut turn, &mut reply).await,
        };
        match answered {
            Some(person) => Ok(person),
            None => self.ask_alone(shown).await,
        }
    }

    /// Asks for everybody who waits, unless somebody else has just asked for this one.
    async fn ask_for_all(&self, reader: &mut Option<Reader>, reply: &mut Receiver<Reply>) -> Reply {
        if let Ok(answered) = reply.try_recv() {
            return answered;
        }
        let waiting = self.together().take();
        let shown: BTreeSet<&Shown> = waiting.iter().map(|(shown, _)| shown).collect();
        let found = self.ask_with(reader, &shown).await.ok();
        for (shown, sender) in waiting {
            // Whoever went away does not need its answer.
            let _ = sender.send(found.as_ref().map(|found| found.get(&shown).cloned()));
        }
        reply.try_recv().ok().flatten()
    }

    /// A connection that has failed, or whose query was given up half-way, is not used again.
    async fn ask_with(
        &self,
        reader: &mut Option<Reader>,
        shown: &BTreeSet<&Shown>,
    ) -> Result<BTreeMap<Shown, Person>, StoreError> {
        let now = self.now_ms();
        let mut lent = match reader.take() {
            Some(lent) => lent,
            None => self.read().await?,
        };
        let found = lent.people_of_tokens(shown, now).await?;
        *reader = Some(lent);
        Ok(found)
    }

    async fn ask_alone(&self, shown: Shown) -> Result<Option<Person>, StoreError> {
        let now = self.now_ms();
        let mut found = self.read().await?.people_of_tokens(&BTreeSet::from([&shown]), now).await?;
        Ok(found.remove(&shown))
    }
}

impl Together {
    fn join(&self, shown: Shown) -> Receiver<Reply> {
        let (sender, reply) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((shown, sender));
        reply
    }

    /// Gives the connection back, so that its pool can be closed.
    pub(crate) async fn close(&self) {
        self.turn.lock().await.take();
    }

    fn take(&self) -> Vec<(Shown, Sender<Reply>)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

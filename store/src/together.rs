//! Questions that are asked at the same moment share a query.
//!
//! Each query crosses to the database and back, and under load all who call ask the same kind of question: whose token
//! this is, how an instance stands. Whoever comes first asks at once, alone; those who come meanwhile are asked for
//! together by one of them. Nothing is kept: a token that is shown after it was taken back is looked up after that.

use crate::error::StoreError;
use crate::handle::{Reader, Store};
use crate::ledger::Place;
use crate::people::Person;
use crate::tokens::{Shown, hash};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot::{self, Receiver, Sender};

/// What can be asked for several at once.
pub(crate) trait Question: Ord + Clone + Send + Sync + 'static {
    type Answer: Clone + Send + 'static;

    /// The answers to those that have one.
    fn ask<'a>(
        store: &'a Store,
        reader: &'a mut Reader,
        questions: &'a BTreeSet<&'a Self>,
    ) -> BoxFuture<'a, Result<BTreeMap<Self, Self::Answer>, StoreError>>;
}

/// Nothing, if the query has failed or its asker went away; then each asks for itself.
type Reply<A> = Option<Option<A>>;

/// Somebody who asks.
type Waiting<Q> = (Q, Sender<Reply<<Q as Question>::Answer>>);

/// Where those meet who ask.
pub(crate) struct Together<Q: Question> {
    waiting: Mutex<Vec<Waiting<Q>>>,
    /// Whose turn it is to ask, and the connection for that: it need not go through the pool each time.
    turn: tokio::sync::Mutex<Option<Reader>>,
    /// From then on no connection is kept: its pool would wait for it for ever.
    is_closed: AtomicBool,
}

/// A meeting for each kind of question.
#[derive(Default)]
pub(crate) struct Meetings {
    pub(crate) tokens: Together<Shown>,
    pub(crate) instances: Together<Place>,
}

impl Meetings {
    /// Gives the connections back, so that their pool can be closed.
    pub(crate) async fn close(&self) {
        self.tokens.close().await;
        self.instances.close().await;
    }
}

impl Store {
    /// Who speaks with this token in that company: an active person, if the token is valid now.
    pub async fn person_of_token(&self, company: &str, secret: &str) -> Result<Option<Person>, StoreError> {
        let shown = Shown { company: company.to_owned(), hash: hash(secret) };
        self.together().tokens.answer(self, shown).await
    }
}

impl Question for Shown {
    type Answer = Person;

    fn ask<'a>(
        store: &'a Store,
        reader: &'a mut Reader,
        shown: &'a BTreeSet<&'a Self>,
    ) -> BoxFuture<'a, Result<BTreeMap<Self, Person>, StoreError>> {
        reader.people_of_tokens(shown, store.now_ms()).boxed()
    }
}

impl<Q: Question> Default for Together<Q> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default(), is_closed: AtomicBool::default() }
    }
}

impl<Q: Question> Together<Q> {
    /// The answer, if there is one.
    pub(crate) async fn answer(&self, store: &Store, question: Q) -> Result<Option<Q::Answer>, StoreError> {
        let mut reply = self.join(question.clone());
        let answered = tokio::select! {
            biased;
            answered = &mut reply => answered.ok().flatten(),
            mut turn = self.turn.lock() => self.ask_for_all(store, &mut turn, &mut reply).await,
        };
        match answered {
            Some(answer) => Ok(answer),
            None => ask_alone(store, question).await,
        }
    }

    /// Asks for everybody who waits, unless somebody else has just asked for this one.
    async fn ask_for_all(
        &self,
        store: &Store,
        reader: &mut Option<Reader>,
        reply: &mut Receiver<Reply<Q::Answer>>,
    ) -> Reply<Q::Answer> {
        if let Ok(answered) = reply.try_recv() {
            return answered;
        }
        let waiting = self.take();
        let questions: BTreeSet<&Q> = waiting.iter().map(|(question, _)| question).collect();
        let found = ask_with(store, reader, &questions).await.ok();
        if self.is_closed.load(Ordering::SeqCst) {
            reader.take();
        }
        for (question, sender) in waiting {
            // Whoever went away does not need its answer.
            let _ = sender.send(found.as_ref().map(|found| found.get(&question).cloned()));
        }
        reply.try_recv().ok().flatten()
    }

    /// Whoever asks now gives its connection back by itself.
    async fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.turn.lock().await.take();
    }

    fn join(&self, question: Q) -> Receiver<Reply<Q::Answer>> {
        let (sender, reply) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((question, sender));
        reply
    }

    fn take(&self) -> Vec<Waiting<Q>> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection that has failed, or whose query was given up half-way, is not used again.
async fn ask_with<Q: Question>(
    store: &Store,
    reader: &mut Option<Reader>,
    questions: &BTreeSet<&Q>,
) -> Result<BTreeMap<Q, Q::Answer>, StoreError> {
    let mut lent = match reader.take() {
        Some(lent) => lent,
        None => store.read().await?,
    };
    let found = Q::ask(store, &mut lent, questions).await?;
    *reader = Some(lent);
    Ok(found)
}

async fn ask_alone<Q: Question>(store: &Store, question: Q) -> Result<Option<Q::Answer>, StoreError> {
    let mut reader = store.read().await?;
    let mut found = Q::ask(store, &mut reader, &BTreeSet::from([&question])).await?;
    Ok(found.remove(&question))
}

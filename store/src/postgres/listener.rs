//! Hearing what other nodes have committed.

use super::{Post, unavailable};
use crate::backend::Listener;
use crate::error::StoreError;
use crate::ledger::Bells;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::time::Duration;
use tokio::time::timeout;

/// How long nothing may be heard before the server is asked whether it is there. A cut cable is silent.
const QUIET: Duration = Duration::from_secs(5);
/// How long its answer may take, and the connection in the first place.
const WITHIN: Duration = Duration::from_secs(5);

/// A connection that does nothing but listen.
pub(super) struct Ear {
    listener: PgListener,
    node: String,
}

impl Ear {
    pub(super) async fn on(options: PgConnectOptions, post: Post) -> Result<Self, StoreError> {
        let Post { channel, node } = post;
        // The driver's listener takes its one connection from a pool.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.acquire_timeout(WITHIN).connect_lazy_with(options);
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            // Whoever listens is told of a loss, because it may have missed something.
            listener.eager_reconnect(false);
            listener.listen(&channel).await.map(|()| listener)
        };
        let listener = timeout(WITHIN, listening).await.map_err(|_| silent())?.map_err(unavailable)?;
        Ok(Self { listener, node })
    }

    async fn is_alive(&mut self) -> Result<(), StoreError> {
        let asked = sqlx::raw_sql("SELECT 1").execute(&mut self.listener);
        timeout(WITHIN, asked).await.map_err(|_| silent())?.map(|_| ()).map_err(unavailable)
    }

    /// The bells that a notification is about. Nothing if it is this node's own.
    fn bells(&self, text: &str) -> Option<Bells> {
        let (node, about) = text.split_once(' ')?;
        let rings = |letter| about.contains(letter);
        let bells = Bells { effects: rings('e'), deadlines: rings('d'), installed: rings('i'), events: rings('v') };
        (node != self.node).then_some(bells)
    }
}

impl Listener for Ear {
    fn hear(&mut self) -> BoxFuture<'_, Result<Bells, StoreError>> {
        async move {
            loop {
                let Ok(heard) = timeout(QUIET, self.listener.try_recv()).await else {
                    self.is_alive().await?;
                    continue;
                };
                let cut = || StoreError::Unavailable("the connection that listens was cut".to_owned());
                let notification = heard.map_err(unavailable)?.ok_or_else(cut)?;
                if let Some(bells) = self.bells(notification.payload()) {
                    return Ok(bells);
                }
            }
        }
        .boxed()
    }
}

fn silent() -> StoreError {
    StoreError::Unavailable(format!("PostgreSQL says nothing within {} s", WITHIN.as_secs()))
}

//! While a `GET` is answered: the module's objects and its configuration can be read, and nothing is changed.

use super::reach::{Question, Reach, fill, object, refused};
use futures::FutureExt;
use futures::future::BoxFuture;
use sandbox::Host;
use serde_json::Value;
use store::{Session, StoreError};

pub(super) struct Looking<'s> {
    session: &'s mut Session,
    company: &'s str,
    reach: &'s Reach,
    now_ms: i64,
    broken: Option<StoreError>,
}

impl<'s> Looking<'s> {
    pub(super) fn new(session: &'s mut Session, company: &'s str, reach: &'s Reach, now_ms: i64) -> Self {
        Self { session, company, reach, now_ms, broken: None }
    }

    /// What the store could not do.
    pub(super) fn broken(self) -> Option<StoreError> {
        self.broken
    }

    async fn answer(&mut self, question: &Value) -> Result<Value, StoreError> {
        match self.reach.read(question) {
            Ok(Question::Object { kind, id }) => object(self.session, self.company, &kind, &id).await,
            Ok(Question::Config) => self.reach.config(self.session, self.company).await,
            Ok(_) => Ok(refused("a GET changes nothing and reads objects by their id only; look for others, change and publish in a POST".to_owned())),
            Err(why) => Ok(refused(why)),
        }
    }
}

impl Host for Looking<'_> {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn chance(&mut self, bytes: &mut [u8]) {
        fill(bytes);
    }

    fn log(&mut self, line: &str) {
        self.reach.log(self.company, line);
    }

    fn ask(&mut self, question: Value) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            self.answer(&question).await.map_err(|error| {
                let told = error.to_string();
                self.broken = Some(error);
                told
            })
        }
        .boxed()
    }
}

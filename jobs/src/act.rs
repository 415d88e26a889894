//! The work of a task: a mail, or an action of a module.

use crate::failure::Failure;
use crate::hands::Hands;
use modules::{Action, act_on_lifecycle, is_lifecycle_action};
use serde_json::Value;
use store::EffectKey;

/// The one resource that every installation has.
pub(crate) const SEND_MAIL: &str = "mail.send";

impl Hands {
    /// Does the work and gives its result.
    pub(crate) async fn act(&self, key: &EffectKey, resource: &str, arguments: &Value) -> Result<Value, Failure> {
        if resource == SEND_MAIL {
            return self.send_mail(key, arguments).await;
        }
        let idempotency_key = key.to_string();
        let action = Action {
            store: &self.store,
            company: &key.company,
            instance: &key.instance,
            idempotency_key: &idempotency_key,
            resource,
            arguments,
        };
        if is_lifecycle_action(resource) {
            return Ok(act_on_lifecycle(&self.registry, action).await?);
        }
        let missing = || {
            Failure::never("States.TaskFailed", format!("there is no code for {resource}; is its module installed?"))
        };
        let catalogue = self.registry.of(&mut self.store.read().await?, &key.company).await?;
        let installed = catalogue.action(resource).ok_or_else(missing)?;
        let meter = self.registry.watch().meter(&key.company, installed);
        self.watched(&meter, installed.module().act(action)).await
    }
}

//! Beginning a change: it is planned once more, agreed to, and the only one of its company.

use super::DEFINITIONS;
use super::change::Change;
use super::plan::Plan;
use crate::objects::Caller;
use crate::registry::Registry;
use serde_json::{Value, json};
use store::{NewInstance, Operation, StoreError, Unit};

/// What is needed to begin a change.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// What is to be done.
    pub change: Change,
    /// The id of the plan that was agreed to.
    pub consent: Option<String>,
}

/// A change that has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The instance that does it.
    pub instance: String,
    /// What it does.
    pub plan: Plan,
}

impl Registry {
    /// Begins a change.
    ///
    /// # Errors
    /// `Refused` while another one is under way, if it cannot be done, or if it needs a word of consent.
    pub async fn begin(&self, unit: &mut Unit, by: &Caller, beginning: &Beginning) -> Result<Begun, StoreError> {
        let (company, change) = (by.company.as_str(), &beginning.change);
        let last = unit.last_operation(company).await?;
        if let Some(last) = &last {
            check_over(unit, company, last).await?;
        }
        let plan = self.plan(unit, company, change, None).await?;
        check_consent(&plan, beginning.consent.as_deref())?;
        let change = &plan.pinned(change);
        let instance = unit.new_id();
        let operation = Operation {
            operation: change.to_string(),
            module: change.module.clone(),
            instance: instance.clone(),
            started_by: by.person.id.clone(),
            started_at: unit.now_ms(),
        };
        unit.begin_operation(company, last.as_ref().map(|last| last.instance.as_str()), &operation).await?;
        start(unit, by, change, &plan, &instance).await?;
        Ok(Begun { instance, plan })
    }
}

/// One at a time: two at once would each plan without the other.
async fn check_over(unit: &mut Unit, company: &str, last: &Operation) -> Result<(), StoreError> {
    let running = match unit.instance(company, &last.instance).await {
        Ok((instance, _)) => instance.running().is_some(),
        Err(StoreError::Missing { .. }) => false,
        Err(error) => return Err(error),
    };
    if !running {
        return Ok(());
    }
    let Operation { operation, instance, started_by, .. } = last;
    let sentence =
        format!("{started_by} has begun \"{operation}\", which is not over (instance {instance}); wait for it");
    Err(StoreError::refused("change-under-way", sentence))
}

fn check_consent(plan: &Plan, consent: Option<&str>) -> Result<(), StoreError> {
    match consent {
        Some(id) if id == plan.id => Ok(()),
        Some(_) => {
            let sentence = "what was agreed to is not what would be done by now; ask for the plan again";
            Err(StoreError::refused("plan-changed", sentence))
        }
        None if plan.consent.is_empty() => Ok(()),
        None => {
            let sentence = format!("{}; agree with consent={}", plan.consent.join("; "), plan.id);
            Err(StoreError::refused("consent-needed", sentence))
        }
    }
}

async fn start(unit: &mut Unit, by: &Caller, change: &Change, plan: &Plan, id: &str) -> Result<(), StoreError> {
    let unreadable = |error: serde_json::Error| StoreError::Corrupt(format!("a definition of the lifecycle: {error}"));
    let document: Value = serde_json::from_str(change.kind.definition()).map_err(unreadable)?;
    let definition = format!("{DEFINITIONS}/{}", change.kind.name());
    unit.save_definition(&by.company, &definition, &document).await?;
    let new = NewInstance {
        company: by.company.clone(),
        definition,
        input: json!({ "change": change, "plan": plan, "by": by.person.id }),
        requester: Some(by.person.id.clone()),
        subject: None,
    };
    unit.start_under(id, by.actor(), new).await.map(|_| ())
}

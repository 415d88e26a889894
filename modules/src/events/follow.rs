//! Subscriptions follow what is installed, in the commit that changes it.

use crate::manifest::Begins;
use crate::registry::Registry;
use std::collections::BTreeMap;
use store::{ModuleState, StoreError, SubscriptionKey, SubscriptionState, Unit};

impl Registry {
    /// Begins the subscriptions of what a company has enabled, and lets those of everything else rest. One that was there
    /// before goes on where it is, whatever became of its module meanwhile.
    pub(crate) async fn follow_subscriptions(&self, unit: &mut Unit, company: &str) -> Result<(), StoreError> {
        let catalogue = self.of(unit, company).await?;
        let enabled = catalogue.all().into_iter().filter(|(_, state)| *state == ModuleState::Enabled);
        let wanted: BTreeMap<SubscriptionKey, Begins> = enabled
            .flat_map(|(installed, _)| {
                let module = &installed.manifest.name;
                installed.manifest.consumes.iter().map(move |known| {
                    let (company, module, name) = (company.to_owned(), module.clone(), known.name.clone());
                    (SubscriptionKey { company, module, name }, known.from)
                })
            })
            .collect();
        let known = unit.subscriptions(company, None).await?;
        for gone in known.iter().filter(|known| !wanted.contains_key(&known.key)) {
            if gone.state != SubscriptionState::Resting {
                unit.set_subscription_state(&gone.key, SubscriptionState::Resting).await?;
            }
        }
        for (key, begins) in wanted {
            let goes_on = known.iter().any(|known| known.key == key && known.state != SubscriptionState::Resting);
            if !goes_on {
                unit.begin_subscription(&key, begins == Begins::Beginning).await?;
            }
        }
        Ok(())
    }
}

//! A balancer as small as can be: it asks every node whether it is ready, and sends people to those that are.

use crate::stories::kill::people::World;
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often it asks.
const EVERY: Duration = Duration::from_millis(50);

/// It works until it is dropped.
pub(super) struct Balancer(JoinHandle<()>);

impl Balancer {
    /// Before these nodes, for the people of this world.
    pub(super) fn before(nodes: Vec<String>, world: Arc<World>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        Ok(Self(tokio::spawn(async move {
            loop {
                let mut ready = Vec::new();
                for node in &nodes {
                    let answer = http.get(format!("{node}/readyz")).send().await;
                    ready.extend(answer.is_ok_and(|answer| answer.status() == 200).then(|| node.clone()));
                }
                world.doors.set(ready);
                sleep(EVERY).await;
            }
        })))
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

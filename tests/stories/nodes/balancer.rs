//! A balancer as small as can be: it asks every node whether it is ready, and sends people to those that are.

use crate::stories::kill::people::World;
use anyhow::Result;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often it asks.
const EVERY: Duration = Duration::from_millis(50);
/// Who takes longer to say so is not ready.
const WITHIN: Duration = Duration::from_secs(2);

/// It works until it is dropped.
pub(super) struct Balancer(JoinHandle<()>);

impl Balancer {
    /// Before these nodes, for the people of this world.
    pub(super) fn before(nodes: Vec<String>, world: Arc<World>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(WITHIN).build()?;
        Ok(Self(tokio::spawn(async move {
            loop {
                let ready = join_all(nodes.iter().map(|node| is_ready(&http, node))).await;
                let open = nodes.iter().zip(ready).filter(|(_, ready)| *ready).map(|(node, _)| node.clone());
                let open: Vec<String> = open.collect();
                // Where nobody seems ready, it is more likely that the asking took too long.
                if !open.is_empty() {
                    world.doors.set(open);
                }
                sleep(EVERY).await;
            }
        })))
    }
}

async fn is_ready(http: &reqwest::Client, node: &str) -> bool {
    http.get(format!("{node}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200)
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

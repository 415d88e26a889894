//! A workflow that a schema declares: started with the object, which it drives.

use super::{id, make, send};
use crate::support::{App, Database, stories};
use anyhow::ensure;
use serde_json::json;

stories! {
    /// The manager is asked; while this runs, nobody changes what is decided on.
    async fn a_declared_workflow_drives_its_object(app: App) {
        let made = make(app, "eva", "requests", &json!({ "what": "Three days in Oslo" })).await?;
        ensure!(made["status"] == "asked" && made["approval"]["waiting_for"] == json!(["Mira Okafor"]), "{made}");
        let path = format!("/outings/requests/{}", id(&made));
        let change = json!({ "what": "Ten days in Oslo" });
        let refused = send(app, "eva", "PATCH", &path, Some(&change), &[("If-Match", "*")]).await?;
        ensure!(refused.status == 409 && refused.body["code"] == "workflow-running", "{}", refused.text);
        ensure!(refused.text.contains("wait for its end"), "{}", refused.text);
        app.work().await?;
        let asked = app.mails_to("mira").pop().and_then(|mail| mail.text).unwrap_or_default();
        ensure!(asked.contains("Three days in Oslo"), "{asked}");
        app.approve("mira").await?;
        let agreed = send(app, "eva", "GET", &path, None, &[]).await?;
        ensure!(agreed.body["status"] == "agreed", "{}", agreed.text);
        let changed = send(app, "eva", "PATCH", &path, Some(&change), &[("If-Match", &agreed.etag)]).await?;
        ensure!(changed.status == 200 && changed.body["data"] == change, "{}", changed.text);
        Ok(())
    }
}

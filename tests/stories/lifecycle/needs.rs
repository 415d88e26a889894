//! Modules that need each other.

use super::travel::{change, installed, package, standing};
use crate::support::{App, Database, stories};
use anyhow::ensure;

stories! {
    async fn what_a_module_needs_must_be_there_and_stays_while_it_is_needed(app: App) {
        let fleet = package("fleet", "1.0.0", "requires: { modules: [{ name: travel, version: \">=1.1\" }] }\n")?;
        let (status, refused) = app.upload("ada", "/modules?plan=true", &fleet, &[]).await?;
        let expected = "fleet 1.0.0 needs travel >=1.1, and no version of travel is known here; upload a package of travel \
                        that fits first";
        ensure!(status == 409 && refused["detail"] == expected, "{status} {refused}");
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (_, refused) = app.upload("ada", "/modules?plan=true", &fleet, &[]).await?;
        let detail = refused["detail"].as_str().unwrap_or_default();
        ensure!(detail.contains("and known here is travel 1.0.0"), "{detail}");
        installed(app, "/modules/travel/update", &package("travel", "1.1.0", "")?).await?;
        installed(app, "/modules", &fleet).await?;

        for (method, path) in [("POST", "/modules/travel/disable"), ("DELETE", "/modules/travel"), ("POST", "/modules/travel/rollback")] {
            let (status, refused) = app.call("ada", method, path, None).await?;
            ensure!(status == 409 && refused["code"] == "module-needed", "{method} {path}: {status} {refused}");
            ensure!(refused["detail"].as_str().unwrap_or_default().contains("fleet"), "{refused}");
        }
        change(app, "POST", "/modules/fleet/disable").await?;
        change(app, "POST", "/modules/travel/disable").await?;
        let (status, refused) = app.call("ada", "POST", "/modules/fleet/enable", None).await?;
        ensure!(status == 409 && refused["code"] == "needs-disabled", "{status} {refused}");
        change(app, "POST", "/modules/travel/enable").await?;
        change(app, "POST", "/modules/fleet/enable").await?;
        ensure!(standing(app, "fleet").await?.is_some_and(|(_, state)| state == "enabled"));
        Ok(())
    }
}

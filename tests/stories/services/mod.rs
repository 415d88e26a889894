//! What others are told of a service: its health, its metrics, what can be reached, and where it is.

mod consul;
mod kong;

use super::lifecycle::travel::{installed, package};
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

async fn fetched(app: &App, path: &str, with: &[(&str, &str)]) -> Result<(u16, String)> {
    let mut request = reqwest::Client::new().get(format!("{}{path}", app.base));
    for (name, value) in with {
        request = request.header(*name, *value);
    }
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// The value of a sample.
fn sample(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| line.starts_with(name) && line.as_bytes().get(name.len()) == Some(&b' '))?;
    line.rsplit(' ').next()?.parse().ok()
}

stories! {
    async fn metrics_count_what_modules_do(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        for _ in 0..3 {
            ensure!(app.call("eva", "GET", "/travel/trips", None).await?.0 == 200);
        }
        app.submit("500.00").await?;
        app.work().await?;
        let (status, metrics) = fetched(app, "/metrics", &[]).await?;
        ensure!(status == 200, "{status} {metrics}");
        let of = |name: &str, module: &str| sample(&metrics, &format!("{name}{{company=\"acme\",module=\"{module}\"}}"));
        ensure!(of("countersign_module_request_duration_seconds_count", "travel") == Some(3.0), "{metrics}");
        ensure!(of("countersign_module_health", "travel") == Some(0.0), "{metrics}");
        ensure!(of("countersign_module_request_duration_seconds_count", "purchasing") >= Some(1.0), "{metrics}");
        ensure!(sample(&metrics, "countersign_database_up") == Some(1.0), "{metrics}");
        ensure!(sample(&metrics, "countersign_effects_open") == Some(0.0), "{metrics}");
        ensure!(sample(&metrics, "countersign_commits_total") > Some(0.0), "{metrics}");
        ensure!(metrics.contains("route=\"/api/v1/{company}/{module}/{collection}\",status=\"200\""), "{metrics}");
        ensure!(metrics.contains("countersign_effect_duration_seconds_count{kind=\"ask\",ended=\"done\"}"), "{metrics}");
        // Each family is told of once, before its samples, as the format wants it.
        for line in metrics.lines().filter(|line| line.starts_with("# TYPE ")) {
            ensure!(metrics.lines().filter(|other| *other == line).count() == 1, "{line}");
        }
        ensure!(!metrics.contains("token-of-"), "no secret is told");
        Ok(())
    }

    async fn what_is_told_of_all_companies_is_told_on_this_machine_only(app: App) {
        for path in ["/metrics", "/registry/services", "/modules"] {
            ensure!(fetched(app, path, &[]).await?.0 == 200, "{path}");
            ensure!(fetched(app, path, &[("x-forwarded-for", "192.0.2.7")]).await?.0 == 403, "{path}");
            ensure!(fetched(app, path, &[("host", "evil.example")]).await?.0 == 403, "{path}");
        }
        Ok(())
    }

    async fn readiness_names_modules_and_does_not_hang_on_them(app: App) {
        ensure!(app.call("eva", "GET", "/outings/trips", None).await?.0 == 200);
        let (status, ready) = fetched(app, "/readyz", &[]).await?;
        let ready: Value = serde_json::from_str(&ready)?;
        ensure!(status == 200 && ready["modules"]["outings"]["status"] == "ok", "{ready}");
        ensure!(!ready.to_string().contains("acme"), "no company is named without a token: {ready}");
        Ok(())
    }

    async fn services_are_listed_with_version_and_health(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (_, listed) = fetched(app, "/registry/services", &[]).await?;
        let listed: Value = serde_json::from_str(&listed)?;
        let all = listed["services"].as_array().context("services")?;
        let travel = all.iter().find(|service| service["name"] == "travel").context("travel")?;
        ensure!(travel["version"] == "1.0.0" && travel["base_path"] == "/api/v1/{company}/travel", "{travel}");
        ensure!(travel["health"] == "ok" && travel["companies"][0]["company"] == "acme", "{travel}");
        ensure!(travel["endpoints"][0]["path"] == "/api/v1/{company}/travel/trips", "{travel}");
        ensure!(all.iter().any(|service| service["name"] == "countersign" && service["health_url"].is_string()));
        let (status, own) = app.call("eva", "GET", "/registry/services", None).await?;
        ensure!(status == 200 && own["services"] == listed["services"], "{status} {own}");
        let (_, page) = fetched(app, "/modules", &[]).await?;
        ensure!(page.contains("<strong>travel</strong>") && page.contains("<strong>ok</strong>"), "{page}");
        Ok(())
    }
}

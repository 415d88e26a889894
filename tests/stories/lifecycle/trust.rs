//! Whose packages an installation takes.

use super::travel::{change, install, installed, package, standing};
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use modules::signature::{NewKey, SecretKey};
use modules::{Package, Publisher, Required, Trust};
use serde_json::{Value, json};

/// Somebody who signs, and what others know them by.
struct Signer {
    secret: SecretKey,
    public: String,
}

impl Signer {
    fn new() -> Result<Self> {
        let NewKey { public, secret } = NewKey::generate(None)?;
        Ok(Self { secret: SecretKey::read(&secret, None)?, public })
    }

    fn sign(&self, archive: &[u8]) -> Result<Vec<u8>> {
        Ok(self.secret.sign(&Package::from_archive(archive)?, "as it left us")?.to_archive()?)
    }

    /// An installation that trusts this one.
    fn trust(&self, require: Required) -> Result<Trust> {
        Ok(Trust::new(vec![Publisher::new(Some("Acme Tools"), &self.public, Vec::new())?], require))
    }
}

async fn plan(app: &App, bytes: &[u8]) -> Result<(u16, Value)> {
    app.upload("ada", "/modules?plan=true", bytes, &[]).await
}

async fn refused(app: &App, bytes: &[u8]) -> Result<String> {
    let (_, before) = app.call("ada", "GET", "/modules", None).await?;
    let (status, told) = app.upload("ada", "/modules", bytes, &[]).await?;
    ensure!(status == 422 && told["code"] == "untrusted-package", "{status} {told}");
    let (_, after) = app.call("ada", "GET", "/modules", None).await?;
    ensure!(before == after, "{before} {after}");
    Ok(told["detail"].as_str().unwrap_or_default().to_owned())
}

stories! {
    async fn a_plan_says_who_has_signed_a_package(app: App) {
        let (acme, other) = (Signer::new()?, Signer::new()?);
        app.restart_trusting(acme.trust(Required::None)?).await?;
        let travel = package("travel", "1.0.0", "")?;
        let (status, planned) = plan(app, &acme.sign(&travel)?).await?;
        let differences = planned["plan"]["differences"].to_string();
        ensure!(status == 200 && differences.contains("travel 1.0.0 is signed by Acme Tools, as \\\"as it left us\\\""), "{planned}");
        // Told of the package as it is sent, and of what is kept of it when the change begins: the same plan.
        installed(app, "/modules", &acme.sign(&travel)?).await?;
        for unknown in [package("fleet", "1.0.0", "")?, other.sign(&package("fleet", "1.0.0", "")?)?] {
            let (_, planned) = plan(app, &unknown).await?;
            ensure!(planned.to_string().contains("fleet 1.0.0 is not signed by anybody who is trusted here"), "{planned}");
        }
        Ok(())
    }

    async fn where_signatures_are_required_nothing_else_gets_in(app: App) {
        let (acme, other) = (Signer::new()?, Signer::new()?);
        // From before anybody was asked for a signature.
        installed(app, "/modules", &package("fleet", "1.0.0", "")?).await?;
        change(app, "POST", "/modules/fleet/disable").await?;
        app.restart_trusting(acme.trust(Required::Signed)?).await?;
        let travel = package("travel", "1.0.0", "")?;
        ensure!(refused(app, &travel).await?.contains("is not signed, and packages must be here"));
        ensure!(refused(app, &other.sign(&travel)?).await?.contains("with no key that is trusted here"));
        let (status, known) = app.call("ada", "GET", "/modules/travel", None).await?;
        ensure!(status == 404, "a refused package was kept: {known}");
        // What was uploaded before is not taken into use again.
        let (status, told) = app.call("ada", "POST", "/modules/fleet/enable?plan=true", None).await?;
        ensure!(status == 409 && told["code"] == "untrusted-package", "{status} {told}");
        installed(app, "/modules", &acme.sign(&travel)?).await?;
        ensure!(standing(app, "travel").await?.is_some());

        // Whoever is not trusted any more is asked for again.
        app.restart_trusting(other.trust(Required::Signed)?).await?;
        change(app, "POST", "/modules/travel/disable").await?;
        let (status, told) = app.call("ada", "POST", "/modules/travel/enable?plan=true", None).await?;
        ensure!(status == 409 && told["code"] == "untrusted-package", "{status} {told}");
        let body = json!({ "module": "fleet", "version": "1.0.0" });
        let (status, told) = app.call("ada", "POST", "/modules?plan=true", Some(&body)).await?;
        ensure!(status == 409, "{status} {told}");
        Ok(())
    }

    async fn a_signature_that_is_wrong_is_refused_everywhere(app: App) {
        let acme = Signer::new()?;
        app.restart_trusting(acme.trust(Required::None)?).await?;
        let signed = Package::from_archive(&acme.sign(&package("travel", "1.0.0", "")?)?)?;
        let signature = signed.signature().unwrap_or_default().as_bytes().to_vec();
        let other = Package::from_archive(&package("travel", "1.0.1", "")?)?;
        let files = other.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
        let mixed = Package::of_files(files).signed(String::from_utf8(signature)?);
        ensure!(refused(app, &mixed.to_archive()?).await?.contains("was changed after it was signed"));
        let (status, told) = install(app, "/modules", &acme.sign(&package("travel", "1.0.1", "")?)?).await?;
        ensure!(status == 202, "{status} {told}");
        app.work().await
    }
}

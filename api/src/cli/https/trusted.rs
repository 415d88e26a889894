//! Whose certificates are trusted: those of the system, and of whoever the caller names.

use anyhow::{Context, Result, ensure};
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use std::path::Path;
use std::sync::Arc;

/// TLS by rustls on ring (decision 5).
pub(super) fn config(ca: Option<&Path>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let extra = ca.map(authorities).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).context(
        "no authority is known whose certificates could be trusted; install ca-certificates, or name one with --ca FILE",
    )?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let verifier: Arc<dyn ServerCertVerifier> = Arc::new(verifier);
    // The verifier is the system's own: nothing is weakened by naming it.
    Ok(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unread = || format!("--ca {}: it is no file of certificates in PEM", path.display());
    let read = CertificateDer::pem_file_iter(path).with_context(unread)?;
    let authorities: Vec<CertificateDer<'static>> = read.collect::<Result<_, _>>().with_context(unread)?;
    ensure!(!authorities.is_empty(), "--ca {}: there is no certificate in it", path.display());
    Ok(authorities)
}

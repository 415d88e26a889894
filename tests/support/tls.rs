//! TLS before a server that has none, with a certificate of our own: for this machine, until 2120.

use anyhow::{Context, Result};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The authority that has signed the certificate.
pub(crate) const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/tls/ca.pem");
/// The certificate of `localhost` and 127.0.0.1.
pub(crate) const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/tls/server.pem");
/// Its key, which is good for these tests only.
pub(crate) const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/tls/server.key");

/// The proxy. It ends with this value.
pub(crate) struct TlsProxy {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsProxy {
    /// Stands before the server that listens at this address.
    pub(crate) async fn before(server: String) -> Result<Self> {
        let certificates = CertificateDer::pem_file_iter(CERTIFICATE)?.collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_file(KEY).context("the key of the tests")?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await?);
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(acceptor.clone(), client, server.clone()));
            }
        });
        Ok(Self { address, accepting })
    }

    /// The port on this machine.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

/// Whoever is not served hears that from TLS itself.
async fn carry(acceptor: TlsAcceptor, client: TcpStream, server: String) -> Option<()> {
    let mut client = acceptor.accept(client).await.ok()?;
    let mut server = TcpStream::connect(server).await.ok()?;
    copy_bidirectional(&mut client, &mut server).await.ok().map(|_| ())
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

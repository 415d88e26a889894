//! How commands ask others over HTTP/1.1, with TLS or without: a running service, a registry of packages.
//!
//! Nothing is followed or retried by itself: where a redirect may lead, and who may see a password, is for whoever asks to
//! say. Every wait is bounded.

mod answer;
mod sent;
mod trusted;

use anyhow::{Context, Result, anyhow, bail};
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use indicatif::ProgressBar;
use sent::Sent;
use std::error::Error;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

pub(crate) use answer::Answer;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take until a request is sent and its answer begins: 16 MiB over a slow line, and a plan of many modules.
const ANSWER: Duration = Duration::from_secs(600);

/// A client. Connections are kept and used again.
pub(crate) struct Https {
    plain: Client<HttpConnector, Sent>,
    /// Made when it is first needed: reading the roots of the system takes its time, and a container may have none.
    secure: OnceLock<Client<HttpsConnector<HttpConnector>, Sent>>,
    ca: Option<PathBuf>,
}

/// What is asked.
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Question {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// The same with a header.
    pub(crate) fn with(mut self, name: hyper::header::HeaderName, value: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(value).with_context(|| format!("{name} cannot be sent"))?;
        value.set_sensitive(name == hyper::header::AUTHORIZATION);
        self.headers.insert(name, value);
        Ok(self)
    }
}

impl Https {
    /// A client that also trusts the authorities in this file of PEM.
    pub(crate) fn new(ca: Option<PathBuf>) -> Self {
        let plain = Client::builder(TokioExecutor::new()).build(connector());
        Self { plain, secure: OnceLock::new(), ca }
    }

    /// Asks, and gives the answer when its head has come. The bar counts the bytes of a long body.
    pub(crate) async fn ask(&self, question: Question, bar: &ProgressBar) -> Result<Answer> {
        let url = question.url.clone();
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => bail!("{url} is no address such as https://host"),
        };
        let request = request(question, bar)?;
        let answering = async {
            let asked = if secure { self.secure()?.request(request) } else { self.plain.request(request) };
            anyhow::Ok(asked.await)
        };
        let answered = tokio::time::timeout(ANSWER, answering).await;
        let answered = answered.map_err(|_| anyhow!("{url} has not answered for {} s", ANSWER.as_secs()))??;
        answered.map(Answer::new).map_err(|error| explained(error, &url))
    }

    fn secure(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Sent>> {
        if let Some(secure) = self.secure.get() {
            return Ok(secure);
        }
        let mut connector = connector();
        connector.enforce_http(false);
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(trusted::config(self.ca.as_deref())?);
        let connector = builder.https_only().enable_http1().wrap_connector(connector);
        Ok(self.secure.get_or_init(|| Client::builder(TokioExecutor::new()).build(connector)))
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    connector
}

fn request(question: Question, bar: &ProgressBar) -> Result<Request<Sent>> {
    let Question { method, url, headers, body } = question;
    let length = body.len();
    let mut request = Request::builder().method(method).uri(url.as_str()).body(sent::sent(body, bar))?;
    *request.headers_mut() = headers;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("countersign/", env!("CARGO_PKG_VERSION"))));
    headers.insert(HOST, HeaderValue::from_str(&host(&url))?);
    if length > 0 {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(request)
}

/// Host and port, without the one that goes without saying.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What went wrong, with what helps.
fn explained(error: hyper_util::client::legacy::Error, url: &Url) -> anyhow::Error {
    let (secure, unreached) = (is_about_trust(&error), error.is_connect());
    let error = anyhow::Error::new(error);
    match (secure, unreached) {
        (true, _) => error.context(format!(
            "the certificate of {} is not to be trusted; give the authority that has signed it with --ca FILE",
            host(url)
        )),
        (false, true) => error.context(format!("{} is not to be reached; is it running?", host(url))),
        (false, false) => error.context(format!("{} broke off", host(url))),
    }
}

fn is_about_trust(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        // The cause of an error of input and output is what is in it, and not the cause of that.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = inner.map_or_else(|| error.source(), |inner| Some(inner));
    }
    false
}

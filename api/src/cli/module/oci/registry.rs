//! A repository of a registry, asked by the
//! [OCI Distribution Specification](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md).
//!
//! Whatever comes is believed only as far as its digest and size go. A password goes to the registry itself and to whom it
//! names for tokens, and nowhere else: redirects are followed without it, and never to where everybody could read along.

use super::Access;
use super::challenge::Challenge;
use super::login::Login;
use super::reference::Reference;
use crate::cli::https::{Answer, Https, Question, host};
use anyhow::{Context, Result, bail, ensure};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, LOCATION};
use hyper::{Method, StatusCode};
use indicatif::ProgressBar;
use serde_json::Value;
use url::Url;

/// So many redirects are followed for one request.
const MOST_REDIRECTS: usize = 5;
/// The longest answer with a token, a list or an error, in bytes.
const MOST_TEXT: usize = 1_048_576;

/// A repository.
pub(super) struct Registry {
    https: Https,
    /// `https://host/v2/repository/`
    base: Url,
    repository: String,
    access: Access,
    host: String,
    authorization: Option<String>,
}

/// What is sent along.
#[derive(Clone, Default)]
pub(super) struct Sending {
    pub(super) headers: Vec<(HeaderName, &'static str)>,
    pub(super) body: Bytes,
}

impl Registry {
    pub(super) fn open(reference: &Reference, access: &Access, https: Https) -> Result<Self> {
        let Reference { host, repository, .. } = reference;
        let scheme = if access.plain_http.is_some() { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{host}/v2/{repository}/"))?;
        access.check(&base)?;
        let (repository, access, host) = (repository.clone(), access.clone(), host.clone());
        Ok(Self { https, base, repository, access, host, authorization: None })
    }

    /// The address of something below the repository.
    pub(super) fn at(&self, path: &str) -> Result<Url> {
        Ok(self.base.join(path)?)
    }

    /// Where an answer leads, which must be as safe as where it came from.
    pub(super) fn location(&self, from: &Url, answer: &Answer) -> Result<Url> {
        let location = answer.header(LOCATION).with_context(|| format!("{} does not say where to go on", self.host))?;
        let url = from.join(location).with_context(|| format!("{} leads to \"{location}\"", self.host))?;
        self.access.check(&url).with_context(|| format!("{} leads elsewhere", self.host))?;
        Ok(url)
    }

    /// Asks, with what the registry wants to see first, and follows where it leads.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        url: Url,
        sending: Sending,
        bar: &ProgressBar,
    ) -> Result<Answer> {
        let mut next = url;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.ask_known(&method, &next, &sending, bar).await?;
            if !answer.status.is_redirection() || !matches!(method, Method::GET | Method::HEAD) {
                return Ok(answer);
            }
            next = self.location(&next, &answer)?;
        }
        bail!("{} leads on and on", self.host)
    }

    async fn ask_known(&mut self, method: &Method, url: &Url, sending: &Sending, bar: &ProgressBar) -> Result<Answer> {
        let answer = self.ask_once(method, url, sending, bar).await?;
        if answer.status != StatusCode::UNAUTHORIZED || url.origin() != self.base.origin() {
            return Ok(answer);
        }
        bar.set_position(0);
        let again = self.authorization.is_some();
        let wanted = Challenge::of(&answer.headers)
            .with_context(|| format!("{} wants to know who asks, in a way that is not known here", self.host))?;
        // A token may not be good for this request, or not any more; a password that was refused stays so.
        ensure!(!again || wanted != Challenge::Basic, "{} does not accept this name and password", self.host);
        self.authorization = Some(self.authorized(wanted).await?);
        let answer = self.ask_once(method, url, sending, bar).await?;
        if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let known = if self.access.username.is_some() { "this name and password" } else { "who asks" };
            let refused = refusal(answer).await;
            bail!(
                "{} does not let {known} into {}: {refused}; give --username, or docker login",
                self.host,
                self.repository
            );
        }
        Ok(answer)
    }

    async fn ask_once(&self, method: &Method, url: &Url, sending: &Sending, bar: &ProgressBar) -> Result<Answer> {
        let mut question = Question::new(method.clone(), url.clone());
        for (name, value) in &sending.headers {
            question = question.with(name.clone(), value)?;
        }
        if sending.body.is_empty() && matches!(*method, Method::POST | Method::PUT) {
            question = question.with(CONTENT_LENGTH, "0")?;
        }
        let own = url.origin() == self.base.origin();
        if let Some(authorization) = self.authorization.as_deref().filter(|_| own) {
            question = question.with(AUTHORIZATION, authorization)?;
        }
        question.body = sending.body.clone();
        self.https.ask(question, bar).await
    }

    /// What is shown to meet a challenge.
    async fn authorized(&self, wanted: Challenge) -> Result<String> {
        let login = Login::find(&self.host, self.access.username.as_deref())?;
        match wanted {
            Challenge::Basic => {
                let login =
                    login.with_context(|| format!("{} wants a name and a password: give --username", self.host))?;
                Ok(login.basic())
            }
            Challenge::Bearer { realm, service, scope } => {
                let token = self.token(&realm, service.as_deref(), scope, login).await;
                token.with_context(|| format!("no token for {}", self.host))
            }
        }
    }

    /// Asks for a token, by the [token authentication](https://distribution.github.io/distribution/spec/auth/token/) of registries.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        scope: Option<String>,
        login: Option<Login>,
    ) -> Result<String> {
        let mut url = Url::parse(realm).with_context(|| format!("it would come from \"{realm}\""))?;
        self.access.check(&url)?;
        let scope = scope.unwrap_or_else(|| format!("repository:{}:pull,push", self.repository));
        for (name, value) in [("service", service), ("scope", Some(scope.as_str()))] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let from = host(&url);
        let mut question = Question::new(Method::GET, url);
        if let Some(login) = login {
            question = question.with(AUTHORIZATION, &login.basic())?;
        }
        let answer = self.https.ask(question, &ProgressBar::hidden()).await?;
        if answer.status != StatusCode::OK {
            bail!("{from} gives none: {}; give --username, or docker login", refusal(answer).await);
        }
        let answer: Value = serde_json::from_slice(&answer.bytes(MOST_TEXT, &ProgressBar::hidden()).await?)
            .with_context(|| format!("what {from} answers is no JSON"))?;
        let token = ["token", "access_token"].iter().find_map(|name| answer.get(name)?.as_str());
        Ok(format!("Bearer {}", token.with_context(|| format!("what {from} answers holds no token"))?))
    }
}

/// Why something was refused, in the registry's words if it has any.
pub(super) async fn refusal(answer: Answer) -> String {
    let status = answer.status.as_u16();
    let body = answer.bytes(MOST_TEXT, &ProgressBar::hidden()).await.unwrap_or_default();
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| document.pointer(&format!("/errors/0/{name}")).and_then(Value::as_str);
    // Strangers write it, and terminals obey what is in it.
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    match (text("code"), text("message")) {
        (Some(code), Some(message)) => format!("{status} {}, {}", plain(code), plain(message)),
        (Some(code), None) => format!("{status} {}", plain(code)),
        _ => status.to_string(),
    }
}

/// The text of a short answer.
pub(super) async fn short(answer: Answer) -> Result<Vec<u8>> {
    answer.bytes(MOST_TEXT, &ProgressBar::hidden()).await
}

//! An answer: its head at once, its body when it is wanted and no further than wanted.

use anyhow::{Context, Result, anyhow, ensure};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Response, StatusCode};
use indicatif::ProgressBar;
use std::time::Duration;

/// How long the next bytes may take.
const PIECE: Duration = Duration::from_secs(60);

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
}

impl Answer {
    pub(super) fn new(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// A header, if it is a text.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The whole body.
    ///
    /// # Errors
    /// If it has more bytes than these, which ends the reading, or if it breaks off before its end.
    pub(crate) async fn bytes(mut self, most: usize, bar: &ProgressBar) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(data) = self.piece().await.with_context(|| format!("after {} bytes", bytes.len()))? {
            bar.inc(data.len() as u64);
            bytes.extend_from_slice(&data);
            ensure!(bytes.len() <= most, "the answer has more than {most} bytes; no more of it is read");
        }
        Ok(bytes)
    }

    /// The next bytes of the body; nothing at its end.
    ///
    /// # Errors
    /// If it breaks off before its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>> {
        loop {
            let next = tokio::time::timeout(PIECE, self.body.frame()).await;
            let next = next.map_err(|_| anyhow!("nothing has come for {} s", PIECE.as_secs()))?;
            let Some(frame) = next else { return Ok(None) };
            if let Ok(data) = frame.context("the answer broke off")?.into_data() {
                return Ok(Some(data));
            }
        }
    }
}

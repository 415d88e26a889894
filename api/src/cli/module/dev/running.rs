//! The demo that `module dev` runs, started anew for every state of the folder on the database that it has.

use super::Shown;
use crate::cli::demo::Demo;
use crate::cli::module::source;
use crate::cli::module::test::with;
use crate::cli::{CompiledIn, output};
use crate::pages::respond;
use crate::service::Service;
use anyhow::Context;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use modules::{PackageError, Registry};
use serde_json::{Map, Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// A state of the folder that can be served.
pub(super) struct Wanted {
    /// Name and version.
    pub(super) name: String,
    registry: anyhow::Result<Registry>,
}

impl Wanted {
    /// Reads the folder; all that is wrong with it, a line each.
    pub(super) fn read(folder: &Path, more: &[PathBuf], compiled_in: CompiledIn) -> Result<Self, Vec<String>> {
        let package = source::package(folder).map_err(|error| all_lines(&error))?;
        let manifest = package.manifest().map_err(lines)?;
        let registry = with(&package, more, compiled_in).map_err(|error| vec![format!("{error:#}")])?;
        Ok(Self { name: format!("{} {}", manifest.name, manifest.version), registry: Ok(registry) })
    }

    /// What is compiled in: until the folder can be read.
    pub(super) fn without_module(compiled_in: CompiledIn) -> Self {
        let registry = compiled_in().and_then(Registry::new).map_err(Into::into);
        Self { name: String::new(), registry }
    }
}

/// What is wrong with a folder, of which what cargo says has many lines.
fn all_lines(error: &anyhow::Error) -> Vec<String> {
    format!("{error:#}").lines().map(str::to_owned).collect()
}

fn lines(error: PackageError) -> Vec<String> {
    match error {
        PackageError::Findings(findings) => findings.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    }
}

pub(super) struct Running {
    service: Service,
    data: PathBuf,
    shown: Shown,
    tokens: Map<String, Value>,
}

impl Running {
    /// Starts on a folder that may hold what an earlier start has left.
    pub(super) async fn start(data: &Path, port: u16, wanted: Wanted, shown: Shown) -> anyhow::Result<Self> {
        let data = crate::cli::demo::folder(Some(data.to_path_buf()))?;
        let registry = wanted.registry?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let database = crate::cli::demo::database(&data)?;
        let start = crate::cli::demo::start(listen, database, registry.clone());
        let service = Service::start_with(start, page(shown.clone())).await?;
        let demo = Demo::new(data.clone(), registry)?;
        let tokens = demo.furnish(&service.store).await.context("the demo cannot be set up")?;
        demo.write_file(&service, &tokens)?;
        Ok(Self { service, data, shown, tokens })
    }

    /// The same with another state of the folder, at the same address.
    pub(super) async fn with(self, wanted: Wanted) -> anyhow::Result<Self> {
        let Self { service, data, shown, .. } = self;
        let port = service.address.port();
        service.stop().await;
        Self::start(&data, port, wanted, shown).await
    }

    pub(super) async fn stop(self) {
        self.service.stop().await;
    }

    pub(super) fn explain(&self, json: bool) {
        let base = &self.service.base_url;
        let token = self.tokens.get("eva").and_then(Value::as_str).unwrap_or_default();
        let data = self.data.display().to_string();
        if json {
            output::json_line(&json!({ "base_url": base, "data": data, "company": "acme", "tokens": self.tokens }));
            return;
        }
        let name = self.shown.lock().ok().and_then(|shown| shown.serving.clone());
        output::line(format!("{} is served at {base}", name.as_deref().unwrap_or("The demo without the module")));
        output::line(format!("  problems  {base}/dev"));
        output::line(format!("  mails     {base}/mailbox"));
        output::line(format!("  the API   {base}/openapi"));
        output::line(format!("  kept in   {data}; demo.json there has the tokens of all people"));
        output::line(format!("  eva       Authorization: Bearer {token}"));
    }
}

/// `/dev`, which browsers read anew every second.
fn page(shown: Shown) -> Router {
    let show = move || {
        let page = shown.lock().ok().map(|shown| shown.clone());
        async move {
            let Some(page) = page else { return Err(StatusCode::INTERNAL_SERVER_ERROR) };
            let mut response = respond(StatusCode::OK, &page);
            response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("1"));
            Ok(response)
        }
    };
    Router::new().route("/dev", get(show))
}

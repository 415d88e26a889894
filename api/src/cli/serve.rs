//! `serve`: the service, until it is told to stop.

use super::config::Config;
use super::output;
use crate::connections::Limits;
use crate::service::{Part, Service, Start};
use modules::Registry;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Runs a part of the service until SIGTERM, Ctrl-C or a failed commit.
pub(crate) async fn run(config: &Config, part: Part, registry: Registry) -> anyhow::Result<ExitCode> {
    log(&config.log);
    let service = Service::start(Start {
        listen: config.listen,
        base_url: config.base_url.clone(),
        database: config.database.expose().to_owned(),
        smtp: config.smtp.as_ref().map(|smtp| smtp.expose().to_owned()),
        mail_from: config.mail_from.clone(),
        workers: config.workers,
        part,
        drain: config.drain,
        archive: config.archive()?,
        archive_after_days: config.archive_after_days,
        limits: Limits::default(),
        operation: config.operation(),
        registry,
    });
    let service = service.await?;
    output::line(match part {
        Part::Hands => format!("working; its health is told at http://{}/readyz", service.address),
        _ => format!("listening on http://{}; links begin with {}", service.address, service.base_url),
    });
    Ok(until_told(service).await)
}

/// Waits for the end, and ends in order. A store that has stopped ends the process with an error, so that it is started anew.
pub(crate) async fn until_told(service: Service) -> ExitCode {
    tokio::select! {
        signal = told() => {
            if signal == Signal::Terminate {
                // Whoever waits for the end can have it at once by asking again.
                tokio::select! {
                    () = service.drain() => {}
                    _ = told() => {}
                }
            }
            service.stop().await;
            ExitCode::SUCCESS
        }
        () = service.failed() => {
            output::error(&anyhow::anyhow!("a commit has failed: the process ends, because nobody knows what the disk holds; start it again"));
            ExitCode::FAILURE
        }
    }
}

/// How the process was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C: somebody waits at the terminal.
    Interrupt,
    /// SIGTERM: a supervisor, which gives some time.
    Terminate,
}

/// Waits until the process is told to stop.
pub(crate) async fn told() -> Signal {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        // Without a handler the signal ends the process by itself.
        let _ = interrupt.await;
        return Signal::Interrupt;
    };
    tokio::select! {
        _ = interrupt => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
    }
}

/// Structured logs on the standard error.
pub(crate) fn log(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start within one process, as in tests, keeps the first one.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).try_init();
}

//! `module dev`: a demo with the module, which follows every change of its folder.
//!
//! A change is seen by looking at the files five times a second. That costs a few file attributes, works on every file
//! system, shared ones included, and needs no library. The service is then started anew on the same database, so a module
//! is served exactly as a later start would.

mod running;
mod watch;

use crate::cli::{CompiledIn, output, serve};
use crate::pages::dev::DevPage;
use clap::Args;
use running::{Running, Wanted};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use watch::Folder;

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What `module dev` takes.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// The module's folder, which holds module.yaml
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Another module that it needs: a package file, or a folder; may be given several times
    #[arg(long, value_name = "FOLDER|FILE")]
    with: Vec<PathBuf>,
    /// Where the demo keeps everything; FOLDER/.countersign if absent. It is no part of the package
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where it listens; 0 is any port that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Print a JSON document a line, for programs
    #[arg(long)]
    json: bool,
}

/// What the page shows, over all starts of the service.
pub(super) type Shown = Arc<Mutex<DevPage>>;

pub(super) async fn run(args: &DevArgs, compiled_in: CompiledIn) -> anyhow::Result<ExitCode> {
    serve::log("warn");
    let data = args.data.clone().unwrap_or_else(|| args.folder.join(".countersign"));
    let shown: Shown = Shown::default();
    let mut dev = Dev { folder: &args.folder, more: &args.with, compiled_in, shown, json: args.json, reloads: 0 };
    let mut watched = Folder::look(&args.folder);
    let wanted = dev.read(Instant::now()).unwrap_or_else(|| Wanted::without_module(compiled_in));
    let mut running = Running::start(&data, args.port, wanted, dev.shown.clone()).await?;
    running.explain(args.json);
    let told = serve::told();
    tokio::pin!(told);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = &mut told => break,
            _ = looks.tick() => {}
        }
        let now = Folder::look(&args.folder);
        if now != watched {
            watched = now;
            let began = Instant::now();
            if let Some(wanted) = dev.read(began) {
                running = running.with(wanted).await?;
                dev.reloaded(began);
            }
        }
    }
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

struct Dev<'a> {
    folder: &'a Path,
    more: &'a [PathBuf],
    compiled_in: CompiledIn,
    shown: Shown,
    json: bool,
    reloads: u64,
}

impl Dev<'_> {
    /// Reads the folder. What is wrong is told here and on the page; then nothing is to be started.
    fn read(&mut self, began: Instant) -> Option<Wanted> {
        let read = Wanted::read(self.folder, self.more, self.compiled_in);
        let problems = read.as_ref().err().cloned().unwrap_or_default();
        if let Ok(mut shown) = self.shown.lock() {
            shown.problems.clone_from(&problems);
            if let Ok(wanted) = &read {
                shown.serving = Some(wanted.name.clone());
                shown.reloads = self.reloads;
            }
        }
        if !problems.is_empty() {
            self.tell_problems(&problems, began);
        }
        read.ok()
    }

    fn tell_problems(&self, problems: &[String], began: Instant) {
        if self.json {
            output::json_line(&serde_json::json!({ "problems": problems, "ms": began.elapsed().as_millis() as u64 }));
            return;
        }
        problems.iter().for_each(output::line);
        output::line(format!("refused, {} problems; what was served before goes on", problems.len()));
    }

    fn reloaded(&mut self, began: Instant) {
        self.reloads += 1;
        let name = self.shown.lock().map(|mut shown| {
            shown.reloads = self.reloads;
            shown.serving.clone().unwrap_or_default()
        });
        let (name, ms) = (name.unwrap_or_default(), began.elapsed().as_millis() as u64);
        match self.json {
            true => output::json_line(&serde_json::json!({ "reloaded": name, "ms": ms })),
            false => output::line(format!("{name}: reloaded in {ms} ms")),
        }
    }
}

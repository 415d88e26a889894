//! `bench`: how fast it is here, beside what the disk and the database alone can do.

use super::output;
use crate::bench::{Plan, TimersPlan, run, run_timers};
use clap::{Args, ValueEnum};
use modules::Registry;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Decisions over HTTP, beside the raw limit
    Decisions,
    /// How late timers are among very many
    Timers,
}

/// Measure decisions over HTTP beside the raw limit, or how late timers are.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[arg(value_enum, default_value_t = What::Decisions)]
    what: What,
    /// postgres://... of a database that is used for nothing else; a new SQLite file when absent
    #[arg(long)]
    database: Option<String>,
    /// A folder on the disk that is measured; a new one in the folder for temporary files when absent
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Decisions of one client
    #[arg(long, default_value_t = 500)]
    alone: usize,
    /// Decisions of many clients
    #[arg(long, default_value_t = 20_000)]
    together: usize,
    /// How many clients
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Instances that wait for a year, for `timers`
    #[arg(long, default_value_t = 100_000)]
    open: usize,
    /// Instances that are due within a second, for `timers`
    #[arg(long, default_value_t = 10_000)]
    due: usize,
}

pub(crate) async fn bench(args: BenchArgs, registry: Registry) -> anyhow::Result<ExitCode> {
    let name = format!("countersign-bench-{}", std::process::id());
    let folder = args.folder.unwrap_or_else(std::env::temp_dir).join(name);
    std::fs::create_dir_all(&folder)?;
    let database = args.database.unwrap_or_else(|| format!("sqlite://{}", folder.join("bench.db").display()));
    let BenchArgs { open, due, alone, together, clients, .. } = args;
    let ran = match args.what {
        What::Decisions => {
            let plan = Plan { database, folder: folder.clone(), alone, together, clients };
            run(plan, registry, output::line).await
        }
        What::Timers => run_timers(TimersPlan { database, open, due }, registry, output::line).await,
    };
    std::fs::remove_dir_all(&folder)?;
    ran.map(|()| ExitCode::SUCCESS)
}

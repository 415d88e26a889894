//! `bench`: how fast it is here, beside what the disk and the database alone can do.

use super::output;
use crate::bench::{Plan, run};
use clap::Args;
use modules::Registry;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure decisions over HTTP beside the raw limit.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
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
}

pub(crate) async fn bench(args: BenchArgs, registry: Registry) -> anyhow::Result<ExitCode> {
    let name = format!("countersign-bench-{}", std::process::id());
    let folder = args.folder.unwrap_or_else(std::env::temp_dir).join(name);
    std::fs::create_dir_all(&folder)?;
    let database = args.database.unwrap_or_else(|| format!("sqlite://{}", folder.join("bench.db").display()));
    let plan =
        Plan { database, folder: folder.clone(), alone: args.alone, together: args.together, clients: args.clients };
    let ran = run(plan, registry, output::line).await;
    std::fs::remove_dir_all(&folder)?;
    ran.map(|()| ExitCode::SUCCESS)
}

//! `bench`: how fast it is here, beside what the disk and the database alone can do.

use super::output;
use crate::bench::{Core, Decisions, Engine, Place, TimersPlan, core, decisions, engine, run_timers};
use clap::{Args, Subcommand};
use modules::Registry;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure decisions or whole workflows over HTTP beside the raw limit, how late timers are, or the core by itself.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    what: What,
    /// postgres://... of a database that is used for nothing else; a new SQLite file when absent
    #[arg(long, global = true)]
    database: Option<String>,
    /// A folder on the disk that is measured; a new one in the folder for temporary files when absent
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
    /// How many clients there are when many work at once
    #[arg(long, global = true, default_value_t = 64)]
    clients: usize,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Decisions on instances that are there already
    Decisions {
        /// Decisions of one client
        #[arg(long, default_value_t = 1_000)]
        alone: usize,
        /// Decisions of many clients
        #[arg(long, default_value_t = 20_000)]
        together: usize,
    },
    /// Whole workflows: start, three tasks that do nothing, an approval, the end
    Engine {
        /// Workflows of one client
        #[arg(long, default_value_t = 1_000)]
        alone: usize,
        /// Workflows of many clients
        #[arg(long, default_value_t = 20_000)]
        together: usize,
        /// Workers of each node, who send the requests meanwhile; 0 leaves the requests undone
        #[arg(long, default_value_t = 4)]
        workers: usize,
        /// Nodes that share the database; only with PostgreSQL more than one
        #[arg(long, default_value_t = 1)]
        nodes: usize,
        /// Instances that are open before anything is measured
        #[arg(long, default_value_t = 0)]
        open: usize,
        /// Rounds of one long instance; 0 leaves it out
        #[arg(long, default_value_t = 0)]
        rounds: usize,
    },
    /// A condition, a transition and the text of an instance, without a database
    Core {
        /// How often each is measured
        #[arg(long, default_value_t = 20_000)]
        times: usize,
        /// Steps of one long instance
        #[arg(long, default_value_t = 10_000)]
        steps: usize,
    },
    /// How late timers are among very many
    Timers {
        /// Instances that wait for a year
        #[arg(long, default_value_t = 100_000)]
        open: usize,
        /// Instances that are due within a second
        #[arg(long, default_value_t = 10_000)]
        due: usize,
    },
}

pub(crate) async fn bench(args: BenchArgs, registry: Registry) -> anyhow::Result<ExitCode> {
    let name = format!("countersign-bench-{}", std::process::id());
    let folder = args.folder.unwrap_or_else(std::env::temp_dir).join(name);
    std::fs::create_dir_all(&folder)?;
    let database = args.database.unwrap_or_else(|| format!("sqlite://{}", folder.join("bench.db").display()));
    let (place, clients) = (Place { database, folder: folder.clone() }, args.clients);
    let ran = match args.what {
        What::Decisions { alone, together } => {
            decisions(place, Decisions { alone, together, clients }, registry, output::line).await
        }
        What::Engine { alone, together, workers, nodes, open, rounds } => {
            let plan = Engine { alone, together, clients, workers, nodes, open, rounds };
            engine(place, plan, registry, output::line).await
        }
        What::Core { times, steps } => core(Core { times, steps }, &registry, output::line),
        What::Timers { open, due } => {
            let plan = TimersPlan { database: place.database, open, due };
            run_timers(plan, registry, output::line).await
        }
    };
    std::fs::remove_dir_all(&folder)?;
    ran.map(|()| ExitCode::SUCCESS)
}

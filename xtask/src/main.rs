//! The project's own commands: `cargo xtask test`, `tidy`, `deny`, `fuzz`, `schemathesis` and `ci`.

mod ci;
mod deny;
mod fuzz;
mod run;
mod schemathesis;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything that a contributor or the CI runs; nothing but Rust has to be installed first.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all tests, or those whose names contain one of the filters; `test crash` runs every crash point, `test power
    /// --rounds N` cuts the power so often
    Test {
        /// Parts of test names, and options of the test harness such as `--nocapture`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        filters: Vec<String>,
    },
    /// Check the rules of the repository (who may use whom, file lengths, links, migrations)
    Tidy,
    /// Check licences, sources and known vulnerabilities of all dependencies
    Deny,
    /// Find or get a compiler that builds the code of modules for WebAssembly, and print its path
    Wasm,
    /// Feed hostile and random input to the core
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// definition, expression, paths, events; all of them if none is named
        targets: Vec<String>,
    },
    /// Send what the API's description promises, and what it does not, to a running demo
    Schemathesis,
    /// Run everything that has to hold before a change is merged
    Ci,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test { filters } => test::run_tests(&filters),
        Command::Tidy => tidy::check(),
        Command::Deny => deny::check(),
        Command::Wasm => tools::wasm::print(),
        Command::Fuzz { seconds, targets } => fuzz::run_targets(seconds, &targets),
        Command::Schemathesis => schemathesis::check(),
        Command::Ci => ci::run_checks(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nerror: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

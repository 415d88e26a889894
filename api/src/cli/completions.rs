//! `completions`: what a shell needs to complete commands and options.

use super::output;
use clap::{Args, Command};
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// What `completions` takes.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell. For bash: countersign completions bash > ~/.local/share/bash-completion/completions/countersign
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    generate(args.shell, &mut command, "countersign", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}

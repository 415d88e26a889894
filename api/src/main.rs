//! The binary `countersign`. The only place that names the modules that come with it.

use mimalloc::MiMalloc;
use modules::{Module, PackageError, Registry};
use purchasing::Purchasing;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    api::cli::run(installed)
}

fn installed() -> Result<Registry, PackageError> {
    let purchasing = Purchasing::new().map_err(|error| PackageError::Code(error.to_string()))?;
    Registry::new(vec![Box::new(purchasing) as Box<dyn Module>])
}

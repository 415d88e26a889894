//! The binary `countersign`. The only place that names the modules that come with it.

use mimalloc::MiMalloc;
use modules::{Module, PackageError};
use purchasing::Purchasing;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    api::cli::run(compiled_in)
}

fn compiled_in() -> Result<Vec<Box<dyn Module>>, PackageError> {
    let purchasing = Purchasing::new().map_err(|error| PackageError::Code(error.to_string()))?;
    Ok(vec![Box::new(purchasing)])
}

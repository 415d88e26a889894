//! Code, checked and compiled once.

use crate::failure::Unfit;
use crate::guest::Guest;
use crate::limits::{Limits, MAX_CODE_BYTES, MAX_DEPTH, MAX_STACK_BYTES};
use crate::{check, imports};
use wasmi::{CompilationMode, Config, EnforcedLimits, Engine, Linker, Module};

/// When code is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// What follows from an object's data.
    Compute,
    /// What is wrong with an object.
    Validate,
    /// The last word on what is stored.
    BeforeSave,
    /// What follows from an object that was stored.
    AfterSave,
    /// A task of a workflow.
    Act,
    /// What an object becomes in another version of the module.
    Migrate,
    /// How it does.
    Health,
    /// A request to an endpoint.
    Request,
    /// An event that the module has subscribed to.
    Event,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Compute,
        Self::Validate,
        Self::BeforeSave,
        Self::AfterSave,
        Self::Act,
        Self::Migrate,
        Self::Health,
        Self::Request,
        Self::Event,
    ];

    /// The name under which code exports it.
    pub fn export(self) -> &'static str {
        match self {
            Self::Compute => "countersign_compute",
            Self::Validate => "countersign_validate",
            Self::BeforeSave => "countersign_before_save",
            Self::AfterSave => "countersign_after_save",
            Self::Act => "countersign_act",
            Self::Migrate => "countersign_migrate",
            Self::Health => "countersign_health",
            Self::Request => "countersign_request",
            Self::Event => "countersign_event",
        }
    }
}

/// Code that is ready to be called.
pub struct Code {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    pub(crate) linker: Linker<Guest>,
    pub(crate) limits: Limits,
    hooks: Vec<Hook>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("hooks", &self.hooks).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Code {
    /// Checks and compiles WebAssembly in its binary form.
    ///
    /// # Errors
    /// The first thing for which it cannot be used.
    pub fn new(wasm: &[u8], limits: Limits) -> Result<Self, Unfit> {
        if wasm.len() > MAX_CODE_BYTES {
            return Err(Unfit::TooLarge { bytes: wasm.len(), most: MAX_CODE_BYTES });
        }
        let engine = Engine::new(&config());
        let module = Module::new(&engine, wasm).map_err(|error| Unfit::NotWasm(error.to_string()))?;
        check::modest(wasm)?;
        let hooks = check::fits(&module)?;
        let mut linker = Linker::new(&engine);
        imports::all(&mut linker).map_err(|error| Unfit::NotWasm(error.to_string()))?;
        Ok(Self { engine, module, linker, limits, hooks })
    }

    /// Whether the code wants to be called then.
    pub fn has(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }

    /// When the code wants to be called.
    pub fn hooks(&self) -> &[Hook] {
        &self.hooks
    }
}

/// What is not needed is left out: each proposal is more that could go wrong. A function that runs when the code is
/// loaded would run before anything is counted. All is translated at once: later the steps of the first call would be
/// spent on it, and the same call would not end the same.
fn config() -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        .allow_start_fn(false)
        .ignore_custom_sections(true)
        .wasm_multi_memory(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_tail_call(false)
        .set_max_recursion_depth(MAX_DEPTH)
        .set_max_stack_height(MAX_STACK_BYTES)
        .enforced_limits(EnforcedLimits::strict())
        .compilation_mode(CompilationMode::Eager);
    config
}

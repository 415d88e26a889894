//! Power cuts: a program runs over `tests/power/shim.c`, is killed, and what no sync covers is undone.

mod undo;

use super::chance::Chance;
use super::folder::Folder;
use super::process::Program;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the shim lies.
const SHIM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/power/shim.c");

/// The shim, compiled, and room for its logs.
pub(crate) struct Power {
    folder: Folder,
    library: PathBuf,
    lives: u32,
}

/// One life of a program whose power will be cut.
pub(crate) struct Life {
    /// The program, to be started once.
    pub(crate) program: Program,
    log: PathBuf,
}

/// What a power cut took.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cut {
    /// Writes of the whole life.
    pub(crate) writes: usize,
    /// Syncs that succeeded.
    pub(crate) syncs: usize,
    /// Writes that no sync covers, and that were undone.
    pub(crate) undone: usize,
    /// Sectors of them that had reached the disk nevertheless.
    pub(crate) survived: usize,
}

impl Power {
    /// Compiles the shim.
    ///
    /// # Errors
    /// If there is no C compiler; the message says how to get one.
    pub(crate) fn new() -> Result<Self> {
        let folder = Folder::new()?;
        let library = folder.path().join("shim.so");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let mut compile = Command::new(&compiler);
        compile
            .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", SHIM, "-o"])
            .arg(&library)
            .arg("-ldl")
            .arg("-lpthread");
        let done = compile.output().with_context(|| {
            format!("this test needs a C compiler, as building SQLite does, and there is no `{compiler}`: install gcc or clang, or set CC")
        })?;
        ensure!(done.status.success(), "{SHIM} does not compile:\n{}", String::from_utf8_lossy(&done.stderr));
        Ok(Self { folder, library, lives: 0 })
    }

    /// A life of a program whose files are in this folder. `wishes` are variables of the shim.
    pub(crate) fn life(&mut self, program: &Program, data: &Path, wishes: &[(&str, &str)]) -> Life {
        self.lives += 1;
        let log = self.folder.path().join(format!("{}.undo", self.lives));
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let program = program.clone().with("LD_PRELOAD", text(&self.library));
        let program = program.with("POWER_DIR", text(data)).with("POWER_UNDO", text(&log));
        let program = wishes.iter().fold(program, |program, (name, value)| program.with(name, *value));
        Life { program, log }
    }
}

impl Life {
    /// Undoes everything that no sync covers, once the process is dead. In half of the cuts any sector of it may have
    /// reached the disk.
    pub(crate) fn cut(self, chance: &mut Chance) -> Result<Cut> {
        let log = undo::Log::read(&self.log)?;
        let cut = log.undo(chance.one_in(2).then_some(chance))?;
        std::fs::remove_file(&self.log)?;
        Ok(cut)
    }
}

impl std::ops::AddAssign for Cut {
    fn add_assign(&mut self, other: Self) {
        self.writes += other.writes;
        self.syncs += other.syncs;
        self.undone += other.undone;
        self.survived += other.survived;
    }
}

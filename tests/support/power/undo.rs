//! The undo log of the shim: reading it, and undoing what no sync covers.

use super::Cut;
use crate::support::chance::Chance;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
/// The bytes of a `struct entry`.
const HEAD: usize = 40;

/// A change, a sync, a name that came or went.
struct Entry {
    /// Where it stands in the log.
    at: u64,
    kind: Kind,
    path: PathBuf,
}

enum Kind {
    Created,
    Changed {
        offset: u64,
        size: u64,
        bytes: Vec<u8>,
    },
    /// Covers what stands before that place in the log.
    Synced {
        begun: u64,
    },
    /// The file lives on under this name.
    Removed {
        kept: PathBuf,
    },
}

/// The log of one life.
pub(super) struct Log(Vec<Entry>);

impl Log {
    /// Reads it. The last entry may be half written: its change was never made.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        // A process that dies before it has changed anything may not even have made its log.
        if path.exists() {
            File::open(path)?.read_to_end(&mut bytes)?;
        } else {
            File::create(path)?;
        }
        let (mut entries, mut at) = (Vec::new(), 0);
        while let Some((entry, length)) = entry(&bytes, at, path)? {
            entries.push(entry);
            at += length;
        }
        Ok(Self(entries))
    }

    /// Undoes what no sync covers, the last first. With chance, each sector of it survives once in two times.
    pub(super) fn undo(&self, chance: Option<&mut Chance>) -> Result<Cut> {
        let synced = self.synced();
        let covered = |entry: &&Entry| synced.get(&entry.path).is_some_and(|begun| entry.at < *begun);
        let lost: Vec<&Entry> = self.0.iter().filter(|entry| !covered(entry)).collect();
        let before = chance.is_some().then(|| contents(&lost)).transpose()?;
        for entry in lost.iter().rev() {
            entry.undo()?;
        }
        let mut survived = 0;
        if let (Some(chance), Some(before)) = (chance, before) {
            for (path, written) in before.into_iter().filter(|(path, _)| path.exists()) {
                survived += survive(&path, &written, chance)?;
            }
        }
        let count = |entries: &mut dyn Iterator<Item = &Entry>| entries.filter(|entry| entry.is_change()).count();
        let syncs = self.0.iter().filter(|entry| matches!(entry.kind, Kind::Synced { .. })).count();
        Ok(Cut { writes: count(&mut self.0.iter()), syncs, undone: count(&mut lost.into_iter()), survived })
    }

    /// For each file the place in the log before which everything is on the disk.
    fn synced(&self) -> BTreeMap<PathBuf, u64> {
        let mut synced = BTreeMap::new();
        for entry in &self.0 {
            if let Kind::Synced { begun } = entry.kind {
                let known = synced.entry(entry.path.clone()).or_insert(begun);
                *known = begun.max(*known);
            }
        }
        synced
    }
}

impl Entry {
    fn is_change(&self) -> bool {
        matches!(self.kind, Kind::Changed { .. })
    }

    fn undo(&self) -> Result<()> {
        match &self.kind {
            Kind::Synced { .. } => Ok(()),
            Kind::Created => std::fs::remove_file(&self.path).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error.into()),
            }),
            Kind::Removed { .. } if self.path.exists() => Ok(()),
            Kind::Removed { kept } => std::fs::rename(kept, &self.path).context("a removed file cannot be put back"),
            Kind::Changed { offset, size, bytes } => {
                // A file that was removed afterwards is put back before its changes are undone.
                let mut file = OpenOptions::new().write(true).open(&self.path)?;
                file.seek(SeekFrom::Start(*offset))?;
                file.write_all(bytes)?;
                Ok(file.set_len(*size)?)
            }
        }
    }
}

/// What the files hold that are about to lose something.
fn contents(lost: &[&Entry]) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let changed = lost.iter().filter(|entry| entry.is_change() && entry.path.exists());
    let paths: BTreeSet<&PathBuf> = changed.map(|entry| &entry.path).collect();
    paths.into_iter().map(|path| Ok((path.clone(), std::fs::read(path)?))).collect()
}

/// Puts some of the sectors back that were undone; how many.
fn survive(path: &Path, written: &[u8], chance: &mut Chance) -> Result<usize> {
    let kept = std::fs::read(path)?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut survived = 0;
    for (n, sector) in written.chunks(SECTOR).enumerate() {
        let at = n * SECTOR;
        if kept.get(at..at + sector.len()) == Some(sector) || !chance.one_in(2) {
            continue;
        }
        file.seek(SeekFrom::Start(u64::try_from(at)?))?;
        file.write_all(sector)?;
        survived += 1;
    }
    Ok(survived)
}

/// The entry at this place and its length; nothing if the log ends before.
fn entry(log: &[u8], at: usize, log_path: &Path) -> Result<Option<(Entry, usize)>> {
    let Some(head) = log.get(at..at + HEAD) else { return Ok(None) };
    let mut fields = head.chunks(8).map(|field| field.try_into().map(u64::from_le_bytes));
    let mut field = || fields.next().context("a short entry")?.context("a short field");
    let (kind, offset, size) = (field()?, field()?, field()?);
    let (path, bytes) = (usize::try_from(field()?)?, usize::try_from(field()?)?);
    let body = at + HEAD;
    let (Some(path_text), Some(kept)) = (log.get(body..body + path), log.get(body + path..body + path + bytes)) else {
        return Ok(None);
    };
    let path_text = PathBuf::from(std::str::from_utf8(path_text)?);
    let kind = match u8::try_from(kind)? {
        b'C' => Kind::Created,
        b'W' => Kind::Changed { offset, size, bytes: kept.to_vec() },
        b'S' => Kind::Synced { begun: offset },
        b'U' => Kind::Removed { kept: PathBuf::from(format!("{}.{offset}", log_path.display())) },
        other => bail!("the undo log has an entry of the kind {other} at {at}"),
    };
    Ok(Some((Entry { at: u64::try_from(at)?, kind, path: path_text }, HEAD + path + bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::folder::Folder;

    struct Scene {
        folder: Folder,
        log: Vec<u8>,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: Folder::new().unwrap(), log: Vec::new() }
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join("file")
        }

        fn enter(&mut self, kind: u8, offset: u64, size: u64, bytes: &[u8]) {
            let path = self.file().display().to_string();
            for field in [u64::from(kind), offset, size, path.len() as u64, bytes.len() as u64] {
                self.log.extend(field.to_le_bytes());
            }
            self.log.extend(path.as_bytes());
            self.log.extend(bytes);
        }

        fn cut(&self, chance: Option<&mut Chance>) -> Cut {
            let path = self.folder.path().join("log");
            std::fs::write(&path, &self.log).unwrap();
            Log::read(&path).unwrap().undo(chance).unwrap()
        }
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_is_undone() {
        let mut scene = Scene::new();
        scene.enter(b'W', 0, 4, b"old!");
        let begun = scene.log.len() as u64;
        scene.enter(b'W', 2, 4, b"w!");
        scene.enter(b'S', begun, 0, b"");
        scene.enter(b'W', 4, 4, b"");
        std::fs::write(scene.file(), "nexxyz").unwrap();
        let cut = scene.cut(None);
        assert_eq!(std::fs::read(scene.file()).unwrap(), b"new!");
        assert_eq!((cut.writes, cut.syncs, cut.undone), (3, 1, 2));
    }

    #[test]
    fn an_entry_that_was_not_written_to_its_end_never_happened() {
        let mut scene = Scene::new();
        scene.enter(b'W', 0, 3, b"old");
        scene.log.truncate(scene.log.len() - 1);
        std::fs::write(scene.file(), "old").unwrap();
        assert_eq!(scene.cut(None).writes, 0);
        assert_eq!(std::fs::read(scene.file()).unwrap(), b"old");
    }

    #[test]
    fn a_file_that_was_made_and_never_synced_is_gone() {
        let mut scene = Scene::new();
        scene.enter(b'C', 0, 0, b"");
        scene.enter(b'W', 0, 0, b"");
        std::fs::write(scene.file(), "new").unwrap();
        scene.cut(None);
        assert!(!scene.file().exists());
    }

    #[test]
    fn some_sectors_survive() {
        let mut scene = Scene::new();
        let (old, new) = (vec![b'o'; 64 * SECTOR], vec![b'n'; 64 * SECTOR]);
        scene.enter(b'W', 0, old.len() as u64, &old);
        std::fs::write(scene.file(), new).unwrap();
        let cut = scene.cut(Some(&mut Chance::from(1)));
        let found = std::fs::read(scene.file()).unwrap();
        let kept = found.chunks(SECTOR).filter(|sector| sector.iter().all(|byte| *byte == b'n')).count();
        assert!(kept == cut.survived && (1..64).contains(&kept), "{kept}");
    }
}

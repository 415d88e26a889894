//! Package files as they should be, and as somebody might make them.

use super::{SUMS, sums};
use crate::package::{Package, PackageError};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Read;
use tar::{Archive, Builder, EntryType, Header};

fn package() -> Package {
    let mut package = Package::of([("module.yaml", "name: travel\n"), ("schemas/trip.json", "{}"), ("a.txt", "")]);
    package.put("logo.png", [0x89_u8, 0x50, 0xff, 0].as_slice());
    package
}

/// A tar that nobody should make, compressed.
struct Hostile(Builder<Vec<u8>>);

impl Hostile {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn file(self, path: &str, bytes: &[u8]) -> Self {
        self.entry(path, EntryType::Regular, bytes, bytes.len() as u64)
    }

    /// An entry whose header says whatever it likes.
    fn entry(mut self, path: &str, kind: EntryType, bytes: &[u8], claimed: u64) -> Self {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(claimed);
        header.set_mode(0o644);
        // `set_path` refuses what this is about.
        if let Some(ustar) = header.as_ustar_mut() {
            ustar.name[..path.len()].copy_from_slice(path.as_bytes());
        }
        header.set_cksum();
        self.0.append(&header, bytes).unwrap();
        self
    }

    fn sums(self, package: &Package) -> Self {
        self.file(SUMS, sums(package).as_bytes())
    }

    fn tar(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }

    fn said(self) -> String {
        said(&packed(&self.tar()))
    }
}

fn packed(tar: &[u8]) -> Vec<u8> {
    compress_to_vec(tar, CompressionLevel::Fastest)
}

fn said(bytes: &[u8]) -> String {
    Package::from_archive(bytes).map_or_else(|error| error.to_string(), |_| "fine".to_owned())
}

#[test]
fn what_was_packed_is_unpacked() {
    let archive = package().to_archive().unwrap();
    assert_eq!(Package::from_archive(&archive).unwrap(), package());
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let mut other = Package::default();
    for (path, bytes) in package().files().collect::<Vec<_>>().into_iter().rev() {
        other.put(path, bytes);
    }
    assert_eq!(other.to_archive().unwrap(), package().to_archive().unwrap());
    assert_eq!(other.digest(), package().digest());
    other.put("a.txt", b"x".as_slice());
    assert_ne!(other.digest(), package().digest());
}

#[test]
fn nothing_of_who_packed_it_is_in_it() {
    let archive = package().to_archive().unwrap();
    let mut tar = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(archive.as_slice()).unwrap().read_to_end(&mut tar).unwrap();
    let mut archive = Archive::new(tar.as_slice());
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        let numbers = (header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap(), header.mode().unwrap());
        assert_eq!((numbers, header.username().unwrap()), ((0, 0, 0, 0o644), Some("")));
    }
}

#[test]
fn entries_that_are_no_plain_files_are_refused() {
    for (kind, message) in [
        (EntryType::Symlink, "it is a link"),
        (EntryType::Link, "it is a link"),
        (EntryType::Directory, "it is an entry for a folder"),
        (EntryType::Char, "it is a device"),
        (EntryType::Block, "it is a device"),
        (EntryType::Fifo, "it is a device"),
        (EntryType::GNULongName, "it is an entry that only some programs understand"),
        (EntryType::XHeader, "it is an entry that only some programs understand"),
        (EntryType::XGlobalHeader, "it is an entry that only some programs understand"),
        (EntryType::GNUSparse, "it is an entry that only some programs understand"),
    ] {
        let said = Hostile::new().entry("x", kind, b"", 0).said();
        let remedy = "a package holds plain files only; make it with module pack";
        assert_eq!(said, format!("x:1:1: {message}; {remedy}"), "{kind:?}");
    }
}

#[test]
fn every_entry_that_may_not_be_is_told() {
    let hostile =
        Hostile::new().file("/etc/passwd", b"").file("../up", b"").file("a", b"1").file("a", b"2").file("A", b"");
    let said = hostile.entry("link", EntryType::Symlink, b"", 0).file("b\\c", b"").file("\x1b[31m", b"").said();
    let lines: Vec<&str> = said.lines().map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "/etc/passwd:1:1: the path is absolute",
            "../up:1:1: the path leads through ..",
            "a:1:1: there are two files of this path",
            "A:1:1: it differs from a in capital letters only",
            "link:1:1: it is a link",
            "b\\\\c:1:1: a path may not hold a backslash",
            "\\u{1b}[31m:1:1: a path may not hold invisible signs",
        ]
    );
}

#[test]
fn checksums_cover_every_file() {
    let two = Package::of([("a", "1"), ("b", "2")]);
    let again = "the package was changed after it was packed, or not whole: get it again, or pack it again";
    let fine = Hostile::new().sums(&two).file("a", b"1").file("b", b"2");
    assert_eq!(fine.said(), "fine");
    let changed = Hostile::new().sums(&two).file("a", b"1").file("b", b"3").said();
    assert_eq!(changed, format!("b:1:1: it is not the file of which SHA256SUMS speaks; {again}"));
    let missing = Hostile::new().sums(&two).file("b", b"2").said();
    assert_eq!(missing, format!("SHA256SUMS:1:1: there is no file a, or it is named twice; {again}"));
    let more = Hostile::new().sums(&two).file("a", b"1").file("b", b"2").file("c", b"").said();
    assert_eq!(more, format!("c:1:1: SHA256SUMS does not name it; {again}"));
    let without = Hostile::new().file("a", b"1").said();
    assert_eq!(without, "it has no SHA256SUMS; make it with module pack");
    let nonsense = Hostile::new().file(SUMS, b"what\n").said();
    assert_eq!(nonsense, format!("SHA256SUMS:1:1: this is no line of sha256sum; {again}"));
}

#[test]
fn what_is_cut_or_followed_by_something_is_refused() {
    let archive = package().to_archive().unwrap();
    for end in 0..archive.len() {
        assert_ne!(said(&archive[..end]), "fine", "cut at {end}");
    }
    let longer = [archive.as_slice(), b"x"].concat();
    assert_eq!(said(&longer), "1 bytes come after its end; get it again, or pack it again");
    let twice = [archive.clone(), archive].concat();
    assert!(said(&twice).contains("bytes come after its end"), "{}", said(&twice));
    let mut tar = Hostile::new().sums(&Package::default()).tar();
    tar.extend(b"hidden");
    assert_eq!(said(&packed(&tar)), "something comes after its last file; get it again, or pack it again");
    for nothing in [b"".as_slice(), b"PK\x03\x04", b"name: travel"] {
        assert_eq!(said(nothing), "it is no package: it does not begin like a zstd file; make one with module pack");
    }
}

#[test]
fn headers_that_claim_too_much_take_no_memory() {
    let big = Hostile::new().entry("big", EntryType::Regular, b"", 4 << 30).said();
    assert_eq!(big, "big:1:1: it has 4294967296 bytes, and a file may have 4194304; leave out what is not needed");
    let claims = Hostile::new().entry("a", EntryType::Regular, b"1", 4_000_000).tar();
    let said = said(&packed(&claims[..1_024]));
    assert_eq!(said, "it ends within a; get it again, or pack it again");
    let many = (0..1_001).fold(Hostile::new(), |all, n| all.file(&format!("{n}"), b""));
    assert_eq!(many.said(), "1000:1:1: a package may have 1000 files; leave out what is not needed");
    let all = (0..9).fold(Hostile::new(), |all, n| all.file(&format!("{n}"), &noise(4_194_304)));
    let said = all.said();
    assert!(said.starts_with("it has 3") && said.contains("a package file may have 16777216"), "{said}");
}

/// Bytes that cannot be made shorter.
fn noise(length: usize) -> Vec<u8> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(1_u64), next).skip(1).map(|state| (state >> 56) as u8).take(length).collect()
}

/// Four GiB of zeros in about a hundred kilobytes, as `zstd` would make them: blocks that say "this byte, so many times".
fn bomb() -> Vec<u8> {
    // Magic number; a window of 128 KiB and no content size.
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 7 << 3];
    let block = |last: u32| ((131_072_u32 << 3) | (1 << 1) | last).to_le_bytes()[..3].to_vec();
    for _ in 0..32_767 {
        bytes.extend(block(0));
        bytes.push(0);
    }
    bytes.extend(block(1));
    bytes.push(0);
    bytes
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = bomb();
    assert!(bomb.len() < 200_000);
    let message =
        "it unpacks to more than 27264176 bytes, which is the most that it may have; leave out what is not needed";
    assert_eq!(said(&bomb), message);
}

#[test]
fn a_window_of_gigabytes_is_not_opened() {
    let huge = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 20 << 3, 0x01, 0x00, 0x00];
    assert_eq!(
        said(&huge),
        "unpacking it takes a window of 1073741824 bytes, and 8388608 is the most; pack it with module pack"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Some bytes changed, cut or put in: refused, or the package that it was.
    #[test]
    fn changed_packages_are_refused_or_the_same(changes in changes()) {
        let mut archive = package().to_archive().unwrap();
        change(&mut archive, &changes);
        if let Ok(read) = Package::from_archive(&archive) {
            prop_assert_eq!(read, package());
        }
    }

    /// The same to the tar inside, so that more than the outermost layer is met.
    #[test]
    fn changed_tars_are_refused_or_the_same(changes in changes()) {
        let files = package();
        let all = Hostile::new().sums(&files);
        let mut tar = files.files().fold(all, |all, (path, bytes)| all.file(path, bytes)).tar();
        change(&mut tar, &changes);
        match Package::from_archive(&packed(&tar)) {
            Ok(read) => prop_assert_eq!(read, package()),
            Err(PackageError::Archive(_) | PackageError::Findings(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

type Change = (prop::sample::Index, u8, u8);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6)
}

fn change(bytes: &mut Vec<u8>, changes: &[Change]) {
    for (place, value, what) in changes {
        let place = place.index(bytes.len().max(1));
        match what {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, *value),
            _ => bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte = *value),
        }
    }
}

#[test]
fn a_list_of_checksums_that_says_nothing_right_is_not_told_line_by_line() {
    let found = |lines: usize| {
        let sums = "x\n".repeat(lines);
        match Package::from_archive(&packed(&Hostile::new().file("a", b"1").file(SUMS, sums.as_bytes()).tar())) {
            Err(PackageError::Findings(findings)) => (findings.len(), findings[0].to_string()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(found(100_000).0, 100);
    let (number, said) = found(200_000);
    let bound = "SHA256SUMS:1:1: it has 400000 bytes, and this file may have 262144; leave out what is not needed";
    assert_eq!((number, said.as_str()), (1, bound));
    let said = Hostile::new().file("module.yaml", &vec![b' '; 262_145]).said();
    assert!(said.starts_with("module.yaml:1:1: it has 262145 bytes"), "{said}");
}

//! Runs the targets for some seconds each, on the seeds and on what is made from them, with a stable compiler and always in
//! the same order. `cargo xtask fuzz` calls it.

use std::any::Any;
use std::fs;
use std::panic::{catch_unwind, set_hook};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use workflow_fuzz::chance::Chance;
use workflow_fuzz::{TARGETS, Target, seeds};

/// No input may take longer.
const SLOW: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    // The core catches what its expression engine throws; only what comes out of it counts, and is told below.
    set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(20);
    let only: Vec<String> = arguments.collect();
    if let Some(unknown) = only.iter().find(|only| TARGETS.iter().all(|(name, _)| name != only)) {
        let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no target {unknown}; the targets are: {}", known.join(", "));
        return ExitCode::FAILURE;
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    let mut failed = false;
    for (name, target) in TARGETS.into_iter().filter(|(name, _)| wanted(name)) {
        failed |= !run(name, target, Duration::from_secs(seconds));
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs one target; false when it broke a promise.
fn run(name: &str, target: Target, time: Duration) -> bool {
    let seeds = seeds::of(name);
    let (started, mut tried, mut chance) = (Instant::now(), 0_u64, Chance(0x5EED));
    for input in &seeds {
        tried += 1;
        if !holds(name, target, input) {
            return false;
        }
    }
    while started.elapsed() < time {
        tried += 1;
        if !holds(name, target, &chance.input(&seeds, name == "events")) {
            return false;
        }
    }
    println!("{name}: {tried} inputs, {} of them seeds", seeds.len());
    true
}

/// Whether the target keeps its promises on this input. One that does not is kept.
fn holds(name: &str, target: Target, input: &[u8]) -> bool {
    let started = Instant::now();
    let broken = catch_unwind(|| target(input)).err();
    if broken.is_none() && started.elapsed() < SLOW {
        return true;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
    let file = folder.join(format!("{:016x}", fingerprint(input)));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    let why = broken.map_or_else(|| format!("it took {:?}", started.elapsed()), |panicked| words(panicked.as_ref()));
    println!("{name}: {why}\n{:?}\nkept in {} ({kept:?})", String::from_utf8_lossy(input), file.display());
    false
}

fn words(panicked: &(dyn Any + Send)) -> String {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panicked.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}

/// FNV-1a.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

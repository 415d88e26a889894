//! The guide of docs/modules.md, as a reader follows it: every block is run, and prints what stands below it.

use crate::support::folder::Folder;
use crate::support::process::Program;
use anyhow::{Context, Result, ensure};
use std::net::TcpListener;
use std::process::Command;

const GUIDE: &str = include_str!("../../docs/modules.md");
const FROM: &str = "## From nothing to a module";
/// The ports in the guide. The test takes others, which are free.
const PORTS: [&str; 2] = ["8080", "8081"];
/// Stands before what each block prints.
const MARK: &str = "@@ block ";

/// A block of the guide, with the block below it that says what it prints.
#[derive(Debug, Default)]
struct Block {
    is_background: bool,
    commands: String,
    prints: Option<String>,
}

/// The blocks of a section of the guide, which ends where the next of its kind begins.
fn blocks(from: &str, next: &str) -> Result<Vec<Block>> {
    let guide = GUIDE.split_once(from).context("the guide is gone")?.1;
    let guide = guide.split(next).next().unwrap_or_default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut fences = guide.split("```");
    while let (Some(_), Some(fence)) = (fences.next(), fences.next()) {
        let (language, text) = fence.split_once('\n').context("a block has no lines")?;
        match language {
            "sh" | "sh background" => {
                blocks.push(Block { is_background: language != "sh", commands: text.to_owned(), prints: None });
            }
            "text" => blocks.last_mut().context("nothing prints this")?.prints = Some(text.to_owned()),
            other => anyhow::bail!("a block of the guide is {other}, and is not run"),
        }
    }
    Ok(blocks)
}

/// One script, so that folders and functions live from block to block.
fn script(blocks: &[Block]) -> String {
    let parts = blocks.iter().enumerate().map(|(n, block)| match block.is_background {
        false => format!("echo '{MARK}{n}'\n{}", block.commands),
        // What it prints first is waited for.
        true => format!(
            "{} > ../background.{n} 2>&1 &\nfor _ in $(seq 600); do grep -qxF -e '{}' ../background.{n} && break; sleep 0.1; done\n\
             echo '{MARK}{n}'\nhead -n 1 ../background.{n}\n",
            block.commands.trim_end(),
            block.prints.as_deref().unwrap_or_default().trim_end()
        ),
    });
    format!("trap 'kill $(jobs -p)' EXIT\n{}", parts.collect::<String>())
}

/// Whether a line is what is expected; `…` stands for anything.
fn is_like(line: &str, expected: &str) -> bool {
    let mut rest = line;
    let parts: Vec<&str> = expected.split('…').collect();
    for (n, part) in parts.iter().enumerate() {
        match rest.find(part) {
            Some(at) if n > 0 || at == 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    rest.is_empty() || parts.last() == Some(&"")
}

/// As many ports as the guide has. They are looked for together, so that they differ.
fn free_ports() -> Result<Vec<String>> {
    let listening = PORTS.iter().map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<Vec<_>>>()?;
    listening.iter().map(|listener| Ok(listener.local_addr()?.port().to_string())).collect()
}

#[test]
fn a_newcomer_gets_from_nothing_to_a_module() -> Result<()> {
    let blocks = blocks(FROM, "\n## ")?;
    ensure!(blocks.len() >= 8, "the guide has {} blocks only", blocks.len());
    follow(&blocks)
}

#[test]
fn who_knows_rust_writes_code() -> Result<()> {
    follow(&blocks("### Code in Rust", "\n### ")?)
}

/// Runs the blocks, and compares what they print.
fn follow(blocks: &[Block]) -> Result<()> {
    let ports = free_ports()?;
    let with_ports =
        |text: &str| PORTS.iter().zip(&ports).fold(text.to_owned(), |text, (port, free)| text.replace(port, free));
    let folder = Folder::new()?;
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin)?;
    std::os::unix::fs::symlink(Program::find()?.path(), bin.join("countersign"))?;
    let path = format!("{}:{}", bin.display(), std::env::var("PATH")?);
    let mut bash = Command::new("timeout");
    bash.args(["400", "bash", "-c", &with_ports(&script(blocks))]).current_dir(folder.path()).env("PATH", path);
    bash.env("COUNTERSIGN_SDK", concat!(env!("CARGO_MANIFEST_DIR"), "/../modules/sdk"));
    if let Some(rustc) = std::env::var_os("COUNTERSIGN_TEST_WASM_RUSTC") {
        bash.env("RUSTC", rustc);
    }
    let output = bash.output().context("bash cannot be started")?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for (n, block) in blocks.iter().enumerate() {
        let printed = out.split(MARK).find_map(|part| part.strip_prefix(&format!("{n}\n")));
        let printed = printed.with_context(|| format!("block {n} was not reached:\n{out}\n{err}"))?;
        let Some(expected) = &block.prints else { continue };
        let expected = with_ports(expected);
        let (lines, wanted): (Vec<&str>, Vec<&str>) = (printed.lines().collect(), expected.lines().collect());
        let alike =
            lines.len() == wanted.len() && lines.iter().zip(&wanted).all(|(line, wanted)| is_like(line, wanted));
        ensure!(alike, "the guide says that\n{}\nprints\n{expected}\nand it prints\n{printed}\n{err}", block.commands);
    }
    Ok(())
}

#[test]
fn three_dots_stand_for_anything() {
    assert!(is_like("a 12 bytes", "a … bytes") && is_like("RWabc", "RW…") && is_like("same", "same"));
    assert!(!is_like("a 12 bytes", "b … bytes") && !is_like("same", "sam") && !is_like("x RW", "RW…"));
}

//! The documentation: links lead somewhere, examples are well-formed, and setting up takes two commands.

use std::collections::BTreeSet;

use super::{File, Problem};

const COMMANDS: [&str; 2] = ["cargo run --release -- demo", "cargo xtask test"];

/// A line of a Markdown file and, if it stands in a fenced block, the language of the block.
struct Line<'a> {
    number: usize,
    text: &'a str,
    fence: Option<&'a str>,
}

/// The lines of a Markdown file without the fences themselves.
fn markdown(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut fence = None;
    text.lines().zip(1..).filter_map(move |(text, number)| {
        let Some(language) = text.trim_start().strip_prefix("```") else {
            return Some(Line { number, text, fence });
        };
        fence = if fence.is_some() { None } else { Some(language.trim()) };
        None
    })
}

fn is_markdown(file: &&File) -> bool {
    file.path.ends_with(".md")
}

/// Every relative link of every Markdown file names a file or a folder of the repository.
pub(crate) fn links_lead_somewhere(files: &[File]) -> Vec<Problem> {
    let places = places_of(files);
    let broken = files.iter().filter(is_markdown).flat_map(|file| {
        let prose = markdown(&file.text).filter(|line| line.fence.is_none());
        let links = prose.flat_map(|line| links(line.text).into_iter().map(move |link| (line.number, link)));
        let broken = links.filter(|(_, link)| !leads_somewhere(&places, &file.path, link));
        broken
            .map(|(line, link)| file.problem(line, format!("`{link}` does not exist"), "correct the link"))
            .collect::<Vec<_>>()
    });
    broken.collect()
}

/// All files, and all folders that hold one.
fn places_of(files: &[File]) -> BTreeSet<&str> {
    let folders = |path| std::iter::successors(Some(path), |path: &&str| Some(path.rsplit_once('/')?.0));
    files.iter().flat_map(|file| folders(file.path.as_str())).collect()
}

/// The targets of `[text](target)` and of `[name]: target`.
fn links(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect();
    let definition = prose.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    inline.chain(definition).filter_map(|target| target.split_whitespace().next()).map(str::to_owned).collect()
}

fn leads_somewhere(places: &BTreeSet<&str>, from: &str, link: &str) -> bool {
    let path = link.split('#').next().unwrap_or_default();
    if path.is_empty() || path.starts_with("mailto:") || path.contains("://") {
        return true;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    match resolve(folder, path) {
        Some(target) => target.is_empty() || places.contains(target.as_str()),
        None => false,
    }
}

/// Follows `.` and `..`; nothing if the link leaves the repository.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The README asks for exactly two commands of cargo: one to try the program, one to work on it.
pub(crate) fn the_readme_has_two_commands(files: &[File]) -> Vec<Problem> {
    let Some(readme) = files.iter().find(|file| file.path == "README.md") else {
        return vec![Problem { path: "README.md".into(), line: 1, what: "missing".into(), remedy: "write it".into() }];
    };
    let named: Vec<(usize, String)> = markdown(&readme.text).flat_map(|line| commands(&line)).collect();
    let missing = COMMANDS.iter().filter(|command| !named.iter().any(|(_, named)| named == *command));
    let missing = missing.map(|command| readme.problem(1, format!("`{command}` is missing"), "say what it is for"));
    let others = named.iter().filter(|(_, named)| !COMMANDS.contains(&named.as_str()));
    let remedy = "setting up takes two commands; put others into docs/CONTRIBUTING.md";
    missing.chain(others.map(|(line, named)| readme.problem(*line, format!("`{named}`"), remedy))).collect()
}

/// Lines of shell blocks, and inline code, that call cargo.
fn commands(line: &Line<'_>) -> Vec<(usize, String)> {
    let named: Vec<&str> = match line.fence {
        Some(_) => vec![line.text.trim().trim_start_matches("$ ")],
        None => line.text.split('`').skip(1).step_by(2).collect(),
    };
    let of_cargo = named.into_iter().filter(|command| command.starts_with("cargo "));
    of_cargo.map(|command| (line.number, command.to_owned())).collect()
}

/// Every block of a Markdown file that is marked `json` is JSON.
pub(crate) fn json_blocks_parse(files: &[File]) -> Vec<Problem> {
    files
        .iter()
        .filter(is_markdown)
        .flat_map(|file| blocks(file).into_iter().filter_map(move |b| b.problem(file)))
        .collect()
}

struct Block {
    first_line: usize,
    text: String,
}

impl Block {
    fn problem(&self, file: &File) -> Option<Problem> {
        let problem = serde_json::from_str::<serde_json::Value>(&self.text).err()?;
        let line = self.first_line + problem.line().saturating_sub(1);
        Some(file.problem(line, format!("not JSON: {problem}"), "correct it, or mark the block as text"))
    }
}

/// Lines that follow each other in a `json` block are one block.
fn blocks(file: &File) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = 0;
    for line in markdown(&file.text).filter(|line| line.fence == Some("json")) {
        if line.number != last + 1 || blocks.is_empty() {
            blocks.push(Block { first_line: line.number, text: String::new() });
        }
        last = line.number;
        if let Some(block) = blocks.last_mut() {
            block.text.push_str(line.text);
            block.text.push('\n');
        }
    }
    blocks
}

/// Every `.json` file of `definitions` and `docs` is JSON.
pub(crate) fn json_files_parse(files: &[File]) -> Vec<Problem> {
    let is_ours = |file: &&File| file.path.starts_with("definitions/") || file.path.starts_with("docs/");
    let json = files.iter().filter(is_ours).filter(|file| file.path.ends_with(".json"));
    json.filter_map(|file| Block { first_line: 1, text: file.text.clone() }.problem(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn a_link_to_nowhere_is_found() {
        let text = "[a](b.md) [c](missing.md#x)\n`[d](gone.md)`\n```\n[e](gone.md)\n```\n[f]: ../gone\n[g](../../out)";
        let bad = [("docs/a.md", text), ("docs/b.md", "")];
        assert_eq!(places(links_lead_somewhere, &bad), ["docs/a.md:1", "docs/a.md:6", "docs/a.md:7"]);
    }

    #[test]
    fn files_folders_anchors_and_the_web_are_fine() {
        let text = "[a](b/c.md#x) [b](./b) [c](#d) [e](https://example.org/x) [f](../README.md \"title\") [g](..)";
        let good = [("docs/a.md", text), ("docs/b/c.md", "[up](../a.md)"), ("README.md", "[d](docs/)")];
        assert_eq!(places(links_lead_somewhere, &good), [""; 0]);
    }

    #[test]
    fn a_third_command_and_a_missing_one_are_found() {
        let bad = "```sh\ncargo run --release -- demo\ncargo install x\n```\nThen `cargo build`.";
        let found = places(the_readme_has_two_commands, &[("README.md", bad)]);
        assert_eq!(found, ["README.md:1", "README.md:3", "README.md:5"]);
        assert_eq!(places(the_readme_has_two_commands, &[]), ["README.md:1"]);
    }

    #[test]
    fn the_two_commands_are_fine() {
        let good = "```sh\ncargo run --release -- demo\ncurl localhost\n```\n`cargo xtask test` and `cargo`";
        assert_eq!(places(the_readme_has_two_commands, &[("README.md", good)]), [""; 0]);
    }

    #[test]
    fn broken_json_is_found_on_its_line() {
        let block = "x\n```json\n{}\n```\n```json\n{\"a\": 1,\n\"b\"}\n```\n```text\n{\n```\n";
        assert_eq!(places(json_blocks_parse, &[("docs/a.md", block)]), ["docs/a.md:7"]);
        let files = [("definitions/x/a.asl.json", "{\n,}"), ("docs/b.json", "[1]"), ("tests/c.json", "{")];
        assert_eq!(places(json_files_parse, &files), ["definitions/x/a.asl.json:2"]);
    }
}

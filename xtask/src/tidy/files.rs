//! Single files: short, finished, and with tests that run.

use super::source::{Source, lines_with_name};
use super::{File, Problem};

const MOST_LINES: usize = 450;

/// A file has one subject; a longer one has two.
pub(crate) fn rust_files_are_short(files: &[File]) -> Vec<Problem> {
    let lengths = files.iter().filter(|file| file.is_rust()).map(|file| (file, file.text.lines().count()));
    let remedy = format!("at most {MOST_LINES}: give its second subject a file");
    let long = lengths.filter(|(_, lines)| *lines > MOST_LINES);
    long.map(|(file, lines)| file.problem(lines, format!("{lines} lines"), remedy.clone())).collect()
}

/// No notes to ourselves and no code that gives up because it was never written.
pub(crate) fn nothing_is_left_for_later(files: &[File]) -> Vec<Problem> {
    let texts = files.iter().filter(|file| is_prose_or_code(&file.path));
    texts.flat_map(|file| if file.is_rust() { unfinished_rust(file) } else { notes(file, &file.text) }).collect()
}

fn is_prose_or_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "rs" | "md" | "toml" | "sql" | "html" | "css" | "js" | "yaml" | "yml" | "sh") || name == "run"
}

fn unfinished_rust(file: &File) -> Vec<Problem> {
    let source = Source::read(&file.text);
    let macros = [concat!("to", "do!"), concat!("unimple", "mented!")];
    let calls = macros.into_iter().flat_map(|name| {
        let lines: Vec<usize> = lines_containing(&source.code, name).collect();
        lines.into_iter().map(move |line| file.problem(line, format!("`{name}`"), "write it, or return an error"))
    });
    calls.chain(notes(file, &source.comments)).collect()
}

/// The words are put together here, because this file is checked too.
fn notes(file: &File, text: &str) -> Vec<Problem> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let found = words.into_iter().flat_map(|word| {
        let lines: Vec<usize> = lines_with_name(text, word).collect();
        lines
            .into_iter()
            .map(move |line| file.problem(line, format!("`{word}`"), "do it now, or say what is missing and why"))
    });
    found.collect()
}

/// A test that does not run says nothing; one that cannot run everywhere says what it needs and fails.
pub(crate) fn no_test_is_ignored(files: &[File]) -> Vec<Problem> {
    let attribute = concat!("#[ig", "nore");
    let found = files.iter().filter(|file| file.is_rust()).flat_map(|file| {
        let lines: Vec<usize> = lines_containing(&Source::read(&file.text).code, attribute).collect();
        lines.into_iter().map(|line| file.problem(line, "an ignored test", "make it run or remove it"))
    });
    found.collect()
}

fn lines_containing<'a>(text: &'a str, what: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.split('\n').enumerate().filter(move |(_, line)| compact(line).contains(what)).map(|(index, _)| index + 1)
}

/// Tokens are separated by spaces in the code half of a source.
fn compact(line: &str) -> String {
    line.chars().filter(|character| !character.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn the_line_after_the_last_allowed_one_is_found() {
        let (long, short) = ("x\n".repeat(MOST_LINES + 1), "x\n".repeat(MOST_LINES));
        assert_eq!(places(rust_files_are_short, &[("a.rs", &long), ("b.rs", &short), ("c.md", &long)]), ["a.rs:451"]);
    }

    #[test]
    fn notes_and_unwritten_code_are_found() {
        let comment = format!("fn f() {{}}\n// {}: later", concat!("TO", "DO"));
        let call = format!("\n fn f() {{ {}() }}", concat!("to", "do!"));
        let prose = format!("{} what is this", concat!("FIX", "ME"));
        let bad = [("a.rs", comment.as_str()), ("b.rs", call.as_str()), ("docs/c.md", prose.as_str())];
        assert_eq!(places(nothing_is_left_for_later, &bad), ["a.rs:2", "b.rs:2", "docs/c.md:1"]);
    }

    #[test]
    fn the_currency_code_for_no_currency_is_not_a_note() {
        let code = format!("const NO_CURRENCY: &str = \"{}\";", concat!("XX", "X"));
        assert_eq!(places(nothing_is_left_for_later, &[("a.rs", &code)]), [""; 0]);
    }

    #[test]
    fn ignored_tests_are_found() {
        let bad = format!("#[test]\n{} = \"slow\"]\nfn f() {{}}", concat!("#[ig", "nore"));
        assert_eq!(places(no_test_is_ignored, &[("a.rs", &bad)]), ["a.rs:2"]);
        assert_eq!(places(no_test_is_ignored, &[("a.rs", "#[test]\nfn ignore() {}")]), [""; 0]);
    }
}

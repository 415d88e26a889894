//! A machine as a Mermaid flowchart, for pages and documents that draw those.

use super::graph::{Edge, Kind, Machine, Node, Type};
use super::text::shortened;
use std::fmt::Write;

/// The longest text of a box or a label.
const MOST: usize = 80;

/// The flowchart.
pub(super) fn write(machine: &Machine) -> String {
    let mut chart = Chart { text: String::from("flowchart TD\n"), next: 0 };
    chart.machine(machine, 1);
    chart.text
}

struct Chart {
    text: String,
    /// Names of boxes are numbers: Mermaid takes few letters in them.
    next: usize,
}

impl Chart {
    fn machine(&mut self, machine: &Machine, depth: usize) {
        let first = self.next;
        self.next += machine.nodes.len();
        for (node, place) in machine.nodes.iter().zip(first..) {
            self.node(node, place, depth);
        }
        for edge in &machine.edges {
            self.edge(edge, first, depth);
        }
    }

    fn line(&mut self, depth: usize, line: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 4);
    }

    fn node(&mut self, node: &Node, place: usize, depth: usize) {
        let words = words(node);
        match node.kind {
            Kind::Start => self.line(depth, format_args!("n{place}((\" \"))")),
            Kind::End => self.line(depth, format_args!("n{place}(((\" \")))")),
            Kind::State(Type::Parallel | Type::Map) => {
                self.line(depth, format_args!("subgraph n{place}[\"{words}\"]"));
                node.inner.iter().for_each(|inner| self.machine(inner, depth + 1));
                self.line(depth, format_args!("end"));
            }
            Kind::State(Type::Choice) => self.line(depth, format_args!("n{place}{{\"{words}\"}}")),
            Kind::State(Type::Succeed | Type::Fail) => self.line(depth, format_args!("n{place}([\"{words}\"])")),
            Kind::State(Type::Approval) => self.line(depth, format_args!("n{place}[/\"{words}\"/]")),
            Kind::State(_) => self.line(depth, format_args!("n{place}[\"{words}\"]")),
        }
    }

    fn edge(&mut self, edge: &Edge, first: usize, depth: usize) {
        let labels: Vec<&str> = edge.labels.iter().map(String::as_str).filter(|label| !label.is_empty()).collect();
        let label = escaped(&shortened(&labels.join(", "), MOST));
        let (from, to) = (first + edge.from, first + edge.to);
        let arrow = if edge.catch { "-.->" } else { "-->" };
        match label.is_empty() {
            true => self.line(depth, format_args!("n{from} {arrow} n{to}")),
            false => self.line(depth, format_args!("n{from} {arrow}|\"{label}\"| n{to}")),
        }
    }
}

fn words(node: &Node) -> String {
    let texts = std::iter::once(&node.name).chain(&node.lines);
    texts.map(|text| escaped(&shortened(text, MOST))).collect::<Vec<_>>().join("<br/>")
}

/// Everything that Mermaid or the HTML that it makes could take for markup becomes a character reference.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_control() => {}
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '*' | '_' | '|' | '[' | ']' | '{' | '}' | '(' | ')' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("a\"]; end<b>\n#1"), "a#34;#93;#59; end#60;b#62;#35;1");
    }
}

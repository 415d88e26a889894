//! From the events of the parser to a value with the place of each of its parts.

use super::{Document, Flaw, MAX_DEPTH, scalar};
use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use workflow::definition::Position;

pub(super) fn read(text: &str) -> (Document, Vec<Flaw>) {
    let mut reader = Reader::default();
    for next in Parser::new_from_str(text) {
        match next {
            Ok((event, span)) => reader.take(event, span),
            Err(error) => {
                reader.flaws.push(unreadable(&error));
                break;
            }
        }
        if reader.given_up {
            break;
        }
    }
    let value = reader.root.unwrap_or_default();
    (Document { value, places: reader.places }, reader.flaws)
}

#[derive(Default)]
struct Reader {
    root: Option<Value>,
    places: HashMap<String, Position>,
    flaws: Vec<Flaw>,
    /// The collections that are being read, from the outermost.
    open: Vec<Open>,
    documents: usize,
    given_up: bool,
}

/// A collection that is being read.
enum Open {
    List { pointer: String, items: Vec<Value> },
    Fields { pointer: String, fields: Map<String, Value>, name: Option<String> },
}

impl Open {
    /// The pointer of what comes next in it.
    fn next(&self) -> String {
        match self {
            Self::List { pointer, items } => format!("{pointer}/{}", items.len()),
            Self::Fields { pointer, name, .. } => {
                format!("{pointer}/{}", name.as_deref().unwrap_or_default().replace('~', "~0").replace('/', "~1"))
            }
        }
    }
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let at = position(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.as_ref());
                self.scalar(&text, style, at);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.as_ref());
                self.open(at, |pointer| Open::List { pointer, items: Vec::new() });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.as_ref());
                self.open(at, |pointer| Open::Fields { pointer, fields: Map::new(), name: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.flaw(at, "an alias (*name) stands for what is written elsewhere", "write it out");
                self.value(Value::Null);
            }
            Event::DocumentStart(..) => self.document(at),
            _ => {}
        }
    }

    fn document(&mut self, at: Position) {
        self.documents += 1;
        if self.documents > 1 {
            self.flaw(at, "a second document begins here", "keep one document in the file");
            self.given_up = true;
        }
    }

    fn refuse_extras(&mut self, at: Position, anchor: usize, tag: Option<&Cow<'_, Tag>>) {
        if anchor != 0 {
            self.flaw(at, "an anchor (&name) cannot be used", "leave it out, and write out what its aliases stand for");
        }
        if tag.is_some() {
            self.flaw(at, "a tag (!name) cannot be used", "leave it out; quotes make a text");
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Position) {
        if let Some(Open::Fields { name: name @ None, fields, .. }) = self.open.last_mut() {
            *name = Some(text.to_owned());
            let again = fields.contains_key(text);
            self.mark(at);
            if again {
                self.flaw(at, format!("\"{text}\" is given twice"), "keep one of them");
            }
            return;
        }
        self.mark(at);
        self.value(match style {
            ScalarStyle::Plain => scalar::plain(text),
            _ => Value::String(text.to_owned()),
        });
    }

    /// Remembers the place of what comes next. A field is where its name is, so its value changes nothing.
    fn mark(&mut self, at: Position) {
        let pointer = self.open.last().map(Open::next).unwrap_or_default();
        self.places.entry(pointer).or_insert(at);
    }

    fn open(&mut self, at: Position, collection: impl FnOnce(String) -> Open) {
        if matches!(self.open.last(), Some(Open::Fields { name: None, .. })) {
            self.flaw(at, "the name of a field must be a text", "write a name before the colon");
            self.given_up = true;
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            self.flaw(at, format!("values are nested more than {MAX_DEPTH} levels deep"), "nest less");
            self.given_up = true;
            return;
        }
        self.mark(at);
        let pointer = self.open.last().map(Open::next).unwrap_or_default();
        self.open.push(collection(pointer));
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::List { items, .. }) => self.value(Value::Array(items)),
            Some(Open::Fields { fields, .. }) => self.value(Value::Object(fields)),
            None => {}
        }
    }

    fn value(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::List { items, .. }) => items.push(value),
            Some(Open::Fields { fields, name, .. }) => {
                if let Some(name) = name.take() {
                    fields.entry(name).or_insert(value);
                }
            }
        }
    }

    fn flaw(&mut self, position: Position, message: impl Into<String>, remedy: impl Into<String>) {
        self.flaws.push(Flaw { position, message: message.into(), remedy: remedy.into() });
    }
}

fn unreadable(error: &ScanError) -> Flaw {
    let message = format!("this is not YAML: {}", error.info());
    Flaw { position: position(error.marker()), message, remedy: "mend the text here or just before".to_owned() }
}

/// The parser counts columns from 0.
fn position(marker: &Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

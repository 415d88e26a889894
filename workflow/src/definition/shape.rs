//! How a state makes what it needs from its input, and its output from its result: in JSONata, or with JSONPath.

use super::fields::{Fields, template_at};
use super::problem::below;
use crate::expression::{Expression, Template};
use crate::jsonpath::{Path, Payload, ReferencePath, Source};
use serde_json::Value;

/// Which query language a state is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `{% ... %}`.
    Jsonata,
    /// `$.a.b`, fields that end in `.$`, and intrinsic functions.
    JsonPath,
}

/// The data flow of a state.
#[derive(Debug, Clone)]
pub enum Shape {
    /// In JSONata.
    Jsonata(Jsonata),
    /// With JSONPath.
    JsonPath(Box<JsonPath>),
}

/// `Arguments`, `Output`, `Assign`.
#[derive(Debug, Clone, Default)]
pub struct Jsonata {
    /// What the state's work is given; its input when absent.
    pub arguments: Option<Template>,
    /// Its output; its result when absent.
    pub output: Option<Template>,
    /// Variables it sets.
    pub assign: Option<Template>,
}

/// `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, `Assign`.
#[derive(Debug, Clone)]
pub struct JsonPath {
    /// What of the input is used.
    pub input: Selected,
    /// What the state's work is given, made from that.
    pub parameters: Option<Payload>,
    /// What is made of the result.
    pub selector: Option<Payload>,
    /// Where the result goes in the input.
    pub place: Placed,
    /// What of that is the output.
    pub output: Selected,
    /// Variables it sets.
    pub assign: Option<Payload>,
}

/// `InputPath` and `OutputPath`.
#[derive(Debug, Clone)]
pub enum Selected {
    /// Everything: `$`, or no word of it.
    All,
    /// Nothing: null, which means `{}`.
    Nothing,
    /// A part.
    Part(Path),
}

/// `ResultPath`.
#[derive(Debug, Clone)]
pub enum Placed {
    /// The result takes the place of the input: `$`, or no word of it.
    Whole,
    /// The result is dropped: null.
    Nowhere,
    /// The result is put into the input.
    At(ReferencePath),
}

/// A value that is known when the definition is saved, or when the state is entered.
#[derive(Debug, Clone)]
pub enum Computed {
    /// As it stands.
    Fixed(Value),
    /// In JSONata.
    Expression(Expression),
    /// A path, or a call of an intrinsic function.
    Source(Source),
}

/// What is made for each item of a `Map`, or for each batch.
#[derive(Debug, Clone)]
pub enum Selector {
    /// In JSONata.
    Jsonata(Template),
    /// With JSONPath.
    JsonPath(Payload),
}

impl Shape {
    /// Whether the state is in JSONata.
    pub fn is_jsonata(&self) -> bool {
        matches!(self, Self::Jsonata(_))
    }
}

/// Which fields of the data flow a state has, beside `Assign`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Has {
    pub(super) arguments: bool,
    pub(super) result: bool,
    pub(super) output: bool,
}

impl Has {
    /// `Choice`, `Wait`, `Succeed`: what comes in goes out.
    pub(super) const PASSED: Self = Self { arguments: false, result: false, output: true };
    /// `Pass`: in JSONPath it shapes its input as if that were a result.
    pub(super) const SHAPED: Self = Self { arguments: false, result: true, output: true };
    /// `Task`, `Parallel`: work that is given something and yields something.
    pub(super) const WORKED: Self = Self { arguments: true, result: true, output: true };
    /// `Map`: its items are given their own.
    pub(super) const MAPPED: Self = Self { arguments: false, result: true, output: true };
    /// A rule of `Choice` in JSONPath.
    pub(super) const ASSIGNED: Self = Self { arguments: false, result: false, output: false };
    /// A rule of `Catch`.
    pub(super) const CAUGHT: Self = Self { arguments: false, result: true, output: false };
}

pub(super) fn shape(fields: &Fields<'_>, language: Language, has: Has) -> Shape {
    match language {
        Language::Jsonata => Shape::Jsonata(Jsonata {
            arguments: if has.arguments { fields.template("Arguments") } else { None },
            output: fields.template("Output"),
            assign: super::states::assign(fields, language).then(|| fields.template("Assign")).flatten(),
        }),
        Language::JsonPath => Shape::JsonPath(Box::new(JsonPath {
            input: if has.output { selected(fields, "InputPath") } else { Selected::All },
            parameters: if has.arguments { fields.payload("Parameters") } else { None },
            selector: if has.result && has.output { fields.payload("ResultSelector") } else { None },
            place: if has.result { placed(fields) } else { Placed::Whole },
            output: if has.output { selected(fields, "OutputPath") } else { Selected::All },
            assign: super::states::assign(fields, language).then(|| fields.payload("Assign")).flatten(),
        })),
    }
}

fn selected(fields: &Fields<'_>, name: &'static str) -> Selected {
    match fields.get(name) {
        None => Selected::All,
        Some(Value::Null) => Selected::Nothing,
        Some(Value::String(text)) if text == "$" => Selected::All,
        Some(_) => fields.path(name).map_or(Selected::All, Selected::Part),
    }
}

fn placed(fields: &Fields<'_>) -> Placed {
    match fields.get("ResultPath") {
        None => Placed::Whole,
        Some(Value::Null) => Placed::Nowhere,
        Some(Value::String(text)) if text == "$" => Placed::Whole,
        Some(Value::String(text)) => match ReferencePath::parse(text) {
            Ok(path) => Placed::At(path),
            Err(problem) => {
                fields.wrong("ResultPath", "path", problem.to_string());
                Placed::Whole
            }
        },
        Some(_) => {
            fields.wrong("ResultPath", "type", "must be a path such as \"$.result\", or null");
            Placed::Whole
        }
    }
}

impl Fields<'_> {
    /// A payload template: fields whose name ends in `.$` are paths or calls.
    pub(super) fn payload(&self, name: &'static str) -> Option<Payload> {
        let value = self.get(name)?;
        match Payload::parse(value) {
            Ok(payload) => Some(payload),
            Err(found) => {
                for problem in found {
                    self.problems.add(format!("{}{}", self.at(name), problem.pointer), "path", problem.message);
                }
                None
            }
        }
    }

    /// A JSONPath.
    pub(super) fn path(&self, name: &'static str) -> Option<Path> {
        let text = self.text(name)?;
        Path::parse(&text).map_err(|problem| self.wrong(name, "path", problem.to_string())).ok()
    }

    /// A JSONPath or a call of an intrinsic function.
    pub(super) fn source(&self, name: &'static str) -> Option<Source> {
        let text = self.text(name)?;
        Source::parse(&text).map_err(|problem| self.wrong(name, "path", problem.to_string())).ok()
    }

    /// A whole number, fixed or computed: an expression in JSONata, the field with `Path` at its end in JSONPath.
    pub(super) fn computed(
        &self,
        names: (&'static str, &'static str),
        language: Language,
        range: Range,
    ) -> Option<Computed> {
        let (name, with_path) = names;
        match (language, self.get(name)) {
            (Language::Jsonata, Some(Value::String(_))) => self.expression(name).map(Computed::Expression),
            (Language::JsonPath, None) => self.source(with_path).map(Computed::Source),
            (Language::JsonPath, Some(_)) if self.get(with_path).is_some() => {
                self.wrong(with_path, "both", format!("stands beside {name}; keep one of them"));
                None
            }
            (_, Some(_)) => range.read(self, name).map(Computed::Fixed),
            (_, None) => None,
        }
    }

    /// A value that is made for each item.
    pub(super) fn selector(&self, name: &'static str, language: Language) -> Option<Selector> {
        match language {
            Language::Jsonata => self.template(name).map(Selector::Jsonata),
            Language::JsonPath => self.payload(name).map(Selector::JsonPath),
        }
    }

    /// An object or a list with expressions in it, or an expression alone.
    pub(super) fn items(&self, name: &'static str) -> Option<Template> {
        let value = self.get(name)?;
        match value {
            Value::Array(_) | Value::String(_) => template_at(value, &self.at(name), self.problems),
            _ => {
                self.problems.add(
                    below(&self.pointer, name),
                    "type",
                    "must be a list, or an expression that yields one",
                );
                None
            }
        }
    }
}

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Range {
    /// A whole number.
    Whole(u64, u64),
    /// A number with decimals, from 0 to 100.
    Percent,
}

impl Range {
    fn read(self, fields: &Fields<'_>, name: &'static str) -> Option<Value> {
        match self {
            Self::Whole(least, most) => fields.whole(name, least, most).map(Value::from),
            Self::Percent => {
                let value = fields.get(name)?;
                if value.as_f64().is_some_and(|number| (0.0..=100.0).contains(&number)) {
                    return Some(value.clone());
                }
                fields.wrong(name, "type", "must be a number from 0 to 100");
                None
            }
        }
    }
}

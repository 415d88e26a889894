//! The intrinsic functions (AWS Step Functions Developer Guide, "Intrinsic functions for JSONPath states").

mod arguments;
mod arrays;
mod call_reader;
mod data;
mod format;
mod json;
mod numbers;
mod text;

use super::path::Path;
use super::reader::Reader;
use super::run::Run;
use super::{PathError, PathProblem, limits};
use arguments::Arguments;
use serde_json::Value;

/// What a function answers.
type Answer = Result<Value, PathError>;

/// A function, and how many arguments it takes.
#[derive(Debug)]
struct Function {
    name: &'static str,
    least: usize,
    most: usize,
    body: fn(&Run<'_>, &Arguments<'_>) -> Answer,
}

const ANY_NUMBER: usize = usize::MAX;

static FUNCTIONS: [Function; 18] = [
    Function { name: "Array", least: 0, most: ANY_NUMBER, body: arrays::array },
    Function { name: "ArrayContains", least: 2, most: 2, body: arrays::contains },
    Function { name: "ArrayGetItem", least: 2, most: 2, body: arrays::get_item },
    Function { name: "ArrayLength", least: 1, most: 1, body: arrays::length },
    Function { name: "ArrayPartition", least: 2, most: 2, body: arrays::partition },
    Function { name: "ArrayRange", least: 3, most: 3, body: arrays::range },
    Function { name: "ArrayUnique", least: 1, most: 1, body: arrays::unique },
    Function { name: "Base64Decode", least: 1, most: 1, body: data::decode },
    Function { name: "Base64Encode", least: 1, most: 1, body: data::encode },
    Function { name: "Format", least: 1, most: ANY_NUMBER, body: format::format },
    Function { name: "Hash", least: 2, most: 2, body: data::hash },
    Function { name: "JsonMerge", least: 3, most: 3, body: json::merge },
    Function { name: "JsonToString", least: 1, most: 1, body: json::write },
    Function { name: "MathAdd", least: 2, most: 2, body: numbers::add },
    Function { name: "MathRandom", least: 2, most: 3, body: numbers::random },
    Function { name: "StringSplit", least: 2, most: 2, body: text::split },
    Function { name: "StringToJson", least: 1, most: 1, body: json::read },
    Function { name: "UUID", least: 0, most: 0, body: data::uuid },
];

/// A call of an intrinsic function.
#[derive(Debug, Clone)]
pub struct Call {
    source: String,
    function: &'static Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
enum Argument {
    Literal(Value),
    Path(Path),
    Call(Call),
}

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// A sentence that names the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        let problem = |what: &str| PathProblem::unreadable("call", text, what);
        if text.len() > limits::SOURCE_BYTES {
            return Err(problem(&format!("it is longer than {} bytes", limits::SOURCE_BYTES)));
        }
        let mut reader = Reader::new(text);
        let call = call_reader::call(&mut reader, 1).map_err(|what| problem(&what))?;
        reader.skip_space();
        if reader.is_at_end() { Ok(call) } else { Err(problem(&reader.fault("something follows the call"))) }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn variables(&self) -> Vec<&str> {
        let of = |argument| match argument {
            &Argument::Literal(_) => Vec::new(),
            Argument::Path(path) => path.variables(),
            Argument::Call(call) => call.variables(),
        };
        self.arguments.iter().flat_map(of).collect()
    }

    /// What the function gives. An error names the whole call, however deep in it something went wrong.
    pub(super) fn evaluate(&self, run: &Run<'_>) -> Answer {
        self.answer(run).map_err(|error| error.inside(&self.source))
    }

    fn answer(&self, run: &Run<'_>) -> Answer {
        let values = self.arguments.iter().map(|argument| argument.evaluate(run)).collect::<Result<Vec<_>, _>>()?;
        let value = (self.function.body)(run, &Arguments::new(self.function.name, &values))?;
        // An argument of the next function is charged like one from a path: functions may recurse over it.
        run.charge(&value)?;
        Ok(value)
    }
}

impl Argument {
    fn evaluate(&self, run: &Run<'_>) -> Answer {
        match self {
            Self::Literal(value) => {
                run.charge(value)?;
                Ok(value.clone())
            }
            Self::Path(path) => path.copy(run)?.ok_or_else(|| path.missing(run, "JSONPath argument", "")),
            Self::Call(call) => call.answer(run),
        }
    }
}

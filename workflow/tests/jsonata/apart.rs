//! The cases that differ from the suite, each with the reason. A case that passes must not stand here.

/// Why a case differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It asks for the array that is the input itself, and our language has no input document.
    RootInput,
    /// `$eval` is not there: it would run text from a document.
    Removed,
    /// It needs more than an evaluation may take, or a function that cannot be bounded (a matcher of one's own, a partial
    /// application of `$map`).
    Bounded,
    /// The copy of the suite has been changed; the official case expects what we give.
    ChangedCopy,
    /// The expression is half of a surrogate pair, which is no text.
    NoText,
    /// The engine reports the mistake without the code.
    Engine,
}

/// The cases by reason.
pub(crate) const APART: [(Reason, &[&str]); 6] = [
    (
        Reason::RootInput,
        &[
            "flattening/array-inputs#1",
            "flattening/array-inputs#2",
            "flattening/array-inputs#3",
            "flattening/array-inputs#4",
            "flattening/case034",
            "object-constructor/case024",
            "simple-array-selectors/case018",
            "simple-array-selectors/case019",
            "simple-array-selectors/case020",
            "simple-array-selectors/case021",
            "simple-array-selectors/case022",
            "sorting/case015",
            "sorting/case017",
            "sorting/case018",
        ],
    ),
    (
        Reason::Removed,
        &[
            "function-eval/case000",
            "function-eval/case001",
            "function-eval/case002",
            "function-eval/case003",
            "function-eval/case004",
            "function-eval/case005",
            "function-eval/case006",
            "function-eval/case007",
        ],
    ),
    (
        Reason::Bounded,
        &[
            "flattening/large#0",
            "flattening/large#1",
            "function-applications/case016",
            "function-applications/case017",
            "matchers/case000",
            "matchers/case001",
            "range-operator/case021",
            "range-operator/case024",
            "tail-recursion/case002",
        ],
    ),
    (Reason::ChangedCopy, &["function-string/case002", "function-string/case007"]),
    (Reason::NoText, &["function-encodeUrl/case002", "function-encodeUrlComponent/case002"]),
    (Reason::Engine, &["comments/case002"]),
];

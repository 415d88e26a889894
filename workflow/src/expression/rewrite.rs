//! Puts guards into an expression, and our functions in the place of built-in ones that cannot be bounded from outside.
//!
//! The engine checks time and depth at every node, and the length of most sequences. It does not see inside a built-in
//! function, and it does not see that a value holds the same part a million times. So whatever can *grow* passes through
//! a guard that charges the evaluation's budget ([`super::budget`]): text, items of constructors, results of `$map` and
//! of computed path steps. By induction every value of an evaluation is bounded, and so is everything that reads one.
//!
//! The names of guards hold a space, so no expression can call, shadow or reassign one.

use super::{limits, walk};
use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};

/// The guard that charges a value and hands it on.
const CHARGE: &str = "safe charge";

/// Built-in functions that ours replace, under these names.
const REPLACED: [(&str, &str); 11] = [
    ("distinct", "safe distinct"),
    ("join", "safe join"),
    ("match", "safe match"),
    ("millis", "safe millis"),
    ("now", "safe now"),
    ("pad", "safe pad"),
    ("random", "safe random"),
    ("replace", "safe replace"),
    ("shuffle", "safe shuffle"),
    ("split", "safe split"),
    ("string", "safe string"),
];

/// Built-in functions whose result may be larger than their arguments, charged where they are called.
const GROWING: [&str; 7] = ["append", "base64encode", "each", "encodeUrl", "encodeUrlComponent", "map", "zip"];

/// The name under which the engine knows the variable or function `name`.
pub(super) fn engine_name(name: &str) -> &str {
    REPLACED.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours)
}

/// Why an expression is refused.
pub(super) type Refusal = String;

/// Rewrites the expression in place.
pub(super) fn guard(node: &mut AstNode) -> Result<(), Refusal> {
    match node {
        AstNode::Variable(name) => {
            let reference = reference_to(name)?;
            guard_reference(reference, node);
            return Ok(());
        }
        AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => {
            if let AstNode::Variable(name) = &mut **lhs {
                rename_binder(name)?;
            }
            return guard(rhs);
        }
        AstNode::Binary { op: BinaryOp::ChainPipe, lhs, rhs } => {
            guard(lhs)?;
            let grows = guard_chained(lhs, rhs)?;
            if grows {
                wrap(node, CHARGE);
            }
            return Ok(());
        }
        _ => walk::try_children_mut(node, &mut guard)?,
    }
    if matches!(node, AstNode::Function { is_builtin: true, .. }) && guard_call(node, None)? {
        wrap(node, CHARGE);
        return Ok(());
    }
    match node {
        AstNode::Lambda { params, .. } => params.iter_mut().try_for_each(rename_binder)?,
        AstNode::Path { steps } => guard_steps(steps)?,
        AstNode::Array(items) | AstNode::ArrayGroup(items) => items.iter_mut().for_each(charge_item),
        AstNode::Object(pairs) | AstNode::ObjectTransform { pattern: pairs, .. } => {
            pairs.iter_mut().for_each(|(_, value)| charge_item(value));
        }
        AstNode::Binary { op: BinaryOp::Concatenate, .. } => operator_to_call(node, "safe concat"),
        AstNode::Binary { op: BinaryOp::Range, .. } => operator_to_call(node, "safe range"),
        AstNode::Regex { pattern, flags } => check_regex(pattern, flags)?,
        _ => {}
    }
    Ok(())
}

/// What a reference to a variable or function becomes.
enum Reference {
    Same,
    Renamed(&'static str),
    /// A growing function used as a value: a function of two parameters that calls it under guard.
    Wrapped(String),
    /// `$toMillis` used as a value.
    Dated,
    /// `$fromMillis` used as a value.
    Pictured,
}

fn reference_to(name: &str) -> Result<Reference, Refusal> {
    refuse_removed(name)?;
    if name == "formatInteger" {
        return Err("$formatInteger must be called directly, it is not available as a value".to_owned());
    }
    if GROWING.contains(&name) {
        return Ok(Reference::Wrapped(name.to_owned()));
    }
    match name {
        "toMillis" => return Ok(Reference::Dated),
        "fromMillis" => return Ok(Reference::Pictured),
        _ => {}
    }
    Ok(REPLACED
        .iter()
        .find(|(theirs, _)| *theirs == name)
        .map_or(Reference::Same, |(_, ours)| Reference::Renamed(ours)))
}

fn guard_reference(reference: Reference, node: &mut AstNode) {
    match reference {
        Reference::Same => {}
        Reference::Dated => *node = dated(),
        Reference::Pictured => *node = pictured(),
        Reference::Renamed(ours) => *node = AstNode::Variable(ours.to_owned()),
        Reference::Wrapped(name) => {
            let count = if ["append", "each", "map", "zip"].contains(&name.as_str()) { 2 } else { 1 };
            let params: Vec<String> = (0..count).map(|index| format!("safe argument {index}")).collect();
            let args = params.iter().cloned().map(AstNode::Variable).collect();
            let call = call(CHARGE, vec![call(&name, args)]);
            *node = AstNode::Lambda { params, body: Box::new(call), signature: None, thunk: true };
        }
    }
}

fn refuse_removed(name: &str) -> Result<(), Refusal> {
    if name == "eval" {
        return Err("the function $eval is not available, because it would run text from a document".to_owned());
    }
    Ok(())
}

/// A name that the expression binds itself.
fn rename_binder(name: &mut String) -> Result<(), Refusal> {
    refuse_removed(name)?;
    if GROWING.contains(&name.as_str()) || ["formatInteger", "fromMillis", "toMillis"].contains(&name.as_str()) {
        return Err(format!("${name} is a built-in function; choose another name"));
    }
    engine_name(name).to_owned().clone_into(name);
    Ok(())
}

/// `lhs ~> $f(...)`: the left side is the first argument. Says whether the result must be charged.
fn guard_chained(lhs: &mut AstNode, rhs: &mut AstNode) -> Result<bool, Refusal> {
    if let AstNode::Function { args, is_builtin: true, .. } = rhs {
        args.iter_mut().try_for_each(guard)?;
        return guard_call(rhs, Some(lhs));
    }
    guard(rhs)?;
    Ok(false)
}

/// Guards a call whose arguments are guarded already. Says whether its result must be charged.
fn guard_call(node: &mut AstNode, chained: Option<&mut AstNode>) -> Result<bool, Refusal> {
    let AstNode::Function { name, args, .. } = node else { return Ok(false) };
    refuse_removed(name)?;
    let partial = args.iter().any(|arg| matches!(arg, AstNode::Placeholder));
    match name.as_str() {
        _ if GROWING.contains(&name.as_str()) => {
            if partial {
                return Err(format!("${name} cannot be applied partially here; write function($x) {{ ${name}(...) }}"));
            }
            return Ok(true);
        }
        "formatInteger" => guard_format_integer(args, chained)?,
        "fromMillis" if partial => {
            return Err(
                "$fromMillis cannot be applied partially here; write function($x) { $fromMillis(...) }".to_owned()
            );
        }
        // Where the number comes from the context the picture is the first argument, so all are looked at.
        "fromMillis" => args.iter_mut().for_each(|arg| wrap(arg, "safe picture")),
        "now" if !args.is_empty() => {
            args.iter_mut().for_each(|arg| wrap(arg, "safe picture"));
            args.insert(0, call("safe millis", Vec::new()));
            "fromMillis".clone_into(name);
        }
        "toMillis" if args.len() + usize::from(chained.is_some()) == 2 => {
            let args = std::mem::take(args);
            *node = dated_call(args, chained.is_some());
        }
        "replace" | "match" if args.iter().any(is_lambda) => {
            // The engine must call the function back, so the built-in stays and what the function returns is charged.
            for arg in args.iter_mut() {
                if let AstNode::Lambda { body, .. } = arg {
                    wrap(body, CHARGE);
                }
            }
        }
        _ => {
            if chained.is_none() && !partial {
                add_context(name, args);
            }
            engine_name(name).to_owned().clone_into(name);
        }
    }
    Ok(false)
}

/// `$toMillis(text, picture)`, with what the picture leaves out written out ([`super::functions`], `clock`). In a chain the
/// text comes later.
fn dated_call(mut args: Vec<AstNode>, chained: bool) -> AstNode {
    const TEXT: &str = "safe text";
    if !chained {
        return AstNode::Call { procedure: Box::new(dated()), args };
    }
    args.insert(0, AstNode::Variable(TEXT.to_owned()));
    let body = AstNode::Call { procedure: Box::new(dated()), args };
    AstNode::Lambda { params: vec![TEXT.to_owned()], body: Box::new(body), signature: None, thunk: false }
}

/// `$toMillis` as a function of two parameters.
fn dated() -> AstNode {
    let params = ["safe argument 0", "safe argument 1"].map(str::to_owned);
    let [text, picture] = params.clone().map(AstNode::Variable);
    let args = vec![call("safe dated text", vec![text, picture.clone()]), call("safe dated picture", vec![picture])];
    let body = Box::new(call("toMillis", args));
    AstNode::Lambda { params: params.to_vec(), body, signature: None, thunk: false }
}

/// `$fromMillis` as a function of three parameters, of which the second is the picture.
fn pictured() -> AstNode {
    let params = ["safe argument 0", "safe argument 1", "safe argument 2"].map(str::to_owned);
    let [number, mut picture, zone] = params.clone().map(AstNode::Variable);
    wrap(&mut picture, "safe picture");
    let body = Box::new(call("fromMillis", vec![number, picture, zone]));
    AstNode::Lambda { params: params.to_vec(), body, signature: None, thunk: false }
}

fn is_lambda(node: &AstNode) -> bool {
    matches!(node, AstNode::Lambda { .. })
}

/// In a Roman picture the text is as long as the number is large.
fn guard_format_integer(args: &mut [AstNode], chained: Option<&mut AstNode>) -> Result<(), Refusal> {
    let roman = |picture: Option<&AstNode>| match picture {
        Some(AstNode::String(picture)) => picture.contains(['I', 'i']),
        _ => true,
    };
    let number = match chained {
        Some(lhs) if roman(args.first()) => lhs,
        None if args.len() > 1 && roman(args.get(1)) => &mut args[0],
        Some(_) => return Ok(()),
        None if args.len() > 1 => return Ok(()),
        None => return Err("$formatInteger needs a number and a picture".to_owned()),
    };
    if matches!(number, AstNode::Placeholder) {
        return Err("$formatInteger cannot be applied partially here".to_owned());
    }
    wrap(number, "safe roman");
    Ok(())
}

/// Where a built-in function takes the context for a missing first argument, ours gets it written out.
fn add_context(name: &str, args: &mut Vec<AstNode>) {
    let takes_context_at = match name {
        "string" => 0,
        "pad" | "split" | "match" => 1,
        "replace" => 2,
        _ => return,
    };
    if args.len() == takes_context_at {
        args.insert(0, AstNode::Variable(String::new()));
    }
}

/// Charges what a computed step yields for each item. A step that only selects cannot grow anything.
fn guard_steps(steps: &mut [PathStep]) -> Result<(), Refusal> {
    for (index, step) in steps.iter_mut().enumerate() {
        rename_step(step)?;
        if index == 0 || walk::is_tuple(step) {
            continue;
        }
        match &mut step.node {
            AstNode::FunctionApplication(inner) if !selects(inner) => charge_item(inner),
            AstNode::Variable(_) | AstNode::Function { .. } | AstNode::Conditional { .. } | AstNode::Block(_) => {
                charge_item(&mut step.node);
            }
            _ => {}
        }
    }
    Ok(())
}

fn rename_step(step: &mut PathStep) -> Result<(), Refusal> {
    let indices = step.stages.iter_mut().filter_map(|stage| match stage {
        Stage::Index(name) => Some(name),
        _ => None,
    });
    step.focus.iter_mut().chain(step.index_var.iter_mut()).chain(indices).try_for_each(rename_binder)
}

/// Whether the expression yields a part of its context and nothing else.
fn selects(node: &AstNode) -> bool {
    let selecting = |step: &PathStep| matches!(step.node, AstNode::Name(_) | AstNode::Wildcard | AstNode::Descendant);
    match node {
        AstNode::Path { steps } => steps.iter().all(selecting),
        AstNode::Block(items) => items.len() == 1 && items.iter().all(selects),
        _ => false,
    }
}

/// Charges an item, unless it cannot be large or is charged inside.
fn charge_item(node: &mut AstNode) {
    if may_be_large(node) {
        wrap(node, CHARGE);
    }
}

fn may_be_large(node: &AstNode) -> bool {
    match node {
        AstNode::Binary { op, .. } => matches!(
            op,
            BinaryOp::ColonEqual | BinaryOp::Coalesce | BinaryOp::Default | BinaryOp::ChainPipe | BinaryOp::Range
        ),
        AstNode::Function { name, .. } => !name.starts_with("safe "),
        AstNode::Block(items) => items.last().is_some_and(may_be_large),
        AstNode::Path { .. }
        | AstNode::Variable(_)
        | AstNode::ParentVariable(_)
        | AstNode::Conditional { .. }
        | AstNode::Call { .. }
        | AstNode::FunctionApplication(_)
        | AstNode::Sort { .. }
        | AstNode::Parent(_)
        | AstNode::Wildcard
        | AstNode::Descendant
        | AstNode::Name(_) => true,
        _ => false,
    }
}

/// `node` becomes a call of `guard` with `node` as its argument.
fn wrap(node: &mut AstNode, guard: &str) {
    let inner = std::mem::replace(node, AstNode::Undefined);
    *node = call(guard, vec![inner]);
}

fn operator_to_call(node: &mut AstNode, guard: &str) {
    if let AstNode::Binary { lhs, rhs, .. } = std::mem::replace(node, AstNode::Undefined) {
        *node = call(guard, vec![*lhs, *rhs]);
    }
}

fn call(name: &str, args: Vec<AstNode>) -> AstNode {
    AstNode::Function { name: name.to_owned(), args, is_builtin: true }
}

/// Regular expressions are only ever literals here, so what this accepts is all that the engine will compile.
fn check_regex(pattern: &str, flags: &str) -> Result<(), Refusal> {
    regex::RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(limits::REGEX_BYTES)
        .build()
        .map(drop)
        .map_err(|problem| regex_refusal(pattern, &problem))
}

fn regex_refusal(pattern: &str, problem: &regex::Error) -> Refusal {
    match problem {
        regex::Error::CompiledTooBig(_) => format!("the regular expression /{pattern}/ is too large"),
        // The last line of the report says what is wrong; the lines before it draw the place.
        other => {
            let report = other.to_string();
            let reason = report.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("the regular expression /{pattern}/ is not valid: {reason}")
        }
    }
}

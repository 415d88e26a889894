//! What an author should change although the expression can be read.

use super::{functions, walk};
use jsonata_core::ast::{AstNode, BinaryOp, UnaryOp};

/// Field names that hold amounts. A trailing `s` and what stands before the last capital letter or `_` do not matter:
/// `lineTotals` and `unit_price` are amounts as well.
const AMOUNTS: [&str; 20] = [
    "allowance",
    "amount",
    "balance",
    "base",
    "budget",
    "charge",
    "cost",
    "credit",
    "debit",
    "discount",
    "fee",
    "gross",
    "limit",
    "net",
    "price",
    "subtotal",
    "sum",
    "tax",
    "total",
    "vat",
];

/// The built-in functions of JSONata that can be called here.
const BUILT_IN: [&str; 62] = [
    "abs",
    "append",
    "assert",
    "average",
    "base64decode",
    "base64encode",
    "boolean",
    "ceil",
    "contains",
    "count",
    "decodeUrl",
    "decodeUrlComponent",
    "distinct",
    "each",
    "encodeUrl",
    "encodeUrlComponent",
    "error",
    "exists",
    "filter",
    "floor",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "fromMillis",
    "join",
    "keys",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "max",
    "merge",
    "millis",
    "min",
    "not",
    "now",
    "number",
    "pad",
    "parseInteger",
    "power",
    "random",
    "reduce",
    "replace",
    "reverse",
    "round",
    "shuffle",
    "sift",
    "single",
    "sort",
    "split",
    "spread",
    "sqrt",
    "string",
    "substring",
    "substringAfter",
    "substringBefore",
    "sum",
    "toMillis",
    "trim",
    "type",
    "uppercase",
];

/// All warnings about the expression as it was written.
pub(super) fn of(ast: &AstNode) -> Vec<String> {
    let mut found = Vec::new();
    visit(ast, &mut found);
    unknown_functions(ast, &mut found);
    top_level_names(ast, &mut found);
    found
}

fn visit(node: &AstNode, found: &mut Vec<String>) {
    match node {
        AstNode::Binary { op, lhs, rhs } => found.extend(of_operator(*op, lhs, rhs)),
        AstNode::Function { name, args, .. } => found.extend(of_call(name, args)),
        _ => {}
    }
    walk::children(node, &mut |child| visit(child, found));
}

fn of_operator(op: BinaryOp, lhs: &AstNode, rhs: &AstNode) -> Option<String> {
    let (sign, function, verb) = match op {
        BinaryOp::LessThan => ("<", "$dec_lt", "compares"),
        BinaryOp::LessThanOrEqual => ("<=", "$dec_lte", "compares"),
        BinaryOp::GreaterThan => (">", "$dec_gt", "compares"),
        BinaryOp::GreaterThanOrEqual => (">=", "$dec_gte", "compares"),
        BinaryOp::Equal => ("=", "$dec_eq", "compares"),
        BinaryOp::NotEqual => ("!=", "$not($dec_eq", "compares"),
        BinaryOp::Add => ("+", "$dec_add", "adds"),
        BinaryOp::Subtract => ("-", "$dec_sub", "subtracts"),
        BinaryOp::Multiply => ("*", "$dec_mul", "multiplies"),
        _ => return None,
    };
    let is_equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
    if is_equality && (is_no_number(lhs) || is_no_number(rhs)) {
        return None;
    }
    let amount = amount_name(lhs).or_else(|| amount_name(rhs))?;
    let (left, right) = (written(lhs), written(rhs));
    let closing = if op == BinaryOp::NotEqual { ")" } else { "" };
    Some(format!(
        "`{sign}` {verb} the amount `{amount}` as a floating point number, which is not exact; write \
         {function}({left}, {right}){closing}"
    ))
}

/// Adding up amounts is the one built-in function that people reach for.
fn of_call(name: &str, args: &[AstNode]) -> Option<String> {
    let (name, [argument]) = (name, args) else { return None };
    let amount = amount_name(argument).filter(|_| name == "sum")?;
    let argument = written(argument);
    Some(format!(
        "`$sum` adds the amount `{amount}` as floating point numbers, which is not exact; write $dec_sum({argument})"
    ))
}

/// A literal that an amount is not compared with as a number: `true`, `null`, `""`.
fn is_no_number(node: &AstNode) -> bool {
    match node {
        AstNode::Boolean(_) | AstNode::Null => true,
        AstNode::String(text) => text.parse::<rust_decimal::Decimal>().is_err(),
        _ => false,
    }
}

/// The name of the amount that the last step of a path, or a variable, holds.
fn amount_name(node: &AstNode) -> Option<&str> {
    let name = match node {
        AstNode::Variable(name) | AstNode::Name(name) => name,
        AstNode::Path { steps } => return steps.last().and_then(|step| amount_name(&step.node)),
        AstNode::Block(items) if items.len() == 1 => return items.first().and_then(amount_name),
        AstNode::Unary { op: UnaryOp::Negate, operand } => return amount_name(operand),
        _ => return None,
    };
    is_amount(name).then_some(name)
}

fn is_amount(name: &str) -> bool {
    let last = name.rfind(|letter: char| letter.is_ascii_uppercase()).unwrap_or(0);
    let last = name.rfind(['_', '-']).map_or(last, |at| last.max(at + 1));
    // `SUBTOTAL` has no small letters: it is one word.
    let word = if name.bytes().any(|byte| byte.is_ascii_lowercase()) { &name[last..] } else { name };
    let word = word.to_ascii_lowercase();
    let singular = word.strip_suffix('s').unwrap_or(&word);
    AMOUNTS.contains(&word.as_str()) || AMOUNTS.contains(&singular) || word == "taxes"
}

/// The operand as the remedy shows it: in full when it is a name or a number, else a stand-in.
fn written(node: &AstNode) -> String {
    match node {
        AstNode::Number(number) => format!("\"{number}\""),
        AstNode::String(text) => format!("\"{text}\""),
        AstNode::Variable(name) => format!("${name}"),
        AstNode::Name(name) => name.clone(),
        AstNode::Path { steps } if steps.iter().all(|step| step.stages.is_empty()) => {
            steps.iter().map(|step| written(&step.node)).collect::<Vec<_>>().join(".")
        }
        _ => "...".to_owned(),
    }
}

/// Whether `$name` is a function that every expression can call or pass on.
pub(crate) fn is_function(name: &str) -> bool {
    BUILT_IN.contains(&name) || name == "zip" || functions::is_added(name)
}

fn unknown_functions(ast: &AstNode, found: &mut Vec<String>) {
    let mut bound = Vec::new();
    names_bound(ast, &mut bound);
    let mut unknown = Vec::new();
    names_called(ast, &mut unknown);
    unknown.retain(|name| !is_function(name) && !bound.contains(name));
    unknown.dedup();
    found
        .extend(unknown.into_iter().map(|name| format!("there is no function `${name}`, so the expression will fail")));
}

fn names_called<'a>(node: &'a AstNode, found: &mut Vec<&'a str>) {
    if let AstNode::Function { name, is_builtin: true, .. } = node {
        found.push(name);
    }
    walk::children(node, &mut |child| names_called(child, found));
}

fn names_bound<'a>(node: &'a AstNode, found: &mut Vec<&'a str>) {
    match node {
        AstNode::Lambda { params, .. } => found.extend(params.iter().map(String::as_str)),
        AstNode::Binary { op: BinaryOp::ColonEqual, lhs, .. } => {
            if let AstNode::Variable(name) = &**lhs {
                found.push(name);
            }
        }
        AstNode::Path { steps } => {
            found.extend(
                steps.iter().flat_map(|step| step.focus.as_deref().into_iter().chain(step.index_var.as_deref())),
            );
        }
        _ => {}
    }
    walk::children(node, &mut |child| names_bound(child, found));
}

/// Names that have nothing to refer to, because an expression has no input document.
fn top_level_names(node: &AstNode, found: &mut Vec<String>) {
    let nothing = |name: &str| {
        format!("`{name}` means nothing at the top level, because there is no input document; write $states.input")
    };
    match node {
        AstNode::Variable(name) if name.is_empty() => found.push(nothing("$")),
        AstNode::ParentVariable(_) => found.push(nothing("$$")),
        AstNode::Name(name) => found.push(nothing(name)),
        // What stands after the first step, and in the steps' predicates, has a context.
        AstNode::Path { steps } => steps.iter().take(1).for_each(|step| top_level_names(&step.node, found)),
        AstNode::Sort { input, .. } | AstNode::ObjectTransform { input, .. } => top_level_names(input, found),
        AstNode::Transform { .. } => {}
        _ => walk::children(node, &mut |child| top_level_names(child, found)),
    }
}

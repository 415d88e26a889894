//! Whether code is what was agreed, before it ever runs.

use crate::code::Hook;
use crate::failure::Unfit;
use crate::imports::{FUNCTIONS, MODULE};
use crate::limits::{MAX_ELEMENTS, MAX_LOCALS, MAX_NAMES};
use wasmi::{ExternType, FuncType, Module, ValType};
use wasmparser::{BinaryReaderError, ElementItems, FunctionBody, Parser, Payload};

/// The function that makes room for a document.
pub(crate) const ALLOC: &str = "countersign_alloc";

/// That it has not too many of what costs time at every call and is counted by no step.
pub(crate) fn modest(wasm: &[u8]) -> Result<(), Unfit> {
    let unread = |error: BinaryReaderError| Unfit::NotWasm(error.to_string());
    let mut elements = 0_u64;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(unread)? {
            Payload::ImportSection(imports) => at_most("imports", u64::from(imports.count()), MAX_NAMES)?,
            Payload::ExportSection(exports) => at_most("exports", u64::from(exports.count()), MAX_NAMES)?,
            Payload::CodeSectionEntry(body) => {
                at_most("variables in a function", locals(&body).map_err(unread)?, MAX_LOCALS)?;
            }
            Payload::ElementSection(segments) => {
                for segment in segments {
                    elements += match segment.map_err(unread)?.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(_, items) => u64::from(items.count()),
                    };
                }
                at_most("entries of tables", elements, MAX_ELEMENTS)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn at_most(what: &'static str, found: u64, most: u32) -> Result<(), Unfit> {
    if found > u64::from(most) { Err(Unfit::TooMany { what, found, most }) } else { Ok(()) }
}

fn locals(body: &FunctionBody<'_>) -> Result<u64, BinaryReaderError> {
    body.get_locals_reader()?.into_iter().try_fold(0, |sum, local| Ok(sum + u64::from(local?.0)))
}

/// The hooks that the code exports.
pub(crate) fn fits(module: &Module) -> Result<Vec<Hook>, Unfit> {
    imports(module)?;
    let memory = module.exports().find(|export| export.name() == "memory");
    match memory.map(|export| export.ty().memory().is_some()) {
        Some(true) => {}
        Some(false) => return Err(Unfit::WrongExport { name: "memory".to_owned(), wanted: "a memory" }),
        None => {
            return Err(Unfit::NoExport { name: "memory", remedy: "compilers export it for wasm32-unknown-unknown" });
        }
    }
    let remedy = "the crate countersign-module exports it; without that, export (length: i32) -> i32";
    let alloc = exported(module, ALLOC).ok_or(Unfit::NoExport { name: ALLOC, remedy })?;
    signature(ALLOC, &alloc, (&[ValType::I32], &[ValType::I32]), "a function (i32) -> i32")?;
    hooks(module)
}

fn hooks(module: &Module) -> Result<Vec<Hook>, Unfit> {
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let Some(found) = exported(module, hook.export()) else { continue };
        let wanted = (&[ValType::I32, ValType::I32][..], &[ValType::I64][..]);
        signature(hook.export(), &found, wanted, "a function (i32, i32) -> i64")?;
        hooks.push(hook);
    }
    if hooks.is_empty() {
        return Err(Unfit::NoHook { known: Hook::ALL.map(Hook::export).join(", ") });
    }
    Ok(hooks)
}

fn exported(module: &Module, name: &str) -> Option<ExternType> {
    module.exports().find(|export| export.name() == name).map(|export| export.ty().clone())
}

fn signature(
    name: &str,
    found: &ExternType,
    (params, results): (&[ValType], &[ValType]),
    wanted: &'static str,
) -> Result<(), Unfit> {
    let fits = |func: &FuncType| func.params() == params && func.results() == results;
    if found.func().is_some_and(fits) { Ok(()) } else { Err(Unfit::WrongExport { name: name.to_owned(), wanted }) }
}

fn imports(module: &Module) -> Result<(), Unfit> {
    for import in module.imports() {
        let known = FUNCTIONS.iter().find(|(name, _)| import.module() == MODULE && import.name() == *name);
        let Some((name, wanted)) = known else {
            let known = FUNCTIONS.map(|(name, _)| format!("{MODULE}.{name}")).join(", ");
            let (module, name) = (import.module().to_owned(), import.name().to_owned());
            return Err(Unfit::UnknownImport { module, name, known });
        };
        if import.ty().func().is_none_or(|func| told(func) != *wanted) {
            return Err(Unfit::WrongImport { name: (*name).to_owned(), wanted });
        }
    }
    Ok(())
}

/// A type as [`FUNCTIONS`] writes it.
fn told(func: &FuncType) -> String {
    let names = |types: &[ValType]| types.iter().map(|ty| format!("{ty:?}").to_lowercase()).collect::<Vec<_>>();
    let params = format!("({})", names(func.params()).join(", "));
    match func.results() {
        [] => params,
        results => format!("{params} -> {}", names(results).join(", ")),
    }
}

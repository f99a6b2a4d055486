//! What wasm-opt cannot know about our wasm: nobody reads the messages of its panics, and nobody but its own glue says the names
//! of its imports and exports.
//!
//! In: wasm and glue as wasm-bindgen writes them, with the names of functions. Out: both, smaller. Not here: the glue's own
//! text (glue.rs).

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::glue;
use anyhow::{Context, Result};
use regex::bytes::{Captures, Regex};
use walrus::ir::{Load, Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, DataKind, ElementItems, FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module};

/// Where every panic begins, and what only they write with: JavaScript sees the same trap either way. And js-sys' futures, which the
/// published cores do without, but whose functions stand in a table.
const CUT: [&str; 10] = [
    "core::panicking::",
    "core::option::expect_failed",
    "core::cell::panic_already",
    "core::fmt::",
    "core::panic::",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "wasm_bindgen::throw_str",
    "wasm_bindgen::__rt::throw_null",
    "js_sys::futures::",
];

/// What stands in a table, and is called only where something else names it: how closures of any signature that js-sys knows are
/// called, and how a boxed closure is called once, which nothing does: what wasm-bindgen calls once it does not box.
const CLOSURES: [&str; 2] =
    ["wasm_bindgen::convert::closures::_::invoke", "core::ops::function::FnOnce::call_once{{vtable.shim}}"];

/// What panics would say: the words of the standard library and of wasm-bindgen.
const WORDS: &str = concat!(
    "(?-u)attempted to take ownership of Rust value while it was borrowed",
    "|FnOnce called more than once| index out of bounds: the len is .. but the index is .",
    r"|(insertion|removal|swap_remove) index \(is ..\) should be <=? len \(is ..\)",
    r"|`at` split index \(is ..\) should be <= len \(is ..\)",
    r"|called `\w+::\w+\(\)` on an? `\w+` value|capacity overflow|RefCell already (mutably )?borrowed",
    "|closure invoked recursively or after being dropped|null pointer passed to rust",
    "|recursive use of an object detected which would lead to unsafe aliasing in rust",
    r"|Tried to shrink to a larger capacity|Out of bounds access",
);

/// The source files that panics would name.
const PATHS: &str = r"(?-u)(/rustc/|/cargo/|/rust/|src/)[-\w./]+?\.rs";

/// A `core::panic::Location`: where the path is, how long it is, line and column.
const LOCATION: usize = 16;

/// Cuts the panics and shortens the names.
pub(crate) fn shrink(wasm: &Path, script: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm).with_context(|| format!("expected wasm in {}", wasm.display()))?;
    cut(&mut module);
    blank_panics(&mut module)?;
    let text = glue::shorten(&fs::read_to_string(script)?);
    drop_exports(&mut module, |name| text.contains(name));
    walrus::passes::gc::run(&mut module);
    blank_digits(&mut module);
    let text = shorten_names(&mut module, &text)?;
    module.emit_wasm_file(wasm)?;
    Ok(fs::write(script, text)?)
}

fn cut(module: &mut Module) {
    let found = Found::of(module);
    let functions: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).collect();
    let mut traps = Vec::new();
    for id in functions {
        let named = found.calls.contains(&id) || module.exports.get_exported_func(id).is_some();
        let of_no_use = |name: &str| is_cut(name) || !named && CLOSURES.iter().any(|closure| name.starts_with(closure));
        if module.funcs.get(id).name.as_deref().is_some_and(of_no_use) {
            let trap = trap(module, id);
            module.funcs.get_mut(id).kind = FunctionKind::Local(trap);
            traps.push(id);
        }
    }
    // In a table one does for all: called as another kind of function it traps as well.
    for element in module.elements.iter_mut() {
        let ElementItems::Functions(entries) = &mut element.items else { continue };
        for entry in entries.iter_mut().filter(|entry| traps.contains(entry)) {
            *entry = traps[0];
        }
    }
}

/// `core[0123]::panicking::panic_fmt`, `<u32 as core[0123]::fmt::Display>::fmt`; not what only has such a type in its brackets.
fn is_cut(name: &str) -> bool {
    let plain: String = name.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect();
    let implemented = plain.split_once(" as ").map_or(plain.as_str(), |(_, of)| of);
    implemented.ends_with("::assert_failed")
        || CUT.iter().any(|cut| implemented.trim_start_matches('<').starts_with(cut))
}

fn trap(module: &mut Module, id: FunctionId) -> LocalFunction {
    let (params, results) = module.types.params_results(module.funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let arguments = params.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut body = FunctionBuilder::new(&mut module.types, &params, &results);
    body.func_body().unreachable();
    body.local_func(arguments)
}

/// Zeros cost next to nothing packed, and nothing moves.
fn blank_panics(module: &mut Module) -> Result<()> {
    let (words, paths) = (Regex::new(WORDS)?, Regex::new(PATHS)?);
    let all: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let mut named = Vec::new();
    for id in &all {
        let data = module.data.get_mut(*id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else { continue };
        named.extend(paths.find_iter(&data.value).map(|path| {
            let address = start as u32 + path.start() as u32;
            [address.to_le_bytes(), (path.len() as u32).to_le_bytes()].concat()
        }));
        for blanked in [&words, &paths] {
            data.value = blanked.replace_all(&data.value, |found: &Captures| vec![0; found[0].len()]).into_owned();
        }
    }
    for id in all {
        let value = &mut module.data.get_mut(id).value;
        for at in 0..value.len().saturating_sub(LOCATION - 1) {
            if named.iter().any(|path| value[at..].starts_with(path)) {
                value[at..at + LOCATION].fill(0);
            }
        }
    }
    Ok(())
}

/// The table that core writes numbers with: most cores write none once their panics are cut.
fn blank_digits(module: &mut Module) {
    let digits: String = (0..100).map(|number| format!("{number:02}")).collect();
    let found = Found::of(module);
    let all: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in all {
        let data = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else { continue };
        let Some(at) = data.value.windows(digits.len()).position(|bytes| bytes == digits.as_bytes()) else { continue };
        let table = start as u64 + at as u64..start as u64 + (at + digits.len()) as u64;
        if !found.numbers.iter().any(|constant| table.contains(constant)) {
            data.value[at..at + digits.len()].fill(0);
        }
    }
}

/// What is found in the code.
#[derive(Default)]
struct Found {
    /// Every number that may be an address.
    numbers: Vec<u64>,
    /// Every function that is called by its name.
    calls: HashSet<FunctionId>,
}

impl Found {
    fn of(module: &Module) -> Self {
        let mut found = Self::default();
        for (_, function) in module.funcs.iter_local() {
            dfs_in_order(&mut found, function, function.entry_block());
        }
        found
    }
}

impl Visitor<'_> for Found {
    fn visit_value(&mut self, value: &Value) {
        if let Value::I32(constant) = value {
            self.numbers.push(u64::from(*constant as u32));
        }
    }

    fn visit_load(&mut self, load: &Load) {
        self.numbers.push(load.arg.offset);
    }

    fn visit_function_id(&mut self, function: &FunctionId) {
        self.calls.insert(*function);
    }
}

/// Leaves out what the linker exports besides.
pub(crate) fn keep_exports(wasm: &Path, kept: &[&str]) -> Result<()> {
    let mut module = Module::from_file(wasm).with_context(|| format!("expected wasm in {}", wasm.display()))?;
    drop_exports(&mut module, |name| kept.contains(&name));
    Ok(fs::write(wasm, module.emit_wasm())?)
}

/// What nobody calls.
fn drop_exports(module: &mut Module, used: impl Fn(&str) -> bool) {
    let unused: Vec<_> = module.exports.iter().filter(|export| !used(&export.name)).map(|export| export.id()).collect();
    for export in unused {
        module.exports.delete(export);
    }
}

/// wasm-bindgen's names carry hashes, which no compression helps. Imports are found by their place, exports by a letter.
fn shorten_names(module: &mut Module, glue: &str) -> Result<String> {
    let used: Vec<_> = module.imports.iter().map(|import| (import.module.as_str(), import.name.as_str())).collect();
    let (mut glue, places) = glue::list_imports(glue, &used);
    for import in module.imports.iter_mut() {
        let place = places.iter().position(|name| *name == import.name);
        import.name = place.with_context(|| format!("expected {} in the glue", import.name))?.to_string();
        import.module = "_".to_owned();
    }
    let mut letters = ('a'..='z').chain('A'..='Z').map(String::from);
    for export in module.exports.iter_mut() {
        if export.name.contains('_') {
            let letter = letters.next().context("expected at most 52 exports")?;
            glue = replace_word(&glue, &export.name, &letter);
            export.name = letter;
        }
    }
    Ok(glue)
}

/// Not where it is only the beginning or the end of a longer word.
fn replace_word(text: &str, word: &str, with: &str) -> String {
    let in_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let whole = !before.ends_with(in_word) && !after.starts_with(in_word);
        out += before;
        out += if whole { with } else { word };
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{is_cut, replace_word};

    #[test]
    fn panics_and_formatting_are_cut_and_nothing_that_only_mentions_them() {
        assert!(is_cut("core[c5930c85a12de822]::panicking::panic_fmt"));
        assert!(is_cut("<core[c5930c85a12de822]::fmt::Formatter>::pad"));
        assert!(is_cut("<usize as core[c5930c85a12de822]::fmt::Display>::fmt"));
        assert!(is_cut("<alloc[3ca501edff3f0c7c]::vec::Vec<_, _>>::remove::assert_failed"));
        assert!(!is_cut("core::ptr::drop_in_place<core::fmt::Error>"));
        assert!(!is_cut("std[a543996e6e7dbf1e]::panicking::catch_unwind"));
        assert!(!is_cut("tautline::client::Client<H>::step"));
    }

    #[test]
    fn a_name_within_a_longer_name_stays() {
        assert_eq!(replace_word("a.__x(__x_2, $__x, __x)", "__x", "_0"), "a._0(__x_2, $__x, _0)");
    }
}

//! What wasm-opt cannot know about our wasm: nobody reads the messages of its panics, and nobody but its own glue says the names
//! of its imports and exports.
//!
//! In: wasm and glue as wasm-bindgen writes them, with the names of functions. Out: both, smaller.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module};

/// Where every panic begins, and what only they write with. JavaScript sees the same trap either way.
const PANICS: [&str; 2] = ["core::panicking::", "core::fmt::"];

/// What panics say; wasm-opt takes data as one piece.
const TEXTS: [&str; 16] = [
    "index out of bounds: the len is ",
    " but the index is ",
    "Out of bounds access ",
    "insertion index (is ",
    "removal index (is ",
    ") should be <= len (is ",
    ") should be < len (is ",
    "capacity overflow",
    "LazyCell instance has previously been poisoned",
    "`async fn` resumed after completion",
    "RefCell already mutably borrowed",
    "RefCell already borrowed",
    "internal error: entered unreachable code",
    "Attempted to initialize thread-local while it is being dropped",
    "Tried to shrink to a larger capacity",
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354\
     555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899",
];

/// How the paths of source files begin, which say where a panic was.
const SOURCES: [&str; 4] = ["/rustc/", "/rust/", "/cargo/", "src/"];

/// Cuts the panics with their text and shortens the names.
pub(crate) fn shrink(wasm: &Path, glue: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm).with_context(|| format!("expected wasm in {}", wasm.display()))?;
    cut_panics(&mut module);
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in segments {
        blank_texts(&mut module.data.get_mut(id).value);
    }
    let mut text = fs::read_to_string(glue)?;
    shorten_names(&mut module, &mut text);
    walrus::passes::gc::run(&mut module);
    module.emit_wasm_file(wasm)?;
    Ok(fs::write(glue, text)?)
}

fn cut_panics(module: &mut Module) {
    let functions: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).collect();
    for id in functions {
        if module.funcs.get(id).name.as_deref().is_some_and(is_panic) {
            let trap = trap(module, id);
            module.funcs.get_mut(id).kind = FunctionKind::Local(trap);
        }
    }
}

/// `core[0123]::panicking::panic_fmt`, `<u32 as core[0123]::fmt::Display>::fmt`; not what only has such a type in its brackets.
fn is_panic(name: &str) -> bool {
    let plain: String = name.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect();
    let implemented = plain.split_once(" as ").map_or(plain.as_str(), |(_, of)| of);
    PANICS.iter().any(|panic| implemented.trim_start_matches('<').starts_with(panic))
}

fn trap(module: &mut Module, id: FunctionId) -> LocalFunction {
    let (params, results) = module.types.params_results(module.funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let arguments = params.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut body = FunctionBuilder::new(&mut module.types, &params, &results);
    body.func_body().unreachable();
    body.local_func(arguments)
}

fn blank_texts(data: &mut [u8]) {
    let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    for start in 0..data.len() {
        let rest = &data[start..];
        let mut length = TEXTS.iter().find(|text| rest.starts_with(text.as_bytes())).map_or(0, |text| text.len());
        if SOURCES.iter().any(|source| rest.starts_with(source.as_bytes())) {
            let path = &rest[..rest.iter().position(|byte| !is_path(byte)).unwrap_or(rest.len())];
            length = path.windows(3).position(|end| end == b".rs").map_or(0, |end| end + 3);
        }
        data[start..start + length].fill(0);
    }
}

/// wasm-bindgen's names carry hashes, which no compression helps.
fn shorten_names(module: &mut Module, glue: &mut String) {
    let mut count = 0;
    let mut rename = |name: &mut String| {
        if name.contains("__") {
            let short = format!("_{count}");
            count += 1;
            *glue = replace_word(glue, name, &short);
            *name = short;
        }
    };
    for import in module.imports.iter_mut() {
        rename(&mut import.name);
        import.module = "_".to_owned();
    }
    for export in module.exports.iter_mut() {
        rename(&mut export.name);
    }
    *glue = glue.replace("\"./tautline_bg.js\": import", "_: import");
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
    use super::{blank_texts, is_panic, replace_word};

    #[test]
    fn panics_and_formatting_are_cut_and_nothing_that_only_mentions_them() {
        assert!(is_panic("core[c5930c85a12de822]::panicking::panic_fmt"));
        assert!(is_panic("<core[c5930c85a12de822]::fmt::Formatter>::pad"));
        assert!(is_panic("<usize as core[c5930c85a12de822]::fmt::Display>::fmt"));
        assert!(!is_panic("core::ptr::drop_in_place<core::fmt::Error>"));
        assert!(!is_panic("std[a543996e6e7dbf1e]::panicking::catch_unwind"));
        assert!(!is_panic("tautline::client::Client<H>::step"));
    }

    #[test]
    fn the_texts_of_panics_are_blanked_and_their_neighbours_stay() {
        let mut data = *b"ping/cargo/a-1.2/x.rspong capacity overflow.src/x";
        blank_texts(&mut data);
        assert_eq!(&data, b"ping\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0pong \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0.src/x");
    }

    #[test]
    fn a_name_within_a_longer_name_stays() {
        assert_eq!(replace_word("a.__x(__x_2, $__x, __x)", "__x", "_0"), "a._0(__x_2, $__x, _0)");
    }
}

//! The glue as wasm-bindgen writes it serves every browser, every error and every way to load a wasm; ours needs the short half.
//!
//! In and out: its text. What a core's glue does not have is left out here too.

use regex::Regex;

/// Functions written shorter. Text crosses seldom and is short, so nothing is kept between calls, and none of the ways around
/// faults that only show after gigabytes of it is needed.
const FUNCTIONS: [(&str, &str); 7] = [
    ("getDataViewMemory0()", "return new DataView(wasm.memory.buffer);"),
    ("getUint8ArrayMemory0()", "return new Uint8Array(wasm.memory.buffer);"),
    ("decodeText(bytes)", "return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);"),
    (
        "passStringToWasm0(arg, malloc)",
        "const bytes = new TextEncoder().encode(arg);
    const ptr = malloc(bytes.length, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
    WASM_VECTOR_LEN = bytes.length;
    return ptr;",
    ),
    ("handleError(f)", "try { return f(); } catch (e) { wasm.__wbindgen_exn_store(addToExternrefTable0(e)); }"),
    (
        "initSync({ module })",
        "const instance = new WebAssembly.Instance(new WebAssembly.Module(module), __wbg_get_imports());
    return __wbg_finalize_init(instance, module);",
    ),
    ("__wbg_finalize_init(instance)", "wasm = instance.exports;\n    wasm.__wbindgen_start();\n    return wasm;"),
];

/// What those functions no longer need, and imports as arrows.
const PATTERNS: [(&str, &str); 12] = [
    (r"(?m)^ +// Cast intrinsic .*\n", ""),
    (r"(?m)^if \(Symbol\.dispose\) .*\n", ""),
    (r"let result;\n +try \{\n +result = (.*);\n +\} catch .*\n.*\n +\}\n +const ret = result;", "const ret = $1;"),
    (r"(?s)\(typeof FinalizationRegistry === 'undefined'\)\s+\? \{ .*? \}\s+: new", "new"),
    (r"(?m)^(let |    )cached(DataView|Uint8Array)Memory0 = null;\n", ""),
    (r"(?s)let cachedTextDecoder = .*?let numBytesDecoded = 0;\n", ""),
    (r"(?s)const cachedTextEncoder = new TextEncoder\(\);\n\nif .*?\n\}\n", ""),
    (r"(passStringToWasm0\(\w+, wasm\.\w+), wasm\.\w+\)", "$1)"),
    (
        r"function\(\) \{ return handleError\(function \(([^)]*)\) \{\n +const ret = (.*);\n +return ret;\n +\}, arguments\); \}",
        "($1) => handleError(() => $2)",
    ),
    (
        r"function\(\) \{ return handleError\(function \(([^)]*)\) \{\n +(.*);\n +\}, arguments\); \}",
        "($1) => handleError(() => $2)",
    ),
    (r": function\(([^)]*)\) \{\n +const ret = (.*);\n +return ret;\n +\}", ": ($1) => $2"),
    (r": function\(([^)]*)\) \{\n +(.*;)\n +\}", ": ($1) => { $2 }"),
];

/// The same glue, shorter.
pub(crate) fn shorten(text: &str) -> String {
    let mut text = text.to_owned();
    for (signature, body) in FUNCTIONS {
        let name = signature.split('(').next().unwrap_or(signature);
        let old = Regex::new(&format!(r"(?s)\nfunction {name}\([^\n]*\{{\n.*?\n\}}\n")).expect("a pattern");
        let new = format!("\nfunction {signature} {{\n    {body}\n}}\n");
        text = old.replace(&text, regex::NoExpand(&new)).into_owned();
    }
    for (pattern, with) in PATTERNS {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, with).into_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn an_import_is_an_arrow_with_the_same_result() {
        let glue =
            "a: function(arg0, arg1) {\n            const ret = arg0 === arg1;\n            return ret;\n        },\n";
        assert_eq!(shorten(glue), "a: (arg0, arg1) => arg0 === arg1,\n");
    }

    #[test]
    fn an_import_that_may_throw_still_hands_over_what_it_throws() {
        let glue = "a: function() { return handleError(function (arg0) {\n    arg0.send();\n  }, arguments); },\n";
        assert_eq!(shorten(glue), "a: (arg0) => handleError(() => arg0.send()),\n");
    }

    #[test]
    fn what_is_of_two_statements_stays() {
        let glue = "a: function(arg0) {\n    const ret = arg0;\n    let b = ret;\n    return b;\n  },\n";
        assert_eq!(shorten(glue), glue);
    }
}

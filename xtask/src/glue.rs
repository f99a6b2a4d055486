//! The glue as wasm-bindgen writes it serves every browser, every error and every way to load a wasm; ours needs the short half.
//!
//! In and out: its text. What a core's glue does not have is left out here too.

use regex::{Captures, Regex};

/// Functions written shorter. Text crosses seldom and is short, so nothing is kept between calls, and none of the ways around
/// faults that only show after gigabytes of it is needed. It becomes a key at once: a text that is none yet makes V8 throw away,
/// again and again, the optimised code that reads members by it.
const FUNCTIONS: [(&str, &str); 4] = [
    (
        "getStringFromWasm0(ptr, len)",
        "const bytes = new Uint8Array(wasm.memory.buffer, ptr, len);
    return Object.keys({ [new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)]: 0 })[0];",
    ),
    (
        "passStringToWasm0(arg)",
        "const bytes = new TextEncoder().encode(arg);
    const ptr = wasm.__wbindgen_malloc(bytes.length, 1);
    new Uint8Array(wasm.memory.buffer).set(bytes, ptr);
    WASM_VECTOR_LEN = bytes.length;
    return ptr;",
    ),
    ("handleError(f)", "try { return f(); } catch (e) { wasm.__wbindgen_exn_store(addToExternrefTable0(e)); }"),
    (
        "initSync(module)",
        "wasm = new WebAssembly.Instance(new WebAssembly.Module(module), __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
    return wasm;",
    ),
];

/// Imports written shorter, by the part of their names that is not a hash. What is missing is told by the first of two numbers.
const IMPORTS: [(&str, &str); 4] = [
    ("__wbg___wbindgen_boolean_get", "(arg0) => typeof arg0 === 'boolean' ? arg0 : 0xFFFFFF"),
    ("__wbg___wbindgen_is_object", "(arg0) => typeof arg0 === 'object' && arg0 !== null"),
    (
        "__wbg___wbindgen_number_get",
        "(arg0, arg1) => {
            const known = typeof arg1 === 'number';
            new Int32Array(wasm.memory.buffer)[arg0 / 4] = known;
            new Float64Array(wasm.memory.buffer)[arg0 / 8 + 1] = known && arg1;
        }",
    ),
    (
        "__wbg___wbindgen_string_get",
        "(arg0, arg1) => {
            const ptr = typeof arg1 === 'string' && passStringToWasm0(arg1);
            new Int32Array(wasm.memory.buffer).set([ptr, WASM_VECTOR_LEN], arg0 / 4);
        }",
    ),
];

/// What those functions no longer need, and imports as arrows.
const PATTERNS: [(&str, &str); 20] = [
    (r"(?m)^ +// Cast intrinsic .*\n", ""),
    (r"(?m)^if \(Symbol\.dispose\) .*\n", ""),
    (r"let result;\n +try \{\n +result = (.*);\n +\} catch .*\n.*\n +\}\n +const ret = result;", "const ret = $1;"),
    (r"(?s)\(typeof FinalizationRegistry === 'undefined'\)\s+\? \{ .*? \}\s+: new", "new"),
    (r"(?m)^(let |    )cached(DataView|Uint8Array)Memory0 = null;\n", ""),
    (r"(?s)let cachedTextDecoder = .*?let numBytesDecoded = 0;\n", ""),
    (r"(?s)const cachedTextEncoder = new TextEncoder\(\);\n\nif .*?\n\}\n", ""),
    (r"(passStringToWasm0\(\w+), wasm\.\w+, wasm\.\w+\)", "$1)"),
    // Our addresses, lengths and ids are not beyond what an i32 holds.
    (r" >>> 0\b", ""),
    (r"\n +__destroy_into_raw\(\) \{\n( +const ptr = .*;\n)( +.*;\n)( +.*;\n) +return ptr;\n +\}", ""),
    (
        r"const ptr = this.__destroy_into_raw\(\);",
        "const ptr = this.__wbg_ptr;\n        this.__wbg_ptr = 0;\n        CoreFinalization.unregister(this);",
    ),
    (r"const ret = (.*);\n +this\.__wbg_ptr = ret;\n(.*\n) +return this;\n", "this.__wbg_ptr = $1;\n$2"),
    (
        r"function\(\) \{ return handleError\(function \(([^)]*)\) \{\n +const ret = (.*);\n +return ret;\n +\}, arguments\); \}",
        "($1) => handleError(() => $2)",
    ),
    (
        r"function\(\) \{ return handleError\(function \(([^)]*)\) \{\n +(.*);\n +\}, arguments\); \}",
        "($1) => handleError(() => $2)",
    ),
    (r": function\(([^)]*)\) \{\n +const ret = (.*);\n +return ret;\n +\}", ": ($1) => $2"),
    (r": function\(([^)]*)\) \{\n +(arg0\..*);\n +\}", ": ($1) => $2"),
    (r"handleError\(\(\) => (setTimeout\(.*?\))\)", "$1"),
    (r"new Array\(\)", "[]"),
    (r"__wbg_ptr\b", "ptr"),
    (r"\b_wbg_cb_unref\b", "end"),
];

/// A function that only calls the export of its name.
const FORWARDS: &str =
    r"\nfunction (\w+)\(([^)]*)\) \{\n +(?:const ret = )?wasm\.(\w+)\(([^)]*)\);\n(?: +return ret;\n)?\}\n";

/// How the object of imports begins and ends, and how the list of them does.
const OBJECT: [&str; 2] =
    ["{\n        __proto__: null,\n", "    };\n    return {\n        __proto__: null,\n        \"./core_bg.js\""];
const LIST: [&str; 2] = ["[\n", "    ];\n    return {\n        _"];

/// How another module's functions are imported.
const MODULES: &str = r#"\n +"(\./snippets/[^"]+)": (import\d+),"#;

/// The same glue, shorter.
pub(crate) fn shorten(text: &str) -> String {
    let mut text = text.to_owned();
    for (signature, body) in FUNCTIONS {
        let name = signature.split('(').next().unwrap_or(signature);
        let old = pattern(&format!(r"(?s)\nfunction {name}\([^\n]*\{{\n.*?\n\}}\n"));
        let new = format!("\nfunction {signature} {{\n    {body}\n}}\n");
        text = old.replace(&text, regex::NoExpand(&new)).into_owned();
    }
    for (name, value) in IMPORTS {
        let old = pattern(&format!(r"(?s)\n        ({name}_\w+): .*?\n        \}},"));
        text = old.replace(&text, |import: &Captures| format!("\n        {}: {value},", &import[1])).into_owned();
    }
    for (old, with) in PATTERNS {
        text = pattern(old).replace_all(&text, with).into_owned();
    }
    let forwards = pattern(FORWARDS);
    while let Some(name) = forwards
        .captures(&text)
        .filter(|found| found[1] == found[3] && found[2] == found[4])
        .map(|found| found[1].to_owned())
    {
        text = forwards.replace(&text, "").replace(&format!(", {name})"), &format!(", wasm.{name})"));
    }
    text
}

/// The glue with its imports as a list, less those that nobody uses, and the name of each in its place. `used` are the module and
/// the name of each.
pub(crate) fn list_imports(text: &str, used: &[(&str, &str)]) -> (String, Vec<String>) {
    let Some((before, rest)) = text.split_once(OBJECT[0]) else { return (text.to_owned(), Vec::new()) };
    let Some((imports, after)) = rest.split_once(OBJECT[1]) else { return (text.to_owned(), Vec::new()) };
    let mut out = format!("{before}{}", LIST[0]);
    let mut names = Vec::new();
    // A function that needs no conversion is the import itself, and its module stands beside ours.
    let modules = pattern(MODULES);
    for module in modules.captures_iter(after) {
        for (_, name) in used.iter().filter(|(of, _)| *of == &module[1]) {
            if !names.iter().any(|known| known == name) {
                names.push((*name).to_owned());
                out.push_str(&format!("        {}.{name},\n", &module[2]));
            }
        }
    }
    let after = modules.replace_all(after, "");
    let mut kept = false;
    for line in imports.split_inclusive('\n') {
        let named = line
            .strip_prefix("        ")
            .filter(|line| !line.starts_with([' ', '}']))
            .and_then(|line| line.split_once(": "));
        if let Some((name, value)) = named {
            kept = used.iter().any(|(_, of)| *of == name);
            if kept {
                names.push(name.to_owned());
                out.push_str("        ");
                out.push_str(value);
            }
        } else if kept {
            out.push_str(line);
        }
    }
    (out + LIST[1] + &after, names)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

#[cfg(test)]
mod tests {
    use super::{list_imports, shorten};

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
    fn an_import_of_one_statement_is_an_arrow() {
        let glue = "a: function(arg0, arg1) {\n            arg0.onopen = arg1;\n        },\n";
        assert_eq!(shorten(glue), "a: (arg0, arg1) => arg0.onopen = arg1,\n");
    }

    #[test]
    fn what_is_of_two_statements_stays() {
        let glue = "a: function(arg0) {\n    const ret = arg0;\n    let b = ret;\n    return b;\n  },\n";
        assert_eq!(shorten(glue), glue);
    }

    #[test]
    fn a_function_that_only_forwards_is_the_export_itself() {
        let glue = "x(arg0, arg1, _h1)\n\nfunction _h1(arg0, arg1) {\n    const ret = wasm._h1(arg0, arg1);\n    return ret;\n}\n";
        assert_eq!(shorten(glue), "x(arg0, arg1, wasm._h1)\n");
        let converts = "\nfunction _h1(arg0) {\n    const ret = wasm._h1(arg0);\n    return ret !== 0;\n}\n";
        assert_eq!(shorten(converts), converts);
    }

    #[test]
    fn imports_are_found_by_their_place_and_those_that_nobody_uses_are_gone() {
        let glue = "const import0 = {
        __proto__: null,
        __wb_a: (arg0) => arg0.a,
        __wb_b: function(arg0) {
            let b = arg0;
            return b;
        },
        __wb_c: function() {
            c();
        },
    };
    return {
        __proto__: null,
        \"./core_bg.js\": import0,
        \"./snippets/x.js\": import1,
        \"./snippets/x.js\": import2,
    };
";
        let listed = "const import0 = [
        import1.forget,
        import1.send,
        (arg0) => arg0.a,
        function() {
            c();
        },
    ];
    return {
        _: import0,
    };
";
        let own = ["__wb_a", "__wb_c"].map(|name| ("./core_bg.js", name));
        let others = ["forget", "send"].map(|name| ("./snippets/x.js", name));
        let (glue, names) = list_imports(glue, &[own, others].concat());
        assert_eq!(glue, listed);
        assert_eq!(names, ["forget", "send", "__wb_a", "__wb_c"]);
    }
}

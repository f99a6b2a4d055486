//! What the package costs on the wire, measured on the packed tarball.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{command, folder, npm, package, wasm};

/// An entry of the package, the core it brings if any, and the smallest application that does something with it.
struct Entry {
    name: &'static str,
    core: Option<&'static str>,
    application: &'static str,
}

const ENTRIES: [Entry; 10] = [
    Entry {
        name: "tautline",
        core: Some("tautline"),
        application: "\
import { createClient } from \"tautline\";
createClient({ url: \"wss://example.test/ws\" }).connect();
",
    },
    Entry {
        name: "tautline/compat",
        core: None,
        application: "\
import * as compat from \"tautline/compat\";
globalThis.page = Object.keys(compat).map((name) => compat[name]);
",
    },
    Entry {
        name: "tautline/discord",
        core: Some("discord"),
        application: "\
import { createGateway } from \"tautline/discord\";
createGateway({ url: \"wss://example.test/\", intents: 1 }).connect();
",
    },
    Entry {
        name: "tautline/env",
        core: Some("json"),
        application: "\
import { createClientFromEnv } from \"tautline/env\";
createClientFromEnv({ url: \"wss://example.test/ws\" }).connect();
",
    },
    Entry {
        name: "tautline/json",
        core: Some("json"),
        application: "\
import { createClient } from \"tautline/json\";
createClient({ url: \"wss://example.test/ws\" }).connect();
",
    },
    Entry {
        name: "tautline/react/ui",
        core: None,
        application: "\
import * as ui from \"tautline/react/ui\";
globalThis.page = { ...ui };
",
    },
    Entry {
        name: "tautline/react/websocket",
        core: Some("raw"),
        application: "\
import { useWebSocket } from \"tautline/react/websocket\";
console.log(useWebSocket(\"wss://example.test/ws\"));
",
    },
    Entry {
        name: "tautline/server",
        core: None,
        application: "\
import { createToken, publish } from \"tautline/server\";
const token = createToken({ secret: \"\", user: \"\", channels: [] });
publish({ channel: \"\", event: \"\", payload: token }, { url: \"https://example.test\", apiKey: \"\" });
",
    },
    Entry {
        name: "tautline/testing",
        core: None,
        application: "\
import { createClock, createFakeServer } from \"tautline/testing\";
createClock().advance(createFakeServer().connections.length);
",
    },
    Entry {
        name: "tautline/websocket",
        core: Some("raw"),
        application: "\
import { TautlineSocket } from \"tautline/websocket\";
new TautlineSocket(\"wss://example.test/ws\");
",
    },
];

/// What an entry imports later or apart, when it is asked for, by its file.
type Later = (&'static str, &'static [(&'static str, &'static str)]);

/// Each decoder, its wasm alone and as it is downloaded, and ETF; and what components may bring along.
const LATER: [Later; 2] = [
    (
        "what a gateway may ask for",
        &[
            ("zlib, wasm", "pkg-template/src/wasm/inflate/zlib.wasm"),
            ("zlib, packed", "pkg-template/dist/zlib.js"),
            ("zstd, wasm", "pkg-template/src/wasm/inflate/zstd.wasm"),
            ("zstd, packed", "pkg-template/dist/zstd.js"),
            ("what loads either", "pkg-template/dist/inflate.js"),
            ("ETF", "pkg-template/dist/etf.js"),
        ],
    ),
    (
        "what tautline/react/ui may ask for",
        &[("stylesheet", "pkg-template/dist/ui.css"), ("inspector", "pkg-template/dist/panel.js")],
    ),
];

/// What each row of each entry may cost at most, in bytes of gzip.
const BUDGETS: &str = "xtask/budgets.json";

type Budgets = BTreeMap<String, BTreeMap<String, u64>>;

/// Prints raw, gzip and brotli sizes. Needs the tarball of `cargo xtask pack`.
///
/// # Errors
/// When a row costs more than its budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let scratch = workspace.scratch("size");
    folder::empty(&scratch)?;
    install(workspace, &scratch)?;
    let budgets = fs::read_to_string(workspace.existing(BUDGETS)?)?;
    let budgets: Budgets = serde_json::from_str(&budgets).context(BUDGETS)?;
    let mut over = Vec::new();
    for entry in &ENTRIES {
        over.extend(weigh(workspace, entry.name, &rows(workspace, entry, &scratch)?, &budgets)?);
    }
    let hooks = [("all hooks, without the client", hooks(workspace, &scratch)?)];
    over.extend(weigh(workspace, "tautline/react", &hooks, &budgets)?);
    for (of, files) in LATER {
        let rows = files.iter().map(|(name, path)| workspace.existing(path).map(|path| (*name, path)));
        over.extend(weigh(workspace, of, &rows.collect::<Result<Vec<_>>>()?, &budgets)?);
    }
    if !over.is_empty() {
        bail!("{}. Make it smaller, or raise {BUDGETS} and say why", over.join("; "));
    }
    Ok(())
}

/// Prints what each file costs, and returns those that cost more than their budgets.
fn weigh(workspace: &Workspace, of: &str, rows: &[(&str, PathBuf)], budgets: &Budgets) -> Result<Vec<String>> {
    let mut compress = Command::new("node");
    compress.arg(workspace.existing("xtask/src/compress.mjs")?).args(rows.iter().map(|(_, path)| path));
    let sizes: Vec<[u64; 3]> =
        serde_json::from_str(&command::output(&mut compress)?).context("compress.mjs printed something else")?;
    println!("{of:<40}{:>10}{:>10}{:>10}{:>10}", "raw", "gzip", "brotli", "budget");
    let mut over = Vec::new();
    for ((name, _), [raw, gzip, brotli]) in rows.iter().zip(sizes) {
        let budget = *budgets
            .get(of)
            .and_then(|rows| rows.get(*name))
            .with_context(|| format!("expected a budget for `{of}`, `{name}` in {BUDGETS}"))?;
        println!("  {name:<38}{raw:>10}{gzip:>10}{brotli:>10}{budget:>10}");
        over.extend(excess(&format!("{of}, {name}"), gzip, budget));
    }
    Ok(over)
}

/// What is weighed of one entry: a name, and the file that holds it.
fn rows(workspace: &Workspace, entry: &Entry, scratch: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let bundle = bundle(workspace, entry, scratch)?;
    let Some(entry_core) = entry.core else { return Ok(vec![("all of it, minified", bundle)]) };
    let folder = format!("{}/{entry_core}", wasm::FOLDER);
    let core = workspace.existing(&format!("{folder}/{}", wasm::WASM))?;
    let mut without = fs::read_to_string(&bundle)?;
    for inlined in [format!("{folder}/{}", wasm::BYTES), format!("{}/{}", wasm::FOLDER, wasm::UNPACKER)] {
        let text = fs::read_to_string(workspace.existing(&inlined)?)?;
        let bytes = text.split('"').nth(1).with_context(|| format!("expected bytes in {inlined}"))?;
        without = match without.split_once(bytes) {
            Some((before, after)) => format!("{before}{after}"),
            None => bail!("expected {inlined} in the bundle: run `cargo xtask pack` to bring both up to date"),
        };
    }
    let without_core = scratch.join(format!("{entry_core}-without-core.js"));
    fs::write(&without_core, without)?;
    let glue = workspace.existing(&format!("{folder}/{}", wasm::GLUE))?;
    let glue = minify(workspace, &glue, &scratch.join(format!("{entry_core}-glue")), &[])?;
    Ok(vec![
        ("wasm", core),
        ("glue, minified", glue),
        ("TypeScript and glue, minified", without_core),
        ("all of it, with the wasm inlined", bundle),
    ])
}

fn excess(name: &str, gzip: u64, budget: u64) -> Option<String> {
    let over = gzip.checked_sub(budget).filter(|over| *over > 0)?;
    Some(format!("{name}: {gzip} bytes of gzip, {over} over its budget of {budget}"))
}

/// The tarball and what it depends on, where an application's imports find them.
fn install(workspace: &Workspace, scratch: &Path) -> Result<()> {
    let modules = scratch.join("node_modules");
    let installed = modules.join("tautline");
    fs::create_dir_all(&installed)?;
    command::run(
        Command::new("tar")
            .arg("-xzf")
            .arg(package::tarball(workspace)?)
            .args(["--strip-components=1", "-C"])
            .arg(&installed),
    )?;
    let manifest: Value = serde_json::from_str(&fs::read_to_string(installed.join("package.json"))?)?;
    for name in manifest["dependencies"].as_object().into_iter().flat_map(|dependencies| dependencies.keys()) {
        folder::copy(&workspace.existing(&format!("node_modules/{name}"))?, &modules.join(name))?;
    }
    Ok(())
}

/// An entry as an application would bundle it.
fn bundle(workspace: &Workspace, entry: &Entry, scratch: &Path) -> Result<PathBuf> {
    let name = entry.name.replace('/', "-");
    let application = scratch.join(format!("{name}-application.mjs"));
    fs::write(&application, entry.application)?;
    minify(workspace, &application, &scratch.join(format!("{name}-bundle")), &[])
}

/// Every hook, without what an application with a client has anyway: the files of the other entries, which only the hooks' own file names.
fn hooks(workspace: &Workspace, scratch: &Path) -> Result<PathBuf> {
    let dist = scratch.join("node_modules/tautline/dist");
    let mut client: Vec<String> = ["index.js", "json.js", "env.js"].map(String::from).into();
    let mut next = 0;
    while let Some(file) = client.get(next) {
        let text = fs::read_to_string(dist.join(file))?;
        let imported: Vec<String> =
            shared(&text).filter(|name| !client.iter().any(|known| known == name)).map(String::from).collect();
        client.extend(imported);
        next += 1;
    }
    let application = scratch.join("tautline-react-application.mjs");
    fs::write(&application, "export * from \"tautline/react\";\n")?;
    minify(workspace, &application, &scratch.join("tautline-react-bundle"), &client)
}

/// What is downloaded at once, in one file. What is imported later, by who needs it, stands in files of its own, as bundlers leave
/// it; what both need does too, and comes at once.
fn minify(workspace: &Workspace, from: &Path, folder: &Path, without: &[String]) -> Result<PathBuf> {
    let mut outdir = std::ffi::OsString::from("--outdir=");
    outdir.push(folder);
    command::run(
        npm::program(workspace, "esbuild")?
            .arg(from)
            .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"])
            // The application's own.
            .args(["--splitting", "--entry-names=entry", "--external:react"])
            .args(without.iter().map(|file| format!("--external:./{file}")))
            .arg(outdir),
    )?;
    let entry = folder.join("entry.js");
    let text = fs::read_to_string(&entry)?;
    let mut all = text.clone();
    for shared in shared(&text).filter(|file| !without.iter().any(|other| other == file)) {
        all.push_str(&fs::read_to_string(folder.join(shared))?);
    }
    fs::write(&entry, all)?;
    Ok(entry)
}

/// The files that a minified file imports at once.
fn shared(text: &str) -> impl Iterator<Item = &str> {
    text.split("from\"./").skip(1).filter_map(|rest| rest.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::{excess, shared};

    #[test]
    fn a_row_over_its_budget_says_by_how_much() {
        assert_eq!(excess("wasm", 1000, 1000), None);
        let said = excess("wasm", 1020, 1000).unwrap();
        assert!(said.contains("20 over its budget of 1000"), "{said}");
    }

    #[test]
    fn a_file_that_is_imported_at_once_counts_and_one_that_is_imported_later_does_not() {
        let text = r#"import{a}from"./one.js";import{b}from"./two.js";let c=()=>import("./later.js");"#;
        assert_eq!(shared(text).collect::<Vec<_>>(), ["one.js", "two.js"]);
    }
}

//! What the package costs on the wire, measured on the packed tarball.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{command, folder, npm, package, wasm};

/// The smallest application that does something.
const APPLICATION: &str = "\
import { createClient } from \"tautline\";
createClient({ url: \"wss://example.test/ws\" }).connect();
";

/// What each row may cost at most, in bytes of gzip.
const BUDGETS: &str = "xtask/budgets.json";

/// Prints raw, gzip and brotli sizes. Needs the tarball of `cargo xtask pack`.
///
/// # Errors
/// When a row costs more than its budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let scratch = workspace.scratch("size");
    folder::empty(&scratch)?;
    let bundle = bundle(workspace, &scratch)?;
    let core = workspace.existing(&format!("{}/{}", wasm::FOLDER, wasm::WASM))?;
    let without_core = scratch.join("without-core.js");
    let text = fs::read_to_string(&bundle)?;
    let inlined = fs::read_to_string(workspace.existing(&format!("{}/{}", wasm::FOLDER, wasm::BYTES))?)?;
    let without = inlined.split('"').skip(1).step_by(2).try_fold(text, |text, bytes| match text.split_once(bytes) {
        Some((before, after)) => Ok(format!("{before}{after}")),
        None => bail!("expected the core's bytes in the bundle: run `cargo xtask pack` to bring both up to date"),
    })?;
    fs::write(&without_core, without)?;
    let glue = scratch.join("glue.js");
    minify(workspace, &workspace.existing(&format!("{}/tautline.js", wasm::FOLDER))?, &glue, &scratch)?;
    let rows = [
        ("wasm", core),
        ("glue, minified", glue),
        ("client and glue, bundled and minified", without_core),
        ("all of it, with the wasm inlined", bundle),
    ];
    let mut compress = Command::new("node");
    compress.arg(workspace.existing("xtask/src/compress.mjs")?).args(rows.iter().map(|(_, path)| path));
    let sizes: Vec<[u64; 3]> =
        serde_json::from_str(&command::output(&mut compress)?).context("compress.mjs printed something else")?;
    println!("{:<40}{:>10}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip", "brotli", "budget");
    let budgets = workspace.existing(BUDGETS)?;
    let budgets: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(budgets)?).context(BUDGETS)?;
    let mut over = Vec::new();
    for ((name, _), [raw, gzip, brotli]) in rows.iter().zip(sizes) {
        let budget = *budgets.get(*name).with_context(|| format!("expected a budget for `{name}` in {BUDGETS}"))?;
        println!("{name:<40}{raw:>10}{gzip:>10}{brotli:>10}{budget:>10}");
        over.extend(excess(name, gzip, budget));
    }
    if !over.is_empty() {
        bail!("{}. Make it smaller, or raise {BUDGETS} and say why", over.join("; "));
    }
    Ok(())
}

fn excess(name: &str, gzip: u64, budget: u64) -> Option<String> {
    let over = gzip.checked_sub(budget).filter(|over| *over > 0)?;
    Some(format!("{name}: {gzip} bytes of gzip, {over} over its budget of {budget}"))
}

/// Tautline's own protocol, as an application would import it from the installed tarball.
fn bundle(workspace: &Workspace, scratch: &Path) -> Result<PathBuf> {
    let installed = scratch.join("node_modules/tautline");
    fs::create_dir_all(&installed)?;
    command::run(
        Command::new("tar")
            .arg("-xzf")
            .arg(package::tarball(workspace)?)
            .args(["--strip-components=1", "-C"])
            .arg(&installed),
    )?;
    let application = scratch.join("application.mjs");
    fs::write(&application, APPLICATION)?;
    let bundle = scratch.join("bundle.js");
    minify(workspace, &application, &bundle, scratch)?;
    Ok(bundle)
}

fn minify(workspace: &Workspace, from: &Path, to: &Path, folder: &Path) -> Result<()> {
    let mut outfile = std::ffi::OsString::from("--outfile=");
    outfile.push(to);
    command::run(
        npm::program(workspace, "esbuild")?
            .current_dir(folder)
            .arg(from)
            .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"])
            .arg(outfile),
    )
}

#[cfg(test)]
mod tests {
    use super::excess;

    #[test]
    fn a_row_over_its_budget_says_by_how_much() {
        assert_eq!(excess("wasm", 1000, 1000), None);
        let said = excess("wasm", 1020, 1000).unwrap();
        assert!(said.contains("20 over its budget of 1000"), "{said}");
    }
}

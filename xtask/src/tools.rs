//! `wasm-bindgen` and `wasm-bindgen-test-runner`, built from our lock file for cargo and wasm-pack to start.

use std::env::consts::EXE_EXTENSION;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{command, folder};

/// Our binaries, and the names under which they are looked for: rustc refuses to compile a crate called `wasm_bindgen`.
const PROGRAMS: [(&str, &str); 2] =
    [("wasm-bindgen-cli", "wasm-bindgen"), ("wasm-bindgen-test-runner", "wasm-bindgen-test-runner")];

/// Builds both and returns the folder they are in, which is fit for PATH.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "xtask", "--features", "wasm-bindgen-tools"]);
    cargo.args(PROGRAMS.iter().flat_map(|(binary, _)| ["--bin", binary]));
    command::run(&mut cargo)?;
    let programs = workspace.scratch("bin");
    folder::empty(&programs)?;
    for (binary, name) in PROGRAMS {
        let from = workspace.target.join("debug").join(binary);
        let to = programs.join(name);
        fs::copy(from.with_extension(EXE_EXTENSION), to.with_extension(EXE_EXTENSION))
            .with_context(|| format!("cargo built no {binary}"))?;
    }
    Ok(programs)
}

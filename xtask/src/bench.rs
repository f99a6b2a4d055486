//! The benchmarks: ratios side by side in one run. They print a table and fail nothing, because a shared machine's timings are not
//! fit for that.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::relay::Profile;
use crate::wasm::Optimise;
use crate::workspace::Workspace;
use crate::{browser, command, install, npm, package, relay};

/// Outside the npm workspace: nothing but the benchmarks needs the clients that we are compared with.
const FOLDER: &str = "tests/bench";

/// Builds what is measured, then measures the rows named; all of them when none is named.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    install::for_tests(workspace)?;
    let folder = workspace.existing(FOLDER)?;
    // Not `npm ci`, which wants every platform's optional packages in the lock file, also those a registry may lack.
    command::run(npm::npm(workspace).current_dir(&folder).args(["install", "--no-save", "--no-audit", "--no-fund"]))?;
    package::build(workspace, Optimise::Size)?;
    let relay = relay::build(workspace, Profile::Server)?;
    let browser = browser::find(workspace)?.context("no browser: run `cargo xtask install`")?;
    let mut node = Command::new("node");
    node.current_dir(&workspace.root).arg(folder.join("run.mjs")).args(only).env("TAUTLINE_RELAY", relay);
    browser.announce(&mut node);
    command::run(&mut node)
}

//! What the tasks need beyond cargo and Node, brought by one call.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{browser, command, firefox, npm, redis};

const TARGET: &str = "wasm32-unknown-unknown";

/// What a build needs: the wasm target and the npm packages.
pub(crate) fn for_build(workspace: &Workspace) -> Result<()> {
    target(workspace)?;
    npm::install(workspace)
}

/// What the tests need: the same, two browsers, and a redis-server.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<()> {
    for_build(workspace)?;
    browser::ensure(workspace)?;
    firefox::ensure(workspace)?;
    redis::ensure()
}

/// Without rustup (a distribution's Rust), the compiler itself says whether the target is there.
fn target(workspace: &Workspace) -> Result<()> {
    let mut rustc = std::process::Command::new("rustc");
    rustc.current_dir(&workspace.root).args(["--print", "target-libdir", "--target", TARGET]);
    let libraries = command::output(&mut rustc)?;
    if std::path::Path::new(libraries.trim()).is_dir() {
        println!("wasm target: installed");
        return Ok(());
    }
    command::run(std::process::Command::new("rustup").current_dir(&workspace.root).args(["target", "add", TARGET]))
}

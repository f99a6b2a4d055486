//! npm: installs the packages of the root workspace, and runs their scripts.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::command;
use crate::workspace::Workspace;

/// Installs exactly what package-lock.json names; does nothing when that was done already.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let lock = workspace.path("package-lock.json");
    if !lock.exists() {
        println!("package-lock.json is missing: npm resolves the versions anew and writes it");
        return command::run(npm(workspace).args(["install", "--no-audit", "--no-fund"]));
    }
    if is_current(workspace) {
        println!("npm packages: as package-lock.json has them");
        return Ok(());
    }
    command::run(npm(workspace).args(["ci", "--no-audit", "--no-fund"]))
}

/// The same for a folder outside of the workspace, with a lock of its own.
pub(crate) fn install_in(workspace: &Workspace, folder: &str) -> Result<()> {
    let locked = modified(workspace, &format!("{folder}/package-lock.json"));
    let installed = modified(workspace, &format!("{folder}/node_modules/.package-lock.json"));
    if installed.is_some() && locked <= installed {
        return Ok(());
    }
    let folder = workspace.existing(folder)?;
    command::run(npm(workspace).current_dir(folder).args(["ci", "--no-audit", "--no-fund"]))
}

/// Runs one script of one package of the workspace, by its folder.
pub(crate) fn script(workspace: &Workspace, package: &str, script: &str) -> Result<()> {
    command::run(&mut script_command(workspace, package, script)?)
}

/// The same, as a command that may get an environment first.
pub(crate) fn script_command(workspace: &Workspace, package: &str, script: &str) -> Result<Command> {
    workspace.existing(&format!("{package}/package.json"))?;
    let mut command = npm(workspace);
    command.args(["run", script, "-w", package]);
    Ok(command)
}

/// A program that an installed package brought, by its path: another one on PATH is not meant.
pub(crate) fn program(workspace: &Workspace, name: &str) -> Result<Command> {
    let path = workspace.existing(&format!("node_modules/.bin/{name}")).context("run `cargo xtask install` first")?;
    let mut command = Command::new(path);
    command.current_dir(&workspace.root);
    Ok(command)
}

/// `npm` at the root.
pub(crate) fn npm(workspace: &Workspace) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(&workspace.root);
    command
}

/// npm writes its hidden lock last: older than any manifest means that something changed since.
fn is_current(workspace: &Workspace) -> bool {
    let Some(installed) = modified(workspace, "node_modules/.package-lock.json") else {
        return false;
    };
    [
        "package.json",
        "package-lock.json",
        "pkg-template/package.json",
        "www/package.json",
        "examples/vite-board/package.json",
        "tests/e2e/package.json",
        "tests/react18/package.json",
    ]
    .into_iter()
    .filter_map(|manifest| modified(workspace, manifest))
    .all(|changed| changed <= installed)
}

fn modified(workspace: &Workspace, relative: &str) -> Option<SystemTime> {
    fs::metadata(workspace.path(relative)).ok()?.modified().ok()
}

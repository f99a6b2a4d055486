//! Firefox, the second browser of the tests, and its driver: found on this machine, or installed.

use std::env::consts::EXE_EXTENSION;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::browser::{self, named_by};
use crate::workspace::Workspace;
use crate::{command, system};

/// Names under which systems install it; first the one with long support.
const BROWSERS: [&str; 2] = ["firefox-esr", "firefox"];

const DRIVER: &str = "geckodriver";

/// Mozilla publishes the driver as a crate.
const DRIVER_VERSION: &str = "0.37.1";

/// Firefox, as it is installed.
pub(crate) struct Firefox {
    program: PathBuf,
}

impl Firefox {
    /// Tells a test runner where to look.
    pub(crate) fn announce(&self, command: &mut Command) {
        command.env("FIREFOX_PATH", &self.program);
    }

    /// Writes the WebDriver capabilities for wasm-bindgen's runner.
    pub(crate) fn capabilities(&self, workspace: &Workspace) -> Result<PathBuf> {
        let options = json!({ "binary": self.program.to_string_lossy(), "args": ["-headless"] });
        browser::write_capabilities(workspace, "firefox.json", &json!({ "moz:firefoxOptions": options }))
    }
}

/// Finds it, or installs it.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    if find_program(workspace)?.is_none() {
        if system::is_debian_as_root() {
            println!("Firefox: none found, so Debian's own is installed");
            system::apt_install(&["firefox-esr"])?;
        } else {
            println!("Firefox: none found, so it is downloaded");
            browser::download(workspace, &["firefox"])
                .context("install Firefox with your system's package manager, or set FIREFOX_PATH to where it is")?;
        }
    }
    println!("Firefox: {}", find(workspace)?.program.display());
    Ok(())
}

/// The environment first, then PATH, then what an earlier run downloaded.
pub(crate) fn find(workspace: &Workspace) -> Result<Firefox> {
    let program = find_program(workspace)?.context("no Firefox: run `cargo xtask install`, or set FIREFOX_PATH")?;
    Ok(Firefox { program })
}

fn find_program(workspace: &Workspace) -> Result<Option<PathBuf>> {
    Ok(named_by("FIREFOX_PATH")?
        .or_else(|| BROWSERS.into_iter().find_map(system::on_path))
        .or_else(|| browser::downloaded(workspace, "firefox")))
}

/// Its driver: found, or compiled.
pub(crate) fn driver(workspace: &Workspace) -> Result<PathBuf> {
    let compiled = workspace.scratch(DRIVER).join("bin").join(DRIVER).with_extension(EXE_EXTENSION);
    if let Some(driver) = named_by("GECKODRIVER")?.or_else(|| system::on_path(DRIVER)) {
        return Ok(driver);
    }
    if !compiled.is_file() {
        println!("Firefox: no {DRIVER} found, so it is compiled");
        let mut cargo = workspace.cargo();
        cargo.args(["install", DRIVER, "--version", DRIVER_VERSION, "--locked", "--debug", "--root"]);
        command::run(cargo.arg(workspace.scratch(DRIVER)))?;
    }
    Ok(compiled)
}

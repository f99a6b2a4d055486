//! The demo: everything built, the relay serving it on loopback, a Discord-style gateway beside it.

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;

use crate::gateway::Gateway;
use crate::progress::Progress;
use crate::relay::{Profile, Relay};
use crate::wasm::Optimise;
use crate::workspace::Workspace;
use crate::{install, npm, package, relay};

/// The source of the demo's pages.
pub(crate) const SOURCE: &str = "www";

/// The pages as they are served.
const PAGES: &str = "www/dist";

/// Tells the pages where the gateway is.
const GATEWAY: &str = "gateway.json";

/// Builds and serves until the relay ends or a signal comes.
pub(crate) fn run(workspace: &Workspace, port: u16, profile: Profile) -> Result<()> {
    let mut progress = Progress::new(6);
    progress.begin("Install the wasm target and the npm packages");
    install::for_build(workspace)?;
    progress.begin("Build the npm package");
    package::build(workspace, Optimise::Size)?;
    progress.begin("Build the relay");
    let program = relay::build(workspace, profile)?;
    progress.begin("Build the demo's pages");
    npm::script(workspace, SOURCE, "build")?;
    progress.begin("Start the gateway");
    let pages = workspace.existing(PAGES)?;
    let gateway = Gateway::start(workspace)?;
    let told = pages.join(GATEWAY);
    fs::write(&told, json!({ "url": gateway.url }).to_string())
        .with_context(|| format!("{} could not be written", told.display()))?;
    progress.begin("Start the relay");
    let relay = Relay::start(&program, port, &["--open", "--demo-faults", "--static", &pages.to_string_lossy()], &[])?;
    println!("\nThe demo is at http://{} (Ctrl-C stops it)", relay.address);
    relay.wait()
}

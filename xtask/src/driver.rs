//! The tests of the browser's half (`tests/browser`, `tests/worker`) in real browsers, against a real relay.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::relay::{self, Profile, Relay};
use crate::workspace::Workspace;
use crate::{browser, command, firefox, tools, webkit};

/// The runner takes the driver that it finds named, so each run has one alone.
const DRIVERS: [&str; 3] = ["CHROMEDRIVER", "GECKODRIVER", "SAFARIDRIVER"];

/// What the tests need beside a browser.
struct World {
    runner: PathBuf,
    relay: Relay,
    /// Where nobody listens.
    nobody: String,
}

impl World {
    fn start(workspace: &Workspace) -> Result<Self> {
        let runner = tools::build(workspace)?.join("wasm-bindgen-test-runner");
        let program = relay::build(workspace, Profile::Dev)?;
        let relay = Relay::start(&program, 0, &["--open", "--demo-faults"], &[])?;
        Ok(Self { runner, relay, nobody: free_address()? })
    }

    /// The tests as what `cargo` starts. There is no environment in a browser: the addresses are compiled in.
    fn tests(&self, mut cargo: Command, capabilities: &Path) -> Result<Command> {
        cargo
            .args(["test", "--package", "tautline", "--test", "browser", "--test", "worker"])
            .args(["--target", "wasm32-unknown-unknown"])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &self.runner)
            .env("TAUTLINE_TEST_RELAY", format!("ws://{}/ws", self.relay.address))
            .env("TAUTLINE_TEST_NOBODY", format!("ws://{}/ws", self.nobody))
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
            .env("WASM_BINDGEN_TEST_ADDRESS", free_address()?)
            // A browser may take long to begin, and one test waits for 15 s before it says what it waited for.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "90");
        DRIVERS.iter().for_each(|driver| {
            cargo.env_remove(driver);
        });
        Ok(cargo)
    }
}

/// In Chromium and in Firefox.
pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    let browser = browser::find(workspace)?.context("no browser: run `cargo xtask install`")?;
    let firefox = firefox::find(workspace)?;
    let world = World::start(workspace)?;
    let mut first = world.tests(workspace.cargo(), &browser.capabilities(workspace)?)?;
    browser.announce(&mut first);
    command::run(&mut first)?;
    let mut second = world.tests(workspace.cargo(), &firefox.capabilities(workspace)?)?;
    command::run(second.env("GECKODRIVER", firefox::driver(workspace)?))
}

/// In WebKit, as Linux has it.
pub(crate) fn test_webkit(workspace: &Workspace) -> Result<()> {
    let webkit = webkit::ensure()?;
    let world = World::start(workspace)?;
    let mut tests = world.tests(webkit.on_a_screen(&workspace.cargo()), &webkit.capabilities(workspace)?)?;
    webkit.announce(&mut tests);
    command::run(&mut tests)
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

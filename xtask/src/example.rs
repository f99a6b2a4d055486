//! The example applications: run on this machine with a relay of their own, or built for the end-to-end tests.

use std::hash::{BuildHasher as _, RandomState};
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::progress::Progress;
use crate::relay::{Profile, Relay};
use crate::wasm::Optimise;
use crate::workspace::Workspace;
use crate::{application, command, install, npm, package, relay};

/// Outside of the npm workspace: Next.js weighs more than everything else together, and only this application needs it.
const NEXT_CHAT: &str = "examples/next-chat";
const VITE_BOARD: &str = "examples/vite-board";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    /// A chat in Next.js: sessions, tokens, presence, notifications, offline writing
    NextChat,
    /// A board in React and Vite that several people change together
    ViteBoard,
}

/// Serves one in development mode, where a change of its code is seen at once, until it ends or a signal comes.
pub(crate) fn run(workspace: &Workspace, example: Example, port: u16) -> Result<()> {
    let mut progress = Progress::new(5);
    progress.begin("Install the wasm target and the npm packages");
    install::for_build(workspace)?;
    progress.begin("Build the npm package");
    package::build(workspace, Optimise::Size)?;
    progress.begin("Install what the example needs");
    if example == Example::NextChat {
        install_next_chat(workspace)?;
    }
    progress.begin("Build the relay");
    let program = relay::build(workspace, Profile::Dev)?;
    progress.begin(&format!("Start the relay, and the example on http://127.0.0.1:{port} (Ctrl-C stops both)"));
    let port_argument = port.to_string();
    match example {
        Example::NextChat => {
            let (secret, key) = (secret(), secret());
            let secrets = [("TAUTLINE_JWT_SECRET", &*secret), ("TAUTLINE_API_KEY", &*key)];
            let origins = [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")];
            let arguments = ["--allow-origin", &origins[0], "--allow-origin", &origins[1]];
            let relay = Relay::start(&program, 0, &arguments, &secrets)?;
            // Without npm between us, which passes no signal on.
            let mut next = Command::new(workspace.existing(&format!("{NEXT_CHAT}/node_modules/.bin/next"))?);
            next.current_dir(workspace.existing(NEXT_CHAT)?).args([
                "dev",
                "--hostname",
                "127.0.0.1",
                "--port",
                &port_argument,
            ]);
            next.envs(secrets).env("TAUTLINE_URL", format!("ws://{}/ws", relay.address));
            application::run(&mut next)
        }
        Example::ViteBoard => {
            let relay = Relay::start(&program, 0, &["--open"], &[])?;
            let mut vite = npm::program(workspace, "vite")?;
            vite.current_dir(workspace.existing(VITE_BOARD)?).args(["--strictPort", "--port", &port_argument]);
            application::run(vite.env("RELAY_URL", format!("http://{}", relay.address)))
        }
    }
}

/// Builds both as they are run in production.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    npm::script(workspace, VITE_BOARD, "build")?;
    install_next_chat(workspace)?;
    command::run(npm::npm(workspace).current_dir(workspace.existing(NEXT_CHAT)?).args(["run", "build"]))
}

/// With our own package as others get it: packed.
fn install_next_chat(workspace: &Workspace) -> Result<()> {
    let tarball = package::pack(workspace)?;
    let mut install = npm::npm(workspace);
    install.current_dir(workspace.existing(NEXT_CHAT)?);
    // Not `npm ci`, which wants every platform's optional packages in the lock file, also those a registry may lack.
    install.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline"]).arg(tarball);
    command::run(&mut install)
}

/// Good for as long as this process runs, on loopback: the standard library's own randomness.
fn secret() -> String {
    (0..4).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect()
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn a_secret_is_long_enough_for_the_relay_and_another_one_each_time() {
        assert!(secret().len() >= 32);
        assert_ne!(secret(), secret());
    }
}

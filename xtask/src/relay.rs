//! The relay as a child process: built, started on a port of the system's choice, stopped with us.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::child::Place;
use crate::command;
use crate::workspace::Workspace;

/// Far more than a relay needs to bind a port, even on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How the relay is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Server,
}

/// Builds the relay and returns its program.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    workspace.existing("relay/Cargo.toml")?;
    let (name, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Server => ("server", "server"),
    };
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "tautline-relay", "--bin", "tautline-relay"]);
    cargo.args(["--profile", name]);
    command::run(&mut cargo)?;
    Ok(workspace.target.join(folder).join("tautline-relay").with_extension(std::env::consts::EXE_EXTENSION))
}

/// The running relay. Dropping it stops it, and so does a signal to us.
pub(crate) struct Relay {
    /// Where it listens, as `127.0.0.1:port`.
    pub(crate) address: String,
}

static RUNNING: Place = Place::empty();

impl Relay {
    /// Starts the relay and waits until it says where it listens. Secrets go into `env`: arguments are seen by everybody on the machine.
    pub(crate) fn start(program: &Path, port: u16, arguments: &[&str], env: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(arguments)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        println!("$ {}", command::shown(&command));
        let (found, address) = mpsc::channel();
        if let Some(stdout) = RUNNING.start(&mut command)? {
            follow(stdout, found);
        }
        match address.recv_timeout(START_LIMIT) {
            Ok(address) => Ok(Self { address }),
            Err(_) => {
                stop();
                Err(anyhow::anyhow!(
                    "the relay did not say where it listens; its own words are above (is port {port} taken?)"
                ))
            }
        }
    }

    /// Waits until the relay ends by itself, which it should not.
    pub(crate) fn wait(&self) -> Result<()> {
        match RUNNING.wait().context("the relay was lost")? {
            Some(status) => anyhow::bail!("the relay ended by itself ({status})"),
            None => Ok(()),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        stop();
    }
}

/// Stops the relay if one runs, and leaves nothing behind.
pub(crate) fn stop() {
    RUNNING.kill();
}

/// Passes on what the relay prints, and reports the address in it. Ends with the relay.
fn follow(stream: impl Read + Send + 'static, found: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            println!("relay: {line}");
            if let Some(address) = address(&line) {
                // Nobody listens any more once the start was given up.
                let _ = found.send(address);
            }
        }
    });
}

fn address(line: &str) -> Option<String> {
    line.strip_prefix("listening on http://").map(str::to_owned)
}

//! The scripted gateway as a child process: a Discord-style chat on a free port of loopback, for the demo.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::child::Place;
use crate::workspace::Workspace;
use crate::{command, npm};

/// Its folder, outside of the npm workspace.
pub(crate) const SOURCE: &str = "tests/gateway";

/// Heartbeats often enough to be watched.
const OPTIONS: &str = r#"{"dialect":"chat","heartbeatIntervalMs":5000,"serverHeartbeats":true}"#;

/// The running gateway. Dropping it stops it, and so does a signal to us.
pub(crate) struct Gateway {
    /// Where it listens, as `ws://127.0.0.1:port/`.
    pub(crate) url: String,
}

static RUNNING: Place = Place::empty();

impl Gateway {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        npm::install_in(workspace, SOURCE)?;
        let mut command = Command::new("node");
        command
            .arg(workspace.existing(&format!("{SOURCE}/main.mjs"))?)
            .arg(OPTIONS)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        println!("$ {}", command::shown(&command));
        let stdout = RUNNING.start(&mut command)?;
        let mut line = String::new();
        if let Some(stdout) = stdout {
            // It prints this line alone. If it ends before, there is none.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        address(&line)
            .map(|url| Self { url })
            .context("the gateway did not say where it listens; its own words are above")
            .inspect_err(|_| stop())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        stop();
    }
}

/// Stops the gateway if one runs.
pub(crate) fn stop() {
    RUNNING.kill();
}

fn address(line: &str) -> Option<String> {
    let said: serde_json::Value = serde_json::from_str(line).ok()?;
    said.get("url")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_has_its_address_and_anything_else_has_none() {
        assert_eq!(address(r#"{"url":"ws://127.0.0.1:7/","api":"x"}"#).as_deref(), Some("ws://127.0.0.1:7/"));
        assert_eq!(["", "{}", r#"{"url":1}"#, "Error: in use"].map(address), [const { None }; 4]);
    }
}

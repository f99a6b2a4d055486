//! Other programs, run to their end: the line that starts them is shown, and a failure says which one it was.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Error, Result, anyhow, bail};

/// Shows the command, runs it on our own terminal, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    // stdout is for results, so that a shell can take them.
    eprintln!("$ {}", shown(command));
    let status = command.status().map_err(|error| unstarted(command, &error))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs the command and returns what it printed; its errors go to our own terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| unstarted(command, &error))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Why a program could not be started, and what to do about it.
pub(crate) fn unstarted(command: &Command, error: &std::io::Error) -> Error {
    let program = name(command.get_program());
    if error.kind() != ErrorKind::NotFound {
        return anyhow!("`{program}` could not be started: {error}");
    }
    match program.as_str() {
        "npm" | "npx" | "node" => {
            anyhow!("`{program}` was not found: install Node.js 20.19 or newer (https://nodejs.org)")
        }
        "rustup" => anyhow!("`rustup` was not found: install it from https://rustup.rs"),
        _ => anyhow!("`{program}` was not found"),
    }
}

/// The command as a person would type it, without the folders of the program.
pub(crate) fn shown(command: &Command) -> String {
    let mut line = name(command.get_program());
    for argument in command.get_args() {
        let _ = write!(line, " {}", argument.to_string_lossy());
    }
    line
}

fn name(program: &OsStr) -> String {
    Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned()
}

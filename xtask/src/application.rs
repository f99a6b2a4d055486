//! An example's development server as a child process: asked to end when we do, since it has children of its own.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::child::Place;
use crate::command;

static RUNNING: Place = Place::empty();

/// Runs it on our own terminal until it ends by itself, or `stop` was called.
///
/// # Errors
/// When it cannot be started or did not end well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", command::shown(command));
    RUNNING.start(command)?;
    match RUNNING.wait().context("the application was lost")? {
        Some(status) if !status.success() => bail!("`{}` failed ({status})", command::shown(command)),
        _ => Ok(()),
    }
}

/// Asks it to end, if one runs, and waits until it did.
pub(crate) fn stop() {
    RUNNING.end();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn what_is_stopped_is_asked_first_so_that_it_can_stop_its_own_children() {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap 'kill $!; echo asked; exit 0' TERM; sleep 9 & echo started; wait"]).stdout(writer);
        let ran = thread::spawn(move || run(&mut shell));
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(reader));
        assert_eq!(lines.next().unwrap().unwrap(), "started");
        stop();
        assert_eq!(lines.next().unwrap().unwrap(), "asked");
        // The pipe ends with the last of them that could write.
        assert!(lines.next().is_none());
        ran.join().unwrap().unwrap();
    }
}

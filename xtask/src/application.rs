//! An example's development server as a child process: asked to end when we do, since it has children of its own.

use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command;

/// Far more than it needs to end; then it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How often we look whether it ended.
const EVERY: Duration = Duration::from_millis(100);

/// Where a signal finds it too.
static RUNNING: Mutex<Option<Child>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<Child>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it on our own terminal until it ends by itself, or `stop` was called.
///
/// # Errors
/// When it cannot be started or did not end well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", command::shown(command));
    let mut place = running();
    *place = Some(command.spawn().map_err(|error| command::unstarted(command, &error))?);
    drop(place);
    loop {
        let ended = match running().as_mut() {
            Some(child) => child.try_wait().context("the application was lost")?,
            None => return Ok(()),
        };
        match ended {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{}` failed ({status})", command::shown(command)),
            None => thread::sleep(EVERY),
        }
    }
}

/// Asks it to end, if one runs, and waits until it did.
pub(crate) fn stop() {
    let Some(mut child) = running().take() else { return };
    let asked =
        cfg!(unix) && Command::new("kill").arg(child.id().to_string()).status().is_ok_and(|status| status.success());
    let started = Instant::now();
    while asked && started.elapsed() < STOP_LIMIT && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(EVERY);
    }
    // Both fail only when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

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

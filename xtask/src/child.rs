//! A child process that runs beside us, in a place where a signal to us finds it too.

use std::process::{Child, ChildStdout, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command;

/// Far more than a program needs to end that was asked to; then it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How often we look whether it ended.
const EVERY: Duration = Duration::from_millis(100);

/// The place of one child, or of none.
pub(crate) struct Place(Mutex<Option<Child>>);

impl Place {
    pub(crate) const fn empty() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts this program; its stdout, if it is piped.
    pub(crate) fn start(&self, command: &mut Command) -> Result<Option<ChildStdout>> {
        // Locked meanwhile, so that a signal finds it or comes before it.
        let mut place = self.lock();
        let mut child = command.spawn().map_err(|error| command::unstarted(command, &error))?;
        let stdout = child.stdout.take();
        *place = Some(child);
        Ok(stdout)
    }

    /// Waits until it ends by itself; `None` if it was stopped.
    pub(crate) fn wait(&self) -> Result<Option<ExitStatus>> {
        loop {
            let ended = match self.lock().as_mut() {
                Some(child) => child.try_wait()?,
                None => return Ok(None),
            };
            if ended.is_some() {
                return Ok(ended);
            }
            thread::sleep(EVERY);
        }
    }

    /// Stops it, if one runs, and leaves nothing behind.
    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.lock().take() {
            kill(&mut child);
        }
    }

    /// The same, but it is asked to end first: it may have children of its own.
    pub(crate) fn end(&self) {
        let Some(mut child) = self.lock().take() else { return };
        let asked = cfg!(unix)
            && Command::new("kill").arg(child.id().to_string()).status().is_ok_and(|status| status.success());
        let started = Instant::now();
        while asked && started.elapsed() < STOP_LIMIT && matches!(child.try_wait(), Ok(None)) {
            thread::sleep(EVERY);
        }
        kill(&mut child);
    }
}

fn kill(child: &mut Child) {
    // Both fail only when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

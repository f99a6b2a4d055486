//! Numbered headings with the time elapsed, so that a person can follow a task of several parts.

use std::time::Instant;

/// The parts of one task.
pub(crate) struct Progress {
    started: Instant,
    parts: usize,
    begun: usize,
}

impl Progress {
    /// A task of so many parts, starting now.
    pub(crate) fn new(parts: usize) -> Self {
        Self { started: Instant::now(), parts, begun: 0 }
    }

    /// Announces the next part.
    pub(crate) fn begin(&mut self, title: &str) {
        self.begun += 1;
        let elapsed = self.started.elapsed().as_secs();
        println!("\n=== {}/{} {title} ({}:{:02} elapsed)", self.begun, self.parts, elapsed / 60, elapsed % 60);
    }
}

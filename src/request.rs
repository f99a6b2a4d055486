//! Replies awaited: who asked, and until when.
//!
//! A request goes out once, unless the server says that it did not act on it. It is not repeated over a reconnect, because the server may have acted on it: it fails, and the
//! caller decides.

use crate::channel::ChannelId;
use crate::error::Code;
use crate::host::{Host, Payload};
use crate::outbox::Message;
use crate::time::Instant;
use crate::timer::{Deadline, Timer};

/// One question.
pub(crate) struct Request<H: Host> {
    pub(crate) id: u64,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) event: H::Text,
    pub(crate) payload: Payload<H>,
    pub(crate) size: usize,
    deadline: Instant,
    sent: bool,
    held_until: Option<Instant>,
}

/// All open questions, oldest first.
pub(crate) struct Requests<H: Host> {
    open: Vec<Request<H>>,
    last_id: u64,
    next_deadline: Deadline,
}

impl<H: Host> Requests<H> {
    pub(crate) const fn new() -> Self {
        Self { open: Vec::new(), last_id: 0, next_deadline: Deadline::NEVER }
    }

    pub(crate) const fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn push(&mut self, message: Message<H>, deadline: Instant) -> u64 {
        let Message { channel, event, payload, size, .. } = message;
        self.last_id += 1;
        let id = self.last_id;
        self.open.push(Request { id, channel, event, payload, size, deadline, sent: false, held_until: None });
        self.arm();
        id
    }

    /// The next one that was not sent yet and may be.
    pub(crate) fn next_unsent(&self) -> Option<&Request<H>> {
        let open: &[Request<H>] = if H::CHANNELS { &self.open } else { &[] };
        open.iter().find(|request| !request.sent && request.held_until.is_none())
    }

    /// The server did not act on it, and wants to be asked again later.
    pub(crate) fn hold(&mut self, id: u64, until: Instant) {
        if !H::CHANNELS {
            return;
        }
        if let Some(request) = self.open.iter_mut().find(|request| request.id == id && request.sent) {
            request.sent = false;
            request.held_until = Some(until);
        }
        self.arm();
    }

    /// A hold that is over no longer holds.
    pub(crate) fn release(&mut self, now: Instant) {
        if H::CHANNELS && self.next_deadline.is_due(now) {
            for request in &mut self.open {
                request.held_until = request.held_until.filter(|until| *until > now);
            }
            self.arm();
        }
    }

    pub(crate) fn mark_sent(&mut self, id: u64) {
        if let Some(request) = self.open.iter_mut().find(|request| request.id == id) {
            request.sent = true;
        }
    }

    /// Takes a request off the list; false when it is not there (any more).
    pub(crate) fn settle(&mut self, id: u64) -> bool {
        self.take(|request| request.id == id).is_some()
    }

    /// The connection is lost: takes one that was asked over it and will not be answered.
    pub(crate) fn take_sent(&mut self) -> Option<u64> {
        self.take(|request| request.sent)
    }

    pub(crate) fn take_any(&mut self) -> Option<u64> {
        self.take(|_| true)
    }

    /// Takes one that has waited long enough.
    pub(crate) fn take_late(&mut self, now: Instant) -> Option<u64> {
        if !self.next_deadline.is_due(now) {
            return None;
        }
        let late = self.take(|request| request.deadline <= now);
        if late.is_none() {
            self.arm();
        }
        late
    }

    pub(crate) const fn poll_timeout(&self) -> Deadline {
        self.next_deadline
    }

    fn arm(&mut self) {
        self.next_deadline = Deadline::NEVER;
        for request in &self.open {
            let given_up = self.next_deadline.or(Some(request.deadline), Timer::GiveUpReply);
            self.next_deadline = given_up.or(request.held_until, Timer::Flush);
        }
    }

    fn take(&mut self, which: impl Fn(&Request<H>) -> bool) -> Option<u64> {
        let index = self.open.iter().position(which).filter(|_| H::CHANNELS)?;
        Some(self.remove(index))
    }

    #[inline(never)]
    fn remove(&mut self, index: usize) -> u64 {
        let id = self.open[index].id;
        // Drained, it ends where it is, and is not moved first.
        self.open.drain(index..=index);
        id
    }
}

/// Why a request that was under way fails when its connection is lost.
pub(crate) const LOST: Code = Code::LostClosed;

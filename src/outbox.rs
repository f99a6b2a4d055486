//! Every message that is not settled yet, in the order it was given.
//!
//! In: pushes, acknowledgements, refusals, lost links, time. Out: what to send next, and one outcome for each message. Not
//! here: whether sending is possible now (client.rs, rate.rs). The messages in flight are always the first ones, so after a
//! lost link they go again first and in order.

use crate::channel::ChannelId;
use crate::config::{Overflow, QueueConfig};
use crate::error::Code;
use crate::host::{Host, Payload};
use crate::time::Duration;
use crate::time::Instant;
use crate::timer::{Deadline, Timer};
use core::ops::Range;
use std::collections::VecDeque;

/// A message to be sent.
pub struct Message<H: Host> {
    /// Where to; protocols without channels take none.
    pub channel: Option<ChannelId>,
    /// The event's name, quoted.
    pub event: H::Text,
    /// What to send.
    pub payload: Payload<H>,
    /// Its size in bytes.
    pub size: usize,
    /// For how long it is worth sending.
    pub ttl: Option<Duration>,
}

/// One message.
pub(crate) struct Entry<H: Host> {
    pub(crate) id: u64,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) event: H::Text,
    pub(crate) payload: Payload<H>,
    pub(crate) size: usize,
    expires: Option<Instant>,
    /// It was sent at least once: the server may know it.
    attempted: bool,
    /// It goes before those that wait without hurry.
    urgent: bool,
}

/// A message whose story ended badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) id: u64,
    pub(crate) attempted: bool,
    pub(crate) size: usize,
}

/// The queue.
pub(crate) struct Outbox<H: Host> {
    config: QueueConfig,
    entries: VecDeque<Entry<H>>,
    /// How many of the first entries are in flight.
    in_flight: usize,
    /// Since when the first of them is the first.
    waits_since: Instant,
    bytes: usize,
    last_id: u64,
    next_expiry: Deadline,
    held_until: Option<Instant>,
}

/// Most messages in flight. A quarter of what the server remembers per session, so a resend is always recognised.
const WINDOW: usize = 256;

impl<H: Host> Outbox<H> {
    pub(crate) const fn new(config: QueueConfig) -> Self {
        Self {
            config,
            entries: VecDeque::new(),
            in_flight: 0,
            waits_since: Instant::from_micros(0),
            bytes: 0,
            last_id: 0,
            next_expiry: Deadline::NEVER,
            held_until: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// A fresh id, also for messages that are not queued.
    pub(crate) const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// How many have to go before there is room for `size` more bytes, or why it cannot be.
    pub(crate) fn excess(&self, size: usize) -> Result<usize, Code> {
        if size > self.config.max_bytes {
            return Err(Code::DroppedTooLarge);
        }
        let fits = |count: usize, bytes: usize| {
            self.entries.len() - count < self.config.max && self.bytes - bytes + size <= self.config.max_bytes
        };
        let first = self.patient();
        // Whom to drop is known before anyone is: nobody goes in vain.
        let (mut count, mut bytes) = (0, 0);
        while !fits(count, bytes) {
            match self.entries.get(first + count) {
                Some(oldest) if self.config.overflow == Overflow::DropOldest => bytes += oldest.size,
                _ => return Err(Code::DroppedOverflow),
            }
            count += 1;
        }
        Ok(count)
    }

    /// Takes the oldest off the queue that waits without hurry.
    pub(crate) fn drop_oldest(&mut self) -> Option<Ended> {
        self.remove(self.patient())
    }

    /// Where those begin that wait without hurry.
    fn patient(&self) -> usize {
        let mut index = self.in_flight;
        while H::UNACKED && self.entries.get(index).is_some_and(|entry| entry.urgent) {
            index += 1;
        }
        index
    }

    /// The message that was pushed last goes before all that wait without hurry. Only where nobody relies on the order.
    pub(crate) fn hurry(&mut self) {
        let first = self.patient();
        let Some(last) = self.entries.len().checked_sub(1) else { return };
        self.entries[last].urgent = true;
        for index in (first..last).rev() {
            self.entries.swap(index, index + 1);
        }
    }

    pub(crate) fn push(&mut self, now: Instant, message: Message<H>) -> u64 {
        let id = self.next_id();
        self.append(now, id, message, false);
        id
    }

    /// Whether a message of this size may be on its way at once, before those that wait.
    pub(crate) fn is_open(&self, size: usize) -> bool {
        self.in_flight == self.entries.len()
            && self.in_flight < WINDOW.min(self.config.max)
            && self.held_until.is_none()
            && self.bytes + size <= self.config.max_bytes
    }

    /// Whether this will be the id of the next message.
    pub(crate) const fn is_next(&self, id: u64) -> bool {
        id == self.last_id + 1
    }

    /// A message that is on its way, and whose sender keeps its frame.
    pub(crate) fn push_sent(&mut self, now: Instant, channel: ChannelId, size: usize) {
        let event = H::Text::default();
        self.push(now, Message { channel: Some(channel), event, payload: Payload::Kept, size, ttl: None });
        self.mark_sent(now);
    }

    /// Goes on where an earlier life of this outbox ended: the ids up to `last_id` are used.
    pub(crate) fn adopt(&mut self, last_id: u64) {
        self.last_id = self.last_id.max(last_id);
    }

    /// A message of that earlier life, which may have been sent then. Only in the order of their ids.
    pub(crate) fn restore(&mut self, now: Instant, id: u64, message: Message<H>) -> bool {
        let fits = id <= self.last_id && self.entries.back().is_none_or(|last| last.id < id);
        if fits {
            self.append(now, id, message, true);
        }
        fits
    }

    fn append(&mut self, now: Instant, id: u64, message: Message<H>, attempted: bool) {
        let Message { channel, event, payload, size, ttl } = message;
        let expires = ttl.map(|ttl| now + ttl);
        self.bytes += size;
        self.next_expiry = self.next_expiry.or(expires, Timer::ExpireMessage);
        self.entries.push_back(Entry { id, channel, event, payload, size, expires, attempted, urgent: false });
    }

    /// The next message to send, if one may go.
    pub(crate) fn next_unsent(&self) -> Option<&Entry<H>> {
        if self.in_flight >= WINDOW || self.held_until.is_some() {
            return None;
        }
        self.entries.get(self.in_flight)
    }

    /// The message that [`next_unsent`](Self::next_unsent) named is on its way.
    pub(crate) fn mark_sent(&mut self, now: Instant) {
        if let Some(entry) = self.entries.get_mut(self.in_flight) {
            entry.attempted = true;
            if self.in_flight == 0 {
                self.waits_since = now;
            }
            self.in_flight += 1;
        }
    }

    /// Takes the message that [`next_unsent`](Self::next_unsent) named off the queue.
    pub(crate) fn reject_next(&mut self) -> Option<Ended> {
        self.remove(self.in_flight)
    }

    /// The first message that is not in flight, off the queue, with what it said.
    pub(crate) fn take_next(&mut self) -> Option<(Ended, Payload<H>)> {
        let payload = self.entries.get(self.in_flight)?.payload.clone();
        self.remove(self.in_flight).map(|ended| (ended, payload))
    }

    /// The server settled it; `None` when it was settled before, or never sent.
    pub(crate) fn settle(&mut self, now: Instant, id: u64) -> Option<Ended> {
        let index = self.find(id);
        if !self.entries.get(index)?.attempted {
            return None;
        }
        if index == 0 {
            self.excuse_first(now);
        }
        self.remove(index)
    }

    /// The application takes it back. Not while it is in flight: its outcome is on the way.
    pub(crate) fn cancel(&mut self, id: u64) -> Option<Ended> {
        let index = self.find(id);
        if index >= self.in_flight { self.remove(index) } else { None }
    }

    /// The server holds back `id` and everything after it: they are queued again. Returns where those stand who came back.
    pub(crate) fn hold(&mut self, now: Instant, id: u64, wait: Duration) -> Range<usize> {
        let first = self.find(id);
        if first < self.entries.len() {
            self.held_until = Some(now + wait);
        }
        self.requeue(first)
    }

    /// The link is lost: what was in flight is queued again. Returns where those stand who came back.
    pub(crate) fn handle_lost(&mut self) -> Range<usize> {
        self.held_until = None;
        self.requeue(0)
    }

    /// The largest message in flight: the one to blame when the server found a frame too large.
    pub(crate) fn reject_largest(&mut self) -> Option<Ended> {
        let largest = (0..self.in_flight).max_by_key(|index| self.entries[*index].size)?;
        self.remove(largest)
    }

    /// Takes one off the queue that has outlived its time.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Option<Ended> {
        if !self.next_expiry.is_due(now) {
            return None;
        }
        let expired = |entry: &Entry<H>| entry.expires.is_some_and(|expires| expires <= now);
        let found = (self.in_flight..self.entries.len()).find(|index| expired(&self.entries[*index]));
        if found.is_none() {
            self.rearm();
        }
        self.remove(found?)
    }

    /// Takes one off the queue that was sent at least once and has no outcome.
    pub(crate) fn take_attempted(&mut self) -> Option<Ended> {
        self.remove(self.entries.iter().position(|entry| entry.attempted)?)
    }

    /// Takes the first off the queue, whatever became of it.
    pub(crate) fn take_any(&mut self) -> Option<Ended> {
        self.remove(0)
    }

    /// Since when the server owes an answer to the first message in flight. It is asked for one at a time: a server that answers,
    /// however slowly, lives; and none but the first has to know when it was sent.
    pub(crate) fn waits_since(&self) -> Option<Instant> {
        (self.in_flight > 0).then_some(self.waits_since)
    }

    /// The first message in flight, or the one after it, has its whole time before it.
    pub(crate) const fn excuse_first(&mut self, now: Instant) {
        self.waits_since = now;
    }

    pub(crate) fn poll_timeout(&self) -> Deadline {
        let held = self.held_until.filter(|_| self.in_flight < self.entries.len());
        self.next_expiry.or(held, Timer::Flush)
    }

    /// A hold that is over no longer holds.
    pub(crate) fn release(&mut self, now: Instant) {
        self.held_until = self.held_until.filter(|until| *until > now);
    }

    fn requeue(&mut self, first: usize) -> Range<usize> {
        let back = first..self.in_flight;
        if first < self.in_flight {
            self.in_flight = first;
            // Expiry was not looked at while they were in flight.
            self.rearm();
        }
        back
    }

    /// The id of the message that stands there.
    pub(crate) fn id(&self, index: usize) -> u64 {
        self.entries[index].id
    }

    fn rearm(&mut self) {
        self.next_expiry = Deadline::NEVER;
        for index in self.in_flight..self.entries.len() {
            self.next_expiry = self.next_expiry.or(self.entries[index].expires, Timer::ExpireMessage);
        }
    }

    /// Where a message stands; behind all where it is not.
    fn find(&self, id: u64) -> usize {
        // What is asked for is nearly always the first, and else among those in flight.
        let mut index = 0;
        while self.entries.get(index).is_some_and(|entry| entry.id != id) {
            index += 1;
        }
        index
    }

    fn remove(&mut self, index: usize) -> Option<Ended> {
        if index >= self.entries.len() {
            return None;
        }
        // Nearly always the first; any other is brought there past those before it, which keep their order.
        for before in (0..index).rev() {
            self.entries.swap(before, before + 1);
        }
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.size;
        if index < self.in_flight {
            self.in_flight -= 1;
        }
        Some(Ended { id: entry.id, attempted: entry.attempted, size: entry.size })
    }
}

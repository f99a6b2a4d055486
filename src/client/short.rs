//! The short ways: the next message of a channel, and a publish before which nothing waits. Most frames are one of
//! these and lead to nothing else, so only numbers are looked at, and no output is queued.

use super::Client;
use crate::channel::ChannelId;
use crate::host::{Header, Host};
use crate::protocol::Numbered;
use crate::time::Instant;

impl<H: Host> Client<H> {
    /// A frame came. Some: it is the next message of its channel, nothing but its delivery follows, and that is up to the
    /// caller; whether it was missed and comes late. `None`: it is something else and was not looked at further, so
    /// [`handle_socket`](Self::handle_socket) has to hear of it.
    pub fn handle_next(&mut self, socket: u32, header: &Header, size: usize) -> Option<bool> {
        let Numbered { channel, offset, sender, id } = self.protocol.message(header)?;
        self.connection.ready().filter(|_| self.wire.socket == Some(socket))?;
        let channel = self.channels.subscribed(channel)?;
        let replayed = channel.recovery.handle_next(offset, sender, id)?;
        self.stats.received += 1;
        self.stats.replayed += u64::from(replayed);
        if let Some(heart) = self.connection.heart_mut() {
            heart.handle_next();
        }
        self.stats.bytes_received += size as u64;
        Some(replayed)
    }

    /// Sends a message of which nothing has to be said but its numbers, at once. Its frame is up to the caller, who has written
    /// it as the protocol's own template says ([`Protocol::publish`](crate::protocol::Protocol::publish)) and keeps it
    /// ([`Payload::Kept`](crate::host::Payload::Kept)). False: it does not have the next id, or there is more to be done; nothing
    /// was noted, and [`publish`](Self::publish) has to hear of it. `now` is asked for only where the time matters.
    pub fn publish_next(&mut self, id: u64, channel: ChannelId, size: usize, now: impl FnOnce() -> Instant) -> bool {
        self.try_next(id, channel, size, now).is_some()
    }

    fn try_next(&mut self, id: u64, channel: ChannelId, size: usize, now: impl FnOnce() -> Instant) -> Option<()> {
        self.protocol.publish().and(self.connection.ready())?;
        if !self.outbox.is_next(id)
            || !self.wire.outputs.is_empty()
            || self.requests.next_unsent().is_some()
            || self.waits_for_buffer()
            || self.channels.get(channel)?.typing.is_said()
            || self.limit_below(size).is_some()
            || !self.outbox.is_open(size)
        {
            return None;
        }
        // Behind others only a limit asks for the time.
        if self.outbox.is_empty() || self.limiter.is_limited() {
            self.advance(now());
        }
        self.limiter.take(self.now).ok()?;
        self.outbox.push_sent(self.now, channel, size);
        self.buffered += size;
        self.stats.sent += 1;
        self.stats.bytes_sent += size as u64;
        Some(())
    }
}

//! What the application asks. Each verb may come at any time: before a connection, during one, after it.

use super::Client;
use crate::channel::{ChannelId, ChannelStep, TYPING_TTL};
use crate::connection::Step;
use crate::error::Code;
use crate::host::{Host, Payload};
use crate::outbox::Message;
use crate::output::{Event, PublicState};
use crate::protocol::{Command, Protocol};
use crate::time::Duration;
use crate::time::Instant;

impl<H: Host> Client<H> {
    /// Wants a connection. Without effect while there is one, or one under way.
    pub fn connect(&mut self, now: Instant) {
        self.advance(now);
        if !self.destroyed {
            self.step(Step::Connect);
        }
    }

    /// Takes over the outbox of an earlier life, such as the page before a reload: its session, and the last id it used. Then
    /// [`restore`](Self::restore) its messages. False, and without effect, once this client has lived itself.
    pub fn adopt(&mut self, session: &H::Text, last_id: u64) -> bool {
        let untouched = self.face.state == PublicState::Idle && self.outbox.is_empty() && !self.destroyed;
        if untouched {
            self.session = self.wire.host.quote(session);
            self.outbox.adopt(last_id);
        }
        untouched
    }

    /// Puts an unsettled message of an earlier life back into the queue; it may have been sent then, and counts once all the
    /// same. False if its id does not fit: they rise, and none is above the `last_id` that was adopted.
    pub fn restore(&mut self, now: Instant, id: u64, message: Message<H>) -> bool {
        self.advance(now);
        self.check(message.channel).is_ok() && self.outbox.restore(self.now, id, message)
    }

    /// Goes on with the protocol's session of an earlier life: its name, its last number, and where to find it. False, and
    /// without effect, once this client has connected itself.
    pub fn restore_session(&mut self, session: &str, sequence: u64, url: Option<&str>) -> bool {
        let untouched = self.face.state == PublicState::Idle && !self.destroyed;
        if untouched {
            self.protocol.restore(session, sequence, url);
        }
        untouched
    }

    /// Wants no connection any more. The queue stays for the next one; where nobody acknowledges, it goes out first if there is
    /// a connection.
    pub fn close(&mut self, now: Instant) {
        self.advance(now);
        self.empty_queue();
        self.step(Step::Close);
    }

    /// The same, with a code (1000 or 3000–4999) and a reason for the server.
    pub fn close_with(&mut self, now: Instant, code: u16, reason: H::Text) {
        self.farewell = Some((code, reason));
        self.close(now);
        self.farewell = None;
    }

    /// Wants another connection in the place of what there is now, which hears this code and reason. The attempts are counted
    /// from zero again.
    pub fn reconnect(&mut self, now: Instant, code: u16, reason: H::Text) {
        self.advance(now);
        if !self.destroyed {
            self.empty_queue();
            self.farewell = Some((code, reason));
            self.step(Step::Reconnect);
            self.farewell = None;
        }
    }

    /// Speaks another protocol from now on, which `make` gives and may prepare the host for. A connection ends at once, and where
    /// one was wanted the next is made. Wishes and the queue stay. What a server may have that acknowledges, and did not
    /// acknowledge, fails: the next server would not know it again. Whoever was present is forgotten.
    pub fn speak(&mut self, now: Instant, make: impl FnOnce(&mut H) -> Box<dyn Protocol<H>>) {
        self.advance(now);
        if self.acks() {
            while let Some(ended) = self.outbox.take_attempted() {
                self.send_failed(ended, Code::LateAck, None);
            }
        }
        let nobody = [self.wire.host.parse("[]"), None, None];
        for id in self.channels.ids() {
            let Some(channel) = self.channels.get_mut(id) else { continue };
            let changes = channel.presence.handle(&self.wire.host, &nobody, true);
            self.emit_presence(id, changes);
        }
        self.protocol = make(&mut self.wire.host);
        let rests = matches!(self.face.state, PublicState::Idle | PublicState::Closed);
        self.step(if rests { Step::Left } else { Step::Reconnect });
    }

    /// Wants the next attempt now.
    pub fn retry(&mut self, now: Instant) {
        self.advance(now);
        self.step(Step::Retry);
    }

    /// Closes for ever, and ends what is still open.
    pub fn destroy(&mut self, now: Instant) {
        self.close(now);
        self.destroyed = true;
        while let Some(ended) = self.outbox.take_any() {
            self.send_failed(ended, Code::DroppedClosed, None);
        }
        while let Some(id) = self.requests.take_any() {
            self.request_failed(id, Code::DroppedClosed, None);
        }
    }

    /// The id of a channel's name.
    pub fn channel(&mut self, name: &H::Text) -> ChannelId {
        let id = self.wire.host.channel(name);
        self.channels.add(id);
        id
    }

    /// Wants a channel, from now on and over all reconnects.
    pub fn subscribe(&mut self, now: Instant, id: ChannelId, presence: bool) {
        self.advance(now);
        let link = self.connection.ready().is_some();
        let Some(channel) = self.channels.get_mut(id) else { return };
        let more = presence && !channel.wants_presence;
        channel.wants_presence |= presence;
        if more && channel.is_asked() && link {
            self.channel_step(id, ChannelStep::LinkDown);
            self.channel_step(id, ChannelStep::LinkUp);
        } else {
            self.channel_step(id, ChannelStep::Wanted { link });
        }
    }

    /// No longer wants a channel; its position is forgotten.
    pub fn unsubscribe(&mut self, now: Instant, id: ChannelId) {
        self.advance(now);
        self.channel_step(id, ChannelStep::Unwanted);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.forget();
        }
    }

    /// Sends a message: at once or as soon as possible, once in effect, in order. Returns its id; its outcome is an event.
    ///
    /// # Errors
    /// When it cannot be queued, and then nothing was.
    pub fn publish(&mut self, now: Instant, message: Message<H>) -> Result<u64, Code> {
        let id = self.queue_up(now, message)?;
        self.flush();
        Ok(id)
    }

    /// The same, before everything that waits to be sent without hurry. Where the server acknowledges, order is a promise, and this
    /// breaks it.
    ///
    /// # Errors
    /// When it cannot be queued, and then nothing was.
    pub fn publish_first(&mut self, now: Instant, message: Message<H>) -> Result<u64, Code> {
        let id = self.queue_up(now, message)?;
        self.outbox.hurry();
        self.flush();
        Ok(id)
    }

    fn queue_up(&mut self, now: Instant, message: Message<H>) -> Result<u64, Code> {
        self.advance(now);
        self.check(message.channel)?;
        if self.config.queue.always || self.connection.ready().is_none() {
            for _ in 0..self.outbox.excess(message.size)? {
                if let Some(ended) = self.outbox.drop_oldest() {
                    self.send_failed(ended, Code::DroppedOverflow, None);
                }
            }
        }
        if let Some(channel) = message.channel {
            self.say_typing(channel, false);
        }
        Ok(self.outbox.push(self.now, message))
    }

    /// Sends a message now or never: no queue, no acknowledgement. Returns its id; it counts as sent.
    ///
    /// # Errors
    /// When it cannot go out now.
    pub fn publish_volatile(&mut self, now: Instant, message: Message<H>) -> Result<u64, Code> {
        self.signal(now, message)?;
        let id = self.outbox.next_id();
        self.emit(Event::Sent { id, settled: true });
        Ok(id)
    }

    /// Takes a message back; false when it is too late for that.
    pub fn cancel(&mut self, now: Instant, id: u64) -> bool {
        self.advance(now);
        let Some(ended) = self.outbox.cancel(id) else { return false };
        self.send_failed(ended, Code::DroppedCancelled, None);
        true
    }

    /// Takes back everything that does not wait for an acknowledgement, in order.
    pub fn cancel_queue(&mut self, now: Instant) -> Vec<Payload<H>> {
        self.advance(now);
        let mut payloads = Vec::new();
        while let Some((ended, payload)) = self.outbox.take_next() {
            self.send_failed(ended, Code::DroppedCancelled, None);
            payloads.push(payload);
        }
        payloads
    }

    /// Says a passing word to a channel.
    ///
    /// # Errors
    /// When it cannot go out now.
    pub fn signal(&mut self, now: Instant, message: Message<H>) -> Result<(), Code> {
        self.advance(now);
        self.check(message.channel)?;
        let channel = message.channel.ok_or(Code::ChannelRequired)?;
        self.check_link(channel)?;
        if self.limit_below(message.size).is_some() {
            return Err(Code::DroppedTooLarge);
        }
        if self.waits_for_buffer() || self.limiter.take(self.now).is_err() {
            return Err(Code::DroppedRateLimited);
        }
        let (event, payload, ttl) = (&message.event, &message.payload, message.ttl);
        self.stats.sent += 1;
        self.stats.bytes_sent += message.size as u64;
        self.buffered += message.size;
        self.protocol.command(&Command::Signal { channel, event, payload, ttl }, &mut self.wire);
        self.handle_facts();
        Ok(())
    }

    /// Says that the user types, or stopped. Call it on every key press: it is said as often as needed.
    pub fn typing(&mut self, now: Instant, channel: ChannelId, active: bool) {
        self.advance(now);
        if self.check_link(channel).is_ok() {
            self.say_typing(channel, active);
        }
    }

    /// Is present in a channel with this state, from now on and over all reconnects.
    pub fn track(&mut self, now: Instant, id: ChannelId, state: H::Text) {
        self.advance(now);
        let linked = self.check_link(id).is_ok();
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.tracked = Some(state.clone());
        if linked {
            self.command(&Command::Track { channel: id, state: &state });
        }
    }

    /// Is no longer present in a channel.
    pub fn untrack(&mut self, now: Instant, id: ChannelId) {
        self.advance(now);
        let was = self.channels.get_mut(id).and_then(|channel| channel.tracked.take());
        if was.is_some() && self.check_link(id).is_ok() {
            self.command(&Command::Untrack { channel: id });
        }
    }

    /// Asks the server something; the answer, the refusal or the deadline is an event.
    ///
    /// # Errors
    /// When too many questions are open.
    pub fn request(&mut self, now: Instant, message: Message<H>, timeout: Duration) -> Result<u64, Code> {
        self.advance(now);
        if self.destroyed {
            return Err(Code::Destroyed);
        }
        if message.channel.is_some_and(|id| self.channels.get(id).is_none()) {
            return Err(Code::InvalidArgument);
        }
        if self.requests.len() >= self.config.queue.max {
            return Err(Code::DroppedOverflow);
        }
        let id = self.requests.push(message, self.now + timeout);
        self.flush();
        Ok(id)
    }

    /// No longer waits for an answer; false when there is nothing to wait for.
    pub fn cancel_request(&mut self, now: Instant, id: u64) -> bool {
        self.advance(now);
        let open = self.requests.settle(id);
        if open {
            self.request_failed(id, Code::DroppedCancelled, None);
        }
        open
    }

    /// Asks the token function now, and renews the token on the living connection.
    pub fn refresh(&mut self, now: Instant) {
        self.advance(now);
        if self.config.has_token && self.connection.ready().is_some() {
            self.ask_for_token();
        }
    }

    /// Whether the server acknowledges each publish.
    pub(super) fn acks(&self) -> bool {
        !H::UNACKED || self.protocol.acks()
    }

    /// Hands over what still waits behind a full buffer: a socket sends what it was given before it closes, and without
    /// acknowledgements nobody would send it again.
    fn empty_queue(&mut self) {
        let mut left = usize::MAX;
        while !self.acks() && self.outbox.len() < left {
            left = self.outbox.len();
            self.buffered = 0;
            self.flush();
        }
    }

    fn check(&self, channel: Option<ChannelId>) -> Result<(), Code> {
        match channel {
            _ if self.destroyed => Err(Code::Destroyed),
            None if self.protocol.needs_channel() => Err(Code::ChannelRequired),
            Some(id) if self.channels.get(id).is_none() => Err(Code::InvalidArgument),
            _ => Ok(()),
        }
    }

    fn check_link(&self, id: ChannelId) -> Result<(), Code> {
        let channel = self.channels.get(id).ok_or(Code::InvalidArgument)?;
        match self.connection.ready() {
            None => Err(Code::DroppedNotConnected),
            Some(_) if channel.is_subscribed() => Ok(()),
            Some(_) if channel.is_wanted() => Err(Code::DroppedNotConnected),
            Some(_) => Err(Code::NotSubscribed),
        }
    }

    fn say_typing(&mut self, id: ChannelId, active: bool) {
        let now = self.now;
        let linked = self.check_link(id).is_ok();
        if self.channels.get_mut(id).is_some_and(|channel| channel.typing.say(now, active)) && linked {
            self.command(&Command::Typing { channel: id, active, ttl: TYPING_TTL });
        }
    }
}

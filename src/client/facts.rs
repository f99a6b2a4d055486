//! What each fact of the protocol leads to.

use super::Client;
use crate::channel::{Changes, ChannelId, ChannelStep};
use crate::connection::{Heartbeat, Session, Step};
use crate::error::{Blame, Code};
use crate::host::Host;
use crate::output::{Event, Recovered};
use crate::protocol::{About, Command, Fact, HeartbeatPlan, Ready, Verdict};
use crate::time::Duration;

/// A server that wants us back at once is asked no more often than this.
const MIN_RETRY: Duration = Duration::from_millis(100);

impl<H: Host> Client<H> {
    pub(super) fn handle_facts(&mut self) {
        let mut facts = core::mem::take(&mut self.wire.facts);
        while !facts.is_empty() {
            let fact = facts.remove(0);
            // After our close only the outcome of what we sent matters.
            let outcome = matches!(&fact, Fact::Acked { .. } | Fact::Refused { about: About::Publish(_), .. });
            if outcome || self.connection.is_listening() {
                self.handle_fact(fact);
            }
        }
        // What handling them led to was handled within; only the room is kept.
        self.wire.facts = facts;
    }

    // In the loop, what each branch addresses would be computed before it.
    #[inline(never)]
    fn handle_fact(&mut self, fact: Fact<H>) {
        match fact {
            Fact::Message { channel, offset, sender, id, frame } => {
                self.handle_message(channel, offset, sender, id, frame);
            }
            Fact::Acked { id, offset, frame } => {
                if self.outbox.settle(self.now, id).is_some() {
                    self.stats.acked += 1;
                    self.emit(Event::Acked { id, offset, frame });
                }
            }
            Fact::Signal { channel, frame } => {
                if channel.is_none_or(|id| self.channels.wanted(id).is_some()) {
                    self.stats.received += 1;
                    self.emit(Event::Signal { channel, frame });
                }
            }
            Fact::Typing { channel, member, ttl } => {
                let now = self.now;
                if let Some(state) = self.channels.wanted(channel)
                    && state.typing.handle(now, member, ttl)
                {
                    self.channels.arm(channel);
                    self.emit_typing(channel);
                }
            }
            Fact::Presence { channel, joined, updated, left } => {
                self.handle_presence(channel, [joined, updated, left], false);
            }
            Fact::Subscribed { channel, epoch, offset, latest, recovered, members } => {
                self.handle_subscribed(channel, epoch, offset, latest, recovered);
                let whole = members.is_some();
                self.handle_presence(channel, [members, None, None], whole);
            }
            Fact::Replied { id, payload } => {
                if self.requests.settle(id) {
                    self.emit(Event::Replied { id, payload });
                }
            }
            Fact::Refused { about, code, retry, detail } => self.handle_refused(about, code, retry, detail),
            Fact::HeartbeatAnswered => {
                let now = self.now;
                let latency = self.connection.heart_mut().and_then(|heart| heart.handle_answer(now));
                if let Some(latency) = latency {
                    self.stats.handle_latency(latency);
                    self.emit(Event::Latency(latency));
                }
            }
            Fact::HeartbeatAgreed(plan) => self.start_heart(&plan),
            Fact::Ready(ready) => self.handle_ready(ready),
            Fact::TokenAccepted { expires } => self.token_accepted(expires),
            Fact::ReconnectAsked { after, jitter } => {
                let wait = after + self.rng.part_of(jitter);
                self.end(Verdict::Retry(Code::LostReconnectAsked), Some(wait));
            }
            Fact::Skipped { code } => self.skip(code),
            Fact::Repeated => self.stats.duplicates += 1,
            Fact::Missed { held, next } => self.gap(None, held, next),
            Fact::Lost { code } => self.end(Verdict::Retry(code), None),
            Fact::Violated => {
                self.problem(Code::PeerUnexpected, None);
                self.end(Verdict::Violation, None);
            }
        }
    }

    fn handle_ready(&mut self, ready: Ready<H>) {
        let now = self.now;
        let Ready { frame, resumed, heartbeat, expires, frame_limit, rate, reserve } = ready;
        if self.connection.ready().is_some() {
            return;
        }
        if let Some(plan) = &heartbeat {
            self.start_heart(plan);
        }
        let session = Session::new(frame_limit);
        self.limiter.restart(self.config.rate, rate, reserve);
        self.stats.handle_ready(now);
        // Who we are is known before it is known that we are connected.
        self.emit(Event::Welcomed { resumed, frame });
        self.step(Step::Ready(session));
        if self.token.is_some() {
            self.token_accepted(expires);
        }
        for id in self.channels.ids() {
            self.channel_step(id, ChannelStep::LinkUp);
        }
    }

    fn start_heart(&mut self, plan: &HeartbeatPlan) {
        let heart = Heartbeat::new(self.now, plan, &self.config.heartbeat, &mut self.rng);
        self.connection.start_heart(heart);
    }

    fn token_accepted(&mut self, expires: Option<Duration>) {
        let (now, renewable) = (self.now, self.config.has_token);
        if let Some(ready) = self.connection.ready_mut() {
            ready.session.token_accepted(now, expires.filter(|_| renewable));
            self.emit(Event::TokenAccepted { expires });
        }
    }

    fn handle_message(&mut self, id: ChannelId, offset: u64, sender: u64, message: u64, frame: H::Json) {
        let Some(channel) = self.channels.subscribed(id) else { return };
        let arrival = channel.recovery.handle_message(offset, sender, message);
        if let Some(held) = arrival.gap_after {
            self.gap(Some(id), held, offset);
        }
        if arrival.new {
            self.stats.received += 1;
            self.stats.replayed += u64::from(arrival.replayed);
            self.emit(Event::Message { channel: id, offset, replayed: arrival.replayed, frame });
        } else {
            self.stats.duplicates += 1;
        }
    }

    fn handle_subscribed(&mut self, id: ChannelId, epoch: H::Text, offset: u64, latest: u64, recovered: bool) {
        let Some(channel) = self.channels.wanted(id) else { return };
        // Two questions, two answers: the second repeats what the first led to, and is no news.
        let repeated = channel.is_subscribed() && channel.recovery.position().is_some_and(|held| held.epoch == epoch);
        let (recovered, held) =
            channel.recovery.handle_subscribed(epoch.clone(), offset, latest, recovered || repeated);
        let tracked = channel.tracked.clone();
        self.channel_step(id, ChannelStep::Subscribed);
        self.stats.recovered += u64::from(recovered == Recovered::Yes);
        let replay = latest.saturating_sub(offset);
        self.emit(Event::Subscribed { channel: id, recovered, replay, epoch, offset });
        if recovered == Recovered::No {
            self.gap(Some(id), held, offset.saturating_add(1));
        }
        if let Some(state) = tracked {
            self.command(&Command::Track { channel: id, state: &state });
        }
    }

    fn skip(&mut self, code: Code) {
        self.stats.skipped += 1;
        self.problem(code, None);
    }

    fn gap(&mut self, channel: Option<ChannelId>, held: u64, next: u64) {
        self.stats.gaps += 1;
        self.emit(Event::Gap { channel, held, next });
    }

    #[inline(never)]
    fn handle_presence(&mut self, id: ChannelId, lists: [Option<H::Json>; 3], whole: bool) {
        if let Some(channel) = self.channels.subscribed(id) {
            let changes = channel.presence.handle(&self.wire.host, &lists, whole);
            self.emit_presence(id, changes);
        }
    }

    /// `None`: they were not of the agreed shape.
    pub(super) fn emit_presence(&mut self, channel: ChannelId, changes: Option<Changes<H>>) {
        match changes {
            None => self.skip(Code::PeerBadFrame),
            Some(changes) if changes.is_empty() => {}
            Some(Changes { joined, updated, left }) => {
                self.emit(Event::Presence { channel, joined, updated, left });
            }
        }
    }

    fn handle_refused(&mut self, about: About, code: Code, retry: Option<Duration>, detail: Option<H::Json>) {
        let retry = retry.map(|retry| retry.max(MIN_RETRY));
        match (about, retry) {
            (About::Publish(id), Some(wait)) => {
                let back = self.outbox.hold(self.now, id, wait);
                self.requeued(back);
            }
            (About::Publish(id), None) => {
                if let Some(ended) = self.outbox.settle(self.now, id) {
                    self.send_failed(ended, code, detail);
                }
            }
            (About::Request(id), Some(wait)) => self.requests.hold(id, self.now + wait),
            (About::Request(id), None) => {
                if self.requests.settle(id) {
                    self.request_failed(id, code, detail);
                }
            }
            (About::Channel(id), _) => {
                let Some(channel) = self.channels.wanted(id) else { return };
                if !channel.is_subscribed() {
                    self.channel_step(id, ChannelStep::Refused { retry });
                    self.emit(Event::ChannelRefused { channel: id, code, detail });
                } else {
                    self.problem(code, detail);
                }
            }
            (About::Connection, _) => {
                self.problem(code, detail);
                let verdict = match code {
                    Code::RefusedAuthRequired | Code::RefusedTokenInvalid | Code::RefusedTokenExpired => {
                        Verdict::NewToken(code)
                    }
                    Code::RefusedForbidden => Verdict::GiveUp(code),
                    _ if code.blame() == Blame::Refused && self.connection.ready().is_none() => {
                        Verdict::RetrySlowly(code)
                    }
                    _ => return,
                };
                self.end(verdict, retry);
            }
            (About::Frame, _) => self.problem(code, detail),
        }
    }
}

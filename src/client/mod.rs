//! The client: owns the parts, routes every input to one of them, queues outputs.
//!
//! Not here: what facts of the protocol lead to (facts.rs), what a step of the connection leads to (step.rs), what the
//! application asks (verbs.rs), what goes out when (flush.rs), the short ways of what is alike and often (short.rs).

mod facts;
mod flush;
mod short;
mod step;
mod verbs;

pub use crate::outbox::Message;

use crate::channel::{Ask, ChannelId, ChannelStep, Channels, Position};
use crate::config::Config;
use crate::connection::{Connection, Face, LATE, Pulse, Step};
use crate::error::Code;
use crate::host::Host;
use crate::input::{Endpoint, NetworkEvent, PageEvent, SocketEvent, TokenWhy};
use crate::outbox::Outbox;
use crate::output::{Event, Output, PublicState};
use crate::protocol::{Command, Hello, Numbered, Protocol, Verdict, Wire};
use crate::rate::Limiter;
use crate::request::Requests;
use crate::rng::Rng;
use crate::stats::Stats;
use crate::time::{Duration, Instant};
use crate::timer::Timer;

/// A realtime client without a clock, a socket or a random source of its own.
///
/// Four kinds of method, and no fifth:
/// - getters: nouns, `&self`;
/// - `handle_*`: the world did something; takes `now`;
/// - verbs: the application asks something; takes `now`;
/// - `poll_*`: what the client wants. After any input: `poll_output` until `None`, then `poll_timeout`.
///
/// Deterministic: the same seed and the same inputs give the same outputs. Inputs may come early, late, twice or in any
/// order; those that mean nothing now change nothing.
pub struct Client<H: Host> {
    config: Config,
    wire: Wire<H>,
    protocol: Box<dyn Protocol<H>>,
    connection: Connection,
    channels: Channels<H>,
    outbox: Outbox<H>,
    requests: Requests<H>,
    limiter: Limiter,
    stats: Stats,
    rng: Rng,
    session: H::Text,
    url: Option<H::Text>,
    token: Option<H::Text>,
    subprotocols: Option<H::Json>,
    farewell: Option<(u16, H::Text)>,
    refreshing: Option<u32>,
    face: Face,
    buffered: usize,
    flush_at: Option<Instant>,
    destroyed: bool,
    now: Instant,
}

/// Above this many bytes in the socket's own buffer the queue is ours again: there it can still be reordered, cancelled and
/// counted.
const BUFFER_HIGH: usize = 256 * 1024;
impl<H: Host> Client<H> {
    /// A client that speaks `protocol`. `session` is the sender's secret name, `seed` spreads its waits.
    #[must_use]
    pub fn new(config: Config, mut host: H, protocol: Box<dyn Protocol<H>>, session: &H::Text, seed: u64) -> Self {
        let session = host.quote(session);
        let connection = Connection::new();
        Self {
            face: connection.face(),
            outbox: Outbox::new(config.queue.clone()),
            limiter: Limiter::new(config.rate),
            rng: Rng::new(seed),
            config,
            wire: Wire::new(host),
            protocol,
            connection,
            channels: Channels::new(),
            requests: Requests::new(),
            stats: Stats::default(),
            session,
            url: None,
            token: None,
            subprotocols: None,
            farewell: None,
            refreshing: None,
            buffered: 0,
            flush_at: None,
            destroyed: false,
            now: Instant::default(),
        }
    }

    /// The URL and token functions answered. `problem`: one of them failed, and this is what it threw, if anything.
    pub fn handle_resolved(&mut self, now: Instant, attempt: u32, answer: Result<Endpoint<H>, Option<H::Json>>) {
        self.advance(now);
        let refresh = self.refreshing == Some(attempt);
        if refresh {
            self.refreshing = None;
        } else if !self.connection.is_resolving(attempt) {
            return;
        }
        match answer {
            Err(detail) => {
                self.problem(Code::LostProvider, detail);
                self.refresh_failed(refresh);
                self.step(Step::ResolveFailed { attempt });
            }
            Ok(Endpoint { token, .. }) if refresh => match token {
                Some(token) => {
                    self.command(&Command::Refresh { token: &token });
                    self.token = Some(token);
                }
                None => self.refresh_failed(true),
            },
            Ok(Endpoint { url: None, .. }) => self.step(Step::ResolveFailed { attempt }),
            Ok(Endpoint { url, token, subprotocols }) => {
                self.url = url;
                self.token = token;
                self.subprotocols = subprotocols;
                self.step(Step::Resolved { attempt });
            }
        }
    }

    /// Something happened to a socket. Events of any but the latest are dropped.
    pub fn handle_socket(&mut self, now: Instant, socket: u32, event: SocketEvent<H>) {
        let now = self.advance(now);
        if self.wire.socket != Some(socket) {
            return;
        }
        match event {
            SocketEvent::Opened if self.connection.is_opening() => {
                self.step(Step::Opened { socket });
                let hello = Hello { session: &self.session, token: self.token.as_ref() };
                self.protocol.opened(&hello, &mut self.wire);
                self.handle_facts();
                self.flush();
            }
            SocketEvent::Opened => {}
            SocketEvent::Frame { .. } if self.connection.is_opening() => {}
            SocketEvent::Frame { header, body, size } => {
                if let Some(replayed) = self.handle_next(socket, &header, size)
                    && let Some(Numbered { channel, offset, .. }) = self.protocol.message(&header)
                {
                    return self.emit(Event::Message { channel, offset, replayed, frame: body });
                }
                self.stats.bytes_received += size as u64;
                if let Some(heart) = self.connection.heart_mut() {
                    heart.handle_sign(now);
                }
                self.protocol.frame(&header, &body, &mut self.wire);
                self.handle_facts();
                self.flush();
            }
            SocketEvent::Closed { code } => {
                let verdict = self.protocol.closed(code);
                if verdict == Verdict::TooLarge
                    && let Some(ended) = self.outbox.reject_largest()
                {
                    self.too_large(ended, Code::RefusedTooLarge, self.frame_limit());
                }
                self.end(verdict, None);
            }
        }
    }

    /// The socket still holds `bytes` that did not go out.
    pub fn handle_buffered(&mut self, now: Instant, bytes: usize) {
        self.advance(now);
        let waited = self.waits_for_buffer();
        self.buffered = bytes;
        if waited && !self.waits_for_buffer() {
            self.flush();
        }
    }

    /// Whether nothing more goes out, by what it knows of the socket's buffer: ask the socket, and say it with
    /// [`handle_buffered`](Self::handle_buffered).
    #[must_use]
    pub const fn waits_for_buffer(&self) -> bool {
        self.buffered >= BUFFER_HIGH
    }

    /// The browser says something of the network.
    pub fn handle_network(&mut self, now: Instant, event: NetworkEvent) {
        self.advance(now);
        self.connection.set_offline(event == NetworkEvent::Offline);
        if event == NetworkEvent::Online {
            self.step(Step::Wake);
        }
        self.doubt();
    }

    /// Something happened to the page.
    pub fn handle_page(&mut self, now: Instant, event: PageEvent) {
        self.advance(now);
        match event {
            PageEvent::Visible | PageEvent::Returned => {
                self.step(Step::Wake);
                self.doubt();
            }
            PageEvent::Left => self.step(Step::Left),
        }
    }

    /// Time passed. Early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.advance(now);
        self.step(Step::Deadline);
        self.beat();
        self.refresh_if_due();
        self.judge_acks();
        if self.channels.take_due(now) {
            for id in self.channels.ids() {
                if self.channels.get_mut(id).is_some_and(|channel| channel.typing.handle_timeout(now)) {
                    self.emit_typing(id);
                }
                self.channel_step(id, ChannelStep::Deadline);
            }
        }
        self.flush();
    }

    /// The next order, oldest first.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<H>> {
        self.wire.outputs.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and why. Never later than needed; perhaps earlier.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let mut next = self.connection.poll_timeout();
        // Of a destroyed client nothing else is left to wait for: a deadline kept by a channel must not keep the driver awake.
        if !self.destroyed {
            let acks = self.connection.ready().and(self.outbox.waits_since());
            next = next
                .min(self.channels.poll_timeout())
                .min(self.requests.poll_timeout())
                .min(self.outbox.poll_timeout())
                .or(self.flush_at, Timer::Flush)
                .or(acks.map(|since| since + self.config.ack_timeout), Timer::GiveUpAck);
        }
        next.get()
    }

    /// The public state.
    #[must_use]
    pub const fn state(&self) -> PublicState {
        self.face.state
    }

    /// Why the line is or was down.
    #[must_use]
    pub const fn cause(&self) -> Option<Code> {
        self.face.cause
    }

    /// The time until the next attempt, while waiting for one.
    #[must_use]
    pub fn retry_in(&self, now: Instant) -> Option<Duration> {
        self.face.until.map(|until| until.since(now))
    }

    /// Attempts since the last stable connection.
    #[must_use]
    pub fn attempt(&self, now: Instant) -> u32 {
        self.connection.attempt(now, &self.config)
    }

    /// How many messages are not settled, and their bytes.
    #[must_use]
    pub fn queue(&self) -> (usize, usize) {
        (self.outbox.len(), self.outbox.bytes())
    }

    /// How many frames may go out at once: none without a connection.
    #[must_use]
    pub fn sends_left(&self, now: Instant) -> usize {
        match self.connection.ready() {
            Some(_) => self.limiter.left(now).unwrap_or(usize::MAX),
            None => 0,
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The last number of the connection's one sequence, in protocols that have one.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        self.protocol.sequence()
    }

    /// Where the application stands in a channel.
    #[must_use]
    pub fn position(&self, channel: ChannelId) -> Option<&Position<H>> {
        self.channels.get(channel)?.recovery.position()
    }

    /// The owner of text and JSON.
    #[must_use]
    pub const fn host(&self) -> &H {
        &self.wire.host
    }

    /// The owner of text and JSON, to be told of things.
    pub const fn host_mut(&mut self) -> &mut H {
        &mut self.wire.host
    }

    /// The shape of the protocol's headers.
    #[must_use]
    pub fn shape(&self) -> crate::host::Shape<'_> {
        self.protocol.shape()
    }

    /// Time never goes backwards, whatever the driver's clock does.
    #[inline(never)]
    fn advance(&mut self, now: Instant) -> Instant {
        self.now = self.now.max(now);
        self.now
    }

    #[inline(always)]
    fn emit(&mut self, event: Event<H>) {
        H::emit(&mut self.wire.outputs, event);
    }

    fn problem(&mut self, code: Code, detail: Option<H::Json>) {
        self.emit(Event::Problem { code, detail });
    }

    /// Says a command outside the queue: it goes out in any case, and counts.
    fn command(&mut self, command: &Command<'_, H>) {
        self.limiter.charge(self.now);
        self.protocol.command(command, &mut self.wire);
        self.handle_facts();
    }

    fn channel_step(&mut self, id: ChannelId, step: ChannelStep) {
        let Some(ask) = self.channels.on(id, step, self.now, self.config.subscribe_timeout) else { return };
        match ask {
            Ask::Unsubscribe => self.command(&Command::Unsubscribe { channel: id }),
            Ask::Subscribe | Ask::SubscribeLate => {
                if ask == Ask::SubscribeLate {
                    self.emit(Event::ChannelRefused { channel: id, code: Code::LateSubscribe, detail: None });
                }
                let Some(channel) = self.channels.get(id) else { return };
                let (position, presence) = (channel.recovery.position(), channel.wants_presence);
                self.limiter.charge(self.now);
                self.protocol.command(&Command::Subscribe { channel: id, position, presence }, &mut self.wire);
                self.handle_facts();
            }
        }
    }

    fn doubt(&mut self) {
        let now = self.now;
        if let Some(heart) = self.connection.heart_mut() {
            let pulse = heart.doubt(now);
            self.follow(pulse);
        }
    }

    fn beat(&mut self) {
        let now = self.now;
        if let Some(heart) = self.connection.heart_mut() {
            let pulse = heart.handle_timeout(now);
            self.follow(pulse);
        }
    }

    fn follow(&mut self, pulse: Pulse) {
        match pulse {
            Pulse::Rest => {}
            Pulse::Beat => {
                self.limiter.charge(self.now);
                self.protocol.heartbeat(&mut self.wire);
                self.handle_facts();
            }
            Pulse::Stop => self.end(Verdict::Retry(Code::LostHeartbeat), None),
        }
    }

    fn refresh_if_due(&mut self) {
        let now = self.now;
        if self.config.has_token && self.connection.ready_mut().is_some_and(|ready| ready.session.take_refresh(now)) {
            // An answer that has not come by now is not waited for.
            self.refreshing = None;
            self.ask_for_token();
        }
    }

    fn ask_for_token(&mut self) {
        if self.refreshing.is_none() {
            let attempt = self.connection.next_generation();
            self.refreshing = Some(attempt);
            self.wire.outputs.push_back(Output::Resolve { attempt, why: TokenWhy::Refresh });
            let (now, patience) = (self.now, self.config.resolve_timeout);
            if let Some(ready) = self.connection.ready_mut() {
                ready.session.refresh_asked(now, patience);
            }
        }
    }

    fn refresh_failed(&mut self, refresh: bool) {
        let now = self.now;
        if let Some(ready) = self.connection.ready_mut().filter(|_| refresh) {
            ready.session.refresh_failed(now);
        }
    }

    /// A server that lives but does not acknowledge has lost us: come back and send again.
    fn judge_acks(&mut self) {
        let Some(since) = self.outbox.waits_since().filter(|_| self.connection.ready().is_some()) else { return };
        let due = since + self.config.ack_timeout;
        if due > self.now {
            return;
        }
        if self.now.since(due) < LATE {
            self.end(Verdict::Retry(Code::LateAck), None);
        } else {
            // We slept; the answer may be waiting behind this very call.
            self.outbox.excuse_first(self.now);
            self.doubt();
        }
    }

    fn emit_typing(&mut self, channel: ChannelId) {
        if let Some(state) = self.channels.get(channel) {
            let mut members = Vec::new();
            for member in state.typing.members() {
                members.push(self.wire.host.text(member));
            }
            self.emit(Event::Typing { channel, members });
        }
    }
}

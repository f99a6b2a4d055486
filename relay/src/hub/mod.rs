//! The hub: the whole server side of the protocol as one state machine.
//!
//! In: connections that open, speak and close, and the time. Out: frames to send, connections to close, and the next
//! deadline. Not here: sockets, clocks, threads, and randomness beyond the seed. The same inputs give the same outputs.
//!
//! What several relays know together stands behind a wall, the broker (`broker.rs`): in memory within the hub
//! ([`Hub::new`]), or outside ([`Hub::outside`]), where its commands are outputs and its events are inputs.
//!
//! ```
//! use tautline_relay::hub::{Authenticator, ConnectionId, Frame, Hub, HubConfig, Output};
//!
//! let mut hub = Hub::new(HubConfig::default(), Authenticator::Open, 7);
//! let ann = ConnectionId(1);
//! hub.handle_open(1_000, ann);
//! hub.handle_frame(1_000, ann, Frame::text(r#"{"type":"hello","session":"ann-0123456789abc"}"#));
//! let Some(Output::Send { frame: Frame::Text(welcome), .. }) = hub.poll_output() else { panic!() };
//! assert!(welcome.starts_with(r#"{"type":"welcome","#));
//! ```

mod answer;
mod auth;
mod broker;
mod config;
mod connection;
mod draft;
mod event;
mod frame;
mod handshake;
mod hold;
mod hs256;
mod limit;
mod memory;
mod message;
mod presence;
mod publish;
mod refusal;
mod request;
mod session;
mod stats;
mod subscription;
mod timer;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use answer::Answer;
use connection::{Connection, Due, Open, State};
use memory::Memory;
use message::{ClientMessage, Fault, Subject, decode};
use refusal::Closing;
use subscription::Listener;
use timer::Timers;

pub use auth::{Authenticator, Hs256};
pub use broker::{
    Attached, Command, Event, HistoryQuery, Outcome, Page, Position, Publication, Settlement, Snapshot, Ticket, Verdict,
};
pub use config::HubConfig;
pub use connection::ConnectionId;
pub use draft::Draft;
pub use frame::{BINARY_HEADER_LIMIT, DEPTH_LIMIT, Frame, Payload};
pub use refusal::{Refusal, RefusalCode};
pub use session::SessionKey;
pub use stats::{Limit, Stats};

/// What the hub wants done, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send this frame.
    Send {
        /// To whom.
        connection: ConnectionId,
        /// What.
        frame: Frame,
    },
    /// Close this connection once everything before is sent. The hub has forgotten it already.
    Close {
        /// Which one.
        connection: ConnectionId,
        /// The close code (section 6 of the protocol).
        code: u16,
        /// Why, in words for people.
        reason: &'static str,
    },
    /// What became of one of the server's own publishes.
    Published {
        /// The ticket it was given with.
        ticket: Ticket,
        /// Where it is now, or why it is not.
        result: Result<Position, Refusal>,
    },
    /// Ask this of the broker outside.
    Ask(Box<Command>),
}

/// What to look at when the time comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Connection(ConnectionId),
    Shutdown,
}

/// The server side of the protocol, without IO.
#[derive(Debug)]
pub struct Hub {
    config: HubConfig,
    authenticator: Authenticator,
    rng: fastrand::Rng,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Who listens to which channel.
    channels: BTreeMap<Arc<str>, BTreeMap<ConnectionId, Listener>>,
    /// The broker, unless it stands outside.
    memory: Option<Box<Memory>>,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
    /// Connections whose next frame can be handled now.
    unblocked: VecDeque<ConnectionId>,
    shutting_down: bool,
    stats: Stats,
}

impl Hub {
    /// A hub that stands alone, with everything in memory, and knows nobody yet. `seed` decides its epochs and connection
    /// names: take it from the system's randomness, so that no two hubs number alike, and from the test's seed in a test.
    pub fn new(config: HubConfig, authenticator: Authenticator, seed: u64) -> Self {
        let mut hub = Self::outside(config, authenticator, seed);
        hub.memory = Some(Box::new(Memory::new(hub.config.clone(), hub.rng.fork())));
        hub
    }

    /// A hub whose broker stands outside: it asks by [`Output::Ask`] and hears by [`Hub::handle_event`].
    pub fn outside(config: HubConfig, authenticator: Authenticator, seed: u64) -> Self {
        Self {
            config,
            authenticator,
            rng: fastrand::Rng::with_seed(seed),
            connections: BTreeMap::new(),
            channels: BTreeMap::new(),
            memory: None,
            timers: Timers::default(),
            outputs: VecDeque::new(),
            unblocked: VecDeque::new(),
            shutting_down: false,
            stats: Stats::default(),
        }
    }

    /// A websocket is open. `now_ms` is milliseconds since 1970, here and everywhere, and never goes back.
    pub fn handle_open(&mut self, now_ms: u64, connection: ConnectionId) {
        if self.shutting_down {
            let Closing { code, reason } = Closing::RESTART;
            self.outputs.push_back(Output::Close { connection, code, reason });
            return;
        }
        self.connections.insert(connection, Connection::new(now_ms, &self.config));
        self.set_timer(connection);
    }

    /// A frame came. A connection that is not open is ignored. While the broker is asked something for this connection
    /// ([`Hub::is_busy`]), the frame waits.
    pub fn handle_frame(&mut self, now_ms: u64, connection: ConnectionId, frame: Frame) {
        let Some(it) = self.connections.get_mut(&connection) else { return };
        it.seen(now_ms);
        if frame.size() > self.config.frame_limit {
            self.stats.count_limit(Limit::FrameSize, 1);
            self.end(now_ms, connection, Closing::TOO_LARGE);
            return self.work(now_ms);
        }
        if !it.flood.take(now_ms) {
            self.stats.count_limit(Limit::FrameFlood, 1);
            self.end(now_ms, connection, Closing::TOO_MANY_FRAMES);
            return self.work(now_ms);
        }
        if it.pending.is_some() {
            it.waiting.push_back(frame);
        } else {
            self.read(now_ms, connection, &frame);
        }
        self.work(now_ms);
    }

    fn read(&mut self, now_ms: u64, connection: ConnectionId, frame: &Frame) {
        let Some(it) = self.connections.get(&connection) else { return };
        let awaiting_hello = matches!(it.state, State::AwaitingHello);
        match decode(frame) {
            Ok(message) if awaiting_hello => self.first(now_ms, connection, message),
            Ok(message) => self.next(now_ms, connection, message),
            Err(Fault { message, .. }) if awaiting_hello => {
                self.send_refusal(connection, &Refusal::bad_frame(message), &Subject::None);
                self.end(now_ms, connection, Closing::HELLO_FIRST);
            }
            Err(Fault { message, subject }) => {
                self.refuse(now_ms, connection, &Refusal::bad_frame(message), &subject);
            }
        }
    }

    /// A ping or pong of the websocket layer came: a sign of life, and a frame like any other to who sends too many.
    pub fn handle_control(&mut self, now_ms: u64, connection: ConnectionId) {
        let Some(it) = self.connections.get_mut(&connection) else { return };
        it.seen(now_ms);
        if !it.flood.take(now_ms) {
            self.stats.count_limit(Limit::FrameFlood, 1);
            self.end(now_ms, connection, Closing::TOO_MANY_FRAMES);
            self.work(now_ms);
        }
    }

    /// A websocket is gone, with the close code that came, if one came. 1000 means that the client is done: its
    /// members leave at once.
    pub fn handle_close(&mut self, now_ms: u64, connection: ConnectionId, code: Option<u16>) {
        self.forget(now_ms, connection, code == Some(1000));
        self.work(now_ms);
    }

    /// The broker outside says something.
    pub fn handle_event(&mut self, now_ms: u64, event: Event) {
        self.event(now_ms, event);
        self.work(now_ms);
    }

    /// Time has passed: does what is due.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        while let Some((at_ms, timer)) = self.timers.pop_due(now_ms) {
            match timer {
                Timer::Connection(connection) => self.connection_due(now_ms, at_ms, connection),
                Timer::Shutdown => {
                    let everybody: Vec<ConnectionId> = self.connections.keys().copied().collect();
                    for connection in everybody {
                        self.end(now_ms, connection, Closing::RESTART);
                    }
                }
            }
        }
        if let Some(memory) = &mut self.memory {
            memory.handle_timeout(now_ms);
        }
        self.work(now_ms);
    }

    /// Tells everybody to come back later, and closes with 1012 whoever is still there after
    /// [`HubConfig::shutdown_ms`]. Nobody new is let in.
    ///
    /// `after_ms` is how long the server will be away, `jitter_ms` the span over which its clients should come back.
    pub fn announce_shutdown(&mut self, now_ms: u64, after_ms: u64, jitter_ms: u64) {
        self.shutting_down = true;
        let advice = Answer::Reconnect { after: after_ms, jitter: jitter_ms }.frame();
        for (connection, it) in &self.connections {
            if matches!(it.state, State::Open(_)) {
                self.outputs.push_back(Output::Send { connection: *connection, frame: advice.clone() });
            }
        }
        self.timers.set(now_ms.saturating_add(self.config.shutdown_ms), Timer::Shutdown);
    }

    /// What to do next, until there is nothing left. Ask after every `handle_*`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Hub::handle_timeout`] at the latest. It can be early: then nothing happens.
    pub fn poll_timeout(&self) -> Option<u64> {
        let memory = self.memory.as_ref().and_then(|memory| memory.poll_timeout());
        [self.timers.next(), memory].into_iter().flatten().min()
    }

    /// What it holds and has done.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.connections = self.connections.len();
        match &self.memory {
            Some(memory) => memory.count(&mut stats),
            None => {
                let open = || self.connections.values().filter_map(Connection::open);
                stats.sessions = open().count();
                stats.channels = self.channels.len();
                stats.members = open().map(|open| open.tracked.len()).sum();
            }
        }
        stats
    }

    /// How many messages it has fanned out since its start.
    pub fn fanned_out(&self) -> u64 {
        self.stats.fanned_out
    }

    /// Whether an answer of the broker is waited for: the next frame of this connection waits with it.
    pub fn is_busy(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|it| it.pending.is_some())
    }

    /// The connection of a member, by its public name.
    pub fn connection_of(&self, member: &str) -> Option<ConnectionId> {
        let is_it = |it: &Connection| it.open().is_some_and(|open| &*open.member == member);
        self.connections.iter().find_map(|(connection, it)| is_it(it).then_some(*connection))
    }

    /// The settings it runs with.
    pub fn config(&self) -> &HubConfig {
        &self.config
    }

    fn first(&mut self, now_ms: u64, connection: ConnectionId, message: ClientMessage<'_>) {
        if let ClientMessage::Hello { session, token } = message {
            self.hello(now_ms, connection, &session, token.as_deref());
        } else {
            self.end(now_ms, connection, Closing::HELLO_FIRST);
        }
    }

    fn next(&mut self, now_ms: u64, connection: ConnectionId, message: ClientMessage<'_>) {
        // A publish is counted once it is known to be new.
        let counted = !matches!(message, ClientMessage::Publish { .. });
        let in_rate = counted && self.connections.get_mut(&connection).is_some_and(|it| it.rate.take(now_ms));
        match message {
            ClientMessage::Hello { .. } => self.end(now_ms, connection, Closing::SECOND_HELLO),
            ClientMessage::Refresh { token } => self.refresh(now_ms, connection, &token),
            ClientMessage::Subscribe { channel, position, presence } => {
                let position = position.map(|(epoch, offset)| Position { epoch: epoch.into(), offset });
                self.subscribe(now_ms, connection, &channel, position, presence);
            }
            ClientMessage::Unsubscribe { channel } => self.unsubscribe(now_ms, connection, &channel),
            ClientMessage::Publish { id, body } => self.publish_once(now_ms, connection, id, body),
            ClientMessage::Signal { channel, event, payload, ttl } => {
                if in_rate {
                    self.signal(now_ms, connection, &channel, &event, payload, ttl);
                } else {
                    self.stats.count_limit(Limit::FrameRate, 1);
                }
            }
            ClientMessage::Track { channel, state } => self.track(now_ms, connection, &channel, state),
            ClientMessage::Untrack { channel } => self.untrack(now_ms, connection, &channel),
            ClientMessage::Request { id, .. } if !in_rate => {
                let refusal = self.rate_limited(connection);
                self.refuse(now_ms, connection, &refusal, &Subject::Request(id));
            }
            ClientMessage::Request { id, event, channel, payload } => {
                self.request(now_ms, connection, id, &event, channel.as_deref(), payload);
            }
            ClientMessage::Ping => self.send(connection, Answer::Pong.frame()),
            ClientMessage::Pong => {}
        }
    }

    fn connection_due(&mut self, now_ms: u64, at_ms: u64, connection: ConnectionId) {
        let Some(it) = self.connections.get_mut(&connection) else { return };
        if it.wake_ms != Some(at_ms) {
            return;
        }
        it.wake_ms = None;
        match it.due(now_ms, &self.config) {
            Due::HelloLate => {
                self.stats.count_limit(Limit::HandshakeTime, 1);
                self.end(now_ms, connection, Closing::HELLO_LATE);
            }
            Due::TokenExpired => {
                let refusal = Refusal::new(RefusalCode::TokenExpired, "the token's time is over");
                self.refuse(now_ms, connection, &refusal, &Subject::None);
                self.end(now_ms, connection, Closing::NOT_AUTHENTICATED);
            }
            Due::Silent => self.end(now_ms, connection, Closing::SILENT),
            Due::Ask => {
                if let State::Open(open) = &mut it.state {
                    open.asked_ms = Some(now_ms);
                }
                self.send(connection, Answer::Ping.frame());
            }
            Due::Nothing => {}
        }
        self.set_timer(connection);
    }

    /// One timer per connection: a sooner one replaces it, a later one is set when it fires.
    fn set_timer(&mut self, connection: ConnectionId) {
        let Some(it) = self.connections.get_mut(&connection) else { return };
        let deadline_ms = it.deadline_ms(&self.config);
        if it.wake_ms.is_none_or(|wake_ms| deadline_ms < wake_ms) {
            it.wake_ms = Some(deadline_ms);
            self.timers.set(deadline_ms, Timer::Connection(connection));
        }
    }

    fn open(&self, connection: ConnectionId) -> Option<&Open> {
        self.connections.get(&connection)?.open()
    }

    fn open_mut(&mut self, connection: ConnectionId) -> Option<&mut Open> {
        match &mut self.connections.get_mut(&connection)?.state {
            State::Open(open) => Some(open),
            State::AwaitingHello => None,
        }
    }

    fn rate_limited(&mut self, connection: ConnectionId) -> Refusal {
        let retry = self.connections.get(&connection).map_or(1, |it| it.rate.full_in_ms());
        self.stats.count_limit(Limit::FrameRate, 1);
        Refusal::retry(RefusalCode::RateLimited, "more frames than limits.rate", retry)
    }

    fn send(&mut self, connection: ConnectionId, frame: Frame) {
        self.outputs.push_back(Output::Send { connection, frame });
    }

    /// Refuses, and ends a connection that speaks badly for too long.
    fn refuse(&mut self, now_ms: u64, connection: ConnectionId, refusal: &Refusal, subject: &Subject) {
        self.send_refusal(connection, refusal, subject);
        if refusal.code == RefusalCode::BadFrame
            && self.connections.get_mut(&connection).is_some_and(|it| it.bad_frame(now_ms))
        {
            self.stats.count_limit(Limit::BadFrames, 1);
            self.end(now_ms, connection, Closing::BAD_FRAMES);
        }
    }

    fn send_refusal(&mut self, connection: ConnectionId, refusal: &Refusal, subject: &Subject) -> Frame {
        let member = self.open(connection).map(|open| &*open.member);
        tracing::debug!(
            tautline.connection.id = connection.0,
            tautline.member.id = member,
            tautline.refusal.code = refusal.code.as_str(),
            "refused"
        );
        self.stats.count_refusal(refusal.code);
        let frame = Answer::refused(refusal, subject).frame();
        self.send(connection, frame.clone());
        frame
    }

    /// Closes a connection, as the server's wish.
    fn end(&mut self, now_ms: u64, connection: ConnectionId, closing: Closing) {
        let Closing { code, reason } = closing;
        if self.connections.contains_key(&connection) {
            self.outputs.push_back(Output::Close { connection, code, reason });
            self.forget(now_ms, connection, false);
        }
    }

    /// A connection is no more. `left`: its members go at once, otherwise they have the grace time to come back.
    fn forget(&mut self, now_ms: u64, connection: ConnectionId, left: bool) {
        let Some(Connection { state: State::Open(open), .. }) = self.connections.remove(&connection) else { return };
        for channel in &open.channels {
            self.drop_subscription(now_ms, connection, &open, channel, left);
        }
        self.ask(now_ms, Command::Detach { connection, session: open.session });
    }

    /// Asks the broker; a command that is answered is noted in the connection's `pending` first.
    fn ask(&mut self, now_ms: u64, command: Command) {
        match &mut self.memory {
            Some(memory) => memory.handle_command(now_ms, command),
            None => self.outputs.push_back(Output::Ask(Box::new(command))),
        }
    }

    /// Handles what the broker in memory has answered, and the frames that waited for an answer.
    fn work(&mut self, now_ms: u64) {
        loop {
            if let Some(event) = self.memory.as_mut().and_then(|memory| memory.poll_event()) {
                self.event(now_ms, event);
            } else if let Some(connection) = self.unblocked.pop_front() {
                let waiting = self.connections.get_mut(&connection).filter(|it| it.pending.is_none());
                if let Some(frame) = waiting.and_then(|it| it.waiting.pop_front()) {
                    self.read(now_ms, connection, &frame);
                    self.unblocked.push_back(connection);
                }
            } else {
                return;
            }
        }
    }
}

/// 12 characters nobody had before.
pub(crate) fn random_name(rng: &mut fastrand::Rng) -> String {
    let mut bytes = [0; 9];
    rng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

//! The Discord gateway, version 10: hello, then identify or resume, then dispatches in one numbered sequence.
//!
//! In: headers in the shape of payload.rs, commands. Out: frames, facts. Not here: compression and ETF, which end before a
//! frame gets here (pkg-template/src/discord), and shards, each of which is a client of its own.
//! Source: discord-api-docs, "Gateway" and "Opcodes and Status Codes" (v10).

mod limits;
mod payload;
mod session;

use super::{About, Command, Fact, HeartbeatPlan, Hello, Protocol, Ready, Verdict, Wire};
use crate::error::Code;
use crate::host::{Counter, Header, Host, Payload, Shape, Slots};
use crate::time::Duration;
use payload as op;
use session::{Arrival, Session};

/// What the adapter is told by the application.
#[derive(Clone, Debug)]
pub struct DiscordConfig {
    /// The members of IDENTIFY's `d` besides the token, as JSON text without the braces: `"intents":513,"properties":{…}`.
    pub identify: String,
    /// The least and the most wait after INVALID_SESSION. Default 1 to 5 s, as the documentation used to ask for.
    pub invalid_session_wait: (Duration, Duration),
}

impl Default for DiscordConfig {
    fn default() -> Self {
        Self {
            identify: r#""intents":0,"properties":{"os":"browser","browser":"tautline","device":"tautline"}"#.into(),
            invalid_session_wait: (Duration::from_secs(1), Duration::from_secs(5)),
        }
    }
}

/// Frames in a row that could not be read before the session is given up: what was missed cannot be had.
const MAX_UNREADABLE: u32 = 3;

/// The adapter.
pub struct Discord<H: Host> {
    config: DiscordConfig,
    /// Quoted.
    token: Option<H::Text>,
    greeted: bool,
    unreadable: u32,
    session: Session,
    /// Frames of a window that the heart may need.
    reserve: u32,
}

impl<H: Host> Discord<H> {
    /// An adapter that has no session yet.
    #[must_use]
    pub fn new(config: DiscordConfig) -> Self {
        Self { config, token: None, greeted: false, unreadable: 0, session: Session::default(), reserve: 0 }
    }

    fn hello(&mut self, body: &H::Json, wire: &mut Wire<H>) {
        let interval = data(body, "heartbeat_interval", wire)
            .and_then(|interval| wire.host().number(&interval))
            .filter(|interval| *interval > 0.0);
        let Some(interval) = interval else { return wire.fact(Fact::Violated) };
        let every = Duration::from_millis_f64(interval);
        self.reserve = limits::reserve(every);
        // An answer that is not there when the next beat is due means a zombie; nothing else proves life.
        wire.fact(Fact::HeartbeatAgreed(HeartbeatPlan { beat: Some((every, every)), silence: None, strict: true }));
        if !core::mem::replace(&mut self.greeted, true) {
            self.introduce(wire);
        }
    }

    fn introduce(&mut self, wire: &mut Wire<H>) {
        let token = self.token.clone().unwrap_or_else(|| wire.host().text("null"));
        match self.session.resumable() {
            Some((id, sequence)) => {
                let id = wire.host().text(id);
                let id = Payload::Text(wire.host().quote(&id));
                let slots = Slots { number: sequence, word: Some(&token), payload: &id, ..blank() };
                wire.send(&op::RESUME, slots);
            }
            None => {
                self.session.forget();
                let rest = Payload::Text(wire.host().text(&self.config.identify));
                wire.send(&op::IDENTIFY, Slots { word: Some(&token), payload: &rest, ..blank() });
            }
        }
    }

    fn dispatch(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        if header.event == 0 {
            return wire.fact(Fact::Skipped { code: Code::PeerBadFrame });
        }
        let sequence = header.counter(op::SEQUENCE).map(Counter::get);
        if sequence.is_none() && header.numbers.get(op::SEQUENCE).is_some_and(|number| !number.is_nan()) {
            return wire.fact(Fact::Skipped { code: Code::PeerBadFrame });
        }
        match sequence.map_or(Arrival::Next, |sequence| self.session.admit(sequence)) {
            Arrival::Next => {}
            Arrival::Repeated => return wire.fact(Fact::Repeated),
            Arrival::After { held, next } => wire.fact(Fact::Missed { held, next }),
        }
        match header.event {
            op::READY => {
                let text = |key, wire: &mut Wire<H>| data(body, key, wire).and_then(|value| wire.host().string(&value));
                let Some(id) = text("session_id", wire) else { return wire.fact(Fact::Violated) };
                let url = text("resume_gateway_url", wire);
                self.session.begin(id, url);
                self.ready(body, false, wire);
            }
            op::RESUMED => {
                self.session.handle_resumed();
                self.ready(body, true, wire);
            }
            _ => wire.fact(Fact::Signal { channel: None, frame: body.clone() }),
        }
    }

    fn ready(&mut self, body: &H::Json, resumed: bool, wire: &mut Wire<H>) {
        self.unreadable = 0;
        wire.fact(Fact::Ready(Ready {
            frame: Some(body.clone()),
            resumed,
            heartbeat: None,
            expires: None,
            frame_limit: Some(limits::FRAME_BYTES),
            rate: Some(limits::RATE),
            reserve: self.reserve,
        }));
    }

    /// A hole in the sequence that cannot be read: only a replay closes it.
    fn unreadable(&mut self, wire: &mut Wire<H>) {
        self.unreadable += 1;
        if self.unreadable > MAX_UNREADABLE {
            wire.fact(Fact::Violated);
        } else {
            wire.fact(Fact::Lost { code: Code::PeerBadFrame });
        }
    }
}

impl<H: Host> Protocol<H> for Discord<H> {
    fn shape(&self) -> Shape<'_> {
        op::shape()
    }

    fn needs_channel(&self) -> bool {
        false
    }

    fn resumes(&self) -> bool {
        self.session.resumable().is_some()
    }

    fn acks(&self) -> bool {
        false
    }

    fn envelope(&self) -> u64 {
        op::ENVELOPE
    }

    fn sequence(&self) -> Option<u64> {
        self.session.sequence()
    }

    fn restore(&mut self, session: &str, sequence: u64, url: Option<&str>) {
        self.session.restore(session.into(), sequence, url.map(String::from));
    }

    fn endpoint(&mut self) -> Option<String> {
        self.session.take_url()
    }

    fn opened(&mut self, hello: &Hello<'_, H>, wire: &mut Wire<H>) {
        self.token = hello.token.map(|token| wire.host().quote(token));
        self.greeted = false;
    }

    fn frame(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        match header.kind {
            op::DISPATCH => self.dispatch(header, body, wire),
            op::HEARTBEAT => Protocol::<H>::heartbeat(self, wire),
            op::RECONNECT => wire.fact(Fact::ReconnectAsked { after: Duration::ZERO, jitter: Duration::ZERO }),
            op::INVALID_SESSION => {
                let resumable = wire.host().get(body, "d").and_then(|data| wire.host().boolean(&data));
                if resumable != Some(true) {
                    self.session.forget();
                }
                let (least, most) = self.config.invalid_session_wait;
                wire.fact(Fact::ReconnectAsked { after: least, jitter: most - least });
            }
            op::HELLO => self.hello(body, wire),
            op::HEARTBEAT_ACK => wire.fact(Fact::HeartbeatAnswered),
            Header::BROKEN => self.unreadable(wire),
            _ => wire.fact(Fact::Skipped { code: Code::PeerUnknownType }),
        }
    }

    fn heartbeat(&mut self, wire: &mut Wire<H>) {
        match self.session.sequence() {
            Some(sequence) => wire.send(&op::BEAT, Slots { number: sequence, ..blank() }),
            None => wire.send(&op::FIRST_BEAT, blank()),
        }
    }

    fn command(&mut self, command: &Command<'_, H>, wire: &mut Wire<H>) {
        match *command {
            Command::Publish { event, payload, .. } => {
                wire.send(&op::COMMAND, Slots { word: Some(event), payload, ..blank() });
            }
            Command::Request { id, .. } => wire.refuse(About::Request(id), Code::Unsupported),
            Command::Subscribe { channel, .. } => wire.refuse(About::Channel(channel), Code::Unsupported),
            // The rest needs a channel, and there is none.
            _ => {}
        }
    }

    fn closed(&mut self, code: Option<u16>) -> Verdict {
        self.session.closed(code)
    }
}

fn blank<H: Host>() -> Slots<'static, H> {
    Slots { number: 0, channel: None, word: None, payload: &Payload::Empty }
}

/// A member of a frame's `d`.
fn data<H: Host>(body: &H::Json, key: &str, wire: &mut Wire<H>) -> Option<H::Json> {
    let host = wire.host();
    host.get(&host.get(body, "d")?, key)
}

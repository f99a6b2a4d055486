//! The seam between a wire protocol and the client: frames in, [`Fact`]s out.
//!
//! An adapter is sans-IO like the rest. It owns no timer and knows no connection state; it speaks only through [`Wire`]:
//! frames for the server, facts for the client. Facts are in the past tense and name no protocol.

#[cfg(feature = "discord")]
pub mod discord;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "raw")]
pub mod raw;
#[cfg(feature = "tautline")]
pub mod tautline;

use crate::channel::{ChannelId, Position};
use crate::config::Rate;
use crate::error::Code;
use crate::host::{Frame, Header, Host, Payload, Shape, Slots, Template};
use crate::output::Output;
use crate::time::Duration;
use std::collections::VecDeque;

/// One wire protocol.
pub trait Protocol<H: Host> {
    /// Where its headers stand.
    fn shape(&self) -> Shape<'_>;
    /// Whether every message goes to a channel.
    fn needs_channel(&self) -> bool;
    /// Whether the server acknowledges each publish with [`Fact::Acked`]. Where it does not, a publish is settled once it is
    /// handed to the socket: what still waits survives a lost connection, what was handed over may be lost with it.
    fn acks(&self) -> bool {
        true
    }
    /// The WebSocket subprotocol to offer, if it has one.
    fn subprotocol(&self) -> Option<&'static str> {
        None
    }
    /// Whether the coming attempt would take up a session again, instead of beginning one.
    fn resumes(&self) -> bool {
        false
    }
    /// The last number of the connection's one sequence, where there is one: with what the welcome said, enough to go on
    /// after a reload.
    fn sequence(&self) -> Option<u64> {
        None
    }
    /// Takes over a session of an earlier life: its name, its last number, and where to find it.
    fn restore(&mut self, session: &str, sequence: u64, url: Option<&str>) {
        let _ = (session, sequence, url);
    }
    /// Another URL for the coming attempt than the application's: where the server wants to be found again. Asked once for
    /// each attempt, so one that is handed out only once is not tried for ever.
    fn endpoint(&mut self) -> Option<String> {
        None
    }
    /// The socket opened: say hello, or declare [`Fact::Ready`] at once.
    fn opened(&mut self, hello: &Hello<'_, H>, wire: &mut Wire<H>);
    /// Where a frame is a numbered message and nothing else: what its header says of it, its offset as the first number.
    /// Such frames are the many, and go a shorter way, on which nobody looks at the clock: not where [`HeartbeatPlan::silence`] is measured.
    fn message(&self, _header: &Header) -> Option<Numbered> {
        None
    }
    /// A frame came.
    fn frame(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>);
    /// Encode one heartbeat.
    fn heartbeat(&mut self, wire: &mut Wire<H>);
    /// What an envelope adds to a payload, in bytes; roughly, where the server has the last word.
    fn envelope(&self) -> u64 {
        100
    }
    /// How a publish is written, where a driver can do it: template 0, of a text, the id, texts with the channel and the event, the
    /// payload and a text.
    fn publish(&self) -> Option<&'static Template<'static>> {
        None
    }
    /// Encode a command. What a protocol cannot say it leaves out and answers with [`Fact::Refused`].
    fn command(&mut self, command: &Command<'_, H>, wire: &mut Wire<H>);
    /// What a close code means. `None`: the connection was cut without one.
    fn closed(&mut self, code: Option<u16>) -> Verdict;
}

/// A message by its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    /// Where.
    pub channel: ChannelId,
    /// Its place.
    pub offset: u64,
    /// Who published it; 0 has no identity to compare.
    pub sender: u64,
    /// Its number among the publisher's.
    pub id: u64,
}

/// What an adapter needs to introduce us.
pub struct Hello<'a, H: Host> {
    /// The sender's secret name, quoted.
    pub session: &'a H::Text,
    /// The token, as it came from the application.
    pub token: Option<&'a H::Text>,
}

/// What the client wants said.
#[expect(missing_docs, reason = "the line above a variant names its fields")]
pub enum Command<'a, H: Host> {
    /// Join a channel, from a position on.
    Subscribe { channel: ChannelId, position: Option<&'a Position<H>>, presence: bool },
    /// Leave a channel.
    Unsubscribe { channel: ChannelId },
    /// A message that is to be acknowledged, if this protocol knows such. `event` is quoted.
    Publish { id: u64, channel: Option<ChannelId>, event: &'a H::Text, payload: &'a Payload<H> },
    /// A passing word, void after `ttl`. `event` is quoted.
    Signal { channel: ChannelId, event: &'a H::Text, payload: &'a Payload<H>, ttl: Option<Duration> },
    /// We began or stopped typing.
    Typing { channel: ChannelId, active: bool, ttl: Duration },
    /// We are present with this state.
    Track { channel: ChannelId, state: &'a H::Text },
    /// We are no longer present.
    Untrack { channel: ChannelId },
    /// A question. `event` is quoted.
    Request { id: u64, channel: Option<ChannelId>, event: &'a H::Text, payload: &'a Payload<H> },
    /// A new token on the living connection.
    Refresh { token: &'a H::Text },
}

/// What an adapter learned from a frame.
// With a tag of its own, like the states of a connection.
#[expect(missing_docs, reason = "the line above a variant names its fields")]
#[repr(u8)]
pub enum Fact<H: Host> {
    /// The connection is open for business.
    Ready(Ready<H>),
    /// The token holds; it expires after this long, if at all.
    TokenAccepted { expires: Option<Duration> },
    /// The server said no. `retry`: not for ever.
    Refused { about: About, code: Code, retry: Option<Duration>, detail: Option<H::Json> },
    /// A subscription stands.
    Subscribed {
        channel: ChannelId,
        epoch: H::Text,
        offset: u64,
        latest: u64,
        recovered: bool,
        members: Option<H::Json>,
    },
    /// A numbered message. `sender` 0 has no identity to compare.
    Message { channel: ChannelId, offset: u64, sender: u64, id: u64, frame: H::Json },
    /// A passing word.
    Signal { channel: Option<ChannelId>, frame: H::Json },
    /// Someone began (for `ttl`) or stopped (`None`) typing.
    Typing { channel: ChannelId, member: String, ttl: Option<Duration> },
    /// Who came, changed or went; each an array or missing.
    Presence { channel: ChannelId, joined: Option<H::Json>, updated: Option<H::Json>, left: Option<H::Json> },
    /// A publish is in the history.
    Acked { id: u64, offset: u64, frame: H::Json },
    /// The answer to a request.
    Replied { id: u64, payload: Option<H::Json> },
    /// The server said how the heart beats on this connection; a [`Fact::Ready`] may say it as well.
    HeartbeatAgreed(HeartbeatPlan),
    /// Our heartbeat was answered.
    HeartbeatAnswered,
    /// The server will go away: come back after `after` and a random part of `jitter`.
    ReconnectAsked { after: Duration, jitter: Duration },
    /// A frame was skipped.
    Skipped { code: Code },
    /// A numbered event came a second time, and was dropped. For protocols with one sequence for the whole connection.
    Repeated,
    /// Between the events `held` and `next` of that sequence some are missing.
    Missed { held: u64, next: u64 },
    /// What comes over this connection can no longer be read: another one is needed.
    Lost { code: Code },
    /// The server broke the protocol beyond repair.
    Violated,
}

/// What the server said when it let us in.
pub struct Ready<H: Host> {
    /// The whole frame, for the application; `None` where the server says nothing.
    pub frame: Option<H::Json>,
    /// Whether the server still knew our session.
    pub resumed: bool,
    /// How the heart beats on this connection.
    /// `None`: as it was agreed before, or not at all.
    pub heartbeat: Option<HeartbeatPlan>,
    /// Until when the token holds.
    pub expires: Option<Duration>,
    /// The largest frame the server takes, in bytes.
    pub frame_limit: Option<u64>,
    /// How fast the server wants frames at most.
    pub rate: Option<Rate>,
    /// How many of these frames are kept for what is never held back: heartbeats, subscriptions, answers.
    pub reserve: u32,
}

/// How the heart beats; either side may, or both.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeartbeatPlan {
    /// We beat: every so often, and the answer may take so long.
    pub beat: Option<(Duration, Duration)>,
    /// The server beats at least this often, grace included: longer silence is death.
    pub silence: Option<Duration>,
    /// Only the answer to a beat proves life; otherwise any frame does.
    pub strict: bool,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Ourselves: hello or token.
    Connection,
    /// A publish.
    Publish(u64),
    /// A request.
    Request(u64),
    /// A subscription, or something else in this channel.
    Channel(ChannelId),
    /// Some frame of ours; the server does not say which.
    Frame,
}

/// What a lost connection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Come back after the usual wait.
    Retry(Code),
    /// Come back after a long wait.
    RetrySlowly(Code),
    /// Come back with another token.
    NewToken(Code),
    /// We sent something too large; come back without it.
    TooLarge,
    /// We seem to break the protocol; come back, but not for ever.
    Violation,
    /// Stay away.
    GiveUp(Code),
}

/// The only door out of an adapter.
pub struct Wire<H: Host> {
    pub(crate) host: H,
    /// Without a socket nothing is sent.
    pub(crate) socket: Option<u32>,
    pub(crate) outputs: VecDeque<Output<H>>,
    pub(crate) facts: Vec<Fact<H>>,
}

impl<H: Host> Wire<H> {
    pub(crate) const fn new(host: H) -> Self {
        Self { host, socket: None, outputs: VecDeque::new(), facts: Vec::new() }
    }

    /// Sends a filled template.
    pub fn send(&mut self, template: &Template<'_>, slots: Slots<'_, H>) {
        let frame = self.host.write(template, slots);
        self.push(frame);
    }

    fn push(&mut self, frame: Frame<H>) {
        if let Some(socket) = self.socket {
            self.outputs.push_back(Output::Send { socket, frame });
        }
    }

    /// Sends a payload as it is: a frame without an envelope. An empty one is none.
    pub fn send_bare(&mut self, payload: &Payload<H>) {
        match payload {
            Payload::Empty | Payload::Kept => {}
            Payload::Text(text) => self.push(Frame::Text(text.clone())),
            Payload::Binary(bytes) => self.push(Frame::Binary(bytes.clone())),
        }
    }

    /// States a fact.
    pub fn fact(&mut self, fact: Fact<H>) {
        self.facts.push(fact);
    }

    /// Says no on the protocol's own account.
    pub fn refuse(&mut self, about: About, code: Code) {
        self.fact(Fact::Refused { about, code, retry: None, detail: None });
    }

    /// The owner of text and JSON.
    pub const fn host(&mut self) -> &mut H {
        &mut self.host
    }
}

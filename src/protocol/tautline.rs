//! Tautline's own protocol: docs/PROTOCOL.md, in the order of its sections.
//!
//! In: headers in the shape below, commands. Out: frames, facts. Not here: when to say anything.

use super::{About, Command, Fact, HeartbeatPlan, Hello, Numbered, Protocol, Ready, Verdict, Wire};
use crate::channel::ChannelId;
use crate::config::Rate;
use crate::error::Code;
use crate::host::{Binary, Counter, Header, Host, Key, Payload, Shape, Slots, Template, Textual};
use crate::template;
use crate::time::Duration;

/// The adapter; it keeps nothing but whether it was welcomed.
#[derive(Debug, Default)]
pub struct Tautline {
    welcomed: bool,
}

const OFFSET: usize = 0;
const SENDER: usize = 1;
const ID: usize = 2;

static WORDS: [&str; 13] = [
    "message",
    "ack",
    "signal",
    "presence",
    "subscribed",
    "refused",
    "reply",
    "pong",
    "ping",
    "welcome",
    "refreshed",
    "reconnect",
    "$typing",
];

const MESSAGE: u32 = Header::WORD + 1;
const ACK: u32 = Header::WORD + 2;
const SIGNAL: u32 = Header::WORD + 3;
const PRESENCE: u32 = Header::WORD + 4;
const SUBSCRIBED: u32 = Header::WORD + 5;
const REFUSED: u32 = Header::WORD + 6;
const REPLY: u32 = Header::WORD + 7;
const PONG: u32 = Header::WORD + 8;
const PING: u32 = Header::WORD + 9;
const WELCOME: u32 = Header::WORD + 10;
const REFRESHED: u32 = Header::WORD + 11;
const RECONNECT: u32 = Header::WORD + 12;
const TYPING: u32 = Header::WORD + 13;

static HELLO: Template = template!(8, r#"{"type":"hello","session":"#, Word, "}");
static HELLO_TOKEN: Template = template!(1, r#"{"type":"hello","session":"#, Word, r#","token":"#, Payload, "}");
static REFRESH: Template = template!(2, r#"{"type":"refresh","token":"#, Word, "}");
static SUBSCRIBE: Template = template!(3, r#"{"type":"subscribe","channel":"#, Channel, "}");
static SUBSCRIBE_PRESENCE: Template =
    template!(4, r#"{"type":"subscribe","channel":"#, Channel, r#","presence":true}"#);
static RESUBSCRIBE: Template =
    template!(5, r#"{"type":"subscribe","channel":"#, Channel, r#","epoch":"#, Word, r#","offset":"#, Number, "}");
static RESUBSCRIBE_PRESENCE: Template = template!(
    6,
    r#"{"type":"subscribe","channel":"#,
    Channel,
    r#","epoch":"#,
    Word,
    r#","offset":"#,
    Number,
    r#","presence":true}"#
);
static UNSUBSCRIBE: Template = template!(7, r#"{"type":"unsubscribe","channel":"#, Channel, "}");
// bindings/short.js writes the same.
static PUBLISH: Template = template!(
    0,
    r#"{"type":"publish","id":"#,
    Number,
    r#","channel":"#,
    Channel,
    r#","event":"#,
    Word,
    r#","payload":"#,
    Payload,
    "}"
);
static SIGNAL_OUT: Template =
    template!(9, r#"{"type":"signal","channel":"#, Channel, r#","event":"#, Word, r#","payload":"#, Payload, "}");
static SIGNAL_TTL: Template = template!(
    10,
    r#"{"type":"signal","channel":"#,
    Channel,
    r#","event":"#,
    Word,
    r#","ttl":"#,
    Number,
    r#","payload":"#,
    Payload,
    "}"
);
static TYPING_OUT: Template =
    template!(11, r#"{"type":"signal","channel":"#, Channel, r#","event":"$typing","ttl":"#, Number, "}");
static TRACK: Template = template!(12, r#"{"type":"track","channel":"#, Channel, r#","state":"#, Word, "}");
static UNTRACK: Template = template!(13, r#"{"type":"untrack","channel":"#, Channel, "}");
static REQUEST: Template =
    template!(14, r#"{"type":"request","id":"#, Number, r#","event":"#, Word, r#","payload":"#, Payload, "}");
static REQUEST_CHANNEL: Template = template!(
    15,
    r#"{"type":"request","id":"#,
    Number,
    r#","event":"#,
    Word,
    r#","channel":"#,
    Channel,
    r#","payload":"#,
    Payload,
    "}"
);
static PING_OUT: Template = template!(16, r#"{"type":"ping"}"#);
static PONG_OUT: Template = template!(17, r#"{"type":"pong"}"#);

fn slots<H: Host>(channel: Option<ChannelId>) -> Slots<'static, H> {
    Slots { number: 0, channel, word: None, payload: &Payload::Empty }
}

impl<H: Host> Protocol<H> for Tautline {
    fn shape(&self) -> Shape<'_> {
        Shape {
            text: Textual::Json,
            binary: Binary::Headed,
            kind: Some(Key::Name("type")),
            event: Some(Key::Name("event")),
            channel: Some(Key::Name("channel")),
            numbers: &[Key::Name("offset"), Key::Name("sender"), Key::Name("id")],
            payload: Some(Key::Name("payload")),
            words: WORDS.as_slice().into(),
        }
    }

    fn needs_channel(&self) -> bool {
        true
    }

    fn subprotocol(&self) -> Option<&'static str> {
        Some("tautline.v1")
    }

    fn opened(&mut self, hello: &Hello<'_, H>, wire: &mut Wire<H>) {
        self.welcomed = false;
        let template = if hello.token.is_some() { &HELLO_TOKEN } else { &HELLO };
        let token = match hello.token {
            Some(token) => Payload::Text(wire.host().quote(token)),
            None => Payload::Empty,
        };
        wire.send(template, Slots { word: Some(hello.session), payload: &token, ..slots(None) });
    }

    fn message(&self, header: &Header) -> Option<Numbered> {
        if header.kind != MESSAGE || header.event < Header::WORD {
            return None;
        }
        let (channel, offset) = (header.channel?, header.counter(OFFSET)?.get());
        Some(Numbered { channel, offset, sender: header.counter(SENDER)?.get(), id: header.counter(ID)?.get() })
    }

    fn frame(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        if !self.welcomed
            && !matches!(header.kind, WELCOME | REFUSED | RECONNECT | PING | PONG | Header::WORD | 0 | Header::BROKEN)
        {
            return wire.fact(Fact::Violated);
        }
        if read(self, header, body, wire).is_none() {
            wire.fact(Fact::Skipped { code: Code::PeerBadFrame });
        }
    }

    fn heartbeat(&mut self, wire: &mut Wire<H>) {
        wire.send(&PING_OUT, slots(None));
    }

    fn publish(&self) -> Option<&'static Template<'static>> {
        Some(&PUBLISH)
    }

    fn command(&mut self, command: &Command<'_, H>, wire: &mut Wire<H>) {
        let quoted;
        let (template, slots) = match *command {
            Command::Subscribe { channel, position: None, presence } => {
                (if presence { &SUBSCRIBE_PRESENCE } else { &SUBSCRIBE }, slots(Some(channel)))
            }
            Command::Subscribe { channel, position: Some(position), presence } => (
                if presence { &RESUBSCRIBE_PRESENCE } else { &RESUBSCRIBE },
                Slots { number: position.offset, word: Some(&position.epoch), ..slots(Some(channel)) },
            ),
            Command::Unsubscribe { channel } => (&UNSUBSCRIBE, slots(Some(channel))),
            Command::Publish { id, channel, event, payload } => {
                (&PUBLISH, Slots { number: id, channel, word: Some(event), payload })
            }
            Command::Signal { channel, event, payload, ttl } => {
                let template = if ttl.is_some() { &SIGNAL_TTL } else { &SIGNAL_OUT };
                let number = ttl.map_or(0, Duration::as_millis);
                (template, Slots { number, channel: Some(channel), word: Some(event), payload })
            }
            Command::Typing { channel, active, ttl } => {
                let number = if active { ttl.as_millis() } else { 0 };
                (&TYPING_OUT, Slots { number, ..slots(Some(channel)) })
            }
            Command::Track { channel, state } => (&TRACK, Slots { word: Some(state), ..slots(Some(channel)) }),
            Command::Untrack { channel } => (&UNTRACK, slots(Some(channel))),
            Command::Request { id, channel, event, payload } => {
                let template = if channel.is_some() { &REQUEST_CHANNEL } else { &REQUEST };
                (template, Slots { number: id, channel, word: Some(event), payload })
            }
            Command::Refresh { token } => {
                quoted = wire.host().quote(token);
                (&REFRESH, Slots { word: Some(&quoted), ..slots(None) })
            }
        };
        wire.send(template, slots);
    }

    fn closed(&mut self, code: Option<u16>) -> Verdict {
        match code {
            Some(1000 | 1001) => Verdict::Retry(Code::LostClosed),
            Some(1009) => Verdict::TooLarge,
            Some(1011..=1013) => Verdict::Retry(Code::LostServerBusy),
            Some(4400) => Verdict::Violation,
            Some(4401) => Verdict::NewToken(Code::RefusedTokenExpired),
            Some(4403) => Verdict::GiveUp(Code::RefusedForbidden),
            Some(4408) => Verdict::Retry(Code::LateHandshake),
            Some(4409) => Verdict::Retry(Code::LostClosed),
            Some(4429) => Verdict::RetrySlowly(Code::LostServerBusy),
            _ => Verdict::Retry(Code::LostNetwork),
        }
    }
}

/// Turns a frame into facts; `None` where a required field is missing or of another type.
fn read<H: Host>(protocol: &mut Tautline, header: &Header, body: &H::Json, wire: &mut Wire<H>) -> Option<()> {
    // A channel that is not ours was left while the frame was on its way.
    let (MESSAGE | SIGNAL | PRESENCE | SUBSCRIBED, None) = (header.kind, header.channel) else {
        return read_known(protocol, header, body, wire);
    };
    Some(())
}

fn read_known<H: Host>(protocol: &mut Tautline, header: &Header, body: &H::Json, wire: &mut Wire<H>) -> Option<()> {
    let fact = match header.kind {
        MESSAGE => {
            let Numbered { channel, offset, sender, id } = Protocol::<H>::message(protocol, header)?;
            Fact::Message { channel, offset, sender, id, frame: body.clone() }
        }
        ACK => {
            Fact::Acked { id: header.counter(ID)?.get(), offset: header.counter(OFFSET)?.get(), frame: body.clone() }
        }
        SIGNAL if header.event < Header::WORD => return None,
        SIGNAL if header.event == TYPING => Fact::Typing {
            channel: header.channel?,
            member: text(wire.host(), body, "from")?,
            ttl: duration(wire.host(), body, "ttl").filter(|ttl| !ttl.is_zero()),
        },
        SIGNAL => Fact::Signal { channel: Some(header.channel?), frame: body.clone() },
        PRESENCE => Fact::Presence {
            channel: header.channel?,
            joined: wire.host().get(body, "joined"),
            updated: wire.host().get(body, "updated"),
            left: wire.host().get(body, "left"),
        },
        SUBSCRIBED => {
            let (channel, offset) = (header.channel?, header.counter(OFFSET)?.get());
            let latest = whole(wire.host(), body, "latest")?.get();
            let recovered = boolean(wire.host(), body, "recovered")?;
            let epoch = text(wire.host(), body, "epoch")?;
            let epoch = wire.host().text(&epoch);
            let (epoch, members) = (wire.host().quote(&epoch), wire.host().get(body, "presence"));
            Fact::Subscribed { channel, epoch, offset, latest, recovered, members }
        }
        REFUSED => refused(header, body, wire)?,
        REPLY => {
            Fact::Replied { id: whole(wire.host(), body, "request")?.get(), payload: wire.host().get(body, "payload") }
        }
        PONG => Fact::HeartbeatAnswered,
        PING => {
            wire.send(&PONG_OUT, slots(None));
            return Some(());
        }
        WELCOME => {
            let ready = welcome(body, wire)?;
            protocol.welcomed = true;
            Fact::Ready(ready)
        }
        REFRESHED => Fact::TokenAccepted { expires: duration(wire.host(), body, "expires") },
        RECONNECT => Fact::ReconnectAsked {
            after: duration(wire.host(), body, "after")?,
            jitter: duration(wire.host(), body, "jitter")?,
        },
        Header::BROKEN => return None,
        _ => Fact::Skipped { code: Code::PeerUnknownType },
    };
    wire.fact(fact);
    Some(())
}

fn welcome<H: Host>(body: &H::Json, wire: &mut Wire<H>) -> Option<Ready<H>> {
    let host = wire.host();
    text(host, body, "connection")?;
    text(host, body, "member")?;
    let resumed = boolean(host, body, "resumed")?;
    let every = duration(host, body, "heartbeat").filter(|every| !every.is_zero())?;
    let within = duration(host, body, "timeout")?;
    let limits = host.get(body, "limits")?;
    let frames = u32::try_from(whole(host, &limits, "rate")?.get()).ok()?;
    let per = duration(host, &limits, "per")?;
    let frame_limit = whole(host, &limits, "frame")?.get();
    Some(Ready {
        frame: Some(body.clone()),
        resumed,
        heartbeat: Some(HeartbeatPlan { beat: Some((every, within)), ..HeartbeatPlan::default() }),
        expires: duration(host, body, "expires"),
        frame_limit: Some(frame_limit),
        rate: Some(Rate { frames, per }),
        // It counts what we do not hold back, and its clock is not ours.
        reserve: frames / 10,
    })
}

fn refused<H: Host>(header: &Header, body: &H::Json, wire: &mut Wire<H>) -> Option<Fact<H>> {
    let host = wire.host();
    let code = refusal(&text(host, body, "code")?);
    let about = if has(host, body, "id") {
        About::Publish(header.counter(ID)?.get())
    } else if has(host, body, "request") {
        About::Request(whole(host, body, "request")?.get())
    } else if has(host, body, "channel") {
        About::Channel(header.channel?)
    } else if code == Code::RefusedBadFrame {
        About::Frame
    } else {
        About::Connection
    };
    Some(Fact::Refused { about, code, retry: duration(host, body, "retry"), detail: Some(body.clone()) })
}

/// What the server calls its refusals.
static REFUSALS: [(&str, Code); 11] = [
    ("auth-required", Code::RefusedAuthRequired),
    ("token-invalid", Code::RefusedTokenInvalid),
    ("token-expired", Code::RefusedTokenExpired),
    ("forbidden", Code::RefusedForbidden),
    ("bad-frame", Code::RefusedBadFrame),
    ("too-large", Code::RefusedTooLarge),
    ("rate-limited", Code::RefusedRateLimited),
    ("channel-limit", Code::RefusedChannelLimit),
    ("not-subscribed", Code::RefusedNotSubscribed),
    ("unknown-request", Code::RefusedUnknownRequest),
    ("unavailable", Code::RefusedUnavailable),
];

fn refusal(name: &str) -> Code {
    REFUSALS.iter().find(|(known, _)| *known == name).map_or(Code::RefusedOther, |(_, code)| *code)
}

fn whole<H: Host>(host: &H, body: &H::Json, key: &str) -> Option<Counter> {
    host.number(&host.get(body, key)?).and_then(Counter::new)
}

fn duration<H: Host>(host: &H, body: &H::Json, key: &str) -> Option<Duration> {
    whole(host, body, key).map(|millis| Duration::from_millis_f64(millis.get() as f64))
}

fn boolean<H: Host>(host: &H, body: &H::Json, key: &str) -> Option<bool> {
    host.boolean(&host.get(body, key)?)
}

fn text<H: Host>(host: &H, body: &H::Json, key: &str) -> Option<String> {
    host.string(&host.get(body, key)?)
}

#[inline(never)]
fn has<H: Host>(host: &H, body: &H::Json, key: &str) -> bool {
    host.get(body, key).is_some()
}

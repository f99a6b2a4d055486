//! What a server's frames look like: read once, from whatever JSON its host holds.
//!
//! In: the configuration as pkg-template/src/json/compile.ts writes it, checked there. Out: [`JsonConfig`]. What is missing or
//! of another type is taken as not given. tests/transcripts/json/presets.json has two of them in full.

use super::envelope::Envelope;
use crate::error::Code;
use crate::host::{Counter, Host};
use crate::time::Duration;

/// A server, described.
#[derive(Debug, Default)]
pub struct JsonConfig {
    pub(super) fields: Fields,
    /// A frame that names no channel is for the only one there is, not for the client.
    pub(super) only_channel: bool,
    /// What we say, by what it is for.
    pub(super) send: Send,
    /// Events that have a message of their own.
    pub(super) events: Vec<(String, Envelope)>,
    /// The types that mean something to us, and what.
    pub(super) receive: Vec<(String, Meaning)>,
    /// The server's codes, and the numbers of ours.
    pub(super) codes: Vec<(String, Code)>,
    /// How long someone types who does not say so again.
    pub(super) typing_ttl: Duration,
    /// Longer silence is death.
    pub(super) silence: Option<Duration>,
    /// Close codes that mean: another token.
    pub(super) token_closes: Vec<u16>,
    /// Close codes that mean: stay away.
    pub(super) final_closes: Vec<u16>,
}

/// Where things stand in a frame, as names from the outside in. None: nowhere.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) kind: Vec<String>,
    pub(super) channel: Vec<String>,
    pub(super) event: Vec<String>,
    pub(super) payload: Vec<String>,
    pub(super) timestamp: Vec<String>,
    pub(super) id: Vec<String>,
    pub(super) member: Vec<String>,
    /// Inside a member that is an object.
    pub(super) member_id: Vec<String>,
    pub(super) members: Vec<String>,
    pub(super) code: Vec<String>,
    pub(super) message: Vec<String>,
    pub(super) connection: Vec<String>,
    pub(super) shard: Vec<String>,
    /// How often the server beats, in milliseconds.
    pub(super) heartbeat: Vec<String>,
}

/// Our messages; what is missing cannot be said.
#[derive(Debug, Default)]
pub(super) struct Send {
    pub(super) auth: Option<Envelope>,
    pub(super) refresh: Option<Envelope>,
    pub(super) subscribe: Option<Envelope>,
    pub(super) unsubscribe: Option<Envelope>,
    /// Any event, to a channel.
    pub(super) publish: Option<Envelope>,
    /// Any event, to nobody in particular.
    pub(super) emit: Option<Envelope>,
    pub(super) signal: Option<Envelope>,
    pub(super) typing: Option<Envelope>,
    pub(super) stop_typing: Option<Envelope>,
    pub(super) track: Option<Envelope>,
    pub(super) untrack: Option<Envelope>,
    pub(super) ping: Option<Envelope>,
    pub(super) pong: Option<Envelope>,
}

/// What a type of the server's means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The application's event; so is every type that is not configured.
    Event,
    Ready,
    Refused,
    Error,
    Subscribed,
    Ping,
    Pong,
    Ack,
    Joined,
    Left,
    Updated,
    Typing,
    StopTyping,
    Ignored,
}

impl JsonConfig {
    /// Reads a configuration.
    pub fn read<H: Host>(host: &H, json: &H::Json) -> Self {
        let mut last_id = 0;
        let mut envelope = |text: String| {
            last_id += 1;
            Envelope::parse(last_id, &text)
        };
        let given = host.get(json, "fields");
        let field = |name: &str| path(&text(host, &given, name).unwrap_or_default());
        let fields = Fields {
            kind: field("type"),
            channel: field("channel"),
            event: field("event"),
            payload: field("payload"),
            timestamp: field("timestamp"),
            id: field("id"),
            member: field("member"),
            member_id: field("memberId"),
            members: field("members"),
            code: field("code"),
            message: field("message"),
            connection: field("connection"),
            shard: field("shard"),
            heartbeat: field("heartbeat"),
        };
        let given = host.get(json, "send");
        let mut say = |name: &str| text(host, &given, name).map(&mut envelope);
        let send = Send {
            auth: say("auth"),
            refresh: say("refresh"),
            subscribe: say("subscribe"),
            unsubscribe: say("unsubscribe"),
            publish: say("publish"),
            emit: say("emit"),
            signal: say("signal"),
            typing: say("typing"),
            stop_typing: say("stopTyping"),
            track: say("track"),
            untrack: say("untrack"),
            ping: say("ping"),
            pong: say("pong"),
        };
        let mut events = Vec::new();
        for (name, message) in pairs(host, json, "events") {
            if let Some(message) = host.string(&message) {
                events.push((name, envelope(message)));
            }
        }
        let mut receive = Vec::new();
        for (kind, meaning) in pairs(host, json, "receive") {
            receive.push((kind, meaning_of(&host.string(&meaning).unwrap_or_default())));
        }
        let mut codes = Vec::new();
        for (name, code) in pairs(host, json, "codes") {
            let index = host.number(&code).and_then(Counter::new).map_or(0, Counter::get).wrapping_sub(1);
            if let Some(code) = Code::ALL.get(index as usize) {
                codes.push((name, *code));
            }
        }
        Self {
            fields,
            only_channel: text(host, &Some(json.clone()), "unaddressed").as_deref() == Some("channel"),
            send,
            events,
            receive,
            codes,
            typing_ttl: duration(host, json, "typingTtlMs").unwrap_or(Duration::ZERO),
            silence: duration(host, json, "silenceMs").filter(|silence| !silence.is_zero()),
            token_closes: closes(host, json, "tokenCloses"),
            final_closes: closes(host, json, "finalCloses"),
        }
    }
}

fn meaning_of(name: &str) -> Meaning {
    match name {
        "ready" => Meaning::Ready,
        "refused" => Meaning::Refused,
        "error" => Meaning::Error,
        "subscribed" => Meaning::Subscribed,
        "ping" => Meaning::Ping,
        "pong" => Meaning::Pong,
        "ack" => Meaning::Ack,
        "joined" => Meaning::Joined,
        "left" => Meaning::Left,
        "updated" => Meaning::Updated,
        "typing" => Meaning::Typing,
        "stopTyping" => Meaning::StopTyping,
        "ignored" => Meaning::Ignored,
        _ => Meaning::Event,
    }
}

fn text<H: Host>(host: &H, group: &Option<H::Json>, name: &str) -> Option<String> {
    host.string(&host.get(group.as_ref()?, name)?)
}

fn duration<H: Host>(host: &H, json: &H::Json, name: &str) -> Option<Duration> {
    host.number(&host.get(json, name)?).and_then(Counter::new).map(|millis| Duration::from_millis(millis.get()))
}

/// Names joined by dots, apart.
fn path(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    for letter in text.chars() {
        if letter == '.' {
            names.push(core::mem::take(&mut name));
        } else {
            name.push(letter);
        }
    }
    if !name.is_empty() {
        names.push(name);
    }
    names
}

/// An array of pairs, the first of each a string.
fn pairs<H: Host>(host: &H, json: &H::Json, name: &str) -> Vec<(String, H::Json)> {
    let mut pairs = Vec::new();
    let Some(list) = host.get(json, name) else { return pairs };
    let mut index = 0;
    while let Some(pair) = host.item(&list, index) {
        index += 1;
        if let (Some(first), Some(second)) = (host.item(&pair, 0), host.item(&pair, 1))
            && let Some(first) = host.string(&first)
        {
            pairs.push((first, second));
        }
    }
    pairs
}

fn closes<H: Host>(host: &H, json: &H::Json, name: &str) -> Vec<u16> {
    let mut codes = Vec::new();
    let Some(list) = host.get(json, name) else { return codes };
    while let Some(code) = host.item(&list, codes.len()) {
        codes.push(host.number(&code).unwrap_or(0.0) as u16);
    }
    codes
}

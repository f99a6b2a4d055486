//! Replays tests/transcripts on the native core: what is sent must be the same byte for byte. `UPDATE=1` rewrites them.

#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Data, Out, World, config, hand_written, hex, preset};
use tautline::Duration;
use tautline::host::Payload;
use tautline::protocol::discord::{Discord, DiscordConfig};
use tautline::protocol::{Protocol, raw::Raw, tautline::Tautline};
use tautline::{BackoffConfig, Config, Message, NetworkEvent, PageEvent, TokenWhy};

/// When a transcript begins, in milliseconds since 1970.
const TIME_OF_DAY: u64 = 1_700_000_000_000;
const OUTPUTS: [&str; 6] = ["resolve", "open", "sent", "sentBytes", "close", "event"];

/// Those of one protocol.
fn transcripts(protocol: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(protocol);
    let files = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    files.sort();
    files
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_else(|| panic!("{line}: {key} is missing"))
}

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn code(line: &Value) -> u16 {
    u16::try_from(line["code"].as_u64().unwrap_or(1000)).expect("a close code")
}

/// A bare socket as pkg-template/src/websocket makes it.
fn bare_config(options: &Value) -> Config {
    let backoff = BackoffConfig {
        min: Duration::from_secs(1),
        max: Duration::from_secs(10),
        factor: 1.3,
        fast_attempts: u32::MAX,
        floor: Duration::from_secs(1),
        max_attempts: options["maxAttempts"].as_u64().map(|most| u32::try_from(most).expect("a small number")),
        slow: Duration::from_secs(8),
        ..BackoffConfig::default()
    };
    Config { open_timeout: Duration::from_secs(4), backoff, ..Config::default() }
}

fn bare(options: &Value) -> Raw<support::NativeHost> {
    Raw {
        ping: options["ping"].as_str().map_or(Payload::Empty, |ping| Payload::Text(ping.to_owned())),
        pong: options["pong"].as_str().map(str::to_owned),
        beat: Some((Duration::from_secs(25), Duration::from_secs(10))),
        silence: None,
    }
}

struct Replay {
    world: World,
    at: u64,
    lines: Vec<Value>,
}

impl Replay {
    fn new(head: &Value) -> Self {
        let config = match &head["raw"] {
            Value::Null => Config { has_token: head["token"] == true, ..config() },
            options => bare_config(options),
        };
        let seed = head["seed"].as_u64().expect("a seed");
        let protocol: Box<dyn Protocol<support::NativeHost>> =
            match (head["preset"].as_str(), head["gateway"]["identify"].as_str()) {
                (Some(name), _) => Box::new(hand_written(&preset(name))),
                (None, Some(identify)) => {
                    Box::new(Discord::new(DiscordConfig { identify: identify.to_owned(), ..DiscordConfig::default() }))
                }
                (None, None) if head["raw"].is_object() => Box::new(bare(&head["raw"])),
                (None, None) => Box::<Tautline>::default(),
            };
        let world = World::seeded(config, protocol, text(head, "session"), seed);
        let mut replay = Self { world, at: 0, lines: Vec::new() };
        replay.set_now(0);
        replay
    }

    fn set_now(&mut self, at: u64) {
        self.at = at;
        self.world.set_now(at);
        self.world.client.host_mut().time = TIME_OF_DAY + at;
    }

    /// Notes what the client did now.
    fn note(&mut self) {
        let at = self.at;
        for out in self.world.take().0 {
            self.lines.push(match out {
                Out::Resolve { why, .. } => {
                    let why = match why {
                        TokenWhy::Connect => "connect",
                        TokenWhy::Resume => "resume",
                        TokenWhy::Refresh => "refresh",
                        TokenWhy::Refused => "refused",
                    };
                    json!({ "at": at, "resolve": why })
                }
                Out::Open { url, subprotocols, .. } => json!({ "at": at, "open": url, "protocols": subprotocols }),
                Out::Sent { data: Data::Text(text), .. } => json!({ "at": at, "sent": text }),
                Out::Sent { data: Data::Bytes(bytes), .. } => json!({ "at": at, "sentBytes": hex(&bytes) }),
                Out::Close { code, reason: None, .. } => json!({ "at": at, "close": code }),
                Out::Close { code, reason: Some(reason), .. } => json!({ "at": at, "close": code, "reason": reason }),
                Out::Event(event) => json!({ "at": at, "event": event }),
            });
        }
    }

    /// Lets the clock run, and notes each thing at its millisecond.
    fn run_to(&mut self, at: u64) {
        while let Some(due) = self.world.due_in() {
            let millis = due.as_micros().div_ceil(1000);
            if self.at + millis > at {
                break;
            }
            self.set_now(self.at + millis);
            self.world.timeout();
            self.note();
        }
        self.set_now(at);
    }

    fn message(&mut self, line: &Value) -> Message<support::NativeHost> {
        let channel = line["channel"].as_str().map(|name| self.world.client.channel(&name.to_owned()));
        let payload: Payload<support::NativeHost> = match (line.get("payload"), line["bytes"].as_str()) {
            (_, Some(digits)) => Payload::Binary(bytes(digits)),
            (Some(json), None) => Payload::Text(json.to_string()),
            (None, None) => Payload::Empty,
        };
        let size = match &payload {
            Payload::Empty | Payload::Kept => 0,
            Payload::Text(text) => text.len(),
            Payload::Binary(bytes) => bytes.len(),
        };
        let ttl = line["ttl"].as_u64().map(Duration::from_millis);
        // A gateway's commands are named by their opcodes, which are numbers.
        let name = text(line, "name");
        let event = name.parse().map_or_else(|_| json!(name), |opcode: u32| json!(opcode)).to_string();
        Message { channel, event, payload, size, ttl }
    }

    fn input(&mut self, line: &Value) {
        self.run_to(line["at"].as_u64().unwrap_or_else(|| panic!("{line}: at is missing")));
        if line["call"].is_string() {
            self.call(line);
        } else if let Some(endpoint) = line.get("resolved") {
            match endpoint {
                Value::Null => self.world.resolve_fails(),
                _ if endpoint["protocols"].is_array() => {
                    let names: Vec<_> = endpoint["protocols"].as_array().into_iter().flatten().collect();
                    self.world.resolve_offering(&names.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>());
                }
                _ => self.world.resolve(endpoint["url"].as_str(), endpoint["token"].as_str()),
            }
        } else if line["opened"] == true {
            self.world.opened();
        } else if let Some(frame) = line["receive"].as_str() {
            self.world.receive_text(frame);
        } else if let Some(frame) = line["receiveBytes"].as_str() {
            self.world.receive_bytes(&bytes(frame));
        } else if let Some(code) = line.get("closed") {
            self.world.closed(code.as_u64().map(|code| u16::try_from(code).expect("a close code")));
        } else if let Some(network) = line["network"].as_str() {
            let online = network == "online";
            self.world.network(if online { NetworkEvent::Online } else { NetworkEvent::Offline });
        } else if let Some(page) = line["page"].as_str() {
            self.world.page(match page {
                "left" => PageEvent::Left,
                "returned" => PageEvent::Returned,
                _ => PageEvent::Visible,
            });
        } else {
            assert_eq!(line["wait"], true, "an unknown line: {line}");
        }
        self.note();
    }

    fn call(&mut self, line: &Value) {
        let channel = line["channel"].as_str().map(|name| self.world.client.channel(&name.to_owned()));
        let expected = "the call succeeds";
        let now = self.world.now();
        match (text(line, "call"), channel) {
            ("connect", _) => self.world.connect(),
            ("close", _) if line["code"].is_u64() => self.world.close_with(code(line), text(line, "reason")),
            ("close", _) => self.world.close(),
            ("reconnect", _) => self.world.replace(code(line), text(line, "reason")),
            ("send", _) => {
                let payload = match line["bytes"].as_str() {
                    Some(digits) => Payload::Binary(bytes(digits)),
                    None => Payload::Text(text(line, "text").to_owned()),
                };
                let message = Message { channel: None, event: String::new(), payload, size: 1, ttl: None };
                self.world.publish_message(message).expect(expected);
            }
            ("retry", _) => self.world.retry(),
            ("refresh", _) => self.world.refresh(),
            ("destroy", _) => self.world.destroy(),
            ("subscribe", _) => drop(self.world.join(text(line, "channel"), line["presence"] == true)),
            ("unsubscribe", Some(channel)) => self.world.unsubscribe(channel),
            ("untrack", Some(channel)) => self.world.untrack(channel),
            ("track", Some(channel)) => self.world.track(channel, &line["state"].to_string()),
            ("typing", Some(channel)) => self.world.typing(channel, line["active"] == true),
            ("cancel", _) => assert!(self.world.cancel(line["id"].as_u64().expect("an id")), "{expected}"),
            ("publish", _) => {
                let message = self.message(line);
                self.world.publish_message(message).expect(expected);
            }
            ("volatile", _) => {
                let message = self.message(line);
                self.world.client.publish_volatile(now, message).expect(expected);
                self.world.drain();
            }
            ("signal", _) => {
                let message = self.message(line);
                self.world.client.signal(now, message).expect(expected);
                self.world.drain();
            }
            ("request", _) => {
                let message = self.message(line);
                let timeout = Duration::from_millis(line["timeout"].as_u64().expect("a timeout"));
                self.world.request_message(message, timeout).expect(expected);
            }
            _ => panic!("an unknown call: {line}"),
        }
    }
}

fn is_output(line: &Value) -> bool {
    line.as_object().is_some_and(|line| OUTPUTS.iter().any(|key| line.contains_key(*key)))
}

#[test]
fn every_transcript_is_followed_byte_for_byte() {
    for path in ["tautline", "json", "discord", "raw"].into_iter().flat_map(transcripts) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let written = fs::read_to_string(&path).expect("a transcript");
        let parse =
            |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
        let mut lines = written.lines();
        let head = lines.next().expect("a first line");
        let mut replay = Replay::new(&parse(head));
        let (mut expected, mut page) = (Vec::new(), vec![head.to_owned()]);
        for line in lines {
            let value = parse(line);
            if is_output(&value) {
                expected.push(value);
                continue;
            }
            let before = replay.lines.len();
            replay.input(&value);
            // What happened on the way to a line stands before it.
            let at = value["at"].as_u64();
            let (way, there): (Vec<_>, Vec<_>) =
                replay.lines[before..].iter().partition(|line| line["at"].as_u64() < at);
            page.extend(way.into_iter().map(Value::to_string));
            page.push(line.to_owned());
            page.extend(there.into_iter().map(Value::to_string));
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, page.join("\n") + "\n").expect("the transcript can be written");
            continue;
        }
        for (index, (expected, came)) in expected.iter().zip(&replay.lines).enumerate() {
            assert_eq!(came, expected, "{name}: output {}", index + 1);
        }
        assert_eq!(replay.lines.len(), expected.len(), "{name}: as many outputs as written");
        assert_eq!(page.join("\n") + "\n", written, "{name}: each output stands after what caused it");
    }
}

#[test]
fn every_message_type_of_the_protocol_stands_in_a_transcript() {
    let both = ["signal", "ping", "pong"];
    let client = ["hello", "refresh", "subscribe", "unsubscribe", "publish", "track", "untrack", "request"];
    let server = ["welcome", "refreshed", "subscribed", "message", "presence", "ack", "reply", "refused", "reconnect"];
    let (mut said, mut heard) = (BTreeSet::new(), BTreeSet::new());
    for line in transcripts("tautline")
        .iter()
        .flat_map(|path| fs::read_to_string(path).expect("a transcript").lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let kind = |frame: &str| serde_json::from_str::<Value>(frame).ok()?["type"].as_str().map(str::to_owned);
        said.extend(line["sent"].as_str().and_then(kind));
        heard.extend(line["receive"].as_str().and_then(kind));
    }
    for kind in client.iter().chain(&both) {
        assert!(said.contains(*kind), "no transcript says {kind}");
    }
    for kind in server.iter().chain(&both) {
        assert!(heard.contains(*kind), "no transcript hears {kind}");
    }
}

//! Protocols of other shapes through the same seam, to see what it carries.
//!
//! The adapters are toys: just enough of a packet protocol with server pings, and of one with no handshake.

use crate::support::{Json, NativeHost, World, config};
use serde_json::json;
use tautline::Duration;
use tautline::host::{Binary, Counter, Header, Host, Key, Payload, Shape, Slots, Template, Textual};
use tautline::protocol::{About, Command, Fact, HeartbeatPlan, Hello, Protocol, Ready, Verdict, Wire};
use tautline::template;
use tautline::{Code, Message, PublicState, Rate};

fn slots(word: Option<&String>) -> Slots<'_, NativeHost> {
    Slots { number: 0, channel: None, word, payload: &Payload::Empty }
}

fn ready(frame: &Json, resumed: bool, heartbeat: HeartbeatPlan) -> Fact<NativeHost> {
    let rate = Some(Rate { frames: 120, per: Duration::from_secs(60) });
    Fact::Ready(Ready {
        frame: Some(frame.clone()),
        resumed,
        heartbeat: Some(heartbeat),
        expires: None,
        frame_limit: Some(4096),
        rate,
        reserve: 12,
    })
}

/// A packet protocol: digits before the JSON, server pings, answers by number, attachments in frames of their own.
#[derive(Default)]
struct Packets {
    token: String,
    silence: Option<Duration>,
    awaiting: Option<(f64, Json)>,
}

fn packets_shape<'a>() -> Shape<'a> {
    Shape {
        text: Textual::Packet,
        binary: Binary::Bare,
        kind: None,
        event: Some(Key::Index(0)),
        channel: None,
        numbers: &[],
        payload: Some(Key::Index(1)),
        words: [].as_slice().into(),
    }
}
const ATTACHMENTS: usize = 0;
const ACK_ID: usize = 1;
/// Requests and messages are answered in one row of numbers.
const REQUESTS: u64 = 1 << 40;

static OPEN: Template = template!(0, r#"40{"token":"#, Word, "}");
static PONG: Template = template!(1, "3");
static EVENT: Template = template!(2, "42", Number, "[", Word, ",", Payload, "]");

impl Protocol<NativeHost> for Packets {
    fn shape(&self) -> Shape<'_> {
        packets_shape()
    }

    fn needs_channel(&self) -> bool {
        false
    }

    fn opened(&mut self, hello: &Hello<'_, NativeHost>, _: &mut Wire<NativeHost>) {
        (self.token, self.awaiting) = (hello.token.cloned().unwrap_or_default(), None);
    }

    fn frame(&mut self, header: &Header, body: &Json, wire: &mut Wire<NativeHost>) {
        let millis = |wire: &mut Wire<NativeHost>, key: &str| {
            wire.host().get(body, key).and_then(|json| wire.host().number(&json))
        };
        match header.kind {
            0 => {
                let (every, grace) = (millis(wire, "pingInterval"), millis(wire, "pingTimeout"));
                self.silence = every.zip(grace).map(|(every, grace)| Duration::from_millis((every + grace) as u64));
                let token = wire.host().quote(&self.token);
                wire.send(&OPEN, slots(Some(&token)));
            }
            2 => wire.send(&PONG, slots(None)),
            40 => wire.fact(ready(body, false, HeartbeatPlan { silence: self.silence, ..HeartbeatPlan::default() })),
            42 => wire.fact(Fact::Signal { channel: None, frame: body.clone() }),
            43 => match header.counter(ACK_ID).map(Counter::get) {
                Some(id) if id >= REQUESTS => {
                    let payload = wire.host().item(body, 0);
                    wire.fact(Fact::Replied { id: id - REQUESTS, payload });
                }
                Some(id) => wire.fact(Fact::Acked { id, offset: 0, frame: body.clone() }),
                None => wire.fact(Fact::Skipped { code: Code::PeerBadFrame }),
            },
            44 => wire.fact(Fact::Refused {
                about: About::Connection,
                code: Code::RefusedForbidden,
                retry: None,
                detail: Some(body.clone()),
            }),
            45 => self.awaiting = Some((header.numbers[ATTACHMENTS], body.clone())),
            Header::BINARY => match self.awaiting.take() {
                Some((left, frame)) if left <= 1.0 => wire.fact(Fact::Signal { channel: None, frame }),
                Some((left, frame)) => self.awaiting = Some((left - 1.0, frame)),
                None => wire.fact(Fact::Violated),
            },
            _ => wire.fact(Fact::Skipped { code: Code::PeerUnknownType }),
        }
    }

    fn heartbeat(&mut self, _: &mut Wire<NativeHost>) {}

    fn command(&mut self, command: &Command<'_, NativeHost>, wire: &mut Wire<NativeHost>) {
        let (id, event, payload) = match *command {
            Command::Publish { id, event, payload, .. } => (id, event, payload),
            Command::Request { id, event, payload, .. } => (id + REQUESTS, event, payload),
            _ => return,
        };
        wire.send(&EVENT, Slots { number: id, channel: None, word: Some(event), payload });
    }

    fn closed(&mut self, _: Option<u16>) -> Verdict {
        Verdict::Retry(Code::LostNetwork)
    }
}

fn packets() -> World {
    let mut world = World::speaking(config(), Box::<Packets>::default());
    world.connect();
    world.resolve(Some("ws://packets/?EIO=4&transport=websocket"), Some("secret"));
    world.opened();
    world.receive_text(r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#);
    assert_eq!(world.sent(), [r#"40{"token":"secret"}"#]);
    world.receive_text(r#"40{"sid":"y"}"#);
    assert_eq!(world.state(), PublicState::Connected);
    world.take();
    world
}

#[test]
fn packets_answer_pings_and_a_silent_server_is_dead() {
    let mut world = packets();
    for _ in 0..10 {
        world.advance_s(25);
        world.receive_text("2");
        assert_eq!(world.sent(), ["3"]);
    }
    world.advance_s(44);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(1);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn a_sign_of_life_by_a_clock_that_went_back_counts_from_the_time_it_is() {
    let mut world = packets();
    world.advance_s(30);
    world.timeout();
    world.now_is_earlier(Duration::from_secs(30));
    world.receive_text("2");
    world.advance_s(46);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_reason_to_doubt_where_nobody_can_ask_gives_the_server_its_whole_time() {
    let mut world = packets();
    world.advance_s(40);
    world.network(tautline::NetworkEvent::Offline);
    world.advance_s(44);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(1);
    assert_eq!(world.state(), PublicState::Reconnecting);
}

#[test]
fn packets_carry_messages_requests_and_their_answers() {
    let mut world = packets();
    let message = Message { channel: None, ..world.message("r", r#"{"a":1}"#) };
    world.publish_message(message).expect("room");
    world.request("2", 1000).expect("room");
    assert_eq!(world.sent(), [r#"421["m",{"a":1}]"#, r#"421099511627777["m",2]"#]);
    world.receive_text(r#"431["ok"]"#);
    world.receive_text("431099511627777[7]");
    assert_eq!(world.take().events_of("replied")[0]["payload"], 7);
    world.assert_settled();
    world.receive_text(r#"42["news",[1]]"#);
    assert_eq!(world.take().events_of("signal").len(), 1);
}

#[test]
fn attachments_are_waited_for_and_unexpected_ones_break_the_protocol() {
    let mut world = packets();
    world.receive_text(r#"452-["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#);
    world.receive_bytes(&[1]);
    assert_eq!(world.events(), [] as [serde_json::Value; 0]);
    world.receive_bytes(&[2]);
    assert_eq!(world.take().events_of("signal").len(), 1);
    world.receive_bytes(&[3]);
    assert_eq!(world.take().closes(), [(4002, false)]);
}

/// A protocol that needs no handshake at all.
struct Bare;

impl Protocol<NativeHost> for Bare {
    fn shape(&self) -> Shape<'_> {
        Shape {
            text: Textual::Json,
            binary: Binary::Bare,
            kind: None,
            event: None,
            channel: None,
            numbers: &[],
            payload: None,
            words: [].as_slice().into(),
        }
    }
    fn needs_channel(&self) -> bool {
        false
    }
    fn opened(&mut self, _: &Hello<'_, NativeHost>, wire: &mut Wire<NativeHost>) {
        wire.fact(ready(&Json::Value(json!(null)), false, HeartbeatPlan::default()));
    }
    fn frame(&mut self, _: &Header, _: &Json, _: &mut Wire<NativeHost>) {}
    fn heartbeat(&mut self, _: &mut Wire<NativeHost>) {}
    fn command(&mut self, command: &Command<'_, NativeHost>, wire: &mut Wire<NativeHost>) {
        if let Command::Publish { id, payload, .. } = *command {
            wire.send(&EVENT, Slots { number: id, channel: None, word: Some(&String::new()), payload });
        }
    }
    fn closed(&mut self, _: Option<u16>) -> Verdict {
        Verdict::Retry(Code::LostNetwork)
    }
}

#[test]
fn a_protocol_may_be_ready_as_soon_as_the_socket_is_open() {
    let mut world = World::speaking(config(), Box::new(Bare));
    let message = Message { channel: None, ..world.message("r", "1") };
    world.publish_message(message).expect("room");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent().len(), 1, "what waited goes out at once");
    world.page(tautline::PageEvent::Visible);
    world.advance_s(15);
    assert_eq!(world.state(), PublicState::Connected, "without a heart there is nothing to judge");
}

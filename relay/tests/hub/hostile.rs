//! Broken and hostile frames: section 8 of the protocol, and whatever chance brings.

use proptest::prelude::*;
use tautline_relay::hub::{Authenticator, ConnectionId, Frame, Hub, HubConfig};

use crate::harness::{World, types};

fn refused(frame: Frame) -> serde_json::Value {
    let mut world = World::open();
    world.join(1, "a");
    world.send(1, frame);
    let [refused] = world.take(1).try_into().expect("one answer");
    assert_eq!(refused["code"], "bad-frame");
    assert_eq!(world.close_code(1), None);
    assert_eq!(types(&world.ask(1, r#"{"type":"ping"}"#)), ["pong"], "the connection lives");
    refused
}

#[test]
fn every_wrong_shape_is_a_bad_frame_that_names_its_field() {
    for (text, field) in [
        ("", "frame"),
        ("nonsense", "frame"),
        ("{", "frame"),
        ("[]", "frame"),
        ("null", "frame"),
        (r#"[{"type":"ping"}]"#, "frame"),
        (r#"{"type":"ping"}{"type":"ping"}"#, "frame"),
        (r#"{"type":"ping","type":"ping"}"#, "frame"),
        ("{}", "type"),
        (r#"{"type":1}"#, "type"),
        (r#"{"type":"welcome"}"#, "type"),
        (r#"{"type":"__proto__"}"#, "type"),
        (r#"{"type":"refresh"}"#, "token"),
        (r#"{"type":"subscribe"}"#, "channel"),
        (r#"{"type":"subscribe","channel":{}}"#, "channel"),
        (r#"{"type":"subscribe","channel":"\ud800"}"#, "channel"),
        (r#"{"type":"subscribe","channel":"a\u0000"}"#, "channel"),
        (r#"{"type":"subscribe","channel":"c","epoch":"e"}"#, "offset"),
        (r#"{"type":"subscribe","channel":"c","offset":1}"#, "epoch"),
        (r#"{"type":"subscribe","channel":"c","epoch":"e","offset":-1}"#, "offset"),
        (r#"{"type":"subscribe","channel":"c","presence":"yes"}"#, "presence"),
        (r#"{"type":"unsubscribe","channel":""}"#, "channel"),
        (r#"{"type":"publish","channel":"c","event":"e","payload":1}"#, "id"),
        (r#"{"type":"publish","id":1.5,"channel":"c","event":"e","payload":1}"#, "id"),
        (r#"{"type":"publish","id":9007199254740992,"channel":"c","event":"e","payload":1}"#, "id"),
        (r#"{"type":"publish","id":1,"event":"e","payload":1}"#, "channel"),
        (r#"{"type":"publish","id":1,"channel":"c","payload":1}"#, "event"),
        (r#"{"type":"publish","id":1,"channel":"c","event":"e"}"#, "payload"),
        (r#"{"type":"signal","channel":"c","event":7}"#, "event"),
        (r#"{"type":"signal","channel":"c","event":"e","ttl":"soon"}"#, "ttl"),
        (r#"{"type":"track","channel":"c"}"#, "state"),
        (r#"{"type":"untrack"}"#, "channel"),
        (r#"{"type":"request","event":"history"}"#, "id"),
        (r#"{"type":"request","id":1}"#, "event"),
    ] {
        let message = refused(Frame::text(text))["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("{field}: ")), "{text} → {message}");
    }
    let long = "x".repeat(129);
    refused(Frame::text(format!(r#"{{"type":"subscribe","channel":"{long}"}}"#)));
}

#[test]
fn unknown_fields_are_ignored() {
    let mut world = World::open();
    world.join(1, "a");
    assert_eq!(
        types(&world.ask(1, r#"{"__proto__":{"a":1e400},"x":"\ud800","type":"ping","constructor":[]}"#)),
        ["pong"]
    );
}

#[test]
fn every_bad_binary_layout_is_a_bad_frame() {
    let good = Frame::from_parts(r#"{"type":"signal","channel":"c","event":"e"}"#, b"x").unwrap();
    let Frame::Binary(good) = good else { unreachable!() };
    let changed = |index: usize, value: u8| {
        let mut bytes = good.to_vec();
        bytes[index] = value;
        Frame::binary(bytes)
    };
    refused(Frame::binary([]));
    refused(Frame::binary([1]));
    refused(Frame::binary([1, 0, 0]));
    refused(Frame::binary([1, 0, 2, b'{']));
    refused(Frame::binary([1, 0, 2, b'{', b'}']));
    refused(changed(0, 2));
    refused(changed(1, 0x20));
    refused(changed(1, 0xff));
    refused(changed(5, 0xff));
    let padded = format!(r#"{{"type":"signal","channel":"c","event":"e"{}}}"#, " ".repeat(8_193 - 43));
    let mut long = vec![1, 0x20, 0x01];
    long.extend_from_slice(padded.as_bytes());
    assert_eq!(padded.len(), 0x2001);
    refused(Frame::binary(long));
    refused(Frame::from_parts(r#"{"type":"ping"}"#, b"").unwrap());
    refused(Frame::from_parts(r#"{"type":"track","channel":"c","state":1}"#, b"").unwrap());
    refused(Frame::from_parts(r#"{"type":"publish","id":1,"channel":"c","event":"e","payload":1}"#, b"").unwrap());
}

#[test]
fn nesting_is_allowed_to_sixty_four() {
    let mut world = World::open();
    world.join(1, "a");
    let publish = |id: u64, levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"type":"publish","id":{id},"channel":"c","event":"e","payload":{open}{close}}}"#)
    };
    assert_eq!(types(&world.ask(1, &publish(1, 63))), ["ack"]);
    assert_eq!(world.ask_one(1, &publish(2, 64))["code"], "bad-frame");
    assert_eq!(world.ask_one(1, &publish(3, 30_000))["code"], "bad-frame");
}

#[test]
fn ten_bad_frames_in_a_minute_are_enough() {
    let mut world = World::open();
    world.join(1, "a");
    for _ in 0..9 {
        world.say(1, "x");
    }
    world.pass(1_000);
    assert_eq!(world.close_code(1), None);
    world.say(1, "x");
    assert_eq!(world.close_code(1), Some(4400));
    assert_eq!(world.take(1).len(), 10);
}

#[test]
fn nine_bad_frames_a_minute_are_forgiven() {
    let mut world = World::open();
    world.join(1, "a");
    for _ in 0..5 {
        for _ in 0..9 {
            world.say(1, "x");
        }
        world.pass(30_000);
        world.say(1, r#"{"type":"pong"}"#);
        world.pass(30_000);
    }
    assert_eq!(world.close_code(1), None);
}

#[test]
fn a_frame_over_the_limit_is_closed_with_1009() {
    let mut world = World::open();
    world.join(1, "a");
    world.join(2, "b");
    let padded = |size: usize| format!(r#"{{"type":"ping"{}}}"#, " ".repeat(size - 15));
    assert_eq!(types(&world.ask(1, &padded(65_536))), ["pong"]);
    world.say(1, &padded(65_537));
    assert_eq!(world.close_code(1), Some(1009));
    world.send(2, Frame::binary(vec![0; 65_537]));
    assert_eq!(world.close_code(2), Some(1009));
}

#[test]
fn frames_for_connections_that_are_not_there_change_nothing() {
    let mut world = World::open();
    world.say(9, r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
    world.hang_up(9, Some(1000));
    world.join(1, "a");
    world.hang_up(1, None);
    assert!(world.ask(1, r#"{"type":"ping"}"#).is_empty());
    assert_eq!(world.hub.stats().connections, 0);
    assert_eq!(world.hub.stats().refused(), 0);
}

/// A frame of the right kind of words in any order, with any values.
fn likely() -> impl Strategy<Value = Frame> {
    let value = prop_oneof![
        Just("1".to_owned()),
        Just("0".to_owned()),
        Just("9007199254740991".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just(r#""c""#.to_owned()),
        Just(r#""history""#.to_owned()),
        Just(r#""aaaaaaaaaaaaaaaa""#.to_owned()),
        Just(r#"{"limit":1,"before":2}"#.to_owned()),
        Just(r#""\ud800""#.to_owned()),
        "[a-z\\[\\]{}\",:0-9]{0,12}",
    ];
    let kind = prop_oneof![
        Just("hello"),
        Just("refresh"),
        Just("subscribe"),
        Just("unsubscribe"),
        Just("publish"),
        Just("signal"),
        Just("track"),
        Just("untrack"),
        Just("request"),
        Just("ping"),
        Just("pong"),
        Just("nothing"),
    ];
    let key = prop_oneof![
        Just("session"),
        Just("token"),
        Just("channel"),
        Just("epoch"),
        Just("offset"),
        Just("presence"),
        Just("id"),
        Just("event"),
        Just("payload"),
        Just("state"),
        Just("ttl"),
    ];
    let fields = prop::collection::btree_map(key, value, 0..8);
    (kind, fields, any::<Option<Vec<u8>>>()).prop_map(|(kind, fields, payload)| {
        let fields: String = fields.iter().map(|(key, value)| format!(r#","{key}":{value}"#)).collect();
        let text = format!(r#"{{"type":"{kind}"{fields}}}"#);
        match payload {
            Some(payload) if payload.len() % 4 == 0 => Frame::from_parts(&text, &payload).expect("a short header"),
            Some(_) | None => Frame::text(text),
        }
    })
}

fn any_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        6 => likely(),
        1 => any::<String>().prop_map(Frame::text),
        1 => any::<Vec<u8>>().prop_map(Frame::binary),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Open(u64),
    Frame(u64, Frame),
    Close(u64, Option<u16>),
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => (0..4_u64).prop_map(Step::Open),
        8 => ((0..4_u64), any_frame()).prop_map(|(client, frame)| Step::Frame(client, frame)),
        1 => ((0..4_u64), any::<Option<u16>>()).prop_map(|(client, code)| Step::Close(client, code)),
        1 => (0..400_000_u64).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_a_client_sends_panics_the_hub_or_makes_it_wait_in_the_past(steps in steps()) {
        let mut hub = Hub::new(HubConfig { channels: 3, rate: 5, ..HubConfig::default() }, Authenticator::Open, 1);
        let mut now = 1_000;
        let hello = Frame::text(r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
        for step in steps {
            match step {
                Step::Open(client) => {
                    hub.handle_open(now, ConnectionId(client));
                    hub.handle_frame(now, ConnectionId(client), hello.clone());
                }
                Step::Frame(client, frame) => hub.handle_frame(now, ConnectionId(client), frame),
                Step::Close(client, code) => hub.handle_close(now, ConnectionId(client), code),
                Step::Pass(ms) => {
                    now += ms;
                    hub.handle_timeout(now);
                }
            }
            while hub.poll_output().is_some() {}
            if let Some(at) = hub.poll_timeout() {
                hub.handle_timeout(now);
                prop_assert!(hub.poll_timeout().is_none_or(|at| at > now), "{} after {}", at, now);
            }
        }
    }
}

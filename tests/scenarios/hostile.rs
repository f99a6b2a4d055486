//! Frames no honest server sends (docs/PROTOCOL.md, section 8): skipped and reported, never believed, never a panic.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::{Code, PublicState};

#[test]
fn an_unreadable_frame_is_skipped_and_reported() {
    let frames = [
        "",
        "{",
        "nonsense",
        "5",
        "null",
        "\"text\"",
        r#"{"type":"message","channel":"r"}"#,
        r#"{"type":"ack"}"#,
        r#"{"type":"ack","id":-1,"offset":1}"#,
        r#"{"type":"ack","id":1.5,"offset":1}"#,
        r#"{"type":"ack","id":9007199254740992,"offset":1}"#,
        r#"{"type":"welcome"}"#,
        r#"{"type":"refused"}"#,
        r#"{"type":"refused","code":5}"#,
        r#"{"type":"reply"}"#,
        r#"{"type":"reply","request":"x"}"#,
        r#"{"type":"reconnect"}"#,
        r#"{"type":"reconnect","after":-5,"jitter":0}"#,
        r#"{"type":"subscribed","channel":"r","offset":1,"latest":1,"recovered":true}"#,
        r#"{"type":"subscribed","channel":"r","epoch":7,"offset":1,"latest":1,"recovered":true}"#,
        r#"{"type":"subscribed","channel":"r","epoch":"e","offset":1,"latest":1,"recovered":"yes"}"#,
        r#"{"type":"signal","channel":"r","event":"$typing"}"#,
    ];
    for frame in frames {
        let (mut world, _) = World::subscribed(config(), "r");
        world.receive_text(frame);
        let log = world.take();
        assert_eq!(log.events(), [json!({ "event": "problem", "code": "peer/bad-frame" })], "{frame}");
        assert_eq!((log.sent().len(), world.state()), (0, PublicState::Connected), "{frame}");
    }
}

#[test]
fn an_unknown_type_is_skipped_and_reported() {
    for frame in
        [r#"{"type":"new"}"#, "{}", "[]", "[1,2]", r#"{"type":null}"#, r#"{"type":{}}"#, r#"{"type":"__proto__"}"#]
    {
        let mut world = World::connected(config());
        world.receive_text(frame);
        assert_eq!(world.events(), [json!({ "event": "problem", "code": "peer/unknown-type" })], "{frame}");
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.receive(&json!({ "type": "message", "channel": "r", "event": "m", "offset": 1, "from": "a", "sender": 1,
        "id": 1, "time": 1, "payload": { "__proto__": { "x": 1 }, "constructor": 2 }, "later": { "__proto__": 1 } }));
    let message = &world.events()[0];
    assert_eq!(message["payload"], json!({ "__proto__": { "x": 1 }, "constructor": 2 }));
}

#[test]
fn a_binary_frame_of_bad_layout_is_skipped_and_reported() {
    let header = br#"{"type":"message","channel":"r","event":"m","offset":1,"from":"a","sender":1,"id":1,"time":1}"#;
    let frame =
        |layout: u8, length: usize| [&[layout, (length >> 8) as u8, length as u8], &header[..], &[7, 8, 9]].concat();
    let bad = [
        vec![],
        vec![1],
        vec![1, 0, 0],
        vec![1, 0, 5, b'{'],
        frame(2, header.len()),
        frame(1, 0),
        frame(1, 9000),
        frame(1, header.len() - 1),
        frame(1, header.len() + 1),
        vec![1, 0, 1, 0xff],
    ];
    for bytes in bad {
        let (mut world, _) = World::subscribed(config(), "r");
        world.receive_bytes(&bytes);
        assert_eq!(world.events(), [json!({ "event": "problem", "code": "peer/bad-frame" })], "{bytes:?}");
    }
    let (mut world, _) = World::subscribed(config(), "r");
    world.receive_bytes(&frame(1, header.len()));
    assert_eq!(world.events()[0]["payload"], json!({ "$bytes": "070809" }));
}

#[test]
fn anything_but_a_welcome_first_breaks_the_protocol() {
    for kind in ["message", "ack", "subscribed", "presence", "signal", "reply", "refreshed"] {
        let mut world = World::new(config());
        world.connect();
        world.resolve(Some("ws://x/"), None);
        world.opened();
        world.take();
        world.receive(&json!({ "type": kind }));
        let log = world.take();
        assert_eq!(log.events()[0], json!({ "event": "problem", "code": "peer/unexpected" }), "{kind}");
        assert_eq!((log.closes(), world.client.cause()), (vec![(4002, false)], Some(Code::PeerProtocol)), "{kind}");
    }
}

#[test]
fn a_server_that_always_breaks_the_protocol_is_left_alone_in_the_end() {
    let mut world = World::new(config());
    world.connect();
    for _ in 0..3 {
        world.resolve(Some("ws://x/"), None);
        world.opened();
        world.receive(&json!({ "type": "ack", "id": 1 }));
        if world.state() != PublicState::Failed {
            world.await_attempt();
        }
    }
    assert_eq!(world.state(), PublicState::Failed);
}

#[test]
fn a_second_welcome_changes_nothing() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.take();
    world.welcome(&json!({ "heartbeat": 1 }));
    assert_eq!(world.take().0, []);
}

#[test]
fn what_nobody_asked_for_is_ignored() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.ack(77, 1);
    world.receive(&json!({ "type": "reply", "request": 77 }));
    world.refuse(&json!({ "code": "forbidden", "id": 77 }));
    world.refuse(&json!({ "code": "rate-limited", "id": 77, "retry": 9_007_199_254_740_991u64 }));
    world.receive(&json!({ "type": "pong" }));
    world.receive(&json!({ "type": "message", "channel": "stranger", "offset": 1, "sender": 1, "id": 1 }));
    world.receive(&json!({ "type": "refreshed" }));
    assert_eq!(world.take().events_of("message"), [] as [Value; 0]);
    world.publish("r", "1").expect("room");
    assert_eq!(world.take().sent_of("publish").len(), 1, "a refusal of a stranger holds nobody back");
}

#[test]
fn absurd_numbers_neither_panic_nor_spin() {
    const HUGE: u64 = 9_007_199_254_740_991;
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("t"));
    world.opened();
    world.welcome(&json!({ "heartbeat": HUGE, "timeout": HUGE, "expires": HUGE,
        "limits": { "frame": HUGE, "rate": 4_294_967_295u64, "per": HUGE } }));
    world.subscribe("r");
    world.admit("r", "e", HUGE, HUGE, true);
    world.publish("r", "1").expect("room");
    world.refuse(&json!({ "code": "rate-limited", "id": 1, "retry": HUGE }));
    world.advance_s(3600);
    world.receive(&json!({ "type": "reconnect", "after": HUGE, "jitter": HUGE }));
    world.advance_s(3600);
    assert_eq!(world.state(), PublicState::Reconnecting);

    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("t"));
    world.opened();
    world
        .welcome(&json!({ "heartbeat": 1, "timeout": 0, "expires": 0, "limits": { "frame": 0, "rate": 0, "per": 0 } }));
    world.subscribe("r");
    world.admit("r", "e", 0, 0, true);
    world.publish("r", "1").expect("room");
    world.refuse(&json!({ "code": "rate-limited", "id": 1, "retry": 0 }));
    world.receive(&json!({ "type": "reconnect", "after": 0, "jitter": 0 }));
    world.advance_s(10);
}

#[test]
fn a_server_that_refuses_with_no_wait_does_not_make_us_spin() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    let mut sent = 0;
    for _ in 0..1000 {
        sent += world.take().sent_of("publish").len();
        world.refuse(&json!({ "code": "rate-limited", "id": 1, "retry": 0 }));
    }
    assert!(sent <= 10, "{sent} sends in one instant");
}

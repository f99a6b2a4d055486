//! The life of a connection: handshake, heartbeat, replacement, shutdown, limits.

use serde_json::json;
use tautline_relay::hub::{ConnectionId, Frame};

use crate::harness::{World, types};

const HELLO: &str = r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#;

#[test]
fn the_welcome_says_what_the_protocol_promises_in_its_order() {
    let mut world = World::open();
    world.connect(1);
    world.say(1, HELLO);
    let [text] = world.take_texts(1).try_into().unwrap();
    let welcome: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (connection, member) = (welcome["connection"].as_str().unwrap(), welcome["member"].as_str().unwrap());
    assert_eq!(member.len(), 16);
    assert_eq!(
        text,
        format!(
            r#"{{"type":"welcome","connection":"{connection}","member":"{member}","resumed":false,"heartbeat":25000,"timeout":10000,"limits":{{"frame":65536,"rate":100,"per":1000}}}}"#
        )
    );
}

#[test]
fn a_connection_without_hello_is_closed_after_five_seconds() {
    let mut world = World::open();
    world.connect(1);
    world.pass(4_999);
    assert_eq!(world.close_code(1), None);
    world.pass(1);
    assert_eq!(world.close_code(1), Some(4408));
}

#[test]
fn anything_else_before_hello_and_a_second_hello_are_closed_with_4400() {
    let first = [
        r#"{"type":"ping"}"#,
        r#"{"type":"publish","id":1,"channel":"c","event":"e","payload":1}"#,
        "not json",
        r#"{"type":"hello"}"#,
        r#"{"type":"hello","session":"short"}"#,
        r#"{"type":"hello","session":"has a space in it!"}"#,
        r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa","token":7}"#,
    ];
    for (client, text) in (1..).zip(first) {
        let mut world = World::open();
        world.connect(client);
        world.say(client, text);
        assert_eq!(world.close_code(client), Some(4400), "{text}");
    }
    let mut world = World::open();
    world.connect(1);
    world.send(1, Frame::binary([1, 2, 3]));
    assert_eq!(world.close_code(1), Some(4400));

    let mut world = World::open();
    world.join(1, "a");
    world.say(1, HELLO);
    assert_eq!(world.close_code(1), Some(4400));
}

#[test]
fn a_session_is_resumed_for_five_minutes_and_keeps_its_member() {
    let mut world = World::open();
    let first = world.join(1, "a");
    world.hang_up(1, None);
    world.pass(299_999);
    let second = world.join(2, "a");
    assert_eq!((&second["resumed"], &second["member"]), (&json!(true), &first["member"]));
    assert_ne!(second["connection"], first["connection"]);
    world.hang_up(2, None);
    world.pass(300_000);
    assert_eq!(world.hub.stats().sessions, 0);
    let third = world.join(3, "a");
    assert_eq!((&third["resumed"], &third["member"]), (&json!(false), &first["member"]));
}

#[test]
fn the_newer_connection_of_a_session_replaces_the_older() {
    let mut world = World::open();
    world.join(1, "a");
    world.join(2, "a");
    assert_eq!(world.close_code(1), Some(4409));
    assert_eq!(world.ask_one(2, r#"{"type":"ping"}"#), json!({"type":"pong"}));
    world.hang_up(1, None);
    assert_eq!(world.hub.stats().connections, 1);
}

#[test]
fn a_silent_client_is_asked_and_then_closed_with_4409() {
    let mut world = World::open();
    world.join(1, "a");
    world.pass(37_499);
    assert!(world.take(1).is_empty());
    world.pass(1);
    assert_eq!(types(&world.take(1)), ["ping"]);
    world.pass(9_999);
    assert_eq!(world.close_code(1), None);
    world.pass(1);
    assert_eq!(world.close_code(1), Some(4409));
}

#[test]
fn any_frame_is_a_sign_of_life() {
    let mut world = World::open();
    world.join(1, "a");
    for text in [r#"{"type":"pong"}"#, r#"{"type":"untrack","channel":"c"}"#, "not json"] {
        world.pass(37_500 + 9_999);
        assert_eq!(types(&world.take(1)), ["ping"]);
        world.say(1, text);
        world.take(1);
        assert_eq!(world.close_code(1), None);
    }
}

#[test]
fn a_ping_is_answered_even_above_the_rate() {
    let mut world = World::configured(|config| config.rate = 1);
    world.join(1, "a");
    for _ in 0..5 {
        assert_eq!(types(&world.ask(1, r#"{"type":"ping"}"#)), ["pong"]);
    }
}

#[test]
fn a_flood_is_closed_with_4429() {
    let mut world = World::configured(|config| config.rate = 2);
    world.join(1, "a");
    for _ in 0..100 {
        world.say(1, r#"{"type":"ping"}"#);
    }
    assert_eq!(world.close_code(1), Some(4429));
}

#[test]
fn a_shutdown_advises_then_closes_and_lets_nobody_in() {
    let mut world = World::open();
    world.join(1, "a");
    world.connect(2);
    world.hub.announce_shutdown(world.now, 1_000, 2_000);
    world.drain();
    assert_eq!(world.take_texts(1), [r#"{"type":"reconnect","after":1000,"jitter":2000}"#]);
    assert!(world.take(2).is_empty());
    world.connect(3);
    assert_eq!(world.close_code(3), Some(1012));
    assert_eq!(world.close_code(1), None);
    world.pass(1_000);
    assert_eq!((world.close_code(1), world.close_code(2)), (Some(1012), Some(1012)));
    assert_eq!(world.hub.stats().connections, 0);
}

#[test]
fn a_member_is_found_by_its_name_while_it_is_connected() {
    let mut world = World::open();
    let welcome = world.join(1, "a");
    let member = welcome["member"].as_str().unwrap();
    assert_eq!(world.hub.connection_of(member), Some(ConnectionId(1)));
    world.hang_up(1, None);
    assert_eq!(world.hub.connection_of(member), None);
}

#[test]
fn the_same_inputs_and_seed_give_the_same_bytes() {
    let run = || {
        let mut world = World::open();
        world.join(1, "a");
        world.publish(1, 1, "c");
        world.say(1, r#"{"type":"subscribe","channel":"c","epoch":"x","offset":0,"presence":true}"#);
        world.take_texts(1)
    };
    assert_eq!(run(), run());
}

//! No protocol at all: what a plain socket can promise, and what it cannot.

use crate::support::World;
use serde_json::json;
use tautline::host::Payload;
use tautline::protocol::raw::Raw;
use tautline::{Code, Config, Duration, PublicState};

fn world() -> World {
    World::bare(Config::default(), Raw::default())
}

fn beating() -> Raw<crate::support::NativeHost> {
    let beat = Some((Duration::from_secs(10), Duration::from_secs(5)));
    Raw { ping: Payload::Text("ping".into()), pong: Some("pong".into()), beat, silence: None }
}

#[test]
fn an_open_socket_is_a_connection_with_no_word_said() {
    let mut world = World::speaking(Config::default(), Box::new(Raw::default()));
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent(), [] as [String; 0]);
}

#[test]
fn frames_pass_as_they_are_whatever_is_in_them() {
    let mut world = world();
    for text in ["hello", "", "{broken", "42", "null"] {
        world.send_bare(text).unwrap();
    }
    assert_eq!(world.sent(), ["hello", "", "{broken", "42", "null"]);
    world.receive_text("{broken");
    world.receive_text("");
    world.receive_bytes(&[1, 2]);
    let heard: Vec<_> = world.events().into_iter().map(|event| event["payload"].clone()).collect();
    assert_eq!(heard, [json!("{broken"), json!(""), json!({ "$bytes": "0102" })]);
}

#[test]
fn a_message_is_settled_when_it_is_handed_to_the_socket_and_no_earlier() {
    let mut world = world();
    world.closed(None);
    let id = world.send_bare("while down").unwrap();
    assert_eq!(world.unsettled(), [id]);
    assert_eq!(world.take().events_of("sent"), [] as [serde_json::Value; 0]);
    world.await_attempt();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    let log = world.take();
    assert_eq!(log.sent(), ["while down"]);
    assert_eq!(log.events_of("sent"), [json!({ "event": "sent", "id": id, "settled": true })]);
    world.assert_settled();
    assert_eq!(world.client.queue(), (0, 0));
}

#[test]
fn what_waits_survives_lost_connections_in_order_and_what_was_handed_over_does_not_go_again() {
    let mut world = world();
    world.send_bare("gone").unwrap();
    world.buffered(1 << 20);
    for text in ["one", "two"] {
        world.send_bare(text).unwrap();
    }
    for _ in 0..3 {
        world.take();
        world.closed(None);
        world.await_attempt();
        world.resolve(Some("ws://x/"), None);
    }
    world.opened();
    assert_eq!(world.sent(), ["one", "two"]);
    world.assert_settled();
}

#[test]
fn an_unsettled_message_can_be_taken_back_and_a_settled_one_cannot() {
    let mut world = world();
    let sent = world.send_bare("sent").unwrap();
    assert!(!world.cancel(sent));
    world.closed(None);
    let waiting = world.send_bare("waiting").unwrap();
    assert!(world.cancel(waiting));
}

#[test]
fn without_a_heartbeat_silence_proves_nothing() {
    let mut world = world();
    world.advance_s(24 * 3600);
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent(), [] as [String; 0]);
}

#[test]
fn an_agreed_ping_is_sent_its_pong_is_no_message_and_its_absence_is_death() {
    let mut world = World::bare(Config::default(), beating());
    world.advance_s(10);
    assert_eq!(world.take().sent(), ["ping"]);
    world.receive_text("pong");
    let log = world.take();
    assert_eq!(log.events_of("signal"), [] as [serde_json::Value; 0]);
    assert_eq!(log.events_of("latency").len(), 1);
    world.advance_s(16);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn any_frame_answers_a_ping_without_an_agreed_pong_and_is_a_message() {
    let mut world = World::bare(Config::default(), Raw { pong: None, ..beating() });
    world.advance_s(10);
    world.receive_text("pong");
    assert_eq!(world.take().events_of("signal").len(), 1);
    world.advance_s(4);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_server_that_promised_to_speak_and_is_silent_is_dead() {
    let silence = Some(Duration::from_secs(30));
    let mut world = World::bare(Config::default(), Raw { silence, ..Raw::default() });
    world.advance_s(29);
    world.receive_text("tick");
    world.advance_s(29);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(2);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn every_close_of_the_server_is_followed_by_another_attempt() {
    for code in [None, Some(1000), Some(1001), Some(1009), Some(1011), Some(1013), Some(4000), Some(4999)] {
        let mut world = world();
        world.closed(code);
        assert_eq!(world.state(), PublicState::Reconnecting, "{code:?}");
    }
}

#[test]
fn what_a_bare_socket_cannot_say_is_refused() {
    let mut world = world();
    world.request("1", 1000).unwrap();
    assert_eq!(world.take().events_of("request-failed")[0]["code"], "misuse/unsupported");
    world.subscribe("room");
    assert_eq!(world.take().events_of("channel-refused")[0]["code"], "misuse/unsupported");
}

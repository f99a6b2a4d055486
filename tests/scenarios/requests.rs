//! Questions: asked once, with one answer, refusal or deadline.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::{ChannelId, Code, Message};

#[test]
fn a_question_is_answered() {
    let mut world = World::connected(config());
    let id = world.request(r#"{"q":1}"#, 1000).expect("room");
    assert_eq!(world.sent(), [r#"{"type":"request","id":1,"event":"m","payload":{"q":1}}"#]);
    world.receive(&json!({ "type": "reply", "request": id, "payload": [2] }));
    world.receive(&json!({ "type": "reply", "request": id, "payload": [3] }));
    assert_eq!(world.events(), [json!({ "event": "replied", "id": 1, "payload": [2] })]);
}

#[test]
fn a_question_about_a_channel_names_it() {
    let mut world = World::connected(config());
    let message = world.message("r", "1");
    world.client.request(world.now(), message, tautline::Duration::from_secs(1)).expect("room");
    world.drain();
    assert_eq!(world.sent(), [r#"{"type":"request","id":1,"event":"m","channel":"r","payload":1}"#]);
}

#[test]
fn a_question_that_is_not_answered_in_time_fails_and_a_later_answer_is_nothing() {
    let mut world = World::connected(config());
    world.request("1", 1000).expect("room");
    world.take();
    world.advance_ms(1000);
    assert_eq!(world.events(), [json!({ "event": "request-failed", "id": 1, "code": "late/reply" })]);
    world.receive(&json!({ "type": "reply", "request": 1 }));
    assert_eq!(world.events(), [] as [Value; 0]);
}

#[test]
fn a_refused_question_fails_with_the_servers_code() {
    let mut world = World::connected(config());
    world.request("1", 1000).expect("room");
    world.take();
    world.refuse(&json!({ "code": "unknown-request", "request": 1 }));
    assert_eq!(world.events(), [json!({ "event": "request-failed", "id": 1, "code": "refused/unknown-request" })]);
}

#[test]
fn a_question_that_was_held_back_is_asked_again_when_the_server_said() {
    let mut world = World::connected(config());
    world.request("1", 10_000).expect("room");
    world.take();
    world.refuse(&json!({ "code": "rate-limited", "request": 1, "retry": 2000 }));
    world.advance_ms(1999);
    assert_eq!(world.take().sent_of("request"), [] as [Value; 0]);
    world.advance_ms(1);
    assert_eq!(world.take().sent_of("request").len(), 1);
    world.receive(&json!({ "type": "reply", "request": 1 }));
    world.assert_settled();
}

#[test]
fn a_question_held_back_beyond_its_deadline_fails_at_the_deadline() {
    let mut world = World::connected(config());
    world.request("1", 1000).expect("room");
    world.refuse(&json!({ "code": "unavailable", "request": 1, "retry": 2000 }));
    world.take();
    world.advance_s(1);
    assert_eq!(world.take().events_of("request-failed")[0]["code"], "late/reply");
    world.advance_s(5);
    assert_eq!(world.take().sent_of("request"), [] as [Value; 0]);
}

#[test]
fn a_question_under_way_is_lost_with_its_connection_and_not_repeated() {
    let mut world = World::connected(config());
    world.request("1", 60_000).expect("room");
    world.closed(None);
    assert_eq!(world.take().events_of("request-failed")[0]["code"], "lost/closed");
    world.await_attempt();
    world.let_in();
    assert_eq!(world.take().sent_of("request"), [] as [Value; 0]);
}

#[test]
fn a_question_asked_offline_waits_for_a_line_within_its_time() {
    let mut world = World::new(config());
    world.request("1", 1000).expect("room");
    world.request("2", 60_000).expect("room");
    world.connect();
    world.advance_ms(1000);
    world.let_in();
    assert_eq!(world.take().sent_of("request").len(), 1);
}

#[test]
fn a_question_that_expired_while_the_machine_slept_is_not_asked_by_an_early_frame() {
    let mut world = World::new(config());
    world.request("1", 1000).expect("room");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.now_is_later(tautline::Duration::from_secs(5));
    world.welcome(&json!({}));
    assert_eq!(world.take().sent_of("request"), [] as [Value; 0]);
    world.assert_settled();
}

#[test]
fn a_question_can_be_taken_back_once() {
    let mut world = World::connected(config());
    let id = world.request("1", 1000).expect("room");
    assert!(world.cancel_request(id));
    assert!(!world.cancel_request(id));
    world.assert_settled();
}

#[test]
fn a_question_over_the_servers_limit_fails_alone_and_blames_no_message() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.admit("r", "e", 0, 0, true);
    world.publish("r", "1").expect("room");
    world.take();
    world.request(&format!("\"{}\"", "x".repeat(70_000)), 1000).expect("room");
    let log = world.take();
    assert_eq!(log.sent(), [] as [String; 0]);
    assert_eq!(log.events_of("request-failed")[0]["code"], "dropped/too-large");
    world.ack(1, 1);
    world.assert_settled();
}

#[test]
fn a_question_about_an_unknown_channel_is_misuse() {
    let mut world = World::connected(config());
    let stranger = ChannelId::new(99);
    let message = Message { channel: stranger, ..world.message("r", "1") };
    let asked = world.client.request(world.now(), message, tautline::Duration::from_secs(1));
    assert_eq!(asked, Err(Code::InvalidArgument));
}

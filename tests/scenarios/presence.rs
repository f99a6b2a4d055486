//! Who is there, who types, and passing words.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::{ChannelId, Code};

fn member(id: &str, version: u64) -> Value {
    json!({ "id": id, "version": version, "state": { "v": version } })
}

fn admit_with(world: &mut World, members: &Value) {
    world.receive(&json!({ "type": "subscribed", "channel": "r", "epoch": "e", "offset": 0, "latest": 0,
        "recovered": true, "presence": members }));
}

fn change(world: &mut World, rest: &Value) {
    let mut frame = json!({ "type": "presence", "channel": "r" });
    for (key, value) in rest.as_object().expect("an object") {
        frame[key] = value.clone();
    }
    world.receive(&frame);
}

fn joined() -> (World, ChannelId) {
    let mut world = World::connected(config());
    let channel = world.join("r", true);
    admit_with(&mut world, &json!([member("a", 1), member("b", 1)]));
    world.take();
    (world, channel)
}

fn presence(joined: &[Value], updated: &[Value], left: &[Value]) -> Value {
    json!({ "event": "presence", "channel": "r", "joined": joined, "updated": updated, "left": left })
}

#[test]
fn those_who_are_there_already_are_told_as_joined() {
    let mut world = World::connected(config());
    world.join("r", true);
    admit_with(&mut world, &json!([member("a", 1)]));
    assert_eq!(world.take().events_of("presence"), [presence(&[member("a", 1)], &[], &[])]);
}

#[test]
fn joins_updates_and_leaves_are_paired() {
    let (mut world, _) = joined();
    change(&mut world, &json!({ "joined": [member("c", 1)], "updated": [member("a", 2)], "left": ["b", "stranger"] }));
    assert_eq!(world.events(), [presence(&[member("c", 1)], &[member("a", 2)], &[member("b", 1)])]);
    change(&mut world, &json!({ "joined": [member("c", 1)], "updated": [member("a", 2)], "left": ["b"] }));
    assert_eq!(world.events(), [] as [Value; 0], "nothing of that is news");
}

#[test]
fn a_reconnect_makes_no_noise_and_tells_only_what_changed_meanwhile() {
    let (mut world, _) = joined();
    world.reconnect();
    world.take();
    admit_with(&mut world, &json!([member("b", 1), member("a", 1)]));
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0]);
    world.reconnect();
    world.take();
    admit_with(&mut world, &json!([member("a", 2), member("c", 1)]));
    assert_eq!(world.take().events_of("presence"), [presence(&[member("c", 1)], &[member("a", 2)], &[member("b", 1)])]);
}

#[test]
fn presence_of_a_bad_shape_is_reported_and_changes_nothing() {
    let (mut world, _) = joined();
    let problem = json!({ "event": "problem", "code": "peer/bad-frame" });
    for bad in
        [json!({ "joined": [member("c", 1), { "id": 1 }] }), json!({ "left": ["a", 5] }), json!({ "updated": [7] })]
    {
        change(&mut world, &bad);
        assert_eq!(world.events(), std::slice::from_ref(&problem), "{bad}");
    }
    admit_with(&mut world, &json!([member("a", 1), { "id": "b" }]));
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0]);
    admit_with(&mut world, &json!([member("a", 1), member("b", 1)]));
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0], "both were known all the time");
}

#[test]
fn our_own_presence_comes_back_after_each_reconnect() {
    let (mut world, channel) = joined();
    world.track(channel, r#"{"s":1}"#);
    assert_eq!(world.sent(), [r#"{"type":"track","channel":"r","state":{"s":1}}"#]);
    world.reconnect();
    world.take();
    admit_with(&mut world, &json!([]));
    assert_eq!(world.take().sent_of("track").len(), 1);
    world.untrack(channel);
    assert_eq!(world.sent(), [r#"{"type":"untrack","channel":"r"}"#]);
    world.untrack(channel);
    world.reconnect();
    world.take();
    admit_with(&mut world, &json!([]));
    assert_eq!(world.sent(), [] as [String; 0]);
}

#[test]
fn presence_said_before_the_subscription_stands_is_said_then() {
    let mut world = World::connected(config());
    let channel = world.join("r", true);
    world.take();
    world.track(channel, "1");
    assert_eq!(world.sent(), [] as [String; 0]);
    admit_with(&mut world, &json!([]));
    assert_eq!(world.take().sent_of("track").len(), 1);
}

#[test]
fn leaving_a_channel_ends_our_presence_there() {
    let (mut world, channel) = joined();
    world.track(channel, "1");
    world.unsubscribe(channel);
    world.join("r", true);
    world.take();
    admit_with(&mut world, &json!([]));
    assert_eq!(world.sent(), [] as [String; 0]);
}

fn types(world: &mut World, from: &str, ttl: u64) {
    world.receive(&json!({ "type": "signal", "channel": "r", "event": "$typing", "from": from, "ttl": ttl }));
}

#[test]
fn typing_is_told_once_and_ends_by_itself() {
    let (mut world, _) = World::subscribed(config(), "r");
    types(&mut world, "a", 6000);
    types(&mut world, "a", 6000);
    types(&mut world, "b", 3000);
    let typing = |members: &[&str]| json!({ "event": "typing", "channel": "r", "members": members });
    assert_eq!(world.events(), [typing(&["a"]), typing(&["a", "b"])]);
    world.advance_ms(3000);
    assert_eq!(world.take().events_of("typing"), [typing(&["a"])]);
    types(&mut world, "a", 0);
    assert_eq!(world.take().events_of("typing"), [typing(&[])]);
    types(&mut world, "a", u64::pow(2, 50));
    world.take();
    world.advance_s(60);
    assert_eq!(world.take().events_of("typing"), [typing(&[])], "no word holds for more than a minute");
}

#[test]
fn the_timer_of_typing_says_what_it_is_for() {
    let (mut world, _) = World::subscribed(config(), "r");
    types(&mut world, "a", 1);
    assert_eq!(world.client.poll_timeout().expect("one").1, tautline::Timer::ExpireTyping);
}

#[test]
fn a_crowd_that_types_is_bounded() {
    let (mut world, _) = World::subscribed(config(), "r");
    for number in 0..500 {
        types(&mut world, &format!("m{number}"), 6000);
    }
    let typing = world.take().events_of("typing");
    assert_eq!(typing.last().expect("some")["members"].as_array().expect("a list").len(), 100);
}

#[test]
fn our_own_typing_is_said_as_often_as_needed_and_stops_with_the_message() {
    let (mut world, channel) = World::subscribed(config(), "r");
    for _ in 0..50 {
        world.typing(channel, true);
        world.advance_ms(100);
    }
    let start = r#"{"type":"signal","channel":"r","event":"$typing","ttl":6000}"#;
    assert_eq!(world.take().sent().iter().filter(|frame| *frame == start).count(), 2);
    world.publish("r", "1").expect("room");
    let sent = world.sent();
    assert_eq!(sent[0], r#"{"type":"signal","channel":"r","event":"$typing","ttl":0}"#);
    assert_eq!(sent.len(), 2);
    world.publish("r", "1").expect("room");
    assert_eq!(world.sent().len(), 1, "and once");
}

#[test]
fn typing_without_a_line_is_not_said_later() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.closed(None);
    world.take();
    world.typing(channel, true);
    world.await_attempt();
    world.let_in();
    world.admit("r", "e", 0, 0, true);
    assert_eq!(world.take().sent_of("signal"), [] as [Value; 0]);
    world.typing(channel, true);
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn a_signal_is_handed_on_and_sent_with_its_ttl() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.receive(&json!({ "type": "signal", "channel": "r", "event": "wave", "from": "a", "payload": [1] }));
    assert_eq!(world.events(), [json!({ "event": "signal", "channel": "r", "name": "wave", "payload": [1] })]);
    let message = tautline::Message { ttl: Some(tautline::Duration::from_millis(1500)), ..world.message("r", "2") };
    world.client.signal(world.now(), message).expect("a line");
    world.drain();
    assert_eq!(world.sent(), [r#"{"type":"signal","channel":"r","event":"m","ttl":1500,"payload":2}"#]);
}

#[test]
fn a_signal_without_a_subscription_is_misuse_and_without_a_line_not_possible() {
    let mut world = World::connected(config());
    assert_eq!(world.signal("r", "1"), Err(Code::NotSubscribed));
    world.subscribe("r");
    assert_eq!(world.signal("r", "1"), Err(Code::DroppedNotConnected));
    world.closed(None);
    assert_eq!(world.signal("r", "1"), Err(Code::DroppedNotConnected));
}

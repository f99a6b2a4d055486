//! Presence: joins, changes and leaves, and no noise over a reconnect.

use serde_json::json;

use crate::harness::{World, types};

fn watch(world: &mut World, client: u64, letter: &str) {
    world.join(client, letter);
    world.say(client, r#"{"type":"subscribe","channel":"c","presence":true}"#);
    world.take(client);
}

fn enter(world: &mut World, client: u64, letter: &str) -> String {
    let member = world.join(client, letter)["member"].as_str().unwrap().to_owned();
    world.subscribe(client, "c");
    world.say(client, r#"{"type":"track","channel":"c","state":{"a":1}}"#);
    member
}

#[test]
fn a_join_a_change_and_a_leave_are_told_in_bytes_of_the_protocol() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    let member = enter(&mut world, 2, "b");
    assert_eq!(
        world.take_texts(1),
        [format!(
            r#"{{"type":"presence","channel":"c","joined":[{{"id":"{member}","version":1,"state":{{"a":1}}}}]}}"#
        )]
    );
    world.say(2, r#"{"type":"track","channel":"c","state":null}"#);
    assert_eq!(
        world.take_texts(1),
        [format!(r#"{{"type":"presence","channel":"c","updated":[{{"id":"{member}","version":2,"state":null}}]}}"#)]
    );
    assert!(world.ask(2, r#"{"type":"untrack","channel":"c"}"#).is_empty());
    assert_eq!(world.take_texts(1), [format!(r#"{{"type":"presence","channel":"c","left":["{member}"]}}"#)]);
    assert!(world.take(2).is_empty(), "who did not ask for presence hears none");
}

#[test]
fn a_subscription_with_presence_lists_the_members_and_who_only_listens_is_none() {
    let mut world = World::open();
    let member = enter(&mut world, 2, "b");
    world.join(1, "a");
    let subscribed = world.ask_one(1, r#"{"type":"subscribe","channel":"c","presence":true}"#);
    assert_eq!(subscribed["presence"], json!([{"id": member, "version": 1, "state": {"a": 1}}]));
    assert!(world.subscribe(1, "c")[0].get("presence").is_none());
    let reply = world.ask_one(1, r#"{"type":"request","id":1,"event":"presence","channel":"c"}"#);
    assert_eq!(reply["payload"], json!({"members": subscribed["presence"]}));
}

#[test]
fn tracking_an_equal_state_is_no_change() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    enter(&mut world, 2, "b");
    world.take(1);
    world.say(2, r#"{"type":"track","channel":"c","state":{"a":1}}"#);
    assert!(world.take(1).is_empty());
}

#[test]
fn a_reconnect_within_the_grace_time_makes_no_noise() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    enter(&mut world, 2, "b");
    world.take(1);
    world.hang_up(2, None);
    world.pass(9_999);
    enter(&mut world, 3, "b");
    world.pass(60_000);
    let noise = world.take(1);
    assert!(noise.iter().all(|frame| frame["type"] == "ping"), "{noise:?}");
}

#[test]
fn a_dropped_member_leaves_when_the_grace_time_is_over() {
    for code in [None, Some(1001), Some(1006), Some(4000)] {
        let mut world = World::open();
        watch(&mut world, 1, "a");
        let member = enter(&mut world, 2, "b");
        world.take(1);
        world.hang_up(2, code);
        world.pass(9_999);
        assert!(world.take(1).is_empty());
        world.pass(1);
        assert_eq!(world.take(1), [json!({"type":"presence","channel":"c","left":[member]})]);
    }
}

#[test]
fn who_says_goodbye_leaves_at_once() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    enter(&mut world, 2, "b");
    world.hang_up(2, Some(1000));
    assert_eq!(types(&world.take(1)), ["presence", "presence"]);
    enter(&mut world, 3, "b");
    world.say(3, r#"{"type":"unsubscribe","channel":"c"}"#);
    assert!(world.take(1).last().unwrap().get("left").is_some());
}

#[test]
fn a_replaced_connection_does_not_flicker() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    enter(&mut world, 2, "b");
    world.take(1);
    enter(&mut world, 3, "b");
    world.hang_up(2, Some(1000));
    world.pass(30_000);
    assert!(world.take(1).is_empty());
}

#[test]
fn only_tracking_again_ends_the_grace_time() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    enter(&mut world, 2, "b");
    world.take(1);
    world.hang_up(2, None);
    world.pass(9_000);
    world.join(3, "b");
    world.subscribe(3, "c");
    world.hang_up(3, None);
    world.pass(1_000);
    assert!(world.take(1)[0].get("left").is_some());
}

#[test]
fn a_member_back_in_the_grace_time_can_leave_though_it_did_not_track_again() {
    let mut world = World::open();
    watch(&mut world, 1, "a");
    let member = enter(&mut world, 2, "b");
    world.take(1);
    world.hang_up(2, None);
    world.join(3, "b");
    world.subscribe(3, "c");
    world.say(3, r#"{"type":"untrack","channel":"c"}"#);
    assert_eq!(world.take(1), [json!({"type":"presence","channel":"c","left":[member]})]);
}

#[test]
fn track_needs_a_subscription() {
    let mut world = World::open();
    world.join(1, "a");
    let refused = world.ask_one(1, r#"{"type":"track","channel":"c","state":1}"#);
    assert_eq!((&refused["code"], &refused["channel"]), (&json!("not-subscribed"), &json!("c")));
    assert!(world.ask(1, r#"{"type":"untrack","channel":"c"}"#).is_empty());
}

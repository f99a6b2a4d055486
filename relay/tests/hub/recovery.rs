//! Subscribing: what was missed comes again, or the server says that it cannot.

use serde_json::{Value, json};

use crate::harness::{World, types};

/// A world with a publisher and five messages in `c`; returns the epoch.
fn five(world: &mut World) -> String {
    world.join(1, "a");
    let mut epoch = Value::Null;
    for id in 1..=5 {
        epoch = world.publish(1, id, "c")[0]["epoch"].take();
    }
    epoch.as_str().unwrap().to_owned()
}

fn resubscribe(world: &mut World, client: u64, epoch: &str, offset: u64) -> Vec<Value> {
    world.ask(client, &format!(r#"{{"type":"subscribe","channel":"c","epoch":"{epoch}","offset":{offset}}}"#))
}

fn offsets(frames: &[Value]) -> Vec<u64> {
    frames.iter().skip(1).map(|frame| frame["offset"].as_u64().unwrap()).collect()
}

#[test]
fn a_first_subscription_starts_at_the_end() {
    let mut world = World::open();
    let epoch = five(&mut world);
    world.say(1, r#"{"type":"subscribe","channel":"c"}"#);
    assert_eq!(
        world.take_texts(1),
        [format!(r#"{{"type":"subscribed","channel":"c","epoch":"{epoch}","offset":5,"latest":5,"recovered":true}}"#)]
    );
}

#[test]
fn a_known_position_is_replayed_in_order_before_anything_live() {
    let mut world = World::open();
    let epoch = five(&mut world);
    world.join(2, "b");
    let frames = resubscribe(&mut world, 2, &epoch, 2);
    assert_eq!(
        (&frames[0]["offset"], &frames[0]["latest"], &frames[0]["recovered"]),
        (&json!(2), &json!(5), &json!(true))
    );
    assert_eq!(offsets(&frames), [3, 4, 5]);
    world.publish(1, 6, "c");
    assert_eq!(world.take(2)[0]["offset"], 6);
    assert_eq!(world.hub.stats().replayed, 3);
}

#[test]
fn a_history_that_does_not_reach_back_says_so_and_gives_what_it_has() {
    let mut world = World::configured(|config| config.history_size = 3);
    let epoch = five(&mut world);
    world.join(2, "b");
    let frames = resubscribe(&mut world, 2, &epoch, 1);
    assert_eq!((&frames[0]["offset"], &frames[0]["recovered"]), (&json!(2), &json!(false)));
    assert_eq!(offsets(&frames), [3, 4, 5]);
}

#[test]
fn messages_grow_too_old() {
    let mut world = World::configured(|config| config.history_age_ms = 1_000);
    let epoch = five(&mut world);
    world.pass(1_000);
    world.join(2, "b");
    assert_eq!(resubscribe(&mut world, 2, &epoch, 5)[0]["recovered"], true);
    let frames = resubscribe(&mut world, 2, &epoch, 4);
    assert_eq!((&frames[0]["offset"], &frames[0]["recovered"]), (&json!(5), &json!(false)));
    assert_eq!(frames.len(), 1);
}

#[test]
fn a_server_that_lost_its_memory_has_another_epoch() {
    let mut world = World::open();
    let epoch = five(&mut world);
    world.restart(8);
    world.join(2, "b");
    world.publish(2, 1, "c");
    let frames = resubscribe(&mut world, 2, &epoch, 5);
    assert_ne!(frames[0]["epoch"], epoch);
    assert_eq!((&frames[0]["offset"], &frames[0]["recovered"]), (&json!(0), &json!(false)));
    assert_eq!(offsets(&frames), [1]);
}

#[test]
fn subscribing_again_is_answered_alike_and_delivers_once() {
    let mut world = World::open();
    let epoch = five(&mut world);
    world.subscribe(1, "c");
    assert_eq!(offsets(&resubscribe(&mut world, 1, &epoch, 3)), [4, 5]);
    assert_eq!(types(&world.publish(1, 6, "c")), ["ack", "message"]);
}

#[test]
fn unsubscribed_means_silence_without_an_answer() {
    let mut world = World::open();
    five(&mut world);
    world.subscribe(1, "c");
    assert!(world.ask(1, r#"{"type":"unsubscribe","channel":"c"}"#).is_empty());
    assert!(world.ask(1, r#"{"type":"unsubscribe","channel":"never"}"#).is_empty());
    assert_eq!(types(&world.publish(1, 6, "c")), ["ack"]);
}

#[test]
fn a_connection_has_room_for_so_many_channels() {
    let mut world = World::configured(|config| config.channels_per_connection = 2);
    world.join(1, "a");
    world.subscribe(1, "one");
    world.subscribe(1, "two");
    let refused = &world.subscribe(1, "three")[0];
    assert_eq!(
        (&refused["code"], &refused["channel"], &refused["limit"]),
        (&json!("channel-limit"), &json!("three"), &json!(2))
    );
    assert_eq!(types(&world.subscribe(1, "two")), ["subscribed"]);
    world.say(1, r#"{"type":"unsubscribe","channel":"one"}"#);
    assert_eq!(types(&world.subscribe(1, "three")), ["subscribed"]);
}

#[test]
fn an_idle_channel_keeps_its_epoch_for_a_while_and_is_then_freed() {
    let mut world = World::configured(|config| {
        config.history_age_ms = 1_000;
        config.channel_retention_ms = 5_000;
    });
    let epoch = five(&mut world);
    world.hang_up(1, Some(1000));
    world.pass(4_999);
    assert_eq!(world.hub.stats().channels, 1);
    world.join(2, "b");
    assert_eq!(resubscribe(&mut world, 2, &epoch, 5)[0]["recovered"], true);
    world.hang_up(2, None);
    world.pass(4_999);
    assert_eq!(world.hub.stats().channels, 1);
    world.pass(20_000);
    assert_eq!(world.hub.stats().channels, 0);
}

#[test]
fn a_channel_with_a_listener_is_kept_however_quiet_it_is() {
    let mut world = World::configured(|config| config.channel_retention_ms = 5_000);
    world.join(1, "a");
    world.join(2, "b");
    world.subscribe(1, "c");
    for _ in 0..10 {
        world.pass(30_000);
        world.ask(1, r#"{"type":"ping"}"#);
        world.ask(2, r#"{"type":"ping"}"#);
    }
    world.publish(2, 1, "c");
    assert_eq!(types(&world.take(1)), ["message"]);
}

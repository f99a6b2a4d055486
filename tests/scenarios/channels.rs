//! Subscriptions over lost links, positions, gaps and doubles.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::{Config, PublicState};

fn offsets(events: &[Value]) -> Vec<u64> {
    events.iter().filter(|event| event["event"] == "message").map(|event| event["offset"].as_u64().unwrap()).collect()
}

#[test]
fn a_wish_before_the_connection_is_asked_for_when_there_is_one() {
    let mut world = World::new(config());
    world.subscribe("r");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.take();
    world.welcome(&json!({}));
    assert_eq!(world.sent(), [r#"{"type":"subscribe","channel":"r"}"#]);
}

#[test]
fn a_channels_name_is_escaped() {
    let mut world = World::connected(config());
    world.subscribe("a\"b");
    assert_eq!(world.sent(), [r#"{"type":"subscribe","channel":"a\"b"}"#]);
}

#[test]
fn wishing_twice_asks_once() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.subscribe("r");
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn a_first_subscription_starts_at_the_end_of_the_history() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.admit("r", "e", 41, 41, true);
    let subscribed = &world.take().events_of("subscribed")[0];
    assert_eq!(
        *subscribed,
        json!({ "event": "subscribed", "channel": "r", "recovered": "first", "replay": 0,
        "epoch": r#""e""#, "offset": 41 })
    );
    world.deliver("r", 42, 1);
    assert_eq!(world.events()[0]["replayed"], false);
}

#[test]
fn a_server_that_counts_on_under_another_epoch_is_no_gap_and_one_that_lost_its_memory_is() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.take();
    world.admit("r", "e2", 1, 2, true);
    world.deliver("r", 2, 2);
    let log = world.take();
    assert_eq!((log.events_of("subscribed")[0]["recovered"].as_str(), log.events_of("gap").len()), (Some("yes"), 0));
    assert_eq!(log.events_of("message")[0]["replayed"], true);
    world.admit("r", "e3", 0, 0, false);
    let log = world.take();
    assert_eq!((log.events_of("subscribed")[0]["recovered"].as_str(), log.events_of("gap").len()), (Some("no"), 1));
    world.deliver("r", 1, 3);
    assert_eq!(world.take().events_of("message").len(), 1);
    world.reconnect();
    assert_eq!(world.take().sent_of("subscribe")[0], json!({"type":"subscribe","channel":"r","epoch":"e3","offset":1}));
}

#[test]
fn a_reconnect_asks_from_the_last_position_and_hears_what_was_missed() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.deliver("r", 2, 2);
    world.reconnect();
    assert_eq!(
        world.take().sent_of("subscribe")[0],
        json!({ "type": "subscribe", "channel": "r", "epoch": "e", "offset": 2 })
    );
    world.admit("r", "e", 2, 4, true);
    world.deliver("r", 3, 3);
    world.deliver("r", 4, 4);
    world.deliver("r", 5, 5);
    let events = world.events();
    assert_eq!((events[0]["recovered"].as_str(), events[0]["replay"].as_u64()), (Some("yes"), Some(2)));
    let replayed: Vec<_> = events[1..].iter().map(|event| event["replayed"].as_bool().unwrap()).collect();
    assert_eq!((offsets(&events), replayed), (vec![3, 4, 5], vec![true, true, false]));
}

#[test]
fn a_message_that_comes_twice_is_delivered_once() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.deliver("r", 1, 1);
    assert_eq!(offsets(&world.events()), [1]);
    assert_eq!(world.client.stats().duplicates, 1);
}

#[test]
fn skipped_offsets_are_one_gap_before_the_message() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.take();
    world.deliver("r", 5, 5);
    let events = world.events();
    assert_eq!(events[0], json!({ "event": "gap", "channel": "r", "held": 1, "next": 5 }));
    assert_eq!(offsets(&events), [5]);
}

#[test]
fn a_history_that_no_longer_reaches_back_is_one_gap() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.reconnect();
    world.take();
    world.admit("r", "e", 10, 12, false);
    for offset in 11..=13 {
        world.deliver("r", offset, offset);
    }
    let events = world.events();
    assert_eq!(events[0]["recovered"], "no");
    assert_eq!(events[1], json!({ "event": "gap", "channel": "r", "held": 1, "next": 11 }));
    assert_eq!((events.len(), offsets(&events)), (5, vec![11, 12, 13]));
}

#[test]
fn a_server_that_lost_its_memory_is_a_gap_and_republished_messages_are_no_doubles() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.deliver("r", 2, 2);
    world.reconnect();
    world.take();
    world.admit("r", "new", 0, 2, false);
    world.deliver("r", 1, 2);
    world.deliver("r", 2, 3);
    world.deliver_from("r", 3, 0, 1);
    world.deliver_from("r", 4, 0, 1);
    let events = world.events();
    assert_eq!(events[1]["event"], "gap");
    assert_eq!(offsets(&events), [2, 3, 4], "id 2 was heard before; sender 0 has no identity");
    assert_eq!(world.client.position(channel).expect("one").epoch, r#""new""#);
}

#[test]
fn a_second_late_answer_neither_rewinds_the_position_nor_repeats_the_gap() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.deliver_from("r", 1, 0, 1);
    world.reconnect();
    world.advance_ms(9_000);
    world.receive(&json!({ "type": "pong" }));
    world.advance_ms(1_000);
    assert_eq!(world.take().sent_of("subscribe").len(), 2, "the first was not answered in time");
    for _ in 0..2 {
        world.admit("r", "new", 0, 2, false);
        world.deliver_from("r", 1, 0, 1);
        world.deliver_from("r", 2, 0, 1);
    }
    let events = world.events();
    assert_eq!(offsets(&events), [1, 2]);
    assert_eq!(events.iter().filter(|event| event["event"] == "gap").count(), 1);
    assert_eq!(world.client.position(channel).expect("one").offset, 2);
}

#[test]
fn an_epoch_that_changes_under_a_claim_of_recovery_is_still_a_gap_unless_it_goes_on_where_we_are() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.reconnect();
    world.take();
    world.admit("r", "new", 0, 1, true);
    assert_eq!(world.take().events_of("gap").len(), 1);
}

#[test]
fn a_left_channel_is_told_so_and_its_late_frames_are_ignored() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.unsubscribe(channel);
    assert_eq!(world.sent(), [r#"{"type":"unsubscribe","channel":"r"}"#]);
    world.deliver("r", 1, 1);
    world.admit("r", "e", 0, 0, true);
    let member = json!([{ "id": "a", "version": 1, "state": 1 }]);
    world.receive(&json!({ "type": "presence", "channel": "r", "joined": member }));
    world.receive(&json!({ "type": "subscribed", "channel": "r", "epoch": "e", "offset": 0, "latest": 0,
        "recovered": true, "presence": member }));
    world.receive(&json!({ "type": "signal", "channel": "r", "event": "$typing", "from": "a", "ttl": 1000 }));
    world.receive(&json!({ "type": "signal", "channel": "r", "event": "x", "from": "a" }));
    world.refuse(&json!({ "code": "forbidden", "channel": "r" }));
    assert_eq!(world.events(), [] as [Value; 0]);
}

#[test]
fn a_left_channel_forgets_its_position() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.deliver("r", 1, 1);
    world.unsubscribe(channel);
    world.take();
    world.subscribe("r");
    assert_eq!(world.sent(), [r#"{"type":"subscribe","channel":"r"}"#]);
    world.deliver("r", 2, 2);
    assert_eq!(offsets(&world.events()), [] as [u64; 0], "from before it was left");
    world.admit("r", "e", 2, 2, true);
    world.deliver("r", 3, 3);
    assert_eq!(offsets(&world.events()), [3]);
}

#[test]
fn leaving_while_the_answer_is_under_way_leaves() {
    let mut world = World::connected(config());
    let channel = world.subscribe("r");
    world.unsubscribe(channel);
    world.take();
    world.admit("r", "e", 0, 0, true);
    world.deliver("r", 1, 1);
    assert_eq!(world.take().0, []);
}

#[test]
fn a_refused_subscription_is_reported_once_and_asked_for_again_on_the_next_connection() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.refuse(&json!({ "code": "forbidden", "channel": "r" }));
    assert_eq!(world.take().events_of("channel-refused").len(), 1);
    world.advance_s(5);
    assert_eq!(world.take().sent_of("subscribe").len(), 0);
    world.reconnect();
    assert_eq!(world.take().sent_of("subscribe").len(), 1);
    world.refuse(&json!({ "code": "channel-limit", "channel": "r", "limit": 1 }));
    world.take();
    world.subscribe("r");
    assert_eq!(world.sent().len(), 1, "whoever wants it again may ask again");
}

#[test]
fn a_subscription_held_back_is_asked_for_again_when_the_server_said() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.refuse(&json!({ "code": "unavailable", "channel": "r", "retry": 3000 }));
    world.take();
    world.advance_ms(2999);
    assert_eq!(world.take().sent_of("subscribe").len(), 0);
    world.advance_ms(1);
    assert_eq!(world.take().sent_of("subscribe").len(), 1);
}

#[test]
fn a_subscription_that_was_granted_after_a_refusal_delivers() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.refuse(&json!({ "code": "unavailable", "channel": "r", "retry": 3000 }));
    world.admit("r", "e", 0, 0, true);
    world.deliver("r", 1, 1);
    assert_eq!(offsets(&world.events()), [1]);
    world.advance_s(4);
    assert_eq!(world.take().sent_of("subscribe").len(), 0);
}

#[test]
fn an_unanswered_subscription_is_reported_and_asked_for_again_with_more_patience() {
    let mut world = World::connected(Config { heartbeat: quiet(), ..config() });
    world.subscribe("r");
    world.take();
    world.advance_s(10);
    let log = world.take();
    let late = json!({ "event": "channel-refused", "channel": "r", "code": "late/subscribe" });
    assert_eq!((log.events_of("channel-refused"), log.sent_of("subscribe").len()), (vec![late], 1));
    world.advance_s(19);
    assert_eq!(world.take().sent_of("subscribe").len(), 0);
    world.advance_s(1);
    assert_eq!(world.take().sent_of("subscribe").len(), 1);
}

/// No beats within the test.
fn quiet() -> tautline::HeartbeatConfig {
    let day = Some(tautline::Duration::from_secs(86_400_000));
    tautline::HeartbeatConfig { interval: day, timeout: day, ..Config::default().heartbeat }
}

#[test]
fn wanting_presence_later_asks_again() {
    for answered in [true, false] {
        let mut world = World::connected(config());
        world.subscribe("r");
        if answered {
            world.admit("r", "e", 5, 5, true);
        }
        world.take();
        world.join("r", true);
        let asked = world.take().sent_of("subscribe");
        assert_eq!((asked.len(), &asked[0]["presence"]), (1, &json!(true)), "answered: {answered}");
        world.join("r", true);
        assert_eq!(world.take().0, []);
    }
}

#[test]
fn a_thousand_channels_come_back_in_the_order_they_were_wanted() {
    let mut world = World::connected(config());
    let names: Vec<_> = (0..1000).map(|number| format!("c{number}")).collect();
    for name in &names {
        world.subscribe(name);
        world.admit(name, "e", 0, 0, true);
    }
    world.take();
    world.reconnect();
    let asked: Vec<_> = world.take().sent_of("subscribe").into_iter().map(|frame| frame["channel"].clone()).collect();
    assert_eq!(asked, names);
}

#[test]
fn a_refusal_in_a_standing_channel_does_not_end_the_subscription() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.refuse(&json!({ "code": "forbidden", "channel": "r" }));
    assert_eq!(world.events(), [json!({ "event": "problem", "code": "refused/forbidden" })]);
    world.deliver("r", 1, 1);
    assert_eq!(offsets(&world.events()), [1]);
}

#[test]
fn a_refusal_for_a_channel_nobody_named_does_not_end_the_connection() {
    let mut world = World::connected(config());
    world.refuse(&json!({ "code": "forbidden", "channel": "stranger" }));
    world.refuse(&json!({ "code": "forbidden", "channel": 42 }));
    world.refuse(&json!({ "code": "forbidden", "id": "x" }));
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.take().events_of("problem").len(), 3);
}

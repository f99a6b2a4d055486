//! Every limit: what is said beyond it, and that it is counted.

use serde_json::json;
use tautline_relay::hub::{Frame, HubConfig, Limit};

use crate::harness::{World, types};

fn hits(world: &World, limit: Limit) -> u64 {
    world.hub.stats().limit_hits().find_map(|(of, hits)| (of == limit).then_some(hits)).unwrap()
}

fn track(state: &str) -> String {
    format!(r#"{{"type":"track","channel":"c","state":{state}}}"#)
}

#[test]
fn a_presence_state_over_the_limit_is_refused_and_changes_nothing() {
    let mut world = World::configured(|config| config.presence_state_limit = 10);
    world.join(1, "a");
    world.subscribe(1, "c");
    assert!(world.ask(1, &track(r#""12345678""#)).is_empty());
    assert_eq!(
        world.ask_one(1, &track(r#""123456789""#)),
        json!({"type":"refused","code":"too-large","message":"state: larger than the limit","channel":"c",
            "limit":10,"size":11})
    );
    let reply = world.ask_one(1, r#"{"type":"request","id":1,"event":"presence","channel":"c"}"#);
    assert_eq!(reply["payload"]["members"][0]["state"], "12345678");
    assert_eq!((hits(&world, Limit::PresenceState), world.hub.stats().members), (1, 1));
}

#[test]
fn a_full_channel_takes_no_new_member_but_changes_of_its_own() {
    let mut world = World::configured(|config| config.presence_members = 2);
    for (client, letter) in [(1, "a"), (2, "b"), (3, "c")] {
        world.join(client, letter);
        world.subscribe(client, "c");
    }
    assert!(world.ask(1, &track("1")).is_empty());
    assert!(world.ask(2, &track("1")).is_empty());
    let refused = world.ask_one(3, &track("1"));
    assert_eq!(
        (&refused["code"], &refused["channel"], &refused["limit"]),
        (&json!("unavailable"), &json!("c"), &json!(2))
    );
    assert!(world.ask(1, &track("2")).is_empty());
    world.say(2, r#"{"type":"untrack","channel":"c"}"#);
    assert!(world.ask(3, &track("1")).is_empty());
    assert_eq!((hits(&world, Limit::PresenceMembers), world.hub.stats().members), (1, 2));
    world.hang_up(1, Some(1000));
    world.hang_up(3, None);
    assert_eq!(world.hub.stats().members, 1, "one left, one has its grace time");
    world.pass(20_000);
    assert_eq!(world.hub.stats().members, 0);
}

#[test]
fn the_states_of_all_members_have_room_in_all_and_one_that_leaves_gives_it_back() {
    let mut world = World::configured(|config| config.presence_total = 20);
    for (client, letter) in [(1, "a"), (2, "b")] {
        world.join(client, letter);
        world.subscribe(client, "c");
    }
    assert!(world.ask(1, &track(r#""12345678""#)).is_empty());
    assert_eq!(world.ask_one(2, &track(r#""123456789""#))["code"], "unavailable");
    assert!(world.ask(2, &track(r#""12345678""#)).is_empty());
    assert_eq!(world.ask_one(1, &track(r#""123456789""#))["code"], "unavailable");
    assert!(world.ask(1, &track(r#""1234567""#)).is_empty());
    assert_eq!((world.hub.stats().presence_bytes, hits(&world, Limit::PresenceTotal)), (19, 2));
    world.say(2, r#"{"type":"untrack","channel":"c"}"#);
    assert_eq!(world.hub.stats().presence_bytes, 9);
    world.hang_up(1, None);
    world.pass(20_000);
    assert_eq!(world.hub.stats().presence_bytes, 0);
}

#[test]
fn the_session_that_keeps_most_answers_forgets_first_when_all_together_are_too_much() {
    let mut world = World::configured(|config| config.answers_total = 3_000);
    world.join(1, "a");
    world.join(2, "b");
    for id in 1..=5 {
        assert_eq!(types(&world.publish(1, id, "c")), ["ack"]);
    }
    for id in 1..=50 {
        assert_eq!(types(&world.publish(2, id, "c")), ["ack"]);
        assert!(world.hub.stats().answer_bytes <= 3_000);
    }
    assert!((1..=5).all(|id| world.publish(1, id, "c")[0]["type"] == "ack"), "who keeps little loses nothing");
    assert_eq!(world.publish(2, 50, "c")[0]["type"], "ack");
    assert_eq!(world.publish(2, 1, "c")[0]["code"], "bad-frame");
    assert_eq!(world.hub.stats().published, 55, "and nothing counts twice");
    assert!(hits(&world, Limit::AnswersTotal) > 10);
    world.hang_up(1, None);
    world.hang_up(2, None);
    world.pass(300_000);
    assert_eq!((world.hub.stats().answer_bytes, world.hub.stats().sessions), (0, 0));
}

#[test]
fn the_largest_history_forgets_first_when_all_together_are_too_much() {
    let mut world = World::configured(|config| config.history_total = 4_000);
    world.join(1, "a");
    let publish = |id: u64, channel: &str, size: usize| {
        let payload = "x".repeat(size);
        format!(r#"{{"type":"publish","id":{id},"channel":"{channel}","event":"e","payload":"{payload}"}}"#)
    };
    for id in 1..=3 {
        assert_eq!(types(&world.ask(1, &publish(id, "small", 10))), ["ack"]);
    }
    for id in 4..=20 {
        assert_eq!(types(&world.ask(1, &publish(id, "large", 1_000))), ["ack"]);
        assert!(world.hub.stats().history_bytes <= 4_000);
    }
    world.join(2, "b");
    let history = |world: &mut World, channel: &str| {
        let text = format!(r#"{{"type":"request","id":1,"event":"history","channel":"{channel}"}}"#);
        world.ask_one(2, &text)["payload"]["messages"].as_array().unwrap().len()
    };
    assert_eq!((history(&mut world, "small"), history(&mut world, "large")), (3, 3));
    assert_eq!(hits(&world, Limit::HistoryTotal), 14);
    world.pass(3_600_000);
    world.pass(3_600_000);
    assert_eq!(world.hub.stats().history_bytes, 0, "what is too old is off the ledger");
}

#[test]
fn every_refusal_and_close_over_a_limit_is_counted_by_its_name() {
    let mut world = World::configured(|config| {
        *config = HubConfig {
            rate: 3,
            frame_limit: 4_096,
            channels: 2,
            channels_per_connection: 1,
            sessions: 2,
            history_size: 2,
            history_bytes: 300,
            ..config.clone()
        }
    });
    let count = |world: &World| {
        let stats = world.hub.stats();
        let hit: Vec<_> = stats.limit_hits().filter(|(_, hits)| *hits > 0).map(|(limit, _)| limit.as_str()).collect();
        hit.join(" ")
    };
    world.join(1, "a");
    world.subscribe(1, "c");
    assert_eq!(world.subscribe(1, "d")[0]["code"], "channel-limit");
    assert_eq!(count(&world), "channels_per_connection");
    world.pass(2_000);
    let large = format!(r#"{{"type":"publish","id":1,"channel":"c","event":"e","payload":"{}"}}"#, "x".repeat(3_500));
    assert_eq!(world.ask_one(1, &large)["code"], "too-large");
    world.publish(1, 2, "x");
    world.pass(2_000);
    assert_eq!(world.publish(1, 3, "y")[0]["code"], "unavailable");
    world.pass(2_000);
    world.publish(1, 3, "x");
    world.publish(1, 4, "x");
    let longer = format!(r#"{{"type":"publish","id":5,"channel":"x","event":"e","payload":"{}"}}"#, "x".repeat(250));
    assert_eq!(types(&world.ask(1, &longer)), ["ack"]);
    assert_eq!(world.publish(1, 6, "x")[0]["code"], "rate-limited");
    assert_eq!(count(&world), "payload_size frame_rate channels_per_connection channels history_size history_bytes");
    world.join(2, "b");
    world.hang_up(2, None);
    world.join(3, "c");
    world.send(3, Frame::text(" ".repeat(4_097)));
    world.join(4, "d");
    for _ in 0..10 {
        world.say(4, "x");
    }
    world.join(5, "e");
    for _ in 0..100 {
        world.say(5, r#"{"type":"ping"}"#);
    }
    world.connect(6);
    world.pass(5_000);
    assert_eq!([3, 4, 5, 6].map(|client| world.close_code(client)), [Some(1009), Some(4400), Some(4429), Some(4408)]);
    assert_eq!(
        count(&world),
        "frame_size payload_size frame_rate frame_flood bad_frames handshake_time channels_per_connection channels \
         sessions history_size history_bytes"
    );
}

//! Publishing and signals: exactly once, in order, held back, refused.

use serde_json::json;
use tautline_relay::hub::Frame;

use crate::harness::{START, World, types};

#[test]
fn a_publish_is_acknowledged_and_heard_by_all_subscribers_and_its_publisher() {
    let mut world = World::open();
    let member = world.join(1, "a")["member"].as_str().unwrap().to_owned();
    world.join(2, "b");
    world.join(3, "c");
    let subscribed = world.subscribe(1, "room");
    let epoch = subscribed[0]["epoch"].as_str().unwrap().to_owned();
    world.subscribe(2, "room");
    world.say(1, r#"{"type":"publish","id":4,"channel":"room","event":"say","payload":{"b":1,"a":2}}"#);
    let own = world.take_texts(1);
    assert_eq!(
        own[0],
        format!(r#"{{"type":"ack","id":4,"channel":"room","epoch":"{epoch}","offset":1,"time":{START}}}"#)
    );
    let message: serde_json::Value = serde_json::from_str(&own[1]).unwrap();
    let sender = message["sender"].as_u64().unwrap();
    assert!((1..1 << 52).contains(&sender));
    assert_eq!(
        own[1],
        format!(
            r#"{{"type":"message","channel":"room","event":"say","offset":1,"from":"{member}","sender":{sender},"id":4,"time":{START},"payload":{{"b":1,"a":2}}}}"#
        )
    );
    assert_eq!(world.take_texts(2), own[1..]);
    assert!(world.take(3).is_empty());
}

#[test]
fn what_json_values_would_change_passes_unchanged() {
    let mut world = World::open();
    world.join(1, "a");
    world.subscribe(1, "c");
    let payload = r#"{"__proto__":{"x":1},"n":1e400,"s":"\ud800\u0041","d":1,"d":2,"z":-0.0,"big":123456789012345678901234567890, "constructor":[]}"#;
    world.say(1, &format!(r#"{{"type":"publish","id":1,"channel":"c","event":"e","payload":{payload}}}"#));
    let message = world.take_texts(1).pop().unwrap();
    assert!(message.ends_with(&format!(r#","payload":{payload}}}"#)), "{message}");
    world.join(2, "b");
    world.subscribe(2, "c");
    world.say(1, &format!(r#"{{"type":"signal","channel":"c","event":"e","payload":{payload}}}"#));
    assert!(world.take_texts(2).pop().unwrap().ends_with(&format!(r#","payload":{payload}}}"#)));
    world.say(1, r#"{"type":"request","id":1,"event":"history","channel":"c"}"#);
    assert!(world.take_texts(1).pop().unwrap().contains(payload));
}

#[test]
fn a_publish_needs_no_subscription() {
    let mut world = World::open();
    world.join(1, "a");
    assert_eq!(types(&world.publish(1, 1, "c")), ["ack"]);
}

#[test]
fn an_id_that_was_settled_gets_its_first_answer_again_and_is_not_published() {
    let mut world = World::open();
    world.join(1, "a");
    world.join(2, "b");
    world.subscribe(2, "c");
    let ack = world.publish(1, 5, "c");
    world.pass(10);
    assert_eq!(world.publish(1, 5, "elsewhere"), ack);
    world.hang_up(1, None);
    world.join(3, "a");
    assert_eq!(world.publish(3, 5, "c"), ack);
    assert_eq!(types(&world.publish(3, 3, "c")), ["refused"], "an id that was jumped over comes too late");
    assert_eq!(world.take(2).len(), 1);
    assert_eq!(world.hub.stats().published, 1);
}

#[test]
fn a_session_in_use_is_not_forgotten_whatever_its_older_connections_did() {
    let mut world = World::open();
    world.join(1, "a");
    let ack = world.publish(1, 1, "c");
    world.hang_up(1, None);
    world.join(2, "a");
    world.join(3, "a");
    for _ in 0..20 {
        world.pass(30_000);
        world.ask(3, r#"{"type":"ping"}"#);
    }
    assert_eq!(world.publish(3, 1, "c"), ack);
}

#[test]
fn a_final_refusal_is_repeated_too() {
    let mut world = World::open();
    world.join(1, "a");
    let bad = r#"{"type":"publish","id":2,"channel":"c","event":""}"#;
    let refused = world.ask_one(1, bad);
    assert_eq!((&refused["code"], &refused["id"]), (&json!("bad-frame"), &json!(2)));
    assert_eq!(world.publish(1, 2, "c"), [refused]);
}

#[test]
fn the_last_answers_are_kept_and_older_ones_say_so() {
    let mut world = World::configured(|config| config.session_answers = 2);
    world.join(1, "a");
    for id in 1..=3 {
        world.publish(1, id, "c");
    }
    assert_eq!(types(&world.publish(1, 2, "c")), ["ack"]);
    let forgotten = &world.publish(1, 1, "c")[0];
    assert_eq!((&forgotten["code"], &forgotten["id"]), (&json!("bad-frame"), &json!(1)));
    assert_eq!(world.hub.stats().published, 3);
}

#[test]
fn two_sessions_do_not_share_ids() {
    let mut world = World::open();
    world.join(1, "a");
    world.join(2, "b");
    assert_eq!(types(&world.publish(1, 1, "c")), ["ack"]);
    assert_eq!(types(&world.publish(2, 1, "c")), ["ack"]);
    assert_eq!(world.hub.stats().published, 2);
}

#[test]
fn a_sender_has_the_same_number_after_the_server_lost_its_memory() {
    let mut world = World::open();
    let mut senders = Vec::new();
    for (seed, client) in [(1, 1), (2, 2)] {
        world.restart(seed);
        world.join(client, "a");
        world.subscribe(client, "c");
        let message = world.publish(client, 1, "c").pop().unwrap();
        senders.push((message["sender"].clone(), message["from"].clone()));
    }
    assert_eq!(senders[0], senders[1]);
}

#[test]
fn too_fast_a_publish_holds_every_higher_id_back_until_its_time_and_then_none_is_lost() {
    let mut world = World::configured(|config| config.rate = 2);
    world.join(1, "a");
    world.pass(5_000);
    assert_eq!(types(&world.publish(1, 1, "c")), ["ack"]);
    assert_eq!(types(&world.publish(1, 2, "c")), ["ack"]);
    let refused = &world.publish(1, 3, "c")[0];
    assert_eq!(
        (&refused["code"], &refused["id"], &refused["retry"]),
        (&json!("rate-limited"), &json!(3), &json!(1_000))
    );
    world.pass(600);
    let held = &world.publish(1, 4, "c")[0];
    assert_eq!((&held["code"], &held["id"], &held["retry"]), (&json!("rate-limited"), &json!(4), &json!(400)));
    world.pass(400);
    assert_eq!(types(&world.publish(1, 3, "c")), ["ack"]);
    assert_eq!(types(&world.publish(1, 4, "c")), ["ack"]);
    assert_eq!(world.hub.stats().published, 4);
}

#[test]
fn a_hold_ends_with_its_connection_as_the_next_one_begins_with_the_lowest_id() {
    let mut world = World::configured(|config| config.rate = 1);
    world.join(1, "a");
    world.publish(1, 1, "c");
    world.publish(1, 2, "c");
    world.hang_up(1, None);
    world.join(2, "a");
    assert_eq!(types(&world.publish(2, 3, "c")), ["ack"], "its sender has given 2 up");
}

#[test]
fn a_server_without_room_for_a_channel_is_unavailable_and_holds_back() {
    let mut world = World::configured(|config| config.channels = 1);
    world.join(1, "a");
    world.subscribe(1, "one");
    let refused = &world.publish(1, 1, "two")[0];
    assert_eq!((&refused["code"], &refused["retry"]), (&json!("unavailable"), &json!(1_000)));
    assert_eq!(world.publish(1, 2, "one")[0]["code"], "unavailable");
    assert_eq!(world.subscribe(1, "two")[0]["code"], "unavailable");
    assert_eq!(
        world.ask_one(1, r#"{"type":"request","id":1,"event":"history","channel":"two"}"#)["code"],
        "unavailable"
    );
}

#[test]
fn a_payload_over_the_limit_is_refused_with_both_numbers_and_the_queue_goes_on() {
    let mut world = World::open();
    world.join(1, "a");
    let limit = world.hub.config().payload_limit();
    let publish = |id: u64, size: usize| {
        let payload = "x".repeat(size - 2);
        format!(r#"{{"type":"publish","id":{id},"channel":"c","event":"e","payload":"{payload}"}}"#)
    };
    let refused = world.ask_one(1, &publish(1, limit + 1));
    assert_eq!(
        (&refused["code"], &refused["id"], &refused["limit"], &refused["size"]),
        (&json!("too-large"), &json!(1), &json!(limit), &json!(limit + 1))
    );
    assert_eq!(types(&world.ask(1, &publish(2, limit))), ["ack"]);
}

#[test]
fn a_message_is_never_larger_than_a_frame_may_be() {
    let mut world = World::open();
    world.join(1, "a");
    let name = "\\\"".repeat(128);
    world.say(1, &format!(r#"{{"type":"subscribe","channel":"{name}"}}"#));
    let payload = "x".repeat(world.hub.config().payload_limit() - 2);
    world.say(
        1,
        &format!(
            r#"{{"type":"publish","id":9007199254740991,"channel":"{name}","event":"{name}","payload":"{payload}"}}"#
        ),
    );
    let message = world.take_frames(1).pop().unwrap();
    assert!(message.size() > 65_000 && message.size() <= world.hub.config().frame_limit);
}

#[test]
fn a_binary_publish_comes_out_as_a_binary_message_and_is_replayed_as_one() {
    let mut world = World::open();
    world.join(1, "a");
    world.subscribe(1, "c");
    let header = r#"{"type":"publish","id":1,"channel":"c","event":"e"}"#;
    world.send(1, Frame::from_parts(header, &[0, 255, 1]).unwrap());
    let frames = world.take_frames(1);
    let Frame::Binary(bytes) = &frames[1] else { panic!("no binary message") };
    let length = usize::from(u16::from_be_bytes([bytes[1], bytes[2]]));
    let head: serde_json::Value = serde_json::from_slice(&bytes[3..3 + length]).unwrap();
    assert_eq!((bytes[0], &head["type"], &head["offset"]), (1, &json!("message"), &json!(1)));
    assert!(head.get("payload").is_none());
    assert_eq!(bytes[3 + length..], [0, 255, 1]);
    world.say(1, r#"{"type":"subscribe","channel":"c","epoch":"x","offset":0}"#);
    assert_eq!(world.take_frames(1)[1], frames[1]);
    let history = world.ask_one(1, r#"{"type":"request","id":1,"event":"history","channel":"c"}"#);
    assert_eq!(history["payload"]["messages"][0]["payload"], json!({"$binary": "AP8B"}));
}

#[test]
fn a_signal_goes_to_the_others_only_and_keeps_nothing() {
    let mut world = World::open();
    let member = world.join(1, "a")["member"].as_str().unwrap().to_owned();
    world.join(2, "b");
    world.subscribe(1, "c");
    world.subscribe(2, "c");
    assert!(world.ask(1, r#"{"type":"signal","channel":"c","event":"$typing","payload":true,"ttl":3000}"#).is_empty());
    assert_eq!(
        world.take_texts(2),
        [format!(r#"{{"type":"signal","channel":"c","event":"$typing","from":"{member}","ttl":3000,"payload":true}}"#)]
    );
    world.say(1, r#"{"type":"signal","channel":"c","event":"bare"}"#);
    assert_eq!(world.take_texts(2), [format!(r#"{{"type":"signal","channel":"c","event":"bare","from":"{member}"}}"#)]);
    world.send(1, Frame::from_parts(r#"{"type":"signal","channel":"c","event":"e"}"#, &[9]).unwrap());
    assert!(matches!(&world.take_frames(2)[..], [Frame::Binary(_)]));
    assert_eq!(world.hub.stats().published, 0);
}

#[test]
fn a_signal_needs_a_subscription_and_is_dropped_without_a_word_above_the_rate() {
    let mut world = World::configured(|config| config.rate = 3);
    world.join(1, "a");
    world.join(2, "b");
    world.subscribe(2, "c");
    let signal = r#"{"type":"signal","channel":"c","event":"e"}"#;
    let refused = world.ask_one(1, signal);
    assert_eq!((&refused["code"], &refused["channel"]), (&json!("not-subscribed"), &json!("c")));
    world.subscribe(1, "c");
    assert!(world.ask(1, signal).is_empty());
    assert!(world.ask(1, signal).is_empty());
    assert_eq!(world.take(2).len(), 1);
}

#[test]
fn the_server_publishes_as_sender_zero() {
    let mut world = World::open();
    world.join(1, "a");
    world.subscribe(1, "c");
    let payload: Box<serde_json::value::RawValue> = serde_json::from_str("[1e400]").unwrap();
    let position = world.announce("c", "note", &payload).unwrap();
    assert_eq!(position.offset, 1);
    assert_eq!(
        world.take_texts(1),
        [format!(
            r#"{{"type":"message","channel":"c","event":"note","offset":1,"from":"server","sender":0,"id":0,"time":{START},"payload":[1e400]}}"#
        )]
    );
    for (channel, event) in [("", "e"), ("c", ""), ("c", "$typing"), ("c\n", "e")] {
        assert_eq!(world.announce(channel, event, &payload).unwrap_err().code.as_str(), "bad-frame");
    }
    let deep: Box<serde_json::value::RawValue> =
        serde_json::from_str(&format!("{}{}", "[".repeat(64), "]".repeat(64))).unwrap();
    assert_eq!(world.announce("c", "e", &deep).unwrap_err().code.as_str(), "bad-frame");
}

//! The requests the relay answers itself.

use serde_json::{Value, json};

use crate::harness::{World, types};

fn history(world: &mut World, payload: &str) -> Value {
    world.ask_one(1, &format!(r#"{{"type":"request","id":9,"event":"history","channel":"c","payload":{payload}}}"#))
}

fn offsets(reply: &Value) -> Vec<u64> {
    reply["payload"]["messages"].as_array().unwrap().iter().map(|it| it["offset"].as_u64().unwrap()).collect()
}

#[test]
fn history_pages_backwards_in_rising_order() {
    let mut world = World::open();
    world.join(1, "a");
    for id in 1..=5 {
        world.publish(1, id, "c");
    }
    let newest = history(&mut world, r#"{"limit":2}"#);
    assert_eq!((&newest["type"], &newest["request"]), (&json!("reply"), &json!(9)));
    assert_eq!((offsets(&newest), &newest["payload"]["more"]), (vec![4, 5], &json!(true)));
    assert_eq!(newest["payload"]["messages"][0]["type"], "message");
    let before = history(&mut world, r#"{"limit":3,"before":4}"#);
    assert_eq!((offsets(&before), &before["payload"]["more"]), (vec![1, 2, 3], &json!(false)));
    let all = world.ask_one(1, r#"{"type":"request","id":1,"event":"history","channel":"c"}"#);
    assert_eq!(offsets(&all), [1, 2, 3, 4, 5]);
}

#[test]
fn a_reply_stays_small_and_says_that_there_is_more() {
    let mut world = World::configured(|config| config.rate = 1_000);
    world.join(1, "a");
    let payload = "x".repeat(60_000);
    for id in 1..=30 {
        world.say(1, &format!(r#"{{"type":"publish","id":{id},"channel":"c","event":"e","payload":"{payload}"}}"#));
    }
    world.take(1);
    let reply = history(&mut world, r#"{"limit":1000}"#);
    assert_eq!((offsets(&reply).len(), &reply["payload"]["more"]), (17, &json!(true)));
    assert_eq!(offsets(&reply).last(), Some(&30));
}

#[test]
fn an_empty_channel_has_an_empty_history_and_nobody_present() {
    let mut world = World::open();
    world.join(1, "a");
    let reply = history(&mut world, "null");
    assert_eq!((&reply["payload"]["messages"], &reply["payload"]["more"]), (&json!([]), &json!(false)));
    assert!(reply["payload"]["epoch"].is_string());
    let reply = world.ask_one(1, r#"{"type":"request","id":2,"event":"presence","channel":"nowhere"}"#);
    assert_eq!(reply, json!({"type":"reply","request":2,"payload":{"members":[]}}));
}

#[test]
fn what_is_no_request_is_refused_under_its_number() {
    let mut world = World::open();
    world.join(1, "a");
    for (text, code) in [
        (r#"{"type":"request","id":3,"event":"weather"}"#, "unknown-request"),
        (r#"{"type":"request","id":3,"event":"history"}"#, "bad-frame"),
        (r#"{"type":"request","id":3,"event":"presence"}"#, "bad-frame"),
        (r#"{"type":"request","id":3,"event":"history","channel":"c","payload":{"limit":0}}"#, "bad-frame"),
        (r#"{"type":"request","id":3,"event":"history","channel":"c","payload":7}"#, "bad-frame"),
    ] {
        let refused = world.ask_one(1, text);
        assert_eq!((&refused["code"], &refused["request"]), (&json!(code), &json!(3)), "{text}");
    }
}

#[test]
fn too_many_requests_are_refused_with_a_time() {
    let mut world = World::configured(|config| config.rate = 1);
    world.join(1, "a");
    let request = r#"{"type":"request","id":1,"event":"presence","channel":"c"}"#;
    assert_eq!(types(&world.ask(1, request)), ["reply"]);
    let refused = world.ask_one(1, request);
    assert_eq!(
        (&refused["code"], &refused["request"], &refused["retry"]),
        (&json!("rate-limited"), &json!(1), &json!(1_000))
    );
    world.pass(1_000);
    assert_eq!(types(&world.ask(1, request)), ["reply"]);
}

//! One client, first with one server and then with another: what moves, what does not, and that nothing is said twice.

use crate::support::{Data, World, config, preset};
use serde_json::{Value, json};
use tautline::{Code, PublicState};

fn plain() -> World {
    let mut world = World::described(config(), &preset("channels"));
    world.connect();
    open(&mut world);
    world
}

fn open(world: &mut World) {
    world.resolve(Some("ws://x/"), Some("secret"));
    world.opened();
}

fn enter_chat(world: &mut World) {
    open(world);
    let payload = json!({ "connectionId": "c2", "userId": "me", "shardId": 1 });
    world.receive(&json!({ "type": "CONNECTION_ESTABLISHED", "payload": payload }));
}

fn numbers(world: &mut World, from: u64, to: u64) {
    for number in from..=to {
        world.publish("news", &format!("{{\"n\":{number}}}")).expect("room");
    }
}

fn payloads(sent: &[String]) -> Vec<u64> {
    let frames = sent.iter().map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    frames.filter_map(|frame| frame["payload"]["n"].as_u64()).collect()
}

#[test]
fn what_left_goes_nowhere_again_and_what_waits_goes_to_the_new_server_in_its_own_words() {
    let mut world = plain();
    numbers(&mut world, 1, 2);
    world.closed(None);
    numbers(&mut world, 3, 4);
    assert_eq!(payloads(&world.take().sent()), [1, 2]);
    world.speak("chat");
    numbers(&mut world, 5, 5);
    enter_chat(&mut world);
    let sent = world.take().sent();
    assert_eq!(sent[0], r#"{"type":"AUTHENTICATE","payload":{"token":"secret"}}"#);
    assert_eq!(sent[1], r#"{"type":"m","payload":{"n":3,"channelId":"news"}}"#);
    assert_eq!(payloads(&sent), [3, 4, 5]);
    world.assert_settled();
}

#[test]
fn a_living_connection_ends_at_once_the_next_is_made_and_the_old_one_says_nothing_any_more() {
    let mut world = plain();
    let old = world.socket;
    world.take();
    world.speak("chat");
    let log = world.take();
    assert_eq!((log.closes(), log.resolves().len()), (vec![(1000, false)], 1));
    assert_eq!(world.state(), PublicState::Reconnecting);
    world.receive_data(old, &Data::Text(r#"{"type":"late","payload":1}"#.to_owned()));
    assert_eq!(world.take().events(), [] as [Value; 0]);
    enter_chat(&mut world);
    assert_eq!(world.take().events_of("welcomed").len(), 1);
}

#[test]
fn a_channel_is_asked_for_again_and_what_came_between_may_be_missing() {
    let mut world = plain();
    world.subscribe("news");
    world.take();
    world.speak("chat");
    enter_chat(&mut world);
    let log = world.take();
    assert_eq!(
        log.sent_of("CHANNEL_SUBSCRIBE"),
        [json!({ "type": "CHANNEL_SUBSCRIBE", "payload": { "channelId": "news" } })]
    );
    assert_eq!(log.events_of("subscribed")[0]["recovered"], "no");
    assert_eq!(log.events_of("gap").len(), 1);
    world.receive(&json!({ "type": "MESSAGE_RECEIVED", "payload": { "channelId": "news", "text": "x" } }));
    assert_eq!(world.take().events_of("signal")[0]["channel"], "news");
}

#[test]
fn whoever_was_present_at_the_old_server_is_gone() {
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    open(&mut world);
    world.receive(&json!({ "type": "connection_established", "payload": { "user": { "id": "me" } } }));
    world.join("lobby", true);
    world.receive(&json!({ "type": "room_join", "payload": { "room": "lobby", "user": { "id": "ann" } } }));
    world.take();
    world.speak("chat");
    assert_eq!(world.take().events_of("presence")[0]["left"][0]["id"], "ann");
}

#[test]
fn what_a_server_may_have_that_did_not_say_so_fails_and_only_the_rest_moves() {
    let mut world = World::described(config(), &preset("acks"));
    world.connect();
    open(&mut world);
    numbers(&mut world, 1, 3);
    world.receive(&json!({ "type": "ack", "id": "session-0123456789-1" }));
    world.closed(None);
    numbers(&mut world, 4, 5);
    world.take();
    world.speak("chat");
    let failed = world.take().events_of("failed");
    let told: Vec<_> = failed.iter().map(|event| (event["id"].as_u64(), &event["code"], &event["attempted"])).collect();
    let code = json!(Code::LateAck.name());
    assert_eq!(told, [(Some(2), &code, &json!(true)), (Some(3), &code, &json!(true))]);
    enter_chat(&mut world);
    assert_eq!(payloads(&world.take().sent()), [4, 5]);
    world.assert_settled();
}

#[test]
fn a_client_that_rests_goes_on_resting_and_one_that_gave_up_tries_anew() {
    let mut world = World::described(config(), &preset("channels"));
    world.speak("chat");
    assert_eq!((world.state(), world.take().resolves().len()), (PublicState::Idle, 0));
    world.connect();
    enter_chat(&mut world);
    world.close();
    world.take();
    world.speak("channels");
    let log = world.take();
    assert_eq!((world.state(), log.closes(), log.resolves().len()), (PublicState::Closed, vec![(1000, false)], 0));
    world.connect();
    open(&mut world);
    assert_eq!(world.state(), PublicState::Connected);
    world.closed(Some(4403));
    assert_eq!(world.state(), PublicState::Failed);
    world.take();
    world.speak("chat");
    assert_eq!(world.take().resolves().len(), 1);
    enter_chat(&mut world);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn what_the_new_server_cannot_be_told_fails_and_what_follows_moves() {
    let mut world = plain();
    world.closed(None);
    world.publish("news", "7").expect("room");
    numbers(&mut world, 8, 8);
    world.take();
    world.speak("chat");
    enter_chat(&mut world);
    let log = world.take();
    let failed = &log.events_of("failed")[0];
    assert_eq!((&failed["id"], &failed["code"]), (&json!(1), &json!(Code::Unsupported.name())));
    assert_eq!(payloads(&log.sent()), [8]);
    world.assert_settled();
}

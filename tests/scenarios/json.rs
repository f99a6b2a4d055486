//! Hand-written servers: what works, what is refused, and what nobody can promise (docs/json.md).

use crate::support::{Log, NativeHost, World, config, preset};
use serde_json::{Value, json};
use tautline::host::Payload;
use tautline::{ChannelId, Code, Config, Message, PublicState, TokenWhy};

fn open(world: &mut World) {
    world.resolve(Some("ws://x/"), Some("secret"));
    world.opened();
}

/// Connected to a server that knows channels and nothing else; the log is empty.
fn channels() -> World {
    let mut world = World::described(config(), &preset("channels"));
    world.connect();
    open(&mut world);
    world.take();
    world
}

fn let_in(world: &mut World) {
    open(world);
    let payload = json!({ "connectionId": "c1", "user": { "id": "me", "name": "Ann" } });
    world.receive(&json!({ "type": "connection_established", "payload": payload }));
}

/// Connected to a server that knows rooms, users and wallets; the log is empty.
fn rooms() -> World {
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    let_in(&mut world);
    world.take();
    world
}

fn joined(name: &str) -> (World, ChannelId) {
    let mut world = rooms();
    let room = world.subscribe(name);
    world.take();
    (world, room)
}

fn room_frame(kind: &str, rest: &Value) -> Value {
    let mut payload = json!({ "room": "lobby" });
    for (key, value) in rest.as_object().expect("an object") {
        payload[key] = value.clone();
    }
    json!({ "type": kind, "payload": payload, "timestamp": 1_700_000_000_000u64 })
}

fn named(world: &mut World, channel: Option<&str>, event: &str, payload: &str) -> Message<NativeHost> {
    let channel = channel.map(|name| world.client.channel(&name.to_owned()));
    let event = json!(event).to_string();
    Message { channel, event, payload: Payload::Text(payload.to_owned()), size: payload.len(), ttl: None }
}

fn send(world: &mut World, channel: Option<&str>, event: &str, payload: &str) -> Log {
    let message = named(world, channel, event, payload);
    world.publish_message(message).expect("room");
    world.take()
}

#[test]
fn a_server_that_welcomes_nobody_is_ready_when_the_socket_is_open() {
    let mut world = World::described(config(), &preset("channels"));
    world.connect();
    open(&mut world);
    let log = world.take();
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(log.sent(), [] as [String; 0], "nobody asked for the token");
    assert_eq!(log.events_of("welcomed").len(), 1);
}

#[test]
fn a_subscription_that_nobody_confirms_stands_when_it_was_asked_for() {
    let mut world = channels();
    world.subscribe("news");
    let log = world.take();
    assert_eq!(log.sent(), [r#"{"type":"subscribe","channel":"news"}"#]);
    let subscribed = &log.events_of("subscribed")[0];
    assert_eq!((&subscribed["channel"], &subscribed["recovered"]), (&json!("news"), &json!("first")));
}

#[test]
fn a_publish_names_channel_event_and_payload_and_is_settled_when_it_left() {
    let mut world = channels();
    let log = send(&mut world, Some("news"), "said \"so\"", r#"{"a":1}"#);
    assert_eq!(log.sent(), [r#"{"type":"channel_message","channel":"news","event":"said \"so\"","payload":{"a":1}}"#]);
    assert_eq!(log.events_of("sent"), [json!({ "event": "sent", "id": 1, "settled": true })]);
    world.assert_settled();
}

#[test]
fn what_waits_survives_a_lost_line_and_what_left_without_an_ack_does_not_go_again() {
    let mut world = channels();
    send(&mut world, Some("news"), "m", "1");
    world.closed(None);
    send(&mut world, Some("news"), "m", "2");
    send(&mut world, Some("news"), "m", "3");
    world.await_attempt();
    world.take();
    open(&mut world);
    let payloads: Vec<_> =
        world.take().sent_of("channel_message").iter().map(|frame| frame["payload"].clone()).collect();
    assert_eq!(payloads, [json!(2), json!(3)]);
    world.assert_settled();
}

#[test]
fn every_subscription_after_the_first_says_that_messages_may_be_missing() {
    let mut world = channels();
    world.subscribe("news");
    for _ in 0..2 {
        world.closed(None);
        world.await_attempt();
        world.take();
        open(&mut world);
        let log = world.take();
        assert_eq!(log.sent_of("subscribe").len(), 1);
        assert_eq!(log.events_of("subscribed")[0]["recovered"], "no");
        assert_eq!(log.events_of("gap"), [json!({ "event": "gap", "channel": "news", "held": 0, "next": 1 })]);
    }
}

#[test]
fn a_message_is_the_event_that_its_type_or_its_event_field_names() {
    let mut world = channels();
    world.subscribe("news");
    world.take();
    world.receive(&json!({ "type": "flash", "channel": "news", "payload": 1, "timestamp": 5 }));
    world.receive(&json!({ "type": "channel_message", "event": "flash", "channel": "news", "payload": 2 }));
    let heard = json!({ "event": "signal", "channel": "news", "name": "flash", "payload": 1 });
    let mut again = heard.clone();
    again["payload"] = json!(2);
    assert_eq!(world.events(), [heard, again]);
}

#[test]
fn a_message_that_names_no_channel_is_for_the_only_one_there_is() {
    let mut world = channels();
    let news = world.subscribe("news");
    world.take();
    world.receive(&json!({ "type": "flash", "payload": 1 }));
    assert_eq!(world.events()[0]["channel"], "news");

    world.subscribe("sport");
    world.take();
    for _ in 0..2 {
        world.receive(&json!({ "type": "flash", "payload": 1 }));
    }
    let log = world.take();
    assert_eq!(log.events_of("problem"), [json!({ "event": "problem", "code": "peer/no-channel" })], "once");
    let channels: Vec<_> = log.events_of("signal").iter().map(|event| event["channel"].clone()).collect();
    assert_eq!(channels, [Value::Null, Value::Null], "the client hears what no channel can");

    // This server cannot be told that we left: it still sends, and nobody can say from where.
    world.unsubscribe(news);
    world.receive(&json!({ "type": "flash", "payload": 1 }));
    assert_eq!(world.take().events_of("signal")[0]["channel"], Value::Null);
}

#[test]
fn a_message_for_a_channel_that_is_not_ours_is_not_taken_for_another() {
    let (mut world, _) = joined("lobby");
    world.receive(&json!({ "type": "message", "payload": { "room": "cellar", "text": "psst" } }));
    assert_eq!(world.take().events_of("signal")[0]["channel"], Value::Null);

    let mut world = channels();
    world.subscribe("news");
    world.take();
    world.receive(&json!({ "type": "flash", "channel": "sport", "payload": 1 }));
    assert_eq!(world.take().events_of("signal")[0]["channel"], Value::Null);
}

#[test]
fn what_was_joined_ends_with_the_connection_or_with_a_word_that_the_server_knows() {
    let heard = |world: &mut World| {
        world.take();
        world.receive(&json!({ "type": "flash", "payload": 1 }));
        world.take().events_of("signal")[0]["channel"].clone()
    };
    let mut world = channels();
    world.subscribe("news");
    let sport = world.subscribe("sport");
    world.unsubscribe(sport);
    assert_eq!(heard(&mut world), Value::Null);
    world.closed(None);
    world.await_attempt();
    open(&mut world);
    assert_eq!(heard(&mut world), "news");

    let mut description = preset("channels");
    description["send"]["unsubscribe"] = r#"{"type":"unsubscribe","channel":"$channel"}"#.into();
    let mut world = World::described(config(), &description);
    world.connect();
    open(&mut world);
    world.subscribe("news");
    let sport = world.subscribe("sport");
    world.unsubscribe(sport);
    assert_eq!(heard(&mut world), "news");
}

#[test]
fn a_channel_that_was_left_is_not_heard_any_more() {
    let (mut world, room) = joined("lobby");
    world.unsubscribe(room);
    assert_eq!(world.sent(), [r#"{"type":"leave_room","payload":{"room":"lobby"}}"#]);
    world.receive(&room_frame("message", &json!({ "text": "late" })));
    assert_eq!(world.events(), [] as [Value; 0]);
}

#[test]
fn the_token_goes_out_first_and_nothing_else_before_we_are_let_in() {
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    world.subscribe("lobby");
    send(&mut world, Some("lobby"), "message", r#"{"text":"hi"}"#);
    open(&mut world);
    assert_eq!(world.sent(), [r#"{"type":"auth","payload":{"token":"secret"}}"#]);
    assert_eq!(world.state(), PublicState::Connecting);
    world.receive(&json!({ "type": "connection_established", "payload": { "connectionId": 7 } }));
    assert_eq!(
        world.sent(),
        [
            r#"{"type":"join_room","payload":{"room":"lobby"}}"#,
            r#"{"type":"send_message","payload":{"text":"hi","room":"lobby"}}"#,
        ]
    );
}

#[test]
fn a_server_that_never_lets_us_in_is_left() {
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    open(&mut world);
    world.advance_s(10);
    assert_eq!(world.client.cause(), Some(Code::LateHandshake));
}

#[test]
fn a_refused_token_asks_for_another_once_and_then_fails() {
    let refusal = json!({ "type": "error", "payload": { "code": "unauthorized", "message": "Who are you?" } });
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    open(&mut world);
    world.take();
    world.receive(&refusal);
    let log = world.take();
    assert_eq!(log.events_of("problem")[0]["code"], "refused/token-invalid");
    assert_eq!(log.resolves(), [TokenWhy::Refused]);
    open(&mut world);
    world.receive(&refusal);
    assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::RefusedTokenInvalid)));
}

#[test]
fn a_token_that_expires_later_is_renewed_too() {
    let (mut world, _) = joined("lobby");
    world.receive(&json!({ "type": "error", "payload": { "code": "unauthorized" } }));
    assert_eq!(world.take().resolves(), [TokenWhy::Refused]);
}

#[test]
fn an_error_before_we_are_in_is_about_us_and_one_after_is_only_told() {
    let mut world = World::described(config(), &preset("rooms"));
    world.connect();
    open(&mut world);
    world.receive(&json!({ "type": "error", "payload": { "code": "full" } }));
    assert_eq!((world.state(), world.client.cause()), (PublicState::Reconnecting, Some(Code::RefusedOther)));

    let (mut world, _) = joined("lobby");
    for frame in [json!({ "type": "error" }), json!({ "type": "error", "payload": { "code": "rate_limited" } })] {
        world.receive(&frame);
    }
    let codes: Vec<_> = world.take().events_of("problem").iter().map(|event| event["code"].clone()).collect();
    assert_eq!(codes, ["refused/other", "refused/rate-limited"]);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn close_codes_mean_what_the_configuration_says() {
    for (code, state) in [
        (Some(4401), PublicState::Reconnecting),
        (Some(4403), PublicState::Failed),
        (Some(4999), PublicState::Reconnecting),
        (Some(1013), PublicState::Reconnecting),
        (None, PublicState::Reconnecting),
    ] {
        let mut world = rooms();
        world.closed(code);
        assert_eq!(world.state(), state, "{code:?}");
    }
    let mut world = rooms();
    world.closed(Some(4401));
    assert_eq!(world.take().resolves(), [TokenWhy::Refused]);
}

#[test]
fn a_ping_of_the_server_is_answered_with_its_own_timestamp() {
    let (mut world, _) = joined("lobby");
    world.receive(&json!({ "type": "ping", "timestamp": 17 }));
    world.receive(&json!({ "type": "ping", "timestamp": "2026-01-01T00:00:00Z" }));
    world.receive(&json!({ "type": "ping" }));
    assert_eq!(
        world.sent(),
        [
            r#"{"type":"pong","timestamp":17}"#,
            r#"{"type":"pong","timestamp":"2026-01-01T00:00:00Z"}"#,
            r#"{"type":"pong","timestamp":null}"#,
        ]
    );
}

#[test]
fn a_server_that_pings_and_falls_silent_is_dead() {
    let mut world = rooms();
    for _ in 0..4 {
        world.advance_s(30);
        world.receive(&json!({ "type": "ping" }));
    }
    world.advance_s(74);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(1);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn we_ping_where_the_server_answers_and_a_missing_answer_is_death() {
    let mut world = channels();
    let beat = world.due_in().expect("a beat");
    world.advance(beat);
    assert_eq!(world.sent(), [r#"{"type":"ping","timestamp":0}"#]);
    world.advance_ms(5);
    world.receive(&json!({ "type": "pong", "timestamp": 1 }));
    assert_eq!(world.take().events_of("latency").len(), 1);
    world.advance_s(36);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn members_come_change_and_go_and_the_application_hears_the_frames_as_well() {
    let (mut world, _) = joined("lobby");
    let ann = json!({ "id": "ann", "status": "here" });
    world.receive(&room_frame("room_join", &json!({ "user": ann })));
    let log = world.take();
    let member = json!({ "id": "ann", "version": 1, "state": ann });
    let presence = &log.events_of("presence")[0];
    assert_eq!((&presence["joined"], &presence["channel"]), (&json!([member]), &json!("lobby")));
    assert_eq!(log.events_of("signal")[0]["name"], "room_join");

    world.receive(&room_frame("room_join", &json!({ "user": ann })));
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0], "a repetition is no news");

    world.receive(&room_frame("presence_update", &json!({ "user": { "id": "ann", "status": "away" } })));
    let updated = world.take().events_of("presence")[0]["updated"].clone();
    assert_eq!(updated, json!([{ "id": "ann", "version": 2, "state": { "id": "ann", "status": "away" } }]));

    world.receive(&room_frame("room_leave", &json!({ "user": "ann" })));
    assert_eq!(world.take().events_of("presence")[0]["left"][0]["id"], "ann");
    world.receive(&room_frame("room_leave", &json!({ "user": "ann" })));
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0]);
}

#[test]
fn a_list_of_members_replaces_what_was_known() {
    let (mut world, _) = joined("lobby");
    world.receive(&room_frame("presence_update", &json!({ "users": [{ "id": "ann" }, "bob", 7] })));
    let ids = |list: &Value| list.as_array().expect("a list").iter().map(|member| member["id"].clone()).collect();
    let joined: Vec<Value> = ids(&world.take().events_of("presence")[0]["joined"]);
    assert_eq!(joined, ["ann", "bob", "7"]);

    world.receive(&room_frame("presence_update", &json!({ "users": ["bob", { "id": "cleo" }] })));
    let presence = world.take().events_of("presence")[0].clone();
    assert_eq!(ids(&presence["joined"]) as Vec<Value>, ["cleo"]);
    assert_eq!((ids(&presence["left"]) as Vec<Value>).len(), 2);
    assert_eq!(presence["updated"], json!([]));
}

#[test]
fn after_a_reconnect_a_list_says_who_left_meanwhile() {
    let (mut world, _) = joined("lobby");
    world.receive(&room_frame("presence_update", &json!({ "users": ["ann", "bob"] })));
    world.closed(None);
    world.await_attempt();
    world.take();
    let_in(&mut world);
    assert_eq!(world.take().events_of("presence"), [] as [Value; 0], "no noise before the list");
    world.receive(&room_frame("presence_update", &json!({ "users": ["bob", "cleo"] })));
    let presence = world.take().events_of("presence")[0].clone();
    assert_eq!((&presence["joined"][0]["id"], &presence["left"][0]["id"]), (&json!("cleo"), &json!("ann")));
}

#[test]
fn where_no_list_comes_nobody_is_known_to_be_there_after_a_reconnect() {
    let mut description = preset("rooms");
    description["fields"]["members"] = "".into();
    let mut world = World::described(config(), &description);
    world.connect();
    let_in(&mut world);
    world.subscribe("lobby");
    world.receive(&room_frame("room_join", &json!({ "user": "ann" })));
    world.closed(None);
    world.await_attempt();
    world.take();
    let_in(&mut world);
    assert_eq!(world.take().events_of("presence")[0]["left"][0]["id"], "ann");
}

#[test]
fn others_type_until_they_stop_or_fall_silent_and_we_are_not_among_them() {
    let (mut world, _) = joined("lobby");
    let members = |log: &Log| log.events_of("typing").iter().map(|event| event["members"].clone()).collect::<Vec<_>>();
    world.receive(&room_frame("user_typing", &json!({ "user": { "id": "ann" } })));
    world.receive(&room_frame("user_typing", &json!({ "user": { "id": "me" } })));
    let log = world.take();
    assert_eq!(members(&log), [json!(["ann"])]);
    assert_eq!(log.events_of("signal").len(), 2, "the frames are heard as events");
    world.receive(&room_frame("user_stop_typing", &json!({ "user": { "id": "ann" } })));
    assert_eq!(members(&world.take()), [json!([])]);
    world.receive(&room_frame("user_typing", &json!({ "user": { "id": "ann" } })));
    world.take();
    world.advance_s(10);
    assert_eq!(members(&world.take()), [json!([])]);
}

#[test]
fn our_typing_is_said_in_the_servers_words() {
    let (mut world, room) = joined("lobby");
    world.typing(room, true);
    world.typing(room, true);
    world.typing(room, false);
    assert_eq!(
        world.sent(),
        [r#"{"type":"typing","payload":{"room":"lobby"}}"#, r#"{"type":"stop_typing","payload":{"room":"lobby"}}"#,]
    );
}

#[test]
fn a_server_without_a_word_for_it_is_not_told_that_we_stopped_typing() {
    let mut world = World::described(config(), &preset("flat"));
    world.connect();
    open(&mut world);
    let den = world.subscribe("den");
    world.receive(&json!({ "meta": { "kind": "joined" }, "room": "den" }));
    world.take();
    world.typing(den, true);
    let log = send(&mut world, Some("den"), "note", "{}");
    assert_eq!(log.events_of("problem"), [] as [Value; 0]);
    assert_eq!(log.sent()[0], r#"{"types":"den"}"#);
    assert_eq!(log.sent().len(), 2);
}

#[test]
fn an_event_without_a_channel_is_the_clients_both_ways() {
    let (mut world, _) = joined("lobby");
    let log = send(&mut world, None, "wallet_event", r#"{"action":"connect"}"#);
    assert_eq!(log.sent(), [r#"{"type":"wallet_event","payload":{"action":"connect"}}"#]);
    world.receive(&json!({ "type": "wallet_connect", "payload": { "address": "0x1" } }));
    let log = world.take();
    let heard =
        json!({ "event": "signal", "channel": null, "name": "wallet_connect", "payload": { "address": "0x1" } });
    assert_eq!(log.events(), [heard]);
}

#[test]
fn what_this_server_cannot_be_told_is_refused_and_not_sent() {
    let (mut world, room) = joined("lobby");
    let unsupported = |log: &Log, kind: &str| {
        assert_eq!(log.events_of(kind)[0]["code"], "misuse/unsupported", "{:?}", log.events());
        assert_eq!(log.sent(), [] as [String; 0]);
    };
    let log = send(&mut world, Some("lobby"), "unknown", "1");
    unsupported(&log, "failed");
    // It would lose the room on the way.
    let log = send(&mut world, Some("lobby"), "wallet_event", "{}");
    unsupported(&log, "failed");
    let message = Message { payload: Payload::Binary(vec![1]), ..named(&mut world, Some("lobby"), "message", "") };
    world.publish_message(message).expect("room");
    unsupported(&world.take(), "failed");
    world.request("1", 1000).expect("room");
    unsupported(&world.take(), "request-failed");
    world.track(room, "{}");
    unsupported(&world.take(), "problem");
    world.refresh();
    world.resolve(None, Some("next"));
    let log = world.take();
    assert_eq!(log.events_of("problem")[0]["code"], "misuse/unsupported");
    world.assert_settled();
}

#[test]
fn an_event_that_needs_a_channel_is_not_sent_without_one() {
    let mut world = channels();
    let message = named(&mut world, None, "m", "1");
    assert_eq!(world.publish_message(message), Err(Code::ChannelRequired));
    let mut world = rooms();
    let log = send(&mut world, None, "message", "{}");
    assert_eq!(log.events_of("failed")[0]["code"], "misuse/channel-required");
}

#[test]
fn a_server_without_subscriptions_refuses_a_channel() {
    let mut description = preset("channels");
    description["send"].as_object_mut().expect("an object").remove("subscribe");
    let mut world = World::described(config(), &description);
    world.connect();
    open(&mut world);
    world.subscribe("news");
    assert_eq!(world.take().events_of("channel-refused")[0]["code"], "misuse/unsupported");
}

#[test]
fn a_signal_goes_out_like_a_message_and_is_not_kept() {
    let (mut world, _) = joined("lobby");
    let message = named(&mut world, Some("lobby"), "message", r#"{"x":1}"#);
    let now = world.now();
    world.client.signal(now, message).expect("a link");
    world.drain();
    assert_eq!(world.sent(), [r#"{"type":"send_message","payload":{"x":1,"room":"lobby"}}"#]);
    world.closed(None);
    assert_eq!(world.signal("lobby", "1"), Err(Code::DroppedNotConnected));
}

#[test]
fn with_acks_a_message_goes_again_with_the_same_id_until_the_server_has_it() {
    let mut world = World::described(config(), &preset("acks"));
    world.connect();
    open(&mut world);
    world.take();
    send(&mut world, Some("news"), "m", "1");
    send(&mut world, Some("news"), "m", "2");
    world.receive(&json!({ "type": "ack", "id": "session-0123456789-1", "timestamp": 5 }));
    assert_eq!(world.take().events_of("acked"), [json!({ "event": "acked", "id": 1, "offset": 0, "time": 5.0 })]);
    assert_eq!(world.unsettled(), [2]);
    world.closed(None);
    world.await_attempt();
    world.take();
    open(&mut world);
    let again = world.take().sent_of("channel_message");
    assert_eq!((again.len(), &again[0]["id"], &again[0]["payload"]), (1, &json!("session-0123456789-2"), &json!(2)));
    world.receive(&json!({ "type": "ack", "id": "session-0123456789-2" }));
    world.assert_settled();
}

#[test]
fn with_acks_a_server_that_lives_but_does_not_acknowledge_is_left() {
    let mut world = World::described(config(), &preset("acks"));
    world.connect();
    open(&mut world);
    send(&mut world, Some("news"), "m", "1");
    for _ in 0..4 {
        world.advance_s(5);
        world.receive(&json!({ "type": "tick" }));
    }
    assert_eq!(world.client.cause(), Some(Code::LateAck));
}

#[test]
fn an_error_with_the_id_of_a_message_ends_that_message() {
    let mut world = World::described(config(), &preset("acks"));
    world.connect();
    open(&mut world);
    send(&mut world, Some("news"), "m", "1");
    world.receive(&json!({ "type": "error", "id": "session-0123456789-1", "payload": { "message": "no" } }));
    assert_eq!(world.take().events_of("failed")[0]["code"], "refused/other");
    world.assert_settled();
}

#[test]
fn a_signal_is_refused_where_each_message_needs_a_number() {
    let mut world = World::described(config(), &preset("acks"));
    world.connect();
    open(&mut world);
    world.subscribe("news");
    world.take();
    let message = named(&mut world, Some("news"), "m", "1");
    let now = world.now();
    world.client.signal(now, message).expect("a link");
    world.drain();
    let log = world.take();
    assert_eq!((log.sent().len(), &log.events_of("problem")[0]["code"]), (0, &json!("misuse/unsupported")));
}

#[test]
fn confirmed_subscriptions_wait_for_their_answer() {
    let mut description = preset("channels");
    description["receive"].as_array_mut().expect("a list").push(json!(["subscribed", "subscribed"]));
    let mut world = World::described(config(), &description);
    world.connect();
    open(&mut world);
    world.subscribe("news");
    world.subscribe("vip");
    assert_eq!(world.take().events_of("subscribed"), [] as [Value; 0]);
    world.receive(&json!({ "type": "subscribed", "channel": "news" }));
    world.receive(&json!({ "type": "error", "channel": "vip", "payload": { "message": "no" } }));
    let log = world.take();
    assert_eq!(log.events_of("subscribed").len(), 1);
    assert_eq!(log.events_of("channel-refused")[0]["channel"], "vip");
    world.advance_s(60);
    assert_eq!(world.take().sent_of("subscribe").len(), 0, "a refusal is for good");
}

#[test]
fn what_cannot_be_read_is_skipped_and_reported() {
    let frames = [
        "",
        "{",
        "ping",
        "5",
        "null",
        "[]",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":null}"#,
        r#"{"type":{}}"#,
        r#"{"type":["message"]}"#,
        r#"{"type":"room_join"}"#,
        r#"{"type":"room_join","payload":{"room":"lobby","user":{}}}"#,
        r#"{"type":"room_join","payload":{"room":"lobby","user":null}}"#,
        r#"{"type":"room_join","payload":{"room":"cellar","user":"ann"}}"#,
        r#"{"type":"presence_update","payload":{"room":"lobby","users":[{}]}}"#,
        r#"{"type":"presence_update","payload":{"room":"lobby","users":5}}"#,
        r#"{"type":"user_typing","payload":[]}"#,
        r#"{"type":"user_typing","payload":{"room":"lobby"}}"#,
    ];
    for frame in frames {
        let (mut world, _) = joined("lobby");
        world.receive_text(frame);
        let log = world.take();
        assert_eq!(log.events(), [json!({ "event": "problem", "code": "peer/bad-frame" })], "{frame}");
        assert_eq!((log.sent().len(), world.state()), (0, PublicState::Connected), "{frame}");
    }
    let (mut world, _) = joined("lobby");
    world.receive_bytes(&[1, 2, 3]);
    assert_eq!(world.events(), [json!({ "event": "problem", "code": "peer/bad-frame" })]);
}

#[test]
fn names_that_mean_something_to_javascript_are_names_like_any_other() {
    let (mut world, _) = joined("__proto__");
    world.receive(&json!({ "type": "message", "payload": { "room": "__proto__", "text": "hi" } }));
    assert_eq!(world.events()[0]["channel"], "__proto__");
    for kind in ["constructor", "__proto__", "toString"] {
        world.receive(&json!({ "type": kind, "payload": { "room": "__proto__", "__proto__": { "x": 1 } } }));
        assert_eq!(world.events()[0]["name"], kind);
    }
    world.receive(&json!({ "type": "room_join", "payload": { "room": "__proto__", "user": "__proto__" } }));
    assert_eq!(world.take().events_of("presence")[0]["joined"][0]["id"], "__proto__");
}

#[test]
fn an_ack_of_somebody_elses_message_settles_none_of_ours() {
    for id in [
        json!("session-9876543210-1"),
        json!("session-0123456789-"),
        json!("other-1"),
        json!("session-0123456789-x"),
        json!(1),
        Value::Null,
    ] {
        let mut world = World::described(Config::default(), &preset("acks"));
        world.connect();
        open(&mut world);
        send(&mut world, Some("news"), "m", "1");
        world.receive(&json!({ "type": "ack", "id": id }));
        assert_eq!(world.unsettled(), [1], "{id}");
    }
}

#[test]
fn an_outbox_taken_over_from_an_earlier_page_keeps_the_ids_that_it_had() {
    let mut world = World::described(config(), &preset("acks"));
    assert!(world.client.adopt(&"earlier-0123456789".to_owned(), 4));
    let message = named(&mut world, Some("news"), "m", "1");
    let now = world.now();
    assert!(world.client.restore(now, 3, message));
    world.connect();
    open(&mut world);
    assert_eq!(world.take().sent_of("channel_message")[0]["id"], "earlier-0123456789-3");
}

#[test]
fn the_time_of_day_is_the_hosts() {
    let mut world = channels();
    world.client.host_mut().time = 1_700_000_000_000;
    let beat = world.due_in().expect("a beat");
    world.advance(beat);
    assert_eq!(world.sent(), [r#"{"type":"ping","timestamp":1700000000000}"#]);
}

/// Connected to a Discord-style chat server that welcomed us like this; the log is empty.
fn chat(welcome: &Value) -> World {
    let mut world = World::described(config(), &preset("chat"));
    world.connect();
    open(&mut world);
    world.receive(&json!({ "type": "CONNECTION_ESTABLISHED", "payload": welcome }));
    world.take();
    world
}

#[test]
fn a_server_that_beats_is_answered_at_once_and_dead_when_it_stops() {
    let mut world = chat(&json!({ "connectionId": "c1" }));
    for _ in 0..4 {
        world.advance_s(30);
        world.receive(&json!({ "type": "HEARTBEAT", "timestamp": 5 }));
        assert_eq!(world.sent(), [r#"{"type":"HEARTBEAT","payload":{"ack":true},"timestamp":5}"#]);
    }
    world.advance_s(74);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(1);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn how_often_a_server_says_that_it_beats_decides_when_it_is_dead() {
    for (said, seconds) in
        [(json!(4_000), 10), (json!(1), 3), (json!(0), 75), (json!("4000"), 75), (json!(-4), 75), (json!(1e15), 9_000)]
    {
        let mut world = chat(&json!({ "heartbeatInterval": said }));
        world.advance_s(seconds - 1);
        assert_eq!(world.state(), PublicState::Connected, "{said}");
        world.advance_s(1);
        assert_eq!(world.client.cause(), Some(Code::LostHeartbeat), "{said}");
    }
}

#[test]
fn who_types_in_a_channel_that_nobody_opened_is_an_event_and_no_problem() {
    let mut world = chat(&json!({}));
    world.receive(&json!({ "type": "TYPING_STARTED", "payload": { "channelId": "42", "userId": "ann" } }));
    let log = world.take();
    assert_eq!(log.events_of("problem"), [] as [Value; 0]);
    assert_eq!(
        (&log.events_of("signal")[0]["name"], &log.events_of("signal")[0]["channel"]),
        (&json!("TYPING_STARTED"), &Value::Null)
    );
    world.receive(&json!({ "type": "TYPING_STARTED", "payload": { "userId": "ann" } }));
    assert_eq!(world.take().events_of("problem").len(), 1, "a channel has to be named");
}

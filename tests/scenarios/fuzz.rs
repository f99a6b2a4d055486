//! Anything a server could send and an application could call, in any order: no panic, and each send has one outcome.
//! `PROPTEST_CASES` sets how many; a failing case is printed, shrunk to the least that still fails.

use crate::support::{World, config, preset};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tautline::host::Payload;
use tautline::protocol::discord::{Discord, DiscordConfig};
use tautline::protocol::raw::Raw;
use tautline::{Config, Duration, NetworkEvent, PageEvent};

#[derive(Clone, Debug)]
enum Act {
    Frame(Value),
    Text(String),
    Bytes(Vec<u8>),
    Welcome,
    Closed(Option<u16>),
    Attempt,
    Publish,
    Request,
    Cancel(u64),
    Join(bool),
    Leave,
    Typing(bool),
    Track,
    Connect,
    Close,
    Retry,
    Network(bool),
    Page(u8),
    Advance(u64),
    Sleep(u64),
    /// Only with hand-written servers.
    Speak(&'static str),
}

const TYPES: [&str; 14] = [
    "message",
    "ack",
    "signal",
    "presence",
    "subscribed",
    "refused",
    "reply",
    "pong",
    "ping",
    "welcome",
    "refreshed",
    "reconnect",
    "nothing",
    "__proto__",
];
const FIELDS: [&str; 26] = [
    "channel",
    "event",
    "offset",
    "sender",
    "id",
    "from",
    "time",
    "payload",
    "epoch",
    "latest",
    "recovered",
    "presence",
    "joined",
    "updated",
    "left",
    "code",
    "retry",
    "request",
    "ttl",
    "after",
    "jitter",
    "expires",
    "heartbeat",
    "timeout",
    "limits",
    "member",
];

fn value() -> impl Strategy<Value = Value> {
    let members = json!([{ "id": "a", "version": 1, "state": {} }, { "id": "b", "version": 2, "state": null }]);
    prop_oneof![
        4 => (0u64..6).prop_map(Value::from),
        2 => Just(json!("r")),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)),
        1 => prop::sample::select(vec!["e", "$typing", "rate-limited", "forbidden", "token-expired", "bad-frame", ""])
            .prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!([])),
        1 => Just(members),
        1 => Just(json!({ "frame": 65_536, "rate": 100, "per": 1000 })),
    ]
}

fn frame() -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec((prop::sample::select(&FIELDS[..]), value()), 0..9);
    (prop::sample::select(&TYPES[..]), fields).prop_map(|(kind, fields)| {
        let mut frame = Map::new();
        frame.insert("type".into(), kind.into());
        frame.extend(fields.into_iter().map(|(name, value)| (name.into(), value)));
        Value::Object(frame)
    })
}

const HAND_WRITTEN: [&str; 17] = [
    "connection_established",
    "CONNECTION_ESTABLISHED",
    "message",
    "room_join",
    "room_leave",
    "presence_update",
    "user_typing",
    "user_stop_typing",
    "wallet_connect",
    "error",
    "ping",
    "pong",
    "ack",
    "subscribed",
    "channel_message",
    "constructor",
    "__proto__",
];
const PAYLOAD_FIELDS: [&str; 7] = ["room", "user", "users", "code", "message", "connectionId", "id"];

fn hand_written_frame() -> impl Strategy<Value = Value> {
    let named = prop::sample::select(vec![json!("a"), json!({ "id": "a" }), json!({ "id": 7, "x": [] }), json!({})]);
    let said = prop_oneof![
        3 => Just(json!("r")),
        2 => named.clone(),
        1 => prop::collection::vec(named, 0..3).prop_map(Value::from),
        1 => prop::sample::select(vec!["unauthorized", "forbidden", "session-0123456789-1"]).prop_map(Value::from),
        2 => value(),
    ];
    let object = |names: &'static [&'static str], most: usize| {
        prop::collection::vec((prop::sample::select(names), said.clone()), 0..most)
            .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    };
    let top = object(&["channel", "event", "id", "timestamp", "payload"], 4);
    let inner = object(&PAYLOAD_FIELDS, 5);
    (prop::sample::select(&HAND_WRITTEN[..]), top, prop::option::of(inner)).prop_map(|(kind, mut frame, payload)| {
        frame.insert("type".into(), kind.into());
        frame.extend(payload.map(|payload| ("payload".into(), payload.into())));
        Value::Object(frame)
    })
}

fn hand_written_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => hand_written_frame().prop_map(Act::Frame),
        3 => act(),
        1 => prop::sample::select(vec!["channels", "rooms", "chat", "acks"]).prop_map(Act::Speak),
    ]
}

fn gateway_frame() -> impl Strategy<Value = Value> {
    let ops = prop_oneof![
        12 => Just(json!(0)),
        4 => prop::sample::select(vec![1, 7, 9, 10, 11]).prop_map(Value::from),
        1 => prop::sample::select(vec![json!(2), json!(6), json!(99), json!(-1), json!(0.5), json!("0"), json!(null)]),
    ];
    let names = prop_oneof![
        6 => prop::sample::select(vec!["READY", "RESUMED", "MESSAGE_CREATE", "__proto__", ""]).prop_map(Value::from),
        1 => prop::sample::select(vec![json!(null), json!(5), json!({})]),
    ];
    let sequences = prop_oneof![
        6 => (0u64..30).prop_map(Value::from),
        2 => prop::sample::select(vec![json!(null), json!(-1), json!(0.5), json!("7"), json!(u64::MAX), json!([])]),
    ];
    let data = prop_oneof![
        4 => Just(json!({ "session_id": "abc", "resume_gateway_url": "wss://resume/" })),
        2 => prop::sample::select(vec![41_250.0, 1.0, 0.0, -5.0, 1e300])
            .prop_map(|interval| json!({ "heartbeat_interval": interval })),
        1 => any::<bool>().prop_map(Value::from),
        1 => prop::sample::select(vec![json!(null), json!([]), json!("x"), json!({ "session_id": 5 })]),
    ];
    let fields = (ops, prop::option::of(names), prop::option::of(sequences), prop::option::of(data));
    fields.prop_map(|(op, t, s, d)| {
        let given = [("op", Some(op)), ("t", t), ("s", s), ("d", d)];
        Value::Object(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    })
}

/// Hello and a welcome are likely, so that much happens behind them.
fn gateway_act() -> impl Strategy<Value = Act> {
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": 41_250 } });
    let ready =
        json!({ "op": 0, "t": "READY", "s": 0, "d": { "session_id": "abc", "resume_gateway_url": "wss://resume/" } });
    prop_oneof![
        8 => gateway_frame().prop_map(Act::Frame),
        6 => (0u64..30).prop_map(|s| Act::Frame(json!({ "op": 0, "t": "MESSAGE_CREATE", "s": s, "d": 1 }))),
        3 => Just(Act::Frame(json!({ "op": 1, "d": null }))),
        3 => Just(Act::Frame(hello)),
        2 => Just(Act::Frame(ready)),
        2 => Just(Act::Frame(json!({ "op": 11 }))),
        2 => prop::option::of(prop_oneof![1000u16..1002, 4000u16..4016]).prop_map(Act::Closed),
        8 => act(),
    ]
}

/// The number after `key` in a frame's text.
fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = &text[text.find(key)? + key.len()..];
    rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => frame().prop_map(Act::Frame),
        1 => any::<String>().prop_map(Act::Text),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Act::Bytes),
        3 => Just(Act::Welcome),
        2 => prop::option::of(prop_oneof![1000u16..1016, 4400u16..4430]).prop_map(Act::Closed),
        3 => Just(Act::Attempt),
        4 => Just(Act::Publish),
        1 => Just(Act::Request),
        1 => (1u64..9).prop_map(Act::Cancel),
        2 => any::<bool>().prop_map(Act::Join),
        1 => Just(Act::Leave),
        1 => any::<bool>().prop_map(Act::Typing),
        1 => Just(Act::Track),
        1 => Just(Act::Connect),
        1 => Just(Act::Close),
        1 => Just(Act::Retry),
        1 => any::<bool>().prop_map(Act::Network),
        1 => (0u8..3).prop_map(Act::Page),
        3 => (0u64..40_000).prop_map(Act::Advance),
        1 => (0u64..4_000_000).prop_map(Act::Sleep),
    ]
}

fn play(world: &mut World, act: Act) {
    let room = world.client.channel(&"r".to_owned());
    match act {
        Act::Frame(frame) => world.receive(&frame),
        Act::Text(text) => world.receive_text(&text),
        Act::Bytes(bytes) => world.receive_bytes(&bytes),
        Act::Welcome => world.welcome(&json!({})),
        Act::Closed(code) => world.closed(code),
        Act::Attempt => {
            world.resolve(Some("ws://x/"), None);
            world.opened();
        }
        // A full queue and the like are outcomes too.
        Act::Publish => drop(world.publish("r", "1")),
        Act::Request => drop(world.request("1", 5000)),
        Act::Cancel(id) => {
            world.cancel(id);
            world.cancel_request(id);
        }
        Act::Join(presence) => drop(world.join("r", presence)),
        Act::Leave => world.unsubscribe(room),
        Act::Typing(active) => world.typing(room, active),
        Act::Track => world.track(room, "{}"),
        Act::Connect => world.connect(),
        Act::Close => world.close(),
        Act::Retry => world.retry(),
        Act::Network(online) => {
            world.network(if online { NetworkEvent::Online } else { NetworkEvent::Offline });
        }
        Act::Page(event) => {
            world.page([PageEvent::Visible, PageEvent::Left, PageEvent::Returned][usize::from(event)]);
        }
        Act::Advance(millis) => world.advance_ms(millis),
        Act::Sleep(millis) => world.sleep(Duration::from_millis(millis)),
        Act::Speak(name) => world.speak(name),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_frames_and_calls_panics_or_leaves_a_send_without_its_one_outcome(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut world = World::new(config());
        world.connect();
        for act in acts {
            play(&mut world, act);
        }
        world.destroy();
        world.assert_settled();
    }

    #[test]
    fn a_hand_written_server_may_say_anything_too(
        preset_name in prop::sample::select(vec!["channels", "rooms"]),
        acks in any::<bool>(),
        acts in prop::collection::vec(hand_written_act(), 1..60),
    ) {
        let mut description = preset(preset_name);
        if acks {
            description["send"]["emit"] = r#"{"type":"$event","id":"$id","payload":"$payload"}"#.into();
            let types = description["receive"].as_array_mut().expect("a list");
            types.extend([json!(["ack", "ack"]), json!(["subscribed", "subscribed"])]);
        }
        let mut world = World::described(config(), &description);
        world.connect();
        for act in acts {
            play(&mut world, act);
        }
        world.destroy();
        world.assert_settled();
    }

    #[test]
    fn however_often_the_server_changes_a_message_goes_to_one_at_most_and_in_order(
        acts in prop::collection::vec((hand_written_act(), any::<bool>()), 1..60),
    ) {
        let mut world = World::described(config(), &preset("channels"));
        world.connect();
        let mut heard = Vec::new();
        for (number, (act, publishes)) in acts.into_iter().enumerate() {
            // A server that acknowledges is sent a message again; that is another promise.
            if !matches!(act, Act::Speak("acks")) {
                play(&mut world, act);
            }
            if publishes {
                let _ = world.publish("r", &format!("{{\"number\":{number}}}"));
            }
            let sent = world.take().sent();
            let frames = sent.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
            heard.extend(frames.filter_map(|frame| frame["payload"]["number"].as_u64()));
        }
        prop_assert!(heard.windows(2).all(|pair| pair[0] < pair[1]), "{heard:?}");
        world.destroy();
        world.assert_settled();
    }

    #[test]
    fn a_gateway_may_say_anything_and_the_sequence_never_goes_back_within_a_session(
        acts in prop::collection::vec(gateway_act(), 1..80),
    ) {
        let discord = DiscordConfig { identify: r#""intents":1"#.into(), ..DiscordConfig::default() };
        let mut world = World::speaking(config(), Box::new(Discord::new(discord)));
        world.connect();
        // The last number that was said on this connection, and on the one before.
        let (mut reached, mut before) = (0, 0);
        let greeted = [
            Act::Attempt,
            Act::Frame(json!({ "op": 10, "d": { "heartbeat_interval": 41_250 } })),
            Act::Frame(json!({ "op": 0, "t": "READY", "s": 1, "d": { "session_id": "abc" } })),
        ];
        for act in greeted.into_iter().chain(acts) {
            let ended = matches!(&act, Act::Frame(frame) if frame["op"] == 9 && frame["d"] != true);
            play(&mut world, act);
            let log = world.take();
            if log.opens() > 0 {
                (before, reached) = (reached, 0);
            }
            if ended || log.events_of("welcomed").iter().any(|welcome| welcome["resumed"] == false) {
                (before, reached) = (0, 0);
            }
            for frame in log.sent() {
                if frame.starts_with(r#"{"op":2,"#) {
                    (before, reached) = (0, 0);
                }
                let resumed = number_after(&frame, r#""seq":"#);
                prop_assert!(resumed.is_none_or(|sequence| sequence >= before), "{frame} after {before}");
                let said = resumed.or_else(|| number_after(&frame, r#"{"op":1,"d":"#));
                prop_assert!(said.is_none_or(|sequence| sequence >= reached), "{frame} after {reached}");
                reached = said.unwrap_or(reached);
            }
        }
        world.destroy();
        world.assert_settled();
    }

    #[test]
    fn a_bare_socket_sends_what_it_was_given_in_order_and_once_at_most(
        acts in prop::collection::vec((act(), 0u8..8), 1..60),
    ) {
        let beat = Some((Duration::from_secs(10), Duration::from_secs(5)));
        let ping = Payload::Text("ping".to_owned());
        let protocol = Raw { ping, pong: Some("pong".to_owned()), beat, silence: Some(Duration::from_secs(60)) };
        let mut world = World::bare(Config::default(), protocol);
        let mut heard = Vec::new();
        for (number, (act, also)) in acts.into_iter().enumerate() {
            play(&mut world, act);
            match also {
                0..4 => drop(world.send_bare(&format!("n{number}"))),
                4 => world.replace(4000, "again"),
                5 => world.close_with(4001, "enough"),
                _ => {}
            }
            let sent = world.take().sent();
            heard.extend(sent.iter().filter_map(|text| text.strip_prefix('n')?.parse::<usize>().ok()));
        }
        prop_assert!(heard.is_sorted_by(|before, after| before < after), "{heard:?}");
        world.destroy();
        world.assert_settled();
    }
}

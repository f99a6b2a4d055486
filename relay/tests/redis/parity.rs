//! One conversation, held with a relay in memory and with one on Redis: both say the same, to everybody, in the same order.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::processes::{Redis, Relay};
use crate::socket::Socket;

/// Who says what, one after the other. `$epoch` stands for the first epoch that was heard of.
fn conversation() -> Vec<(usize, Value)> {
    let publish =
        |id: u64, payload: Value| json!({"type":"publish","id":id,"channel":"c","event":"e","payload":payload});
    let request = |id: u64, event: &str, payload: Value| json!({"type":"request","id":id,"event":event,"channel":"c","payload":payload});
    let position = |epoch: &str, offset: u64| json!({"type":"subscribe","channel":"c","epoch":epoch,"offset":offset});
    let mut says = vec![
        (0, json!({"type":"subscribe","channel":"c","presence":true})),
        (1, json!({"type":"subscribe","channel":"c"})),
        (2, json!({"type":"signal","channel":"c","event":"s"})),
        (2, json!({"type":"track","channel":"c","state":1})),
        (1, publish(3, json!({"b":1,"a":[null]}))),
        (1, publish(3, json!("another"))),
        (1, publish(2, json!("too late"))),
        (1, json!({"type":"publish","id":4,"channel":"c","event":"e"})),
        (1, json!({"type":"publish","id":4,"channel":"c","event":"e","payload":1})),
        (1, publish(5, json!("x".repeat(52_500)))),
        (1, publish(6, json!("x".repeat(64_600)))),
        (1, publish(6, json!("short"))),
        (2, publish(1, json!("ä \" { }"))),
        (2, json!({"type":"subscribe","channel":"c","presence":true})),
        (0, json!({"type":"signal","channel":"c","event":"$typing","ttl":100,"payload":{"x":1}})),
        (1, json!({"type":"track","channel":"c","state":{"mood":"ok"}})),
        (1, json!({"type":"track","channel":"c","state":{"mood":"ok"}})),
        (1, json!({"type":"track","channel":"c","state":{"mood":"fine"}})),
        (0, json!({"type":"track","channel":"c","state":null})),
        (2, request(1, "presence", Value::Null)),
        (2, json!({"type":"subscribe","channel":"c","presence":true})),
        (1, json!({"type":"untrack","channel":"c"})),
        (1, json!({"type":"untrack","channel":"c"})),
        (2, request(2, "history", json!({"limit":2}))),
        (2, request(3, "history", json!({"before":2}))),
        (2, request(4, "history", json!({"before":0}))),
        (2, request(5, "history", json!({"before":99,"limit":1}))),
        (2, request(6, "history", json!({"limit":0}))),
        (2, request(7, "weather", Value::Null)),
        (2, position("$epoch", 1)),
        (2, position("$epoch", 99)),
        (2, position("unknown", 1)),
        (0, json!({"type":"unsubscribe","channel":"c"})),
        (1, publish(7, json!(7))),
        (0, position("$epoch", 0)),
        (0, json!({"type":"nonsense"})),
        (0, request(8, "history", json!({"limit":1000}))),
    ];
    // More than the history keeps.
    says.extend((8..14).map(|id| (1, publish(id, json!(id)))));
    says.extend([(2, position("$epoch", 1)), (2, position("$epoch", 6)), (2, request(9, "history", json!({})))]);
    says
}

/// What differs from one server to the next, made the same.
fn normal(message: &mut Value, epochs: &mut Vec<String>) {
    match message {
        Value::Object(fields) => {
            for field in ["connection", "time"] {
                fields.remove(field);
            }
            if let Some(Value::String(epoch)) = fields.get_mut("epoch") {
                if !epochs.contains(epoch) {
                    epochs.push(epoch.clone());
                }
                *epoch = epochs.iter().position(|known| known == epoch).expect("it is known").to_string();
            }
            fields.values_mut().for_each(|value| normal(value, epochs));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| normal(value, epochs)),
        _ => {}
    }
}

/// What everybody hears after each of the frames. `expected` says how much there will be, where that is known.
async fn hold(relay: &Relay, expected: Option<&[BTreeMap<usize, Vec<Value>>]>) -> Vec<BTreeMap<usize, Vec<Value>>> {
    let (mut sockets, mut epochs, mut heard) = (Vec::new(), Vec::<String>::new(), Vec::new());
    for letter in ["a", "b", "c"] {
        sockets.push(Socket::join(relay, letter).await.0);
    }
    for (step, (who, mut frame)) in conversation().into_iter().enumerate() {
        if frame["epoch"] == "$epoch" {
            frame["epoch"] = epochs[0].clone().into();
        }
        sockets[who].say(frame).await;
        let mut all = BTreeMap::new();
        // The speaker first: what it causes is there for the others when it has its answer.
        for listener in [who, (who + 1) % 3, (who + 2) % 3] {
            let mut messages = Vec::new();
            match expected {
                Some(expected) => {
                    for _ in 0..expected[step][&listener].len() {
                        messages.push(sockets[listener].hear().await);
                    }
                }
                None => {
                    sockets[listener].say(json!({"type":"ping"})).await;
                    loop {
                        let message = sockets[listener].hear().await;
                        if message["type"] == "pong" {
                            break;
                        }
                        messages.push(message);
                    }
                }
            }
            messages.iter_mut().for_each(|message| normal(message, &mut epochs));
            all.insert(listener, messages);
        }
        heard.push(all);
    }
    for socket in &mut sockets {
        socket.is_quiet().await;
    }
    heard
}

#[tokio::test]
async fn a_relay_on_redis_says_what_a_relay_in_memory_says() {
    let redis = Redis::start();
    let arguments = ["--history-size", "5", "--rate", "1000"];
    let memory = hold(&Relay::alone(&arguments), None).await;
    assert!(memory.iter().flat_map(BTreeMap::values).flatten().count() > 60, "there was something to compare");
    let shared = hold(&Relay::start_with(&redis.url(), &arguments), Some(&memory)).await;
    for ((said, memory), shared) in conversation().iter().zip(&memory).zip(&shared) {
        assert_eq!(memory, shared, "after {said:?}");
    }
}

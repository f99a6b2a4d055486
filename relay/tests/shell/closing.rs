//! Ends: goodbyes, restarts, readers that do not read.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{End, Relay, soon};

#[tokio::test]
async fn a_stop_advises_then_closes_with_1012_and_the_process_ends_well() {
    let mut relay = Relay::start(&["--open", "--shutdown-jitter", "1234"]);
    let (mut client, _) = relay.join("a").await;
    relay.terminate();
    assert_eq!(client.hear().await, json!({"type":"reconnect","after":1000,"jitter":1234}));
    assert_eq!(client.end().await, End::Closed(1012));
    assert!(relay.ended().await);
}

#[tokio::test]
async fn a_stop_without_clients_ends_well_too() {
    let mut relay = Relay::start(&["--open"]);
    relay.terminate();
    assert!(relay.ended().await);
}

#[tokio::test]
async fn a_goodbye_reaches_the_hub_and_is_answered() {
    let relay = Relay::start(&["--open"]);
    let (mut ann, _) = relay.join("a").await;
    ann.say(json!({"type":"subscribe","channel":"c","presence":true})).await;
    ann.hear().await;
    let (mut bob, member) = relay.join("b").await;
    bob.say(json!({"type":"subscribe","channel":"c"})).await;
    bob.say(json!({"type":"track","channel":"c","state":1})).await;
    assert_eq!(ann.hear().await["joined"][0]["id"], member.as_str());
    let goodbye = tokio_tungstenite::tungstenite::protocol::CloseFrame { code: 1000.into(), reason: "".into() };
    bob.send(Message::Close(Some(goodbye))).await.unwrap();
    assert_eq!(bob.end().await, End::Closed(1000));
    assert_eq!(ann.hear().await["left"][0], member.as_str());
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_and_harms_nobody() {
    let relay = Relay::start(&["--open", "--rate", "100000", "--frame-limit", "1048576", "--history-size", "10"]);
    let (mut slow, _) = relay.join("b").await;
    slow.say(json!({"type":"subscribe","channel":"c"})).await;
    slow.hear().await;
    let (mut ann, _) = relay.join("a").await;
    let payload = "x".repeat(900_000);
    // What the relay queues and what both systems buffer, and as much again.
    for id in 1..=60 {
        ann.say(json!({"type":"publish","id":id,"channel":"c","event":"e","payload":payload})).await;
        assert_eq!(ann.hear().await["type"], "ack");
    }
    let (_, _, health) = relay.http("GET", "/health", "", "").await;
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["connections"], 1);
    assert!(matches!(soon(slow.end()).await, End::Closed(4429) | End::Dropped));
}

//! Every limit: what a client beyond it is told, and that it is counted.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, End, Relay};
use crate::raw::Raw;

fn publish(id: u64, channel: &str, payload: &str) -> Value {
    json!({"type":"publish","id":id,"channel":channel,"event":"e","payload":payload})
}

async fn subscribe(client: &mut Client, channel: &str) -> Value {
    client.ask(json!({"type":"subscribe","channel":channel})).await
}

#[tokio::test]
async fn frame_size_a_payload_is_refused_and_a_frame_closes() {
    let relay = Relay::start(&["--open", "--frame-limit", "4096"]);
    let (mut client, _) = relay.join("a").await;
    let refused = client.ask(publish(1, "c", &"x".repeat(3_200))).await;
    assert_eq!(
        (&refused["code"], &refused["id"], &refused["limit"], &refused["size"]),
        (&json!("too-large"), &json!(1), &json!(3_072), &json!(3_202))
    );
    client.say(publish(2, "c", &"x".repeat(4_096))).await;
    assert_eq!(client.end().await, End::Closed(1009));
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("payload_size"), metrics.limit("frame_size"), metrics.closed(1009)), (1.0, 1.0, 1.0));
    assert_eq!(metrics.refused("too-large"), 1.0);
}

#[tokio::test]
async fn messages_per_second_are_held_back_and_a_flood_closes() {
    let relay = Relay::start(&["--open", "--rate", "2"]);
    let (mut client, _) = relay.join("a").await;
    let mut id = 0;
    let refused = loop {
        id += 1;
        let answer = client.ask(publish(id, "c", "x")).await;
        if answer["type"] != "ack" {
            break answer;
        }
    };
    assert!(refused["code"] == "rate-limited" && refused["retry"].as_u64().is_some_and(|ms| ms > 0), "{refused}");
    assert_eq!(
        client.ask(json!({"type":"request","id":1,"event":"history","channel":"c"})).await["code"],
        "rate-limited"
    );
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("frame_rate"), metrics.refused("rate-limited")), (2.0, 2.0));

    for _ in 0..50 {
        let _ = client.send(Message::text(r#"{"type":"ping"}"#)).await;
    }
    assert_eq!(client.end().await, End::Closed(4429));
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("frame_flood"), metrics.closed(4429)), (1.0, 1.0));
}

#[tokio::test]
async fn channels_of_one_connection_and_in_all() {
    let relay = Relay::start(&["--open", "--channels-per-connection", "2", "--channels", "3"]);
    let (mut ann, _) = relay.join("a").await;
    for channel in ["c1", "c2"] {
        assert_eq!(subscribe(&mut ann, channel).await["type"], "subscribed");
    }
    let refused = subscribe(&mut ann, "c3").await;
    assert_eq!((&refused["code"], &refused["limit"]), (&json!("channel-limit"), &json!(2)));
    assert_eq!(subscribe(&mut ann, "c1").await["type"], "subscribed", "what it has it may have again");
    let (mut bob, _) = relay.join("b").await;
    assert_eq!(subscribe(&mut bob, "c3").await["type"], "subscribed");
    let refused = subscribe(&mut bob, "c4").await;
    assert!(refused["code"] == "unavailable" && refused["retry"].is_u64(), "{refused}");
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("channels_per_connection"), metrics.limit("channels")), (1.0, 1.0));
    assert_eq!((metrics.refused("channel-limit"), metrics.refused("unavailable")), (1.0, 1.0));
}

#[tokio::test]
async fn connections_in_all_are_closed_with_4429_until_one_goes() {
    let relay = Relay::start(&["--open", "--connections", "1"]);
    let (mut ann, _) = relay.join("a").await;
    let mut late = relay.connect().await;
    assert_eq!(late.end().await, End::Closed(4429));
    ann.close().await;
    relay.counts("a seat is free", |metrics| metrics.get("connections") == 0.0).await;
    relay
        .until("somebody else gets it", async || {
            let mut client = relay.connect().await;
            client.send(Message::text(r#"{"type":"ping"}"#)).await.is_ok() && client.end().await == End::Closed(4400)
        })
        .await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("connections") >= 1.0 && metrics.closed(4429) >= 1.0);
    assert_eq!(metrics.limit("connections_per_address"), 0.0);
}

#[tokio::test]
async fn connections_of_one_address_leave_room_for_others_behind_the_same_proxy() {
    let relay = Relay::start(&["--open", "--connections-per-address", "1", "--trust-forwarded"]);
    let _ann = relay.connect_from("198.51.100.1").await.unwrap();
    let mut again = relay.connect_from("203.0.113.9, 198.51.100.1").await.unwrap();
    assert_eq!(again.end().await, End::Closed(4429));
    let mut other = relay.connect_from("198.51.100.1, 198.51.100.2").await.unwrap();
    other.hello("b").await;
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("connections_per_address"), metrics.closed(4429)), (1.0, 1.0));
}

#[tokio::test]
async fn forwarded_addresses_are_a_clients_own_words_unless_trusted() {
    let relay = Relay::start(&["--open", "--connections-per-address", "1"]);
    let _ann = relay.connect_from("198.51.100.1").await.unwrap();
    let mut liar = relay.connect_from("198.51.100.2").await.unwrap();
    assert_eq!(liar.end().await, End::Closed(4429));
}

#[tokio::test]
async fn refused_ones_that_linger_are_few_and_the_rest_gets_a_status() {
    let relay = Relay::start(&["--open", "--connections-per-address", "1"]);
    let (mut ann, _) = relay.join("a").await;
    let mut lingering = Vec::new();
    relay
        .until("too many linger", async || match relay.try_connect(Some("tautline.v1"), None).await {
            Ok(client) => {
                lingering.push(client);
                false
            }
            Err(status) => {
                assert_eq!(status, 503);
                true
            }
        })
        .await;
    assert!(relay.metrics().await.limit("lingering") >= 1.0);
    assert_eq!(ann.ask(json!({"type":"ping"})).await["type"], "pong");
    for client in &mut lingering {
        assert_eq!(client.end().await, End::Closed(4429));
    }
}

#[tokio::test]
async fn handshake_time_holds_for_the_request_and_for_hello() {
    let relay = Relay::start(&["--open", "--handshake-timeout", "300"]);
    let mut silent = Raw::connect(&relay).await;
    assert_eq!(silent.end().await, End::Dropped);
    let mut unfinished = Raw::connect(&relay).await;
    unfinished.send(b"GET /ws HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    assert_eq!(unfinished.frame().await.map(|_| ()), None);
    assert_eq!(relay.metrics().await.limit("handshake_time"), 2.0);
    let mut mute = Raw::upgrade(&relay).await;
    assert_eq!(mute.end().await, End::Closed(4408));
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("handshake_time"), metrics.closed(4408)), (3.0, 1.0));
}

#[tokio::test]
async fn connections_in_their_handshake_are_bounded_too() {
    let relay = Relay::start(&["--open", "--connections-per-address", "1", "--handshake-timeout", "60000"]);
    let mut waiting = Vec::new();
    // One seat, and some room for those who come only to hear that there is none.
    for _ in 0..17 {
        waiting.push(Raw::connect(&relay).await);
    }
    let mut late = Raw::connect(&relay).await;
    assert_eq!(late.end().await, End::Dropped);
    drop(waiting);
    relay
        .until("there is room again", async || {
            let mut raw = Raw::connect(&relay).await;
            raw.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() && raw.frame().await.is_some()
        })
        .await;
    assert!(relay.metrics().await.limit("handshakes") >= 1.0);
}

#[tokio::test]
async fn history_is_bounded_by_number_by_bytes_and_in_all() {
    let relay = Relay::start(&["--open", "--history-size", "3", "--history-bytes", "2000", "--history-total", "3000"]);
    let (mut client, _) = relay.join("a").await;
    for id in 1..=4 {
        assert_eq!(client.ask(publish(id, "number", "x")).await["type"], "ack");
    }
    assert_eq!(relay.metrics().await.limit("history_size"), 1.0);
    for id in 5..=7 {
        assert_eq!(client.ask(publish(id, "bytes", &"x".repeat(700))).await["type"], "ack");
    }
    assert_eq!(relay.metrics().await.limit("history_bytes"), 1.0);
    for id in 8..=9 {
        assert_eq!(client.ask(publish(id, "third", &"x".repeat(700))).await["type"], "ack");
    }
    let metrics = relay.metrics().await;
    assert!(metrics.limit("history_total") >= 1.0 && metrics.get("history_bytes") <= 3_000.0);
    let history = client.ask(json!({"type":"request","id":1,"event":"history","channel":"number"})).await;
    assert_eq!(history["payload"]["messages"].as_array().unwrap().len(), 3, "the small one stays");
    let answer = client.ask(json!({"type":"subscribe","channel":"bytes","epoch":"x","offset":1})).await;
    assert_eq!(answer["recovered"], false, "and who missed something is told");
}

#[tokio::test]
async fn presence_is_bounded_by_members_by_state_and_in_all() {
    let relay =
        Relay::start(&["--open", "--presence-members", "2", "--presence-state-limit", "10", "--presence-total", "15"]);
    let mut clients = Vec::new();
    for letter in ["a", "b", "c"] {
        let (mut client, _) = relay.join(letter).await;
        subscribe(&mut client, "c").await;
        clients.push(client);
    }
    let track = |state: &str| json!({"type":"track","channel":"c","state":state});
    let refused = clients[0].ask(track("123456789")).await;
    assert_eq!(
        (&refused["code"], &refused["channel"], &refused["limit"], &refused["size"]),
        (&json!("too-large"), &json!("c"), &json!(10), &json!(11))
    );
    clients[0].say(track("12345678")).await;
    assert_eq!(clients[0].ask(json!({"type":"ping"})).await["type"], "pong");
    let refused = clients[1].ask(track("1234")).await;
    assert_eq!((&refused["code"], &refused["channel"]), (&json!("unavailable"), &json!("c")));
    clients[1].say(track("123")).await;
    assert_eq!(clients[1].ask(json!({"type":"ping"})).await["type"], "pong");
    let refused = clients[2].ask(track("")).await;
    assert_eq!((&refused["code"], &refused["limit"]), (&json!("unavailable"), &json!(2)));
    let metrics = relay.metrics().await;
    for limit in ["presence_state", "presence_total", "presence_members"] {
        assert_eq!(metrics.limit(limit), 1.0, "{limit}");
    }
    assert_eq!((metrics.get("presence_members"), metrics.get("presence_bytes")), (2.0, 15.0));
}

#[tokio::test]
async fn answers_that_sessions_keep_are_bounded_in_all_and_nothing_counts_twice() {
    let relay = Relay::start(&["--open", "--answers-total", "1000", "--rate", "1000"]);
    let (mut client, _) = relay.join("a").await;
    for id in 1..=20 {
        assert_eq!(client.ask(publish(id, "c", "x")).await["type"], "ack");
    }
    assert_eq!(client.ask(publish(20, "c", "x")).await["type"], "ack");
    assert_eq!(client.ask(publish(1, "c", "x")).await["code"], "bad-frame");
    let metrics = relay.metrics().await;
    assert!(metrics.limit("answers_total") >= 1.0 && metrics.get("answer_bytes") <= 1_000.0);
    assert_eq!(metrics.get("published_total"), 20.0);
}

#[tokio::test]
async fn bad_frames_are_refused_and_ten_of_them_close() {
    let relay = Relay::start(&["--open"]);
    let (mut client, _) = relay.join("a").await;
    for _ in 0..10 {
        assert_eq!(client.ask(json!([])).await["code"], "bad-frame");
    }
    assert_eq!(client.end().await, End::Closed(4400));
    let metrics = relay.metrics().await;
    assert_eq!((metrics.refused("bad-frame"), metrics.limit("bad_frames"), metrics.closed(4400)), (10.0, 1.0, 1.0));
}

/// Publishes until so many readers that do not read are cut.
async fn fill(relay: &Relay, channel: &str, cut: f64) {
    let (mut publisher, _) = relay.join("f").await;
    let payload = "x".repeat(900_000);
    let mut id = 0;
    relay
        .until("slow readers are cut", async || {
            id += 1;
            assert_eq!(publisher.ask(publish(id, channel, &payload)).await["type"], "ack");
            relay.metrics().await.get("slow_consumers_total") >= cut
        })
        .await;
}

#[tokio::test]
async fn a_slow_consumer_is_cut_at_its_queues_limit() {
    let relay = Relay::start(&["--open", "--rate", "100000", "--frame-limit", "1048576", "--history-size", "10"]);
    let mut slow = Raw::join(&relay, "slow").await;
    slow.send(&crate::raw::frame(crate::raw::TEXT, br#"{"type":"subscribe","channel":"c"}"#)).await.unwrap();
    assert!(slow.frame().await.is_some());
    fill(&relay, "c", 1.0).await;
    let metrics = relay.metrics().await;
    assert_eq!((metrics.limit("queue"), metrics.get("slow_consumers_total"), metrics.closed(4429)), (1.0, 1.0, 1.0));
    assert_eq!(slow.end().await, End::Closed(4429), "one that reads again hears why");
    relay.counts("its queue is given back", |metrics| metrics.get("queue_bytes") == 0.0).await;
}

#[tokio::test]
async fn slow_consumers_together_are_cut_at_the_limit_of_all_queues() {
    let limit = 8_000_000;
    let limit_text = limit.to_string();
    let relay = Relay::start(&[
        "--open",
        "--rate",
        "100000",
        "--frame-limit",
        "1048576",
        "--history-size",
        "10",
        "--queue-total",
        &limit_text,
    ]);
    let mut slow = Vec::new();
    for session in ["s1", "s2", "s3", "s4"] {
        let mut raw = Raw::join(&relay, session).await;
        raw.send(&crate::raw::frame(crate::raw::TEXT, br#"{"type":"subscribe","channel":"c"}"#)).await.unwrap();
        assert!(raw.frame().await.is_some());
        slow.push(raw);
    }
    fill(&relay, "c", 4.0).await;
    let metrics = relay.metrics().await;
    assert!(metrics.limit("queue_total") >= 3.0, "{metrics:?}");
    assert!(metrics.get("queue_bytes") <= f64::from(limit) + 4.0 * 900_000.0);
    for raw in &mut slow {
        assert!(matches!(raw.end().await, End::Closed(4429) | End::Dropped));
    }
    relay.counts("all queues are given back", |metrics| metrics.get("queue_bytes") == 0.0).await;
}

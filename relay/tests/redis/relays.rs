//! Any relay serves any client.

use serde_json::{Value, json};

use crate::processes::{Redis, Relay};
use crate::socket::Socket;

#[tokio::test]
async fn who_publishes_at_one_relay_is_heard_at_another_and_gets_its_ack_before_its_own_message() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let (mut bob, bobs) = Socket::join(&two, "b").await;
    let subscribed = ann.subscribe("c").await;
    assert_eq!((&subscribed["offset"], &subscribed["recovered"]), (&json!(0), &json!(true)));
    bob.subscribe("c").await;
    let ack = bob.publish(1, "c").await;
    assert_eq!((&ack["type"], &ack["offset"], &ack["epoch"]), (&json!("ack"), &json!(1), &subscribed["epoch"]));
    let (heard, own) = (ann.hear().await, bob.hear().await);
    assert_eq!(heard, own);
    assert_eq!((&heard["type"], &heard["from"], &heard["payload"]), (&json!("message"), &bobs["member"], &json!([1])));
    assert_eq!((&heard["id"], &heard["time"], &heard["offset"]), (&json!(1), &ack["time"], &json!(1)));
}

#[tokio::test]
async fn a_publish_sent_again_through_another_relay_counts_once_and_gets_its_first_ack() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut listener, _) = Socket::join(&one, "z").await;
    listener.subscribe("c").await;
    let (mut before, welcome) = Socket::join(&one, "a").await;
    assert_eq!(welcome["resumed"], false);
    let ack = before.publish(5, "c").await;
    let refused = before.ask(json!({"type":"publish","id":6,"channel":"","event":"e","payload":1})).await;
    assert_eq!(refused["code"], "bad-frame");
    let (mut after, welcome) = Socket::join(&two, "a").await;
    assert_eq!(welcome["resumed"], true);
    assert_eq!(before.closed().await, Some(4409), "the newer connection replaces the older, wherever they are");
    assert_eq!(after.publish(5, "elsewhere").await, ack);
    assert_eq!(after.publish(6, "c").await, refused, "a refusal is an answer too");
    assert_eq!(after.publish(4, "c").await["code"], "bad-frame", "an id that was jumped over comes too late");
    assert_eq!(after.publish(7, "c").await["offset"], 2);
    assert_eq!((&listener.hear().await["id"], &listener.hear().await["id"]), (&json!(5), &json!(7)));
    listener.is_quiet().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_an_older_connection_still_brings_after_a_newer_one_took_over_does_not_count() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut listener, _) = Socket::join(&two, "z").await;
    listener.subscribe("c").await;
    let (mut older, _) = Socket::join(&one, "a").await;
    assert_eq!(older.publish(1, "c").await["type"], "ack");
    // Its relay stands still: it has not heard of the newer connection when the frame comes.
    one.freeze();
    let late = json!({"type":"publish","id":9,"channel":"c","event":"note","payload":[9]});
    older.say(late).await;
    let (mut newer, _) = Socket::join(&two, "a").await;
    assert_eq!(newer.publish(2, "c").await["offset"], 2);
    one.thaw();
    assert_eq!(older.closed().await, Some(4409));
    assert_eq!(newer.publish(3, "c").await["offset"], 3, "a late higher id would have settled it");
    for id in 1..=3 {
        assert_eq!(listener.hear().await["id"], id);
    }
    listener.is_quiet().await;
}

#[tokio::test]
async fn a_client_that_moves_gets_what_it_missed_from_the_history_of_all() {
    let redis = Redis::start();
    let arguments = ["--history-size", "3"];
    let (one, two) = (Relay::start_with(&redis.url(), &arguments), Relay::start_with(&redis.url(), &arguments));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let epoch = ann.subscribe("c").await["epoch"].take();
    drop(ann);
    let (mut bob, _) = Socket::join(&one, "b").await;
    for id in 1..=5 {
        assert_eq!(bob.publish(id, "c").await["offset"], id);
    }
    let (mut ann, _) = Socket::join(&two, "a").await;
    let subscribed = ann.ask(json!({"type":"subscribe","channel":"c","epoch":epoch,"offset":3})).await;
    assert_eq!(
        (&subscribed["recovered"], &subscribed["offset"], &subscribed["latest"]),
        (&json!(true), &json!(3), &json!(5))
    );
    assert_eq!((&ann.hear().await["payload"], &ann.hear().await["payload"]), (&json!([4]), &json!([5])));
    let subscribed = ann.ask(json!({"type":"subscribe","channel":"c","epoch":epoch,"offset":1})).await;
    assert_eq!((&subscribed["recovered"], &subscribed["offset"]), (&json!(false), &json!(2)));
    for offset in 3..=5 {
        assert_eq!(ann.hear().await["offset"], offset);
    }
    let history =
        |id: u64, payload: Value| json!({"type":"request","id":id,"event":"history","channel":"c","payload":payload});
    let reply = ann.ask(history(1, json!({"limit":2}))).await["payload"].take();
    assert_eq!((&reply["epoch"], &reply["more"]), (&epoch, &json!(true)));
    assert_eq!((&reply["messages"][0]["offset"], &reply["messages"][1]["offset"]), (&json!(4), &json!(5)));
    let reply = ann.ask(history(2, json!({"before":4}))).await["payload"].take();
    assert_eq!((&reply["messages"][0]["offset"], &reply["more"]), (&json!(3), &json!(false)));
}

#[tokio::test]
async fn signals_and_binary_messages_cross_relays_as_they_are() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut ann, anns) = Socket::join(&one, "a").await;
    let (mut bob, _) = Socket::join(&two, "b").await;
    ann.subscribe("a }{ name").await;
    bob.subscribe("a }{ name").await;
    ann.say(json!({"type":"signal","channel":"a }{ name","event":"$typing","ttl":5,"payload":{"x":1}})).await;
    let signal = json!({"type":"signal","channel":"a }{ name","event":"$typing","from":anns["member"],"ttl":5,"payload":{"x":1}});
    assert_eq!(bob.hear().await, signal);
    ann.is_quiet().await;
    let publish = r#"{"type":"publish","id":1,"channel":"a }{ name","event":"e"}"#;
    ann.say_bytes(publish, &[0, 255, b'\n']).await;
    assert_eq!(ann.hear().await["offset"], 1);
    let (header, payload) = bob.hear_bytes().await;
    assert_eq!(
        (&header["type"], &header["offset"], &payload[..]),
        (&json!("message"), &json!(1), &[0, 255, b'\n'][..])
    );
    assert_eq!(ann.hear_bytes().await, (header, payload));
}

#[tokio::test]
async fn a_server_publishes_at_any_relay_and_learns_the_position() {
    let redis = Redis::start();
    let key = ["--api-key", "0123456789abcdef"];
    let (one, two) = (Relay::start(&redis), Relay::start_with(&redis.url(), &key));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let epoch = ann.subscribe("c").await["epoch"].take();
    two.redis_is("up").await;
    let body = r#"{"channel":"c","event":"note","payload":[1]}"#;
    let (status, answer) = two.http("POST", "/api/publish", "authorization: Bearer 0123456789abcdef\r\n", body).await;
    assert_eq!((status, serde_json::from_str::<Value>(&answer).unwrap()), (200, json!({"epoch":epoch,"offset":1})));
    let message = ann.hear().await;
    assert_eq!((&message["sender"], &message["from"], &message["payload"]), (&json!(0), &json!("server"), &json!([1])));
}

#[tokio::test]
async fn what_comes_again_under_its_idempotency_key_at_another_relay_is_published_once() {
    let redis = Redis::start();
    let key = ["--api-key", "0123456789abcdef"];
    let (one, two) = (Relay::start_with(&redis.url(), &key), Relay::start_with(&redis.url(), &key));
    let (mut ann, _) = Socket::join(&one, "a").await;
    ann.subscribe("c").await;
    two.redis_is("up").await;
    let publish = async |relay: &Relay, name: &str, payload: u64| {
        let headers = format!("authorization: Bearer 0123456789abcdef\r\nidempotency-key: {name}\r\n");
        let body = json!({"channel":"c","event":"note","payload":payload}).to_string();
        relay.http("POST", "/api/publish", &headers, &body).await
    };
    let first = publish(&one, "order-7", 1).await;
    assert_eq!(first.0, 200);
    assert_eq!((publish(&two, "order-7", 1).await, publish(&one, "order-7", 1).await), (first.clone(), first));
    assert_eq!(publish(&two, "order-8", 2).await.0, 200);
    assert_eq!((&ann.hear().await["payload"], &ann.hear().await["payload"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn services_with_other_prefixes_do_not_hear_of_each_other() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start_with(&redis.url(), &["--redis-prefix", "other:"]));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let (mut bob, welcome) = Socket::join(&two, "a").await;
    assert_eq!(welcome["resumed"], false);
    ann.subscribe("c").await;
    assert_eq!(bob.publish(1, "c").await["offset"], 1);
    ann.is_quiet().await;
}

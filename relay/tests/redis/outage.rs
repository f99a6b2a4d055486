//! Redis goes away and comes back, with what it kept or without.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use crate::processes::{Redis, Relay};
use crate::socket::Socket;

/// Publishes until it is acknowledged; returns the ack.
async fn publish_through(socket: &mut Socket, id: u64) -> Value {
    loop {
        let answer = socket.publish(id, "c").await;
        if answer["type"] == "ack" {
            return answer;
        }
        assert_eq!(answer["code"], "unavailable", "{answer}");
        tokio::time::sleep(std::time::Duration::from_millis(answer["retry"].as_u64().expect("a time"))).await;
    }
}

#[tokio::test]
async fn while_redis_is_away_connections_stay_and_nothing_is_acknowledged_and_after_it_nothing_is_lost() {
    let mut redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut ann, anns) = Socket::join(&one, "a").await;
    let (mut bob, _) = Socket::join(&two, "b").await;
    let before = ann.subscribe("c").await;
    ann.say(json!({"type":"track","channel":"c","state":"here"})).await;
    assert_eq!(ann.hear().await["type"], "presence");
    let mut acks = Vec::new();
    for id in 1..=3 {
        acks.push(bob.publish(id, "c").await);
        assert_eq!(ann.hear().await["offset"], id);
    }
    redis.kill();
    one.redis_is("down").await;
    two.redis_is("down").await;
    let refused = bob.publish(4, "c").await;
    assert_eq!(
        (&refused["type"], &refused["code"], &refused["id"]),
        (&json!("refused"), &json!("unavailable"), &json!(4))
    );
    assert!(refused["retry"].as_u64() > Some(0));
    let held = bob.publish(5, "c").await;
    assert_eq!((&held["code"], &held["id"]), (&json!("unavailable"), &json!(5)), "and what comes after it waits");
    let refused = bob.ask(json!({"type":"subscribe","channel":"d"})).await;
    assert_eq!((&refused["code"], &refused["channel"]), (&json!("unavailable"), &json!("d")));
    let refused = bob.ask(json!({"type":"request","id":9,"event":"history","channel":"c"})).await;
    assert_eq!((&refused["code"], &refused["request"]), (&json!("unavailable"), &json!(9)));
    ann.is_quiet().await;
    redis.run();
    let ack = publish_through(&mut bob, 4).await;
    assert_eq!(ack["offset"], 4);
    assert_eq!(publish_through(&mut bob, 5).await["offset"], 5);
    assert_eq!(bob.publish(2, "c").await, acks[1], "what was acknowledged stays so");
    let renewed = ann.hear().await;
    assert_eq!((&renewed["type"], &renewed["recovered"]), (&json!("subscribed"), &json!(true)), "{renewed}");
    assert_eq!((&renewed["offset"], &renewed["epoch"]), (&json!(3), &ack["epoch"]));
    assert_eq!(renewed["presence"][0]["id"], anns["member"]);
    assert_eq!((&ann.hear().await["offset"], &ann.hear().await["offset"]), (&json!(4), &json!(5)));
    ann.is_quiet().await;
    // Who had all of it under the old epoch has missed nothing; who claims more than was kept is told so.
    let mut come_back = async |offset: u64| {
        let position = json!({"type":"subscribe","channel":"c","epoch":before["epoch"],"offset":offset});
        let subscribed = bob.ask(position).await;
        for _ in subscribed["offset"].as_u64().unwrap()..subscribed["latest"].as_u64().unwrap() {
            bob.hear().await;
        }
        subscribed["recovered"].as_bool().unwrap()
    };
    assert!(come_back(3).await);
    assert!(!come_back(4).await);
}

#[tokio::test]
async fn a_redis_that_lost_everything_is_one_gap_and_then_all_is_as_usual() {
    let mut redis = Redis::start();
    let relay = Relay::start(&redis);
    let (mut ann, anns) = Socket::join(&relay, "a").await;
    let (mut bob, _) = Socket::join(&relay, "b").await;
    let epoch = ann.subscribe("c").await["epoch"].take();
    ann.say(json!({"type":"track","channel":"c","state":"here"})).await;
    assert_eq!(ann.hear().await["type"], "presence");
    for id in 1..=2 {
        bob.publish(id, "c").await;
        ann.hear().await;
    }
    redis.kill();
    redis.empty();
    redis.run();
    let renewed = ann.hear().await;
    assert_eq!((&renewed["type"], &renewed["recovered"]), (&json!("subscribed"), &json!(false)), "{renewed}");
    assert_eq!((&renewed["offset"], &renewed["latest"]), (&json!(0), &json!(0)));
    assert_ne!(renewed["epoch"], epoch);
    let joined = ann.hear().await;
    assert_eq!(joined["joined"][0]["id"], anns["member"], "whoever is there is present again: {joined}");
    let ack = publish_through(&mut bob, 3).await;
    assert_eq!((&ack["offset"], &ack["epoch"]), (&json!(1), &renewed["epoch"]));
    assert_eq!(ann.hear().await["offset"], 1);
    ann.is_quiet().await;
}

#[tokio::test]
async fn a_relay_whose_connections_to_redis_break_again_and_again_misses_and_doubles_nothing() {
    let redis = Redis::start();
    let rate = ["--rate", "1000"];
    let (one, two) = (Relay::start_with(&redis.url(), &rate), Relay::start_with(&redis.url(), &rate));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let (mut bob, _) = Socket::join(&two, "b").await;
    ann.subscribe("c").await;
    for id in 1..=200 {
        if id % 20 == 0 {
            let mut control = UnixStream::connect(redis.url().trim_start_matches("redis+unix://")).expect("Redis");
            control.write_all(b"CLIENT KILL TYPE pubsub\r\n").expect("written");
            control.read_exact(&mut [0; 4]).expect("read");
        }
        assert_eq!(publish_through(&mut bob, id).await["offset"], id);
    }
    for offset in 1..=200 {
        let message = ann.hear().await;
        assert_eq!((&message["type"], &message["offset"]), (&json!("message"), &json!(offset)), "{message}");
    }
    ann.is_quiet().await;
    let (_, metrics) = two.http("GET", "/metrics", "", "").await;
    assert!(metrics.contains("\ntautline_relay_redis_up 1\n"), "{metrics}");
    let reconnects = metrics.lines().find_map(|line| line.strip_prefix("tautline_relay_redis_reconnects_total "));
    assert!(reconnects.expect("a counter").parse::<u32>().expect("a number") > 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_publish_whose_fate_is_unknown_is_to_be_sent_again_and_counts_once() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start(&redis));
    let (mut ann, _) = Socket::join(&one, "a").await;
    let (mut bob, _) = Socket::join(&two, "b").await;
    ann.subscribe("c").await;
    redis.freeze();
    // Written to a Redis that stands still: it will read and do it when it goes on, long after nobody waits any more.
    let refused = bob.publish(1, "c").await;
    assert_eq!((&refused["code"], &refused["id"]), (&json!("unavailable"), &json!(1)));
    two.redis_is("down").await;
    redis.thaw();
    two.redis_is("up").await;
    assert_eq!(publish_through(&mut bob, 1).await["offset"], 1);
    assert_eq!(publish_through(&mut bob, 2).await["offset"], 2);
    assert_eq!((&ann.hear().await["offset"], &ann.hear().await["offset"]), (&json!(1), &json!(2)));
    ann.is_quiet().await;
}

#[tokio::test]
async fn a_relay_starts_without_its_redis_says_so_and_works_once_it_is_there() {
    let mut redis = Redis::absent(&[]);
    let relay = Relay::start(&redis);
    relay.redis_is("down").await;
    let mut socket = Socket::open(&relay.address).await.expect("a websocket");
    socket.say(json!({"type":"hello","session":"aaaaaaaaaaaaaaaa"})).await;
    assert_eq!(socket.closed().await, Some(1013));
    assert!(relay.log().contains("Redis cannot be reached"), "{}", relay.log());
    redis.run();
    relay.redis_is("up").await;
    let (mut ann, _) = Socket::join(&relay, "a").await;
    assert_eq!(ann.publish(1, "c").await["offset"], 1);
}

#[tokio::test]
async fn the_password_of_redis_is_in_no_log() {
    let redis = Redis::start_with(&["--requirepass", "hush-right"]);
    let right = Relay::start_with(&format!("{}?pass=hush-right", redis.url()), &[]);
    let wrong = Relay::start_with(&format!("{}?pass=hush-wrong", redis.url()), &[]);
    right.redis_is("up").await;
    let mut socket = Socket::open(&wrong.address).await.expect("a websocket");
    socket.say(json!({"type":"hello","session":"aaaaaaaaaaaaaaaa"})).await;
    assert_eq!(socket.closed().await, Some(1013));
    assert!(wrong.log().contains("Redis cannot be reached"), "{}", wrong.log());
    for relay in [&right, &wrong] {
        let (_, metrics) = relay.http("GET", "/metrics", "", "").await;
        assert!(!relay.log().contains("hush") && !metrics.contains("hush"));
    }
}

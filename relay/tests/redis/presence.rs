//! Who is present, wherever they are connected.

use serde_json::{Value, json};

use crate::processes::{Redis, Relay, until};
use crate::socket::Socket;

fn track(state: &str) -> Value {
    json!({"type":"track","channel":"c","state":state})
}

#[tokio::test]
async fn members_of_all_relays_are_one_list_and_changes_are_told_everywhere() {
    let redis = Redis::start();
    let (one, two) = (Relay::start(&redis), Relay::start_with(&redis.url(), &["--presence-members", "1"]));
    let (mut ann, anns) = Socket::join(&one, "a").await;
    let (mut bob, _) = Socket::join(&two, "b").await;
    ann.subscribe("c").await;
    assert_eq!(bob.subscribe("c").await["presence"], json!([]));
    ann.say(track("here")).await;
    let joined = json!({"type":"presence","channel":"c","joined":[{"id":anns["member"],"version":1,"state":"here"}]});
    assert_eq!(bob.hear().await, joined);
    assert_eq!(ann.hear().await, joined);
    ann.say(track("here")).await;
    ann.say(track("there")).await;
    assert_eq!(bob.hear().await["updated"], json!([{"id":anns["member"],"version":2,"state":"there"}]));
    let reply = bob.ask(json!({"type":"request","id":1,"event":"presence","channel":"c"})).await;
    assert_eq!(reply["payload"], json!({"members":[{"id":anns["member"],"version":2,"state":"there"}]}));
    let refused = bob.ask(track("me too")).await;
    assert_eq!((&refused["code"], &refused["limit"]), (&json!("unavailable"), &json!(1)));
    ann.say(json!({"type":"untrack","channel":"c"})).await;
    assert_eq!(bob.hear().await["left"], json!([anns["member"]]));
    bob.is_quiet().await;
}

#[tokio::test]
async fn a_member_that_moves_to_another_relay_makes_no_noise_and_then_leaves_from_there() {
    let redis = Redis::start();
    let grace = ["--presence-grace", "1000"];
    let (one, two) = (Relay::start_with(&redis.url(), &grace), Relay::start_with(&redis.url(), &grace));
    let (mut watcher, _) = Socket::join(&two, "w").await;
    watcher.subscribe("c").await;
    let (mut ann, anns) = Socket::join(&one, "a").await;
    ann.subscribe("c").await;
    ann.say(track("here")).await;
    assert_eq!(watcher.hear().await["joined"][0]["id"], anns["member"]);
    drop(one);
    let (mut ann, again) = Socket::join(&two, "a").await;
    assert_eq!((&again["member"], &again["resumed"]), (&anns["member"], &json!(true)));
    ann.subscribe("c").await;
    ann.say(track("here")).await;
    ann.is_quiet().await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    watcher.is_quiet().await;
    ann.say(json!({"type":"unsubscribe","channel":"c"})).await;
    assert_eq!(watcher.hear().await["left"], json!([anns["member"]]));
}

#[tokio::test]
async fn members_of_a_killed_relay_leave_once_though_two_others_look() {
    let redis = Redis::start();
    let grace = ["--presence-grace", "400"];
    let relays = [(); 3].map(|()| Relay::start_with(&redis.url(), &grace));
    let [one, two, three] = relays;
    let (mut first, _) = Socket::join(&two, "v").await;
    let (mut second, _) = Socket::join(&three, "w").await;
    first.subscribe("c").await;
    second.subscribe("c").await;
    let mut members = Vec::new();
    let mut lost = Vec::new();
    for letter in ["a", "b"] {
        let (mut socket, welcome) = Socket::join(&one, letter).await;
        socket.subscribe("c").await;
        socket.say(track(letter)).await;
        assert_eq!(first.hear().await["joined"][0]["id"], welcome["member"]);
        assert_eq!(second.hear().await["joined"][0]["id"], welcome["member"]);
        members.push(welcome["member"].as_str().unwrap().to_owned());
        lost.push(socket);
    }
    drop(one);
    for watcher in [&mut first, &mut second] {
        let mut left = Vec::new();
        for _ in 0..2 {
            left.push(watcher.hear().await["left"][0].as_str().unwrap().to_owned());
        }
        left.sort();
        members.sort();
        assert_eq!(left, members);
    }
    until("the list is empty", async || {
        let reply = first.ask(json!({"type":"request","id":1,"event":"presence","channel":"c"})).await;
        reply["payload"]["members"] == json!([])
    })
    .await;
    first.is_quiet().await;
    second.is_quiet().await;
}

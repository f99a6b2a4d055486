//! The demo's faults on purpose.

use serde_json::json;

use crate::harness::{End, Relay};

#[tokio::test]
async fn a_restart_cuts_everybody_forgets_everything_and_is_away_for_a_while() {
    let relay = Relay::start(&["--open", "--demo-faults"]);
    let (mut client, member) = relay.join("a").await;
    client.say(json!({"type":"subscribe","channel":"c"})).await;
    let epoch = client.hear().await["epoch"].clone();
    assert_eq!(relay.post_json("/demo/restart", &json!({"downMs":60_000})).await, 204);
    assert_eq!(client.end().await, End::Dropped);
    assert_eq!(relay.try_connect(Some("tautline.v1"), None).await.err(), Some(503));
    assert_eq!(relay.http("GET", "/health", "", "").await.0, 200);
    assert_eq!(relay.post_json("/demo/restart", &json!({"downMs":0})).await, 204);
    let (mut client, again) = relay.join("a").await;
    assert_eq!(again, member);
    client.say(json!({"type":"subscribe","channel":"c","epoch":epoch,"offset":0})).await;
    assert_eq!(client.hear().await["recovered"], false);
}

#[tokio::test]
async fn one_member_is_cut_and_the_others_are_not() {
    let relay = Relay::start(&["--open", "--demo-faults"]);
    let (mut ann, member) = relay.join("a").await;
    let (mut bob, _) = relay.join("b").await;
    assert_eq!(relay.post_json("/demo/drop", &json!({"member":member})).await, 204);
    assert_eq!(ann.end().await, End::Dropped);
    bob.say(json!({"type":"ping"})).await;
    assert_eq!(bob.hear().await["type"], "pong");
    assert_eq!(relay.post_json("/demo/drop", &json!({"member":"nobody"})).await, 404);
}

#[tokio::test]
async fn a_stalled_line_says_nothing_until_it_flows_again() {
    let relay = Relay::start(&["--open", "--demo-faults"]);
    let (mut ann, member) = relay.join("a").await;
    let (mut bob, _) = relay.join("b").await;
    assert_eq!(relay.post_json("/demo/stall", &json!({"member":member,"ms":600_000})).await, 204);
    ann.say(json!({"type":"publish","id":1,"channel":"c","event":"e","payload":1})).await;
    bob.say(json!({"type":"request","id":1,"event":"history","channel":"c"})).await;
    assert_eq!(bob.hear().await["payload"]["messages"], json!([]));
    assert_eq!(relay.post_json("/demo/stall", &json!({"member":member,"ms":0})).await, 204);
    assert_eq!(ann.hear().await["type"], "ack");
}

#[tokio::test]
async fn another_page_cannot_cause_faults() {
    let relay = Relay::start(&["--open", "--demo-faults"]);
    let headers = "content-type: application/json\r\norigin: https://evil.example\r\n";
    for (path, body) in [
        ("/demo/restart", r#"{"downMs":1}"#),
        ("/demo/drop", r#"{"member":"x"}"#),
        ("/demo/stall", r#"{"member":"x","ms":1}"#),
    ] {
        assert_eq!(relay.http("POST", path, headers, body).await.0, 403, "{path}");
    }
    assert_eq!(relay.http("POST", "/demo/restart", "content-type: text/plain\r\n", r#"{"downMs":1}"#).await.0, 415);
}

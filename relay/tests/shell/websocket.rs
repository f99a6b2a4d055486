//! The websocket: who may open one, and what goes over it.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{End, Relay, soon};

#[tokio::test]
async fn a_message_goes_round_as_text_and_as_bytes() {
    let relay = Relay::start(&["--open"]);
    let (mut ann, member) = relay.join("a").await;
    let (mut bob, _) = relay.join("b").await;
    bob.say(json!({"type":"subscribe","channel":"c"})).await;
    assert_eq!(bob.hear().await["recovered"], true);
    ann.say(json!({"type":"publish","id":1,"channel":"c","event":"say","payload":{"text":"hi"}})).await;
    assert_eq!(ann.hear().await["type"], "ack");
    let message = bob.hear().await;
    assert_eq!((&message["payload"], &message["from"]), (&json!({"text":"hi"}), &json!(member)));

    let header = br#"{"type":"publish","id":2,"channel":"c","event":"say"}"#;
    let mut bytes = vec![1, 0, header.len() as u8];
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(&[0, 255]);
    ann.send(Message::binary(bytes)).await.unwrap();
    assert_eq!(ann.hear().await["offset"], 2);
    assert!(bob.hear_binary().await.ends_with(&[b'}', 0, 255]));
}

#[tokio::test]
async fn a_token_is_asked_for_when_a_secret_is_set() {
    let relay = Relay::start(&["--jwt-secret", "0123456789abcdef0123456789abcdef"]);
    let mut client = relay.connect().await;
    client.say(json!({"type":"hello","session":"aaaaaaaaaaaaaaaa"})).await;
    assert_eq!(client.hear().await["code"], "auth-required");
    assert_eq!(client.end().await, End::Closed(4401));
}

#[tokio::test]
async fn strange_origins_and_other_protocols_do_not_get_in() {
    let relay = Relay::start(&["--open", "--allow-origin", "https://app.example"]);
    let own = format!("http://{}", relay.address);
    let protocol = Some("tautline.v1");
    for origin in ["https://evil.example", "null"] {
        let mut stranger = relay.try_connect(protocol, Some(origin)).await.expect("a websocket that says why it ends");
        assert_eq!(stranger.end().await, End::Closed(4403), "{origin}");
    }
    assert!(relay.try_connect(protocol, Some("https://app.example")).await.is_ok());
    assert!(relay.try_connect(protocol, Some("http://localhost:3000")).await.is_ok());
    assert!(relay.try_connect(protocol, Some(&own)).await.is_ok());
    assert_eq!(relay.try_connect(None, None).await.err(), Some(400));
    assert_eq!(relay.try_connect(Some("tautline.v9"), None).await.err(), Some(400));
}

#[tokio::test]
async fn a_frame_over_the_limit_is_closed_with_1009_and_the_code_arrives() {
    let relay = Relay::start(&["--open", "--frame-limit", "4096"]);
    for size in [4_097, 16_384, 1_000_000, 8_000_000] {
        let (client, _) = relay.join("a").await;
        let (mut sink, mut stream) = client.split();
        // The relay stops reading: the rest of the frame is never taken, and only the answer counts.
        let sending = tokio::spawn(async move { drop(sink.send(Message::text("x".repeat(size))).await) });
        let code = soon(async {
            loop {
                match stream.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    other => panic!("{size} bytes: no close code but {other:?}"),
                }
            }
        })
        .await;
        assert_eq!(code, 1009, "{size} bytes");
        sending.abort();
    }
}

#[tokio::test]
async fn many_channels_with_long_histories_are_replayed_to_the_end() {
    let relay = Relay::start(&["--open", "--rate", "100000"]);
    let (mut ann, _) = relay.join("a").await;
    let channels = 12_u64;
    let messages = 1_000_u64;
    let mut id = 0;
    for channel in 0..channels {
        for _ in 0..messages {
            id += 1;
            let channel = format!("c{channel}");
            ann.say(json!({"type":"publish","id":id,"channel":channel,"event":"e","payload":"x".repeat(300)})).await;
        }
        for _ in 0..messages {
            assert_eq!(ann.hear().await["type"], "ack");
        }
    }
    let (mut bob, _) = relay.join("b").await;
    for channel in 0..channels {
        let channel = format!("c{channel}");
        bob.say(json!({"type":"subscribe","channel":channel,"epoch":"lost","offset":0})).await;
    }
    let mut heard = 0;
    while heard < channels * messages {
        heard += u64::from(bob.hear().await["type"] == "message");
    }
    bob.say(json!({"type":"ping"})).await;
    assert_eq!(bob.hear().await["type"], "pong");
}

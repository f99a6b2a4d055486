//! Logs: one JSON object a line, with names other tools know, and without anything secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::harness::{End, Relay};

const SECRET: &str = "a-secret-of-thirty-two-bytes-or-more";
const KEY: &str = "a-key-of-sixteen-or-more";

fn token(user: &str) -> String {
    let claims = format!(r#"{{"sub":"{user}","exp":99999999999,"channels":["*"]}}"#);
    let head = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(head.as_bytes());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn lines(log: &str) -> Vec<Map<String, Value>> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    log.lines().map(parse).collect()
}

/// A relay that was given everything it must not repeat, and the words of it.
async fn everything_secret(format: &str) -> (Relay, Vec<String>) {
    let arguments = ["--jwt-secret", SECRET, "--api-key", KEY, "--log-format", format];
    let relay = Relay::start_with(&arguments, &[("RUST_LOG", "trace")]);
    let (good, renewed, bad) = (token("ann"), token("ann"), format!("{}x", token("eve")));
    let mut client = relay.connect().await;
    let session = "session-is-secret";
    assert_eq!(client.ask(json!({"type":"hello","session":session,"token":good})).await["type"], "welcome");
    assert_eq!(client.ask(json!({"type":"refresh","token":renewed})).await["type"], "refreshed");
    assert_eq!(client.ask(json!({"type":"subscribe","channel":"c"})).await["type"], "subscribed");
    client.say(json!({"type":"track","channel":"c","state":"state-is-private"})).await;
    let said = json!({"type":"publish","id":1,"channel":"c","event":"e","payload":"payload-is-private"});
    assert_eq!(client.ask(said).await["type"], "ack");
    let headers = format!("authorization: Bearer {KEY}\r\n");
    let body = r#"{"channel":"c","event":"e","payload":"payload-is-private"}"#;
    assert_eq!(relay.http("POST", "/api/publish", &headers, body).await.0, 200);
    assert_eq!(relay.http("GET", "/health?token=query-is-secret", "", "").await.0, 200);
    let mut stranger = relay.connect().await;
    let hello = json!({"type":"hello","session":session,"token":bad});
    assert_eq!(stranger.ask(hello).await["code"], "token-invalid");
    assert_eq!(stranger.end().await, End::Closed(4401));
    let mut page = relay.try_connect(Some("tautline.v1"), Some("https://evil.example")).await.expect("a websocket");
    assert_eq!(page.end().await, End::Closed(4403));
    client.close().await;
    relay.logged("closed by the client").await;
    let secrets = [SECRET, KEY, session, "private", "query-is-secret", &good, &bad].map(str::to_owned).to_vec();
    (relay, secrets)
}

#[tokio::test]
async fn nothing_secret_is_logged_however_much_is_logged() {
    for format in ["text", "json"] {
        let (relay, secrets) = everything_secret(format).await;
        let log = relay.log();
        for secret in secrets {
            assert!(!log.contains(&secret), "{format}: {secret} is in\n{log}");
        }
    }
}

#[tokio::test]
async fn json_logs_are_one_object_a_line_with_names_of_opentelemetry() {
    let (relay, _) = everything_secret("json").await;
    let own = ["timestamp", "level", "target", "message"];
    let known = [
        "client.address",
        "error.type",
        "exception.message",
        "http.request.header.origin",
        "messaging.batch.message_count",
        "messaging.destination.name",
        "messaging.operation.name",
        "network.peer.address",
        "network.protocol.name",
        "network.transport",
    ];
    let log = lines(&relay.log());
    for line in &log {
        for name in own {
            assert!(line[name].is_string(), "{line:?} has no {name}");
        }
        for name in line.keys().map(String::as_str) {
            assert!(own.contains(&name) || known.contains(&name) || name.starts_with("tautline."), "{name}: {line:?}");
        }
        assert!(line["target"].as_str().is_some_and(|target| target.starts_with("tautline_relay")), "{line:?}");
    }
    let find = |message: &str| log.iter().find(|line| line["message"] == message).expect("a line");
    let open = find("open");
    assert_eq!((&open["client.address"], &open["network.protocol.name"]), (&json!("127.0.0.1"), &json!("websocket")));
    assert_eq!(find("subscribed")["messaging.destination.name"], "c");
    let closed = log.iter().find(|line| line.get("tautline.close.code") == Some(&json!(4401))).expect("a line");
    assert_eq!((&closed["level"], &closed["client.address"]), (&json!("INFO"), &json!("127.0.0.1")));
}

#[tokio::test]
async fn a_log_file_is_plain_text_without_colours_and_says_little() {
    let relay = Relay::start(&["--open", "--connections", "100"]);
    let (mut client, _) = relay.join("a").await;
    client.close().await;
    relay.counts("it is gone", |metrics| metrics.get("connections") == 0.0).await;
    let log = relay.log();
    assert!(log.contains("OPEN: everybody") && !log.contains('\u{1b}') && log.lines().count() == 1, "{log}");
}

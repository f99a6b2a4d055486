//! The HTTP side: health, publishing by a key, files, the command line.

use serde_json::{Value, json};

use crate::harness::Relay;

const KEY: &str = "a-key-of-sixteen-or-more";

#[tokio::test]
async fn health_says_what_the_relay_holds() {
    let relay = Relay::start(&["--open"]);
    let (mut client, _) = relay.join("a").await;
    let (status, head, body) = relay.http("GET", "/health", "", "").await;
    assert_eq!(status, 200);
    assert!(head.contains("x-content-type-options: nosniff"));
    let health: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        health,
        json!({"status":"ok","version":env!("CARGO_PKG_VERSION"),"connections":1,"sessions":1,"channels":0,
            "published":0,"refused":0,"replayed":0})
    );
    client.close().await;
}

#[tokio::test]
async fn a_server_with_the_key_publishes_and_others_do_not() {
    let relay = Relay::start(&["--open", "--api-key", KEY, "--frame-limit", "4096"]);
    let (mut client, _) = relay.join("a").await;
    client.say(json!({"type":"subscribe","channel":"c"})).await;
    let epoch = client.hear().await["epoch"].clone();
    let good = format!("authorization: Bearer {KEY}\r\n");
    let body = r#"{"channel":"c","event":"note","payload":{"n":1e400}}"#;

    let (status, _, answer) = relay.http("POST", "/api/publish", &good, body).await;
    assert_eq!((status, answer), (200, json!({"epoch":epoch,"offset":1}).to_string()));
    let hear = client.send(tokio_tungstenite::tungstenite::Message::text(r#"{"type":"ping"}"#)).await;
    assert!(hear.is_ok());

    let wrong = [
        String::new(),
        "authorization: Bearer\r\n".into(),
        "authorization: Bearer wrong\r\n".into(),
        format!("authorization: Basic {KEY}\r\n"),
        format!("authorization: Bearer {KEY}x\r\n"),
    ];
    for headers in &wrong {
        let (status, head, answer) = relay.http("POST", "/api/publish", headers, body).await;
        assert_eq!(status, 401, "{headers}");
        assert!(head.contains("www-authenticate: bearer") && answer.contains("unauthorized") && !answer.contains(KEY));
    }
    let large = format!(r#"{{"channel":"c","event":"note","payload":"{}"}}"#, "x".repeat(3_500));
    let huge = format!(r#"{{"channel":"c","event":"note","payload":"{}"}}"#, "x".repeat(50_000));
    for (body, expected) in [
        ("", 400),
        ("[]", 400),
        (r#"{"channel":"c","event":"note"}"#, 400),
        (r#"{"channel":"","event":"note","payload":1}"#, 400),
        (r#"{"channel":"c","event":"$typing","payload":1}"#, 400),
        (large.as_str(), 413),
        (huge.as_str(), 413),
    ] {
        let (status, _, answer) = relay.http("POST", "/api/publish", &good, body).await;
        assert_eq!(status, expected, "{body:.60}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["error"]["code"].is_string() && answer["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn what_comes_again_under_its_idempotency_key_is_answered_as_before_and_published_once() {
    let relay = Relay::start(&["--open", "--api-key", KEY]);
    let (mut client, _) = relay.join("a").await;
    client.say(json!({"type":"subscribe","channel":"c"})).await;
    client.hear().await;
    let publish = async |key: &str, payload: u64| {
        let headers = format!("authorization: Bearer {KEY}\r\n{key}");
        let body = json!({"channel":"c","event":"note","payload":payload}).to_string();
        let (status, _, answer) = relay.http("POST", "/api/publish", &headers, &body).await;
        (status, serde_json::from_str::<Value>(&answer).unwrap())
    };
    let first = publish("Idempotency-Key: order-7\r\n", 1).await;
    assert_eq!(first.1["offset"], 1);
    assert_eq!(publish("Idempotency-Key: order-7\r\n", 1).await, first);
    assert_eq!(publish("Idempotency-Key: order-8\r\n", 2).await.1["offset"], 2);
    assert_eq!(publish("", 3).await.1["offset"], 3);
    for payload in 1..=3 {
        assert_eq!(client.hear().await["payload"], payload);
    }
    let long = format!("Idempotency-Key: {}\r\n", "x".repeat(129));
    for key in ["Idempotency-Key:\r\n", &long, "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "Idempotency-Key: ä\r\n"]
    {
        let (status, answer) = publish(key, 4).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("bad-key")), "{key}");
    }
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_there() {
    let relay = Relay::start(&["--open"]);
    assert_eq!(relay.http("POST", "/api/publish", "", "{}").await.0, 404);
    assert_eq!(relay.post_json("/demo/restart", &json!({"downMs":0})).await, 404);
    assert_eq!(relay.http("GET", "/", "", "").await.0, 404);
}

#[tokio::test]
async fn files_are_served_with_the_index_for_every_other_path() {
    let folder = std::env::temp_dir().join(format!("tautline-relay-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("public")).unwrap();
    std::fs::write(folder.join("secret.txt"), "secret").unwrap();
    std::fs::write(folder.join("public/index.html"), "<h1>demo</h1>").unwrap();
    std::fs::write(folder.join("public/app.wasm"), "wasm").unwrap();
    let relay = Relay::start(&["--open", "--static", folder.join("public").to_str().unwrap()]);
    for path in ["/", "/rooms/7", "/../secret.txt", "/..%2fsecret.txt"] {
        let (status, _, body) = relay.http("GET", path, "", "").await;
        assert!(status != 200 || body == "<h1>demo</h1>", "{path}: {status} {body}");
    }
    assert_eq!(relay.http("GET", "/", "", "").await.2, "<h1>demo</h1>");
    let (status, head, body) = relay.http("GET", "/app.wasm", "", "").await;
    assert_eq!((status, body.as_str()), (200, "wasm"));
    assert!(head.contains("content-type: application/wasm"));
    assert!(relay.http("GET", "/health", "", "").await.2.contains("\"ok\""));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn options_that_do_not_fit_are_refused_with_the_way_out() {
    let said = Relay::refuse(&[]);
    assert!(said.contains("TAUTLINE_JWT_SECRET") && said.contains("--open"), "{said}");
    let said = Relay::refuse(&["--jwt-secret", "too-short-a-secret"]);
    assert!(said.contains("32") && !said.contains("too-short-a-secret"), "{said}");
    assert!(Relay::refuse(&["--open", "--demo-faults", "--listen", "0.0.0.0:0"]).contains("loopback"));
    assert!(Relay::refuse(&["--open", "--static", "/no/such/folder"]).contains("/no/such/folder"));
}

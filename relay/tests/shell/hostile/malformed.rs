//! Frames that are none, and messages that are none: each has one known answer.

use futures_util::future::join_all;
use serde_json::json;

use super::{KB, Siege, bound, scale};
use crate::harness::{End, Relay};
use crate::raw::{BINARY, CLOSE, PING, Raw, TEXT, frame};

/// What has to come of it.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// The websocket is closed with this code.
    Closed(u16),
    /// It is refused as `bad-frame`, and the connection lives.
    Refused,
    /// It is a message like any other.
    Taken,
}

use Outcome::{Closed, Refused, Taken};

/// What breaks the websocket protocol itself.
fn broken_frames() -> Vec<(&'static str, Vec<u8>, Outcome)> {
    let close = |code: u16, reason: &[u8]| frame(CLOSE, &[&code.to_be_bytes(), reason].concat());
    let length = |length: u64| [&[TEXT, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat();
    let mut cases = vec![
        ("bad UTF-8", frame(TEXT, b"{\"type\":\"\xff\"}"), Closed(1007)),
        ("UTF-8 that is cut", frame(TEXT, b"{\"type\":\"\xe2\x82"), Closed(1007)),
        ("a surrogate in UTF-8", frame(TEXT, b"{\"type\":\"\xed\xa0\x80\"}"), Closed(1007)),
        ("compressed, though nobody said so", frame(TEXT | 0x40, br#"{"type":"ping"}"#), Closed(1002)),
        ("the second reserved bit", frame(TEXT | 0x20, br#"{"type":"ping"}"#), Closed(1002)),
        ("the third reserved bit", frame(BINARY | 0x10, br#"{"type":"ping"}"#), Closed(1002)),
        ("unmasked", [&[TEXT, 15][..], br#"{"type":"ping"}"#].concat(), Closed(1002)),
        ("a length of all ones", length(u64::MAX), Closed(1009)),
        ("a length with its highest bit", length(1 << 63), Closed(1009)),
        ("a length of 4 GB", length(1 << 32), Closed(1009)),
        ("a length one over the limit", length(65_537), Closed(1009)),
        ("a long ping", frame(PING, &[0; 126]), Closed(1002)),
        ("half a ping", frame(PING & 0x7f, b"x"), Closed(1002)),
        ("half a close", frame(CLOSE & 0x7f, b""), Closed(1002)),
        ("a continuation of nothing", frame(0x80, b"x"), Closed(1002)),
        ("an unfinished continuation of nothing", frame(0x00, b"x"), Closed(1002)),
        ("a text within a text", [frame(0x01, b"x"), frame(TEXT, b"x")].concat(), Closed(1002)),
        ("a binary within a text", [frame(0x01, b"x"), frame(0x02, b"x")].concat(), Closed(1002)),
        ("a close of one byte", frame(CLOSE, b"x"), Closed(1002)),
        ("a close with bad UTF-8", close(1000, b"\xff"), Closed(1007)),
        ("a close that is right", close(1000, b"bye"), Closed(1000)),
        ("a close of its own kind", close(4999, b""), Closed(4999)),
    ];
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        cases.push(("an opcode nobody knows", frame(0x80 | opcode, b"x"), Closed(1002)));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        cases.push(("a close with a bad code", close(code, b""), Closed(1002)));
    }
    cases
}

const SECOND_HELLO: &str = "a second hello";

/// What breaks our own protocol.
fn broken_messages() -> Vec<(&'static str, Vec<u8>, Outcome)> {
    let publish =
        |payload: &str| format!(r#"{{"type":"publish","id":1,"channel":"bad","event":"e","payload":{payload}}}"#);
    let nested = |depth: usize| publish(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let digits = "9".repeat(10_000);
    let texts = [
        ("nothing", String::new(), Refused),
        ("no JSON", "nonsense".into(), Refused),
        ("a zero byte", "\0".into(), Refused),
        ("JSON that is cut", r#"{"type":"pi"#.into(), Refused),
        ("two messages", r#"{"type":"ping"}{"type":"ping"}"#.into(), Refused),
        ("an array", "[]".into(), Refused),
        ("a number", "1e999".into(), Refused),
        ("deep", nested(64), Refused),
        ("very deep", "[".repeat(60_000), Refused),
        ("very deep objects", r#"{"a":"#.repeat(12_000), Refused),
        ("as deep as allowed", nested(63), Taken),
        ("brackets in a string", publish(&format!("\"{}\"", "[{".repeat(10_000))), Taken),
        ("a huge id", format!(r#"{{"type":"publish","id":{digits},"channel":"c","event":"e","payload":1}}"#), Refused),
        ("an id as a float", r#"{"type":"publish","id":1e0,"channel":"c","event":"e","payload":1}"#.into(), Refused),
        ("a negative id", r#"{"type":"publish","id":-1,"channel":"c","event":"e","payload":1}"#.into(), Refused),
        ("a huge number as payload", publish(&digits), Taken),
        ("a number beyond floats as payload", publish("1e400"), Taken),
        ("a type twice", r#"{"type":"ping","type":"ping"}"#.into(), Refused),
        ("a channel twice", r#"{"type":"subscribe","channel":"a","channel":"b"}"#.into(), Refused),
        ("a key twice in a payload", publish(r#"{"a":1,"a":2}"#), Taken),
        ("prototypes as keys", publish(r#"{"__proto__":{"x":1},"constructor":{"prototype":{}}}"#), Taken),
        ("a lone surrogate as channel", r#"{"type":"subscribe","channel":"\ud800"}"#.into(), Refused),
        ("a lone surrogate as type", r#"{"type":"\udfff"}"#.into(), Refused),
        ("lone surrogates as payload", publish(r#""\ud800\udfff\ud800""#), Taken),
        ("a channel too long", format!(r#"{{"type":"subscribe","channel":"{}"}}"#, "c".repeat(129)), Refused),
        ("a channel of control characters", r#"{"type":"subscribe","channel":"\u0000\u001b"}"#.into(), Refused),
        ("an offset of nonsense", r#"{"type":"subscribe","channel":"c","epoch":"e","offset":"1"}"#.into(), Refused),
        ("a type nobody knows", format!(r#"{{"type":"{}"}}"#, "x".repeat(60_000)), Refused),
        ("a message of the server", r#"{"type":"welcome"}"#.into(), Refused),
        (SECOND_HELLO, r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#.into(), Closed(4400)),
    ];
    let texts = texts.into_iter().map(|(name, text, outcome)| (name, frame(TEXT, text.as_bytes()), outcome));

    let header = br#"{"type":"publish","id":1,"channel":"bad","event":"e"}"#;
    let layout = |version: u8, length: usize, header: &[u8]| {
        [&[version][..], &u16::try_from(length).expect("a length").to_be_bytes(), header, b"payload"].concat()
    };
    let whole = layout(1, header.len(), header);
    let cuts = (0..whole.len()).map(|cut| {
        let outcome = if cut < 3 + header.len() { Refused } else { Taken };
        ("a binary layout that is cut", frame(BINARY, &whole[..cut]), outcome)
    });
    let layouts = [
        ("another layout", layout(2, header.len(), header)),
        ("no layout", layout(0, header.len(), header)),
        ("no header", layout(1, 0, b"")),
        ("a header too short", layout(1, header.len() - 1, header)),
        ("a header too long", layout(1, header.len() + 1, header)),
        ("a header beyond the limit", layout(1, 8_193, &[b' '; 8_193])),
        ("a header beyond the end", layout(1, 65_535, header)),
        ("a header that is no UTF-8", layout(1, 4, b"{\xff\xff}")),
        ("a payload in the header", layout(1, 15 + 13, br#"{"type":"signal","payload":1}"#)),
        ("a binary hello", layout(1, 16, br#"{"type":"hello"}"#)),
    ];
    let layouts = layouts.into_iter().map(|(name, bytes)| (name, frame(BINARY, &bytes), Refused));
    texts.chain(cuts).chain(layouts).collect()
}

/// Sends it on a connection of its own and looks what comes of it.
async fn try_case(relay: &Relay, number: usize, name: &str, bytes: &[u8], outcome: Outcome) {
    let mut raw = Raw::join_from(relay, 2, &format!("case-{number}")).await.expect("a websocket");
    let _ = raw.send(bytes).await;
    match outcome {
        Closed(code) => assert_eq!(raw.end().await, End::Closed(code), "{name}"),
        Refused => {
            let refused = raw.hear().await.unwrap_or_else(|| panic!("{name}: no answer"));
            assert_eq!(refused["code"], "bad-frame", "{name}: {refused}");
        }
        Taken => {
            let ack = raw.hear().await.unwrap_or_else(|| panic!("{name}: no answer"));
            assert_eq!(ack["type"], "ack", "{name}: {ack}");
        }
    }
    if !matches!(outcome, Closed(_)) {
        raw.say(&json!({"type":"ping"})).await.expect("sent");
        assert_eq!(raw.hear().await.expect("an answer")["type"], "pong", "{name}: it lives");
    }
}

/// Sends it before hello: whatever it is, but a hello, the connection ends, and nothing else does.
async fn try_before_hello(relay: &Relay, name: &str, bytes: &[u8]) {
    if name == SECOND_HELLO {
        return;
    }
    let mut raw = Raw::upgrade_from(relay, 2).await.expect("a websocket");
    let _ = raw.send(bytes).await;
    assert!(matches!(raw.end().await, End::Closed(_)), "{name} before hello");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_malformed_has_one_answer_and_harms_nobody() {
    let relay = Relay::start(&["--open"]);
    let siege = Siege::of(&relay).await;
    let cases = [broken_frames(), broken_messages()].concat();
    let mut number = 0;
    siege
        .withstands(bound(20 * scale(), 256 * KB), async || {
            for some in cases.chunks(20 * scale()) {
                join_all(some.iter().enumerate().map(async |(index, (name, bytes, outcome))| {
                    try_case(&relay, number + index, name, bytes, *outcome).await;
                    try_before_hello(&relay, name, bytes).await;
                }))
                .await;
                number += some.len();
            }
        })
        .await;
    let metrics = relay.metrics().await;
    for code in [1002, 1007, 1009, 4400] {
        assert!(metrics.closed(code) > 0.0, "{code}: {metrics:?}");
    }
    assert!(metrics.refused("bad-frame") > 50.0);
}

//! What the relay counts: a reader of its text format, and what strangers may not read.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::{Relay, http};

/// One reading of `/metrics`.
#[derive(Debug)]
pub(crate) struct Metrics {
    samples: BTreeMap<String, f64>,
    kinds: BTreeMap<String, String>,
}

impl Metrics {
    /// Reads the text, as strictly as the format is: every family has its help and its type before its samples, no
    /// sample comes twice.
    pub(crate) fn parse(text: &str) -> Self {
        let (mut samples, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        let (mut helped, mut family) = (String::new(), String::new());
        assert!(text.ends_with('\n'), "the last line ends");
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect("help has words");
                assert!(words.ends_with('.') && !words.contains('\\'), "{line}");
                helped = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a type has a kind");
                assert_eq!(name, helped, "help comes first");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                family = name.to_owned();
                assert!(kinds.insert(short(name), kind.to_owned()).is_none(), "{line}: twice");
            } else {
                let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
                let bare = name.split('{').next().expect("a name");
                let parts = ["", "_bucket", "_sum", "_count"].map(|part| format!("{family}{part}"));
                assert!(parts.iter().any(|part| part == bare), "{line}: not of the family {family}");
                assert!(bare.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
                if let Some(labels) = name.strip_prefix(bare).filter(|labels| !labels.is_empty()) {
                    let label = labels.strip_prefix('{').and_then(|rest| rest.strip_suffix("\"}")).expect("labels");
                    assert!(label.contains("=\""), "{line}");
                }
                assert!(samples.insert(short(name), value.parse().expect("a number")).is_none(), "{line}: twice");
            }
        }
        Self { samples, kinds }
    }

    /// A sample by its name without `tautline_relay_`; 0 when it is not there.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.samples.get(name).copied().unwrap_or(0.0)
    }

    /// How often this limit was met.
    pub(crate) fn limit(&self, limit: &str) -> f64 {
        self.samples[&format!("limit_hits_total{{limit=\"{limit}\"}}")]
    }

    /// How often this code was refused.
    pub(crate) fn refused(&self, code: &str) -> f64 {
        self.samples[&format!("refused_total{{code=\"{code}\"}}")]
    }

    /// How many websockets were closed with this code.
    pub(crate) fn closed(&self, code: u16) -> f64 {
        self.get(&format!("closed_total{{code=\"{code}\"}}"))
    }

    /// Every family, by its name without `tautline_relay_`, with its kind.
    pub(crate) fn families(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kinds.iter().map(|(name, kind)| (name.as_str(), kind.as_str()))
    }

    /// The names of all limits.
    pub(crate) fn limits(&self) -> impl Iterator<Item = &str> {
        let hits = self.samples.keys().filter_map(|name| name.strip_prefix("limit_hits_total{limit=\""));
        hits.filter_map(|rest| rest.strip_suffix("\"}"))
    }
}

fn short(name: &str) -> String {
    name.strip_prefix("tautline_relay_").expect("the prefix of all names").to_owned()
}

const KEY: &str = "a-key-of-sixteen-or-more";

#[tokio::test]
async fn metrics_count_what_happened() {
    let relay = Relay::start(&["--open"]);
    let (mut ann, _) = relay.join("a").await;
    let (mut bob, _) = relay.join("b").await;
    let before = relay.metrics().await;
    assert_eq!((before.get("connections"), before.get("sessions"), before.get("published_total")), (2.0, 2.0, 0.0));
    for client in [&mut ann, &mut bob] {
        assert_eq!(client.ask(json!({"type":"subscribe","channel":"c"})).await["type"], "subscribed");
    }
    ann.say(json!({"type":"publish","id":1,"channel":"c","event":"e","payload":1})).await;
    assert_eq!((&ann.hear().await["type"], &ann.hear().await["type"]), (&json!("ack"), &json!("message")));
    bob.hear().await;
    bob.say(json!({"type":"track","channel":"c","state":"here"})).await;
    let sent = json!({"type":"subscribe","channel":"c","epoch":"x","offset":0});
    assert_eq!(bob.ask(sent).await["type"], "subscribed");
    assert_eq!(bob.hear().await["offset"], 1);
    assert_eq!(bob.ask(json!({"type":"request","id":1,"event":"nothing"})).await["code"], "unknown-request");
    let after = relay.metrics().await;
    for (name, expected) in [
        ("channels", 1.0),
        ("presence_members", 1.0),
        ("presence_bytes", 6.0),
        ("published_total", 1.0),
        ("delivered_total", 2.0),
        ("replayed_total", 1.0),
        ("refused_total{code=\"unknown-request\"}", 1.0),
        ("fan_out_duration_seconds_count", 1.0),
        ("queue_bytes", 0.0),
        // Two hellos, three subscribes, a publish, a track, a request; and one answer more than that, less the track's.
        ("frames_received_total", 8.0),
        ("frames_sent_total", 10.0),
    ] {
        assert_eq!(after.get(name), expected, "{name}");
    }
    assert!(after.get("history_bytes") > 0.0 && after.get("answer_bytes") > 0.0);
    assert!(after.get("sent_bytes_total") > after.get("received_bytes_total"));
    assert_eq!(after.get("fan_out_duration_seconds_bucket{le=\"+Inf\"}"), 1.0);
    ann.close().await;
    relay.counts("one has gone", |metrics| metrics.get("connections") == 1.0).await;
}

#[tokio::test]
async fn strangers_cannot_read_the_metrics() {
    let secret = "0123456789abcdef0123456789abcdef";
    let closed = Relay::start(&["--jwt-secret", secret]);
    assert_eq!(closed.http("GET", "/metrics", "", "").await.0, 404);

    let keyed = Relay::start(&["--jwt-secret", secret, "--api-key", KEY]);
    for headers in ["", "authorization: Bearer wrong\r\n"] {
        let (status, _, body) = keyed.http("GET", "/metrics", headers, "").await;
        assert!(status == 401 && !body.contains("tautline_relay"), "{status} {body}");
    }
    let (status, head, body) = keyed.http("GET", "/metrics", &format!("authorization: Bearer {KEY}\r\n"), "").await;
    assert!(status == 200 && head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    Metrics::parse(&body);

    let apart = Relay::start(&["--open", "--metrics-listen", "127.0.0.1:0"]);
    assert_eq!(apart.http("GET", "/metrics", "", "").await.0, 404, "not where everybody comes");
    let metrics_address = apart.metrics_address.as_ref().expect("an address");
    let (status, _, body) = http(metrics_address, "GET", "/metrics", "", "").await;
    assert_eq!(status, 200);
    Metrics::parse(&body);
    assert_eq!(http(metrics_address, "GET", "/ws", "", "").await.0, 404, "and nothing else there");
}

#[tokio::test]
async fn every_refusal_code_and_every_limit_is_there_before_it_is_met() {
    let metrics = Relay::start(&["--open"]).metrics().await;
    assert_eq!(metrics.refused("too-large") + metrics.limit("queue") + metrics.limit("frame_size"), 0.0);
    assert!(metrics.limits().count() >= 20 && metrics.families().count() >= 15);
}

//! `GET /metrics`: what the hub and the shell count, in the text format of Prometheus.

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering;

use super::counters::{Counters, FAN_OUT_BOUNDS_US};
use crate::hub::Stats;
use crate::redis::Status;

/// The content type of the text.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, kind: &str, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP tautline_relay_{name} {help}\n# TYPE tautline_relay_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "tautline_relay_{name}{labels} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: usize) {
        self.family("gauge", name, help);
        self.sample(name, "", value);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family("counter", name, help);
        self.sample(name, "", value);
    }

    fn counters<L: Display>(&mut self, name: &str, help: &str, label: &str, values: impl Iterator<Item = (L, u64)>) {
        self.family("counter", name, help);
        for (of, value) in values {
            self.sample(name, &format!(r#"{{{label}="{of}"}}"#), value);
        }
    }
}

/// The whole text.
pub(crate) fn render(stats: &Stats, counters: &Counters, redis: Option<&Status>) -> String {
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let mut text = Text::default();
    text.gauge("connections", "Open websockets.", stats.connections);
    text.gauge("sessions", "Sessions remembered, connected or not.", stats.sessions);
    text.gauge("channels", "Channels remembered.", stats.channels);
    text.gauge("history_bytes", "Bytes of messages kept by all channels.", stats.history_bytes);
    text.gauge("presence_members", "Members present, over all channels.", stats.members);
    text.gauge("presence_bytes", "Bytes of the states of all members.", stats.presence_bytes);
    text.gauge("answer_bytes", "Bytes of answers that sessions keep for repetition.", stats.answer_bytes);
    let queued = counters.queue_bytes.load(Ordering::Relaxed);
    text.gauge("queue_bytes", "Bytes of frames that wait to be written, counted once for each reader.", queued);
    text.counter("frames_received_total", "Frames that clients sent.", count(&counters.frames_in));
    text.counter("frames_sent_total", "Frames written to clients.", count(&counters.frames_out));
    text.counter("received_bytes_total", "Bytes of the frames that clients sent.", count(&counters.bytes_in));
    text.counter("sent_bytes_total", "Bytes of the frames written to clients.", count(&counters.bytes_out));
    text.counter("published_total", "Messages published.", stats.published);
    text.counter("delivered_total", "Messages handed to subscribers live, one for each.", stats.delivered);
    text.counter("replayed_total", "Messages replayed to returning subscribers.", stats.replayed);
    let refused = stats.refused_by_code().map(|(code, count)| (code.as_str(), count));
    text.counters("refused_total", "Refusals sent, by code.", "code", refused);
    let closed = counters.closed_by_code().into_iter();
    text.counters("closed_total", "Websockets this server closed, by close code.", "code", closed);
    text.counter("slow_consumers_total", "Websockets closed because their client read too slowly.", counters.slow());
    text.counters("limit_hits_total", "How often a limit was met, by name.", "limit", limits(stats, counters));
    fan_out(&mut text, counters);
    if let Some(redis) = redis {
        text.gauge("redis_up", "1 while there is a connection to Redis.", usize::from(redis.is_up()));
        let outstanding = redis.outstanding.load(Ordering::Relaxed);
        text.gauge("redis_outstanding_commands", "Commands that Redis has not answered yet.", outstanding);
        text.counter("redis_errors_total", "Commands and connections that failed.", count(&redis.errors));
        text.counter("redis_reconnects_total", "Connections to Redis after the first.", count(&redis.reconnects));
    }
    text.0
}

/// The hits of the hub's and the shell's limits; where both judge the same one, their sum.
fn limits(stats: &Stats, counters: &Counters) -> impl Iterator<Item = (&'static str, u64)> {
    let mut hits = std::collections::BTreeMap::new();
    let hub = stats.limit_hits().map(|(limit, count)| (limit.as_str(), count));
    for (limit, count) in hub.chain(counters.limit_hits().map(|(limit, count)| (limit.as_str(), count))) {
        *hits.entry(limit).or_default() += count;
    }
    hits.into_iter()
}

fn fan_out(text: &mut Text, counters: &Counters) {
    let name = "fan_out_duration_seconds";
    text.family("histogram", name, "From a publish to the last queue it was put into.");
    let bounds = FAN_OUT_BOUNDS_US.iter().map(|us| seconds(*us).to_string()).chain(["+Inf".to_owned()]);
    let mut total = 0;
    for (bound, count) in bounds.zip(counters.fan_out.counts()) {
        total += count;
        text.sample("fan_out_duration_seconds_bucket", &format!(r#"{{le="{bound}"}}"#), total);
    }
    text.sample("fan_out_duration_seconds_sum", "", seconds(counters.fan_out.sum_us()));
    text.sample("fan_out_duration_seconds_count", "", total);
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a histogram may be rounded")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

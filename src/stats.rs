//! Counts what happened, and grades the line.

use crate::error::Code;
use crate::time::Duration;
use crate::time::Instant;

/// How many latencies the percentiles are made of.
const SAMPLES: usize = 64;
/// How many losses the grade remembers.
const LOSSES: usize = 4;
/// For how long it remembers them.
const MEMORY: Duration = Duration::from_secs(60);

/// Running counts. All since the client was made.
#[derive(Debug, Default)]
pub struct Stats {
    /// Messages and signals delivered to the application.
    pub received: u64,
    /// Messages sent, resends included.
    pub sent: u64,
    /// Messages acknowledged.
    pub acked: u64,
    /// Messages that failed.
    pub failed: u64,
    /// Characters or bytes of all frames received.
    pub bytes_received: u64,
    /// Characters or bytes of all payloads sent.
    pub bytes_sent: u64,
    /// Connections lost, by cause.
    pub losses: Vec<(Code, u64)>,
    /// Times that the server welcomed us.
    pub connections: u64,
    /// Subscriptions renewed with nothing missed.
    pub recovered: u64,
    /// Missed messages that came late.
    pub replayed: u64,
    /// Messages dropped because the application had them already.
    pub duplicates: u64,
    /// Times that messages may have been missed.
    pub gaps: u64,
    /// Frames that could not be understood.
    pub skipped: u64,
    latencies: Vec<Duration>,
    latest: usize,
    connected_since: Option<Instant>,
    recent_losses: [Option<Instant>; LOSSES],
}

/// Latency over the last 64 heartbeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The last one.
    pub last: Duration,
    /// Their mean.
    pub mean: Duration,
    /// Half were faster.
    pub p50: Duration,
    /// 19 of 20 were faster.
    pub p95: Duration,
    /// 99 of 100 were faster.
    pub p99: Duration,
}

/// A grade a person can read: latency by its 95th percentile, one grade down for each loss in the last minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Quality {
    /// Not connected, or nothing measured yet.
    Unknown = 0,
    /// Over 600 ms, or the line drops again and again.
    Poor = 1,
    /// Up to 600 ms.
    Fair = 2,
    /// Up to 250 ms.
    Good = 3,
    /// Up to 100 ms, and no loss.
    Excellent = 4,
}

impl Stats {
    pub(crate) fn handle_ready(&mut self, now: Instant) {
        self.connections += 1;
        self.connected_since = Some(now);
    }

    pub(crate) fn handle_latency(&mut self, latency: Duration) {
        if self.latencies.len() < SAMPLES {
            self.latest = self.latencies.len();
            self.latencies.push(latency);
        } else {
            self.latest = (self.latest + 1) % SAMPLES;
            self.latencies[self.latest] = latency;
        }
    }

    /// A working connection ended.
    pub(crate) fn handle_lost(&mut self, now: Instant, cause: Option<Code>) {
        self.connected_since = None;
        let Some(cause) = cause else { return };
        match self.losses.iter_mut().find(|(code, _)| *code == cause) {
            Some((_, count)) => *count += 1,
            None => self.losses.push((cause, 1)),
        }
        self.recent_losses.copy_within(1.., 0);
        self.recent_losses[LOSSES - 1] = Some(now);
    }

    /// Latency figures, once a heartbeat was answered.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        let last = *self.latencies.get(self.latest)?;
        let sum = self.latencies.iter().fold(Duration::ZERO, |sum, latency| sum + *latency);
        let mean = sum / self.latencies.len() as u32;
        Some(Latency { last, mean, p50: self.percentile(50), p95: self.percentile(95), p99: self.percentile(99) })
    }

    /// The largest that has no more than `percent` of all below it: for 64 samples, sorting them first does not pay for its wasm.
    #[inline(never)]
    fn percentile(&self, percent: usize) -> Duration {
        let all = &self.latencies;
        let mut found = Duration::ZERO;
        for one in all {
            let below = all.iter().filter(|other| *other < one).count();
            if below <= all.len() * percent / 100 {
                found = found.max(*one);
            }
        }
        found
    }

    /// How long the present connection has held.
    #[must_use]
    pub fn uptime(&self, now: Instant) -> Option<Duration> {
        self.connected_since.map(|since| now.since(since))
    }

    /// The grade now.
    #[must_use]
    pub fn quality(&self, now: Instant) -> Quality {
        const GRADES: [Quality; 4] = [Quality::Poor, Quality::Fair, Quality::Good, Quality::Excellent];
        if self.latencies.is_empty() || self.connected_since.is_none() {
            return Quality::Unknown;
        }
        let by_latency: usize = match self.percentile(95).as_millis() {
            0..=100 => 3,
            101..=250 => 2,
            251..=600 => 1,
            _ => 0,
        };
        let losses = self.recent_losses.iter().flatten().filter(|at| now.since(**at) < MEMORY).count();
        GRADES[by_latency.saturating_sub(losses)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_come_from_the_last_samples_only() {
        let mut stats = Stats::default();
        for millis in 0..200u64 {
            stats.handle_latency(Duration::from_millis(millis));
        }
        let latency = stats.latency().unwrap();
        assert_eq!(latency.last, Duration::from_millis(199));
        assert_eq!(latency.p50, Duration::from_millis(136 + 32));
        assert_eq!(latency.p99, Duration::from_millis(199));
    }

    #[test]
    fn losses_lower_the_grade_until_they_are_forgotten() {
        let mut stats = Stats::default();
        let now = Instant::from_millis(100_000);
        assert_eq!(stats.quality(now), Quality::Unknown);
        stats.handle_ready(now);
        stats.handle_latency(Duration::from_millis(20));
        assert_eq!(stats.quality(now), Quality::Excellent);
        stats.handle_lost(now, Some(Code::LostNetwork));
        stats.handle_ready(now);
        assert_eq!(stats.quality(now), Quality::Good);
        assert_eq!(stats.quality(now + Duration::from_secs(61)), Quality::Excellent);
    }
}

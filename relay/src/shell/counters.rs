//! What the shell counts, beside what the hub does: frames and bytes on the wire, queues, closes, and its own limits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A limit of the shell, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShellLimit {
    /// More websockets than the server takes.
    Connections,
    /// More websockets than one address may have.
    ConnectionsPerAddress,
    /// More connections in their handshake, in all or from one address.
    Handshakes,
    /// A TLS handshake, or a request, that took too long.
    HandshakeTime,
    /// A client that took nothing of what was written to it for as long as one may be silent.
    WriteTime,
    /// More refused connections that linger.
    Lingering,
    /// A frame so large that it is not read to its end.
    FrameSize,
    /// More in one connection's queue than a reader may leave unread.
    Queue,
    /// More in all queues together.
    QueueTotal,
}

impl ShellLimit {
    pub(crate) const ALL: [Self; 9] = [
        Self::Connections,
        Self::ConnectionsPerAddress,
        Self::Handshakes,
        Self::HandshakeTime,
        Self::WriteTime,
        Self::Lingering,
        Self::FrameSize,
        Self::Queue,
        Self::QueueTotal,
    ];

    /// Its name in metrics: the hub's own name where both judge the same limit.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::Handshakes => "handshakes",
            Self::HandshakeTime => "handshake_time",
            Self::WriteTime => "write_time",
            Self::Lingering => "lingering",
            Self::FrameSize => "frame_size",
            Self::Queue => "queue",
            Self::QueueTotal => "queue_total",
        }
    }
}

/// The upper bounds of the fan-out histogram, in microseconds.
pub(crate) const FAN_OUT_BOUNDS_US: [u64; 8] = [10, 50, 100, 500, 1_000, 5_000, 25_000, 100_000];

/// A histogram of durations.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// One bucket for each bound, and one for what is above all.
    buckets: [AtomicU64; FAN_OUT_BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    pub(crate) fn observe(&self, duration: Duration) {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = FAN_OUT_BOUNDS_US.partition_point(|bound| *bound < us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// How many were observed in each bucket, the last above all bounds.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u64> {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed))
    }

    pub(crate) fn sum_us(&self) -> u64 {
        self.sum_us.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) frames_in: AtomicU64,
    pub(crate) bytes_in: AtomicU64,
    pub(crate) frames_out: AtomicU64,
    pub(crate) bytes_out: AtomicU64,
    /// Bytes that wait in all queues now.
    pub(crate) queue_bytes: AtomicUsize,
    /// From a publish to the last queue it was put into.
    pub(crate) fan_out: Histogram,
    closed: Mutex<BTreeMap<u16, u64>>,
    limits: [AtomicU64; ShellLimit::ALL.len()],
}

impl Counters {
    pub(crate) fn frame_in(&self, bytes: usize) {
        self.frames_in.fetch_add(1, Ordering::Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn frame_out(&self, bytes: usize) {
        self.frames_out.fetch_add(1, Ordering::Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn limit(&self, limit: ShellLimit) {
        self.limits[limit as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn limit_hits(&self) -> impl Iterator<Item = (ShellLimit, u64)> {
        ShellLimit::ALL.into_iter().map(|limit| (limit, self.limits[limit as usize].load(Ordering::Relaxed)))
    }

    /// How many websockets were closed because their client read too slowly.
    pub(crate) fn slow(&self) -> u64 {
        let of = |limit: ShellLimit| self.limits[limit as usize].load(Ordering::Relaxed);
        of(ShellLimit::Queue) + of(ShellLimit::QueueTotal)
    }

    /// This server closed a websocket with this code.
    pub(crate) fn closed(&self, code: u16) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
    }

    pub(crate) fn closed_by_code(&self) -> BTreeMap<u16, u64> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        for us in [0, 10, 11, 100_000, 100_001] {
            histogram.observe(Duration::from_micros(us));
        }
        assert_eq!(histogram.counts().collect::<Vec<_>>(), [2, 1, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(histogram.sum_us(), 200_022);
    }

    #[test]
    fn every_limit_is_counted_under_its_own_name() {
        let counters = Counters::default();
        for limit in ShellLimit::ALL {
            counters.limit(limit);
        }
        assert!(counters.limit_hits().enumerate().all(|(index, (limit, hits))| (limit as usize, hits) == (index, 1)));
    }
}

//! What the hub counts: what it holds, what it has done, and which of its limits were met.

use super::refusal::RefusalCode;

/// A limit of the hub, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A frame over [`HubConfig::frame_limit`](super::HubConfig::frame_limit): closed with 1009.
    FrameSize,
    /// A payload that leaves no room for its header: refused as `too-large`.
    PayloadSize,
    /// More frames than [`HubConfig::rate`](super::HubConfig::rate): refused as `rate-limited`; a signal is dropped.
    FrameRate,
    /// Far more frames than that: closed with 4429.
    FrameFlood,
    /// Too many bad frames in a minute: closed with 4400.
    BadFrames,
    /// No `hello` in time: closed with 4408.
    HandshakeTime,
    /// More channels than one connection may have: refused as `channel-limit`.
    ChannelsPerConnection,
    /// More channels than the server holds: refused as `unavailable`.
    Channels,
    /// More sessions than the server remembers: the one closed longest ago is forgotten.
    Sessions,
    /// More bytes of answers than all sessions together keep: the oldest of the session with most is forgotten.
    AnswersTotal,
    /// More messages than a channel keeps: its oldest is forgotten.
    HistorySize,
    /// More bytes than a channel keeps: its oldest message is forgotten.
    HistoryBytes,
    /// More bytes than all channels together keep: the oldest message of the largest history is forgotten.
    HistoryTotal,
    /// More members than a channel has room for: refused as `unavailable`.
    PresenceMembers,
    /// A presence state that is too large: refused as `too-large`.
    PresenceState,
    /// More bytes of presence states than all channels together hold: refused as `unavailable`.
    PresenceTotal,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::FrameSize,
        Self::PayloadSize,
        Self::FrameRate,
        Self::FrameFlood,
        Self::BadFrames,
        Self::HandshakeTime,
        Self::ChannelsPerConnection,
        Self::Channels,
        Self::Sessions,
        Self::AnswersTotal,
        Self::HistorySize,
        Self::HistoryBytes,
        Self::HistoryTotal,
        Self::PresenceMembers,
        Self::PresenceState,
        Self::PresenceTotal,
    ];

    /// Its name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FrameSize => "frame_size",
            Self::PayloadSize => "payload_size",
            Self::FrameRate => "frame_rate",
            Self::FrameFlood => "frame_flood",
            Self::BadFrames => "bad_frames",
            Self::HandshakeTime => "handshake_time",
            Self::ChannelsPerConnection => "channels_per_connection",
            Self::Channels => "channels",
            Self::Sessions => "sessions",
            Self::AnswersTotal => "answers_total",
            Self::HistorySize => "history_size",
            Self::HistoryBytes => "history_bytes",
            Self::HistoryTotal => "history_total",
            Self::PresenceMembers => "presence_members",
            Self::PresenceState => "presence_state",
            Self::PresenceTotal => "presence_total",
        }
    }
}

/// What the hub holds, and what it has done since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Open connections.
    pub connections: usize,
    /// Sessions it remembers, connected or not.
    pub sessions: usize,
    /// Channels it remembers.
    pub channels: usize,
    /// Bytes of messages that all channels together keep.
    pub history_bytes: usize,
    /// Members present, over all channels.
    pub members: usize,
    /// Bytes of their states.
    pub presence_bytes: usize,
    /// Bytes of answers that all sessions together keep for repetition.
    pub answer_bytes: usize,
    /// Messages that were published through it.
    pub published: u64,
    /// Messages it has fanned out, to however many subscribers.
    pub fanned_out: u64,
    /// Messages handed to subscribers as they were published: one for each subscriber.
    pub delivered: u64,
    /// Messages replayed to returning subscribers.
    pub replayed: u64,
    refused: [u64; RefusalCode::ALL.len()],
    limits: [u64; Limit::ALL.len()],
}

impl Stats {
    /// `refused` frames of every code.
    pub fn refused(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// `refused` frames by code.
    pub fn refused_by_code(&self) -> impl Iterator<Item = (RefusalCode, u64)> {
        RefusalCode::ALL.into_iter().zip(self.refused)
    }

    /// How often each limit was met.
    pub fn limit_hits(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL.into_iter().zip(self.limits)
    }

    pub(crate) fn count_refusal(&mut self, code: RefusalCode) {
        self.refused[code as usize] += 1;
    }

    pub(crate) fn count_limit(&mut self, limit: Limit, times: u64) {
        self.limits[limit as usize] += times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_and_every_code_is_counted_under_its_own_name() {
        let mut stats = Stats::default();
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            stats.count_limit(limit, index as u64);
        }
        for code in RefusalCode::ALL {
            stats.count_refusal(code);
        }
        assert!(
            stats
                .limit_hits()
                .enumerate()
                .all(|(index, (limit, hits))| { (hits, limit as usize) == (index as u64, index) })
        );
        assert!(stats.refused_by_code().enumerate().all(|(index, (code, count))| (count, code as usize) == (1, index)));
        let names: std::collections::BTreeSet<&str> = Limit::ALL.iter().map(|limit| limit.as_str()).collect();
        assert_eq!(names.len(), Limit::ALL.len());
    }
}

//! A channel: its epoch, its offsets, and the messages it keeps.
//!
//! Decides where a replay starts and whether anything is missing before it. Who is present is `presence.rs`'s matter.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::presence::Member;
use crate::hub::config::HubConfig;
use crate::hub::frame::Frame;

/// One message as subscribers get it.
#[derive(Debug)]
struct Kept {
    time_ms: u64,
    frame: Frame,
}

/// How many messages were forgotten because they were too much; what was too old is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trimmed {
    pub(crate) size: u64,
    pub(crate) bytes: u64,
}

/// Where a replay starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// The replay starts after this offset.
    pub(crate) offset: u64,
    /// Whether nothing is missing between the position asked for and that.
    pub(crate) recovered: bool,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) epoch: Arc<str>,
    /// Whether anybody listens.
    pub(crate) heard: bool,
    pub(crate) members: BTreeMap<Arc<str>, Member>,
    latest: u64,
    history: VecDeque<Kept>,
    history_bytes: usize,
    /// When it was last of use to anybody.
    used_ms: u64,
}

impl Channel {
    pub(crate) fn new(epoch: Arc<str>, now_ms: u64) -> Self {
        Self {
            epoch,
            heard: false,
            members: BTreeMap::new(),
            latest: 0,
            history: VecDeque::new(),
            history_bytes: 0,
            used_ms: now_ms,
        }
    }

    /// The offset of the last message.
    pub(crate) fn latest(&self) -> u64 {
        self.latest
    }

    /// The offset before the oldest message that is kept.
    fn floor(&self) -> u64 {
        self.latest - self.history.len() as u64
    }

    /// The bytes of the messages it keeps.
    pub(crate) fn history_bytes(&self) -> usize {
        self.history_bytes
    }

    /// Keeps a message under the next offset; `build` makes its frame. Whoever calls trims next.
    pub(crate) fn append(&mut self, now_ms: u64, build: impl FnOnce(u64) -> Frame) -> Frame {
        self.latest += 1;
        self.used_ms = now_ms;
        let frame = build(self.latest);
        self.history_bytes += frame.size();
        self.history.push_back(Kept { time_ms: now_ms, frame: frame.clone() });
        frame
    }

    /// Forgets what is too old or too much.
    pub(crate) fn trim(&mut self, now_ms: u64, config: &HubConfig) -> Trimmed {
        let mut trimmed = Trimmed::default();
        while let Some(oldest) = self.history.front() {
            if now_ms.saturating_sub(oldest.time_ms) >= config.history_age_ms {
                self.forget_oldest();
            } else if self.history.len() > config.history_size {
                trimmed.size += 1;
                self.forget_oldest();
            } else if self.history_bytes > config.history_bytes {
                trimmed.bytes += 1;
                self.forget_oldest();
            } else {
                break;
            }
        }
        trimmed
    }

    /// Forgets the oldest message it keeps.
    pub(crate) fn forget_oldest(&mut self) {
        if let Some(oldest) = self.history.pop_front() {
            self.history_bytes -= oldest.frame.size();
        }
    }

    /// Where to start for a client that has `position`, or none.
    pub(crate) fn recover(&self, position: Option<(&str, u64)>) -> Recovery {
        match position {
            None => Recovery { offset: self.latest, recovered: true },
            // A position ahead of the channel is none of this epoch's, whatever it says.
            Some((epoch, offset)) if epoch == &*self.epoch && offset <= self.latest => {
                Recovery { offset: offset.max(self.floor()), recovered: offset >= self.floor() }
            }
            Some(_) => Recovery { offset: self.floor(), recovered: false },
        }
    }

    /// The messages after `offset`, oldest first.
    pub(crate) fn after(&self, offset: u64) -> impl Iterator<Item = &Frame> {
        let skip = usize::try_from(offset.saturating_sub(self.floor())).unwrap_or(usize::MAX);
        self.history.iter().skip(skip).map(|kept| &kept.frame)
    }

    /// The messages before the offset `before`, newest first.
    pub(crate) fn before(&self, before: Option<u64>) -> impl Iterator<Item = &Frame> {
        let end = before.unwrap_or(u64::MAX).saturating_sub(1).min(self.latest);
        let count = usize::try_from(end.saturating_sub(self.floor())).unwrap_or(usize::MAX);
        self.history.iter().take(count).rev().map(|kept| &kept.frame)
    }

    /// Somebody stopped using it now.
    pub(crate) fn touch(&mut self, now_ms: u64) {
        self.used_ms = self.used_ms.max(now_ms);
    }

    /// From when on it is of no more use, if nobody comes.
    pub(crate) fn idle_until(&self, config: &HubConfig) -> u64 {
        let aged = self.history.back().map_or(0, |kept| kept.time_ms.saturating_add(config.history_age_ms));
        aged.max(self.used_ms.saturating_add(config.channel_retention_ms))
    }

    /// Whether anybody listens or is present.
    pub(crate) fn in_use(&self) -> bool {
        self.heard || !self.members.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(messages: u64, config: &HubConfig) -> Channel {
        let mut channel = Channel::new("e".into(), 0);
        for _ in 0..messages {
            channel.append(0, |offset| Frame::text(offset.to_string()));
            channel.trim(0, config);
        }
        channel
    }

    fn texts<'a>(frames: impl Iterator<Item = &'a Frame>) -> Vec<String> {
        frames
            .map(|frame| match frame {
                Frame::Text(text) => text.to_string(),
                Frame::Binary(_) => "binary".into(),
            })
            .collect()
    }

    #[test]
    fn a_known_position_is_recovered_as_far_as_the_history_reaches() {
        let config = HubConfig { history_size: 3, ..HubConfig::default() };
        let channel = channel(5, &config);
        assert_eq!(channel.recover(None), Recovery { offset: 5, recovered: true });
        assert_eq!(channel.recover(Some(("e", 5))), Recovery { offset: 5, recovered: true });
        assert_eq!(channel.recover(Some(("e", 2))), Recovery { offset: 2, recovered: true });
        assert_eq!(texts(channel.after(2)), ["3", "4", "5"]);
        assert_eq!(texts(channel.after(4)), ["5"]);
        assert_eq!(channel.recover(Some(("e", 1))), Recovery { offset: 2, recovered: false });
    }

    #[test]
    fn another_epoch_or_a_position_ahead_gets_everything_and_no_promise() {
        let channel = channel(2, &HubConfig::default());
        assert_eq!(channel.recover(Some(("x", 2))), Recovery { offset: 0, recovered: false });
        assert_eq!(channel.recover(Some(("e", 3))), Recovery { offset: 0, recovered: false });
        assert_eq!(texts(channel.after(0)), ["1", "2"]);
    }

    #[test]
    fn history_walks_back_from_an_offset() {
        let config = HubConfig { history_size: 3, ..HubConfig::default() };
        let channel = channel(5, &config);
        assert_eq!(texts(channel.before(None)), ["5", "4", "3"]);
        assert_eq!(texts(channel.before(Some(5))), ["4", "3"]);
        assert_eq!(texts(channel.before(Some(99))), ["5", "4", "3"]);
        assert!(texts(channel.before(Some(3))).is_empty());
        assert!(texts(channel.before(Some(0))).is_empty());
    }

    #[test]
    fn messages_go_by_age_and_by_bytes() {
        let config = HubConfig { history_age_ms: 100, history_bytes: 4, ..HubConfig::default() };
        let mut channel = channel(6, &config);
        assert_eq!(texts(channel.after(0)), ["3", "4", "5", "6"]);
        channel.append(50, |_| Frame::text("7"));
        assert_eq!(channel.trim(50, &config), Trimmed { size: 0, bytes: 1 });
        assert_eq!(channel.trim(100, &config), Trimmed::default());
        assert_eq!(texts(channel.after(0)), ["7"]);
        assert_eq!(channel.latest(), 7);
    }
}

//! The server's own publishes under an idempotency key: where each stands, so that one that comes again is answered and not
//! published.

use std::collections::{BTreeMap, VecDeque};

use crate::hub::broker::Position;
use crate::hub::config::HubConfig;
use crate::hub::session::SessionKey;

#[derive(Debug, Default)]
pub(crate) struct Once {
    positions: BTreeMap<SessionKey, Position>,
    /// When each was published, oldest first.
    by_age: VecDeque<(u64, SessionKey)>,
}

impl Once {
    pub(crate) fn position(&self, key: &SessionKey) -> Option<Position> {
        self.positions.get(key).cloned()
    }

    /// Keeps where it stands; the oldest gives way where there are more than there may be sessions.
    pub(crate) fn keep(&mut self, now_ms: u64, config: &HubConfig, key: SessionKey, position: Position) {
        self.positions.insert(key, position);
        self.by_age.push_back((now_ms, key));
        if self.by_age.len() > config.sessions {
            self.forget_oldest();
        }
    }

    /// Forgets what is as old as a closed session may be.
    pub(crate) fn forget(&mut self, now_ms: u64, config: &HubConfig) {
        while self.by_age.front().is_some_and(|(at_ms, _)| at_ms.saturating_add(config.session_retention_ms) <= now_ms)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.by_age.pop_front() {
            self.positions.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(once: &Once) -> Vec<u64> {
        let keys = ["a", "b", "c"].map(SessionKey::of_publish);
        keys.iter().filter_map(|key| once.position(key)).map(|position| position.offset).collect()
    }

    fn keep(once: &mut Once, now_ms: u64, config: &HubConfig, name: &str, offset: u64) {
        once.keep(now_ms, config, SessionKey::of_publish(name), Position { epoch: "e".into(), offset });
    }

    #[test]
    fn a_key_is_forgotten_when_it_is_old_or_when_there_are_too_many_and_not_before() {
        let config = HubConfig { sessions: 2, session_retention_ms: 100, ..HubConfig::default() };
        let mut once = Once::default();
        keep(&mut once, 0, &config, "a", 1);
        keep(&mut once, 50, &config, "b", 2);
        once.forget(99, &config);
        assert_eq!(kept(&once), [1, 2]);
        once.forget(100, &config);
        assert_eq!(kept(&once), [2]);
        keep(&mut once, 100, &config, "a", 3);
        keep(&mut once, 100, &config, "c", 4);
        assert_eq!(kept(&once), [3, 4]);
    }
}

//! Who is typing in a channel: others by what they say and for how long, ourselves not more often than needed.

use crate::map::Map;
use crate::time::Duration;
use crate::time::Instant;

/// How long our word that we type holds at the others.
pub(crate) const TYPING_TTL: Duration = Duration::from_secs(6);
/// We repeat it no sooner than this.
const REPEAT: Duration = Duration::from_secs(3);
/// No word of others holds longer.
const MAX_TTL: Duration = Duration::from_secs(60);
/// More than anyone could read.
const MAX_MEMBERS: usize = 100;

/// Typing in one channel.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    others: Map<String, Instant>,
    said: Option<Instant>,
}

impl Typing {
    /// Someone began (`ttl`) or stopped; whether the list changed.
    pub(crate) fn handle(&mut self, now: Instant, member: String, ttl: Option<Duration>) -> bool {
        let known = self.others.remove(&member).is_some();
        match ttl {
            Some(ttl) if self.others.len() < MAX_MEMBERS => {
                self.others.insert(member, now + ttl.min(MAX_TTL));
                !known
            }
            _ => known,
        }
    }

    /// Time passed; whether the list changed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> bool {
        let mut changed = false;
        while self.others.take(|until| *until <= now).is_some() {
            changed = true;
        }
        changed
    }

    /// Whether our own word has to go out.
    pub(crate) fn say(&mut self, now: Instant, active: bool) -> bool {
        if !active {
            return self.said.take().is_some_and(|said| now.since(said) < TYPING_TTL);
        }
        let due = self.said.is_none_or(|said| now.since(said) >= REPEAT);
        if due {
            self.said = Some(now);
        }
        due
    }

    /// Whether we said that we type.
    pub(crate) const fn is_said(&self) -> bool {
        self.said.is_some()
    }

    pub(crate) fn members(&self) -> &[String] {
        self.others.keys()
    }

    pub(crate) fn deadlines(&self) -> &[Instant] {
        self.others.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn someone_who_falls_silent_stops_typing() {
        let mut typing = Typing::default();
        assert!(typing.handle(at(0), "a".into(), Some(TYPING_TTL)));
        assert!(!typing.handle(at(3000), "a".into(), Some(TYPING_TTL)), "a repetition is no news");
        assert!(!typing.handle_timeout(at(8999)));
        assert!(typing.handle_timeout(at(9000)));
        assert!(typing.members().is_empty());
    }

    #[test]
    fn a_key_press_each_100_ms_sends_one_word_each_3_s() {
        let mut typing = Typing::default();
        let said = (0..100).filter(|tenth| typing.say(at(tenth * 100), true)).count();
        assert_eq!(said, 4);
        assert!(typing.say(at(10_000), false), "stopping is said at once");
        assert!(!typing.say(at(10_000), false), "and once");
    }
}

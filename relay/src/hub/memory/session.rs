//! What is remembered of a session: who carries it, and what became of its publishes.

use std::collections::VecDeque;

use crate::hub::broker::{Attached, Outcome, Settlement};
use crate::hub::connection::ConnectionId;

#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) connection: Option<ConnectionId>,
    /// When its last connection closed.
    pub(crate) closed_ms: u64,
    settled: Option<u64>,
    answers: VecDeque<(u64, Settlement)>,
    answer_bytes: usize,
}

impl Session {
    pub(crate) fn attached(&self, resumed: bool) -> Attached {
        Attached { resumed, settled: self.settled }
    }

    /// What became of this id, if it is settled.
    pub(crate) fn outcome(&self, id: u64) -> Option<Outcome> {
        if self.settled.is_none_or(|settled| id > settled) {
            return None;
        }
        let answer = self.answers.binary_search_by_key(&id, |(id, _)| *id).ok();
        Some(answer.map_or(Outcome::Forgotten, |index| Outcome::Again(self.answers[index].1.clone())))
    }

    /// A publish has its answer for ever.
    pub(crate) fn settle(&mut self, id: u64, answer: Settlement, keep: usize) {
        self.settled = Some(id);
        self.answer_bytes += bytes_of(&answer);
        self.answers.push_back((id, answer));
        while self.answers.len() > keep {
            self.forget_oldest_answer();
        }
    }

    /// The bytes of the answers it keeps.
    pub(crate) fn answer_bytes(&self) -> usize {
        self.answer_bytes
    }

    /// Forgets the answer to its oldest publish; that it was settled stays known.
    pub(crate) fn forget_oldest_answer(&mut self) {
        if let Some((_, answer)) = self.answers.pop_front() {
            self.answer_bytes -= bytes_of(&answer);
        }
    }
}

/// What a kept answer costs: answers are short, so what holds them counts too.
fn bytes_of(answer: &Settlement) -> usize {
    let said = match answer {
        Settlement::Published { channel, position, .. } => channel.len() + position.epoch.len(),
        Settlement::Refused(frame) => frame.size(),
    };
    said + size_of::<(u64, Settlement)>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Frame;

    fn answer(id: u64) -> Settlement {
        Settlement::Refused(Frame::text(format!("answer {id}")))
    }

    #[test]
    fn a_settled_id_gets_its_first_answer_again_while_it_is_kept() {
        let mut session = Session::default();
        for id in [3, 5, 9] {
            assert_eq!(session.outcome(id), None);
            session.settle(id, answer(id), 2);
        }
        assert_eq!(session.outcome(9), Some(Outcome::Again(answer(9))));
        assert_eq!(session.outcome(5), Some(Outcome::Again(answer(5))));
        assert_eq!(session.outcome(3), Some(Outcome::Forgotten));
        assert_eq!(session.outcome(4), Some(Outcome::Forgotten));
        assert_eq!(session.outcome(10), None);
    }
}

//! A session: the publisher behind the connections, for as long as its outbox lives.
//!
//! Decides whether a publish counts (rule 1 of the protocol's section 4) and whether it is held back (rule 5). The
//! session's name is a secret and is not kept: only what is derived from it.

use std::collections::VecDeque;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::connection::ConnectionId;
use super::frame::Frame;
use super::refusal::RefusalCode;

/// Names a session inside the hub: a digest of its name and its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionKey([u8; 32]);

impl SessionKey {
    pub(crate) fn new(session: &str, user: Option<&str>) -> Self {
        Self(digest("tautline/session", session, user))
    }
}

fn digest(domain: &str, session: &str, user: Option<&str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(domain);
    hash.update(b"\n");
    // A session's name has no line break, so the two can not be mistaken for another pair.
    hash.update(session);
    if let Some(user) = user {
        hash.update(b"\n");
        hash.update(user);
    }
    hash.finalize().into()
}

/// The stable public number of a session: 52 bits, never 0, the same after a restart of the server.
fn sender_of(session: &str, user: Option<&str>) -> u64 {
    let hash = digest("tautline/sender", session, user);
    let head = u64::from_be_bytes(hash[..8].try_into().expect("a digest has 32 bytes"));
    (head >> 12).max(1)
}

/// The stable public name of a session: 16 characters of base64url.
fn member_of(session: &str, user: Option<&str>) -> Arc<str> {
    URL_SAFE_NO_PAD.encode(&digest("tautline/member", session, user)[..12]).into()
}

/// What the gate says to a publish, before anything else is asked of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// New: judge it.
    Open,
    /// Settled before: the first answer, if it is still kept.
    Settled(Option<Frame>),
    /// A lower id waits: refused in the same way, come again in `retry` ms.
    Held { code: RefusalCode, retry: u64 },
}

#[derive(Debug)]
struct Hold {
    id: u64,
    code: RefusalCode,
    retry: u64,
    until_ms: u64,
    /// The highest id refused under this hold.
    refused: u64,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) sender: u64,
    pub(crate) member: Arc<str>,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) connection: Option<ConnectionId>,
    /// When its last connection closed.
    pub(crate) closed_ms: u64,
    settled: Option<u64>,
    answers: VecDeque<(u64, Frame)>,
    answer_bytes: usize,
    hold: Option<Hold>,
}

impl Session {
    pub(crate) fn new(session: &str, user: Option<&str>) -> Self {
        Self {
            sender: sender_of(session, user),
            member: member_of(session, user),
            user: user.map(Arc::from),
            connection: None,
            closed_ms: 0,
            settled: None,
            answers: VecDeque::new(),
            answer_bytes: 0,
            hold: None,
        }
    }

    /// A new connection carries this session. Returns the one before it, if that still lives.
    pub(crate) fn attach(&mut self, connection: ConnectionId) -> Option<ConnectionId> {
        if let Some(hold) = &mut self.hold {
            // Nothing sent on an older connection can still arrive: every id that comes now comes in order.
            hold.refused = u64::MAX;
        }
        self.connection.replace(connection)
    }

    /// Judges the id of a publish.
    pub(crate) fn gate(&mut self, now_ms: u64, id: u64) -> Gate {
        if self.settled.is_some_and(|settled| id <= settled) {
            let answer = self.answers.binary_search_by_key(&id, |(id, _)| *id).ok();
            return Gate::Settled(answer.map(|index| self.answers[index].1.clone()));
        }
        let Some(hold) = &mut self.hold else { return Gate::Open };
        if id <= hold.id {
            return Gate::Open;
        }
        if now_ms < hold.until_ms {
            hold.refused = hold.refused.max(id);
            return Gate::Held { code: hold.code, retry: hold.until_ms - now_ms };
        }
        if id > hold.refused {
            // Sent before its sender heard of the hold, on a line slower than `retry`. Let through, it would settle
            // a higher id before a lower one. What is refused here comes again, and then in order.
            hold.refused = id;
            return Gate::Held { code: hold.code, retry: hold.retry };
        }
        Gate::Open
    }

    /// A publish was refused for now: every higher id is, too, until `retry` is over.
    pub(crate) fn hold(&mut self, now_ms: u64, id: u64, code: RefusalCode, retry: u64) {
        self.hold = Some(Hold { id, code, retry, until_ms: now_ms.saturating_add(retry), refused: id });
    }

    /// A publish has its answer for ever.
    pub(crate) fn settle(&mut self, id: u64, answer: Frame, keep: usize) {
        if let Some(hold) = &mut self.hold {
            // Its sender has heard of the hold and sends in order again.
            hold.refused = u64::MAX;
        }
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
fn bytes_of(answer: &Frame) -> usize {
    answer.size() + size_of::<(u64, Frame)>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(id: u64) -> Frame {
        Frame::text(format!("answer {id}"))
    }

    #[test]
    fn sender_and_member_are_stable_public_and_apart() {
        let session = Session::new("aaaaaaaaaaaaaaaa", Some("ann"));
        let again = Session::new("aaaaaaaaaaaaaaaa", Some("ann"));
        assert_eq!((session.sender, &session.member), (again.sender, &again.member));
        assert!(session.sender >= 1 && session.sender < 1 << 52);
        assert_eq!(session.member.len(), 16);
        for (name, user) in
            [("aaaaaaaaaaaaaaaa", None), ("aaaaaaaaaaaaaaaa", Some("")), ("aaaaaaaaaaaaaaab", Some("ann"))]
        {
            let other = Session::new(name, user);
            assert_ne!(session.sender, other.sender);
            assert_ne!(session.member, other.member);
        }
    }

    #[test]
    fn a_settled_id_gets_its_first_answer_again_while_it_is_kept() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        for id in [3, 5, 9] {
            assert_eq!(session.gate(0, id), Gate::Open);
            session.settle(id, answer(id), 2);
        }
        assert_eq!(session.gate(0, 9), Gate::Settled(Some(answer(9))));
        assert_eq!(session.gate(0, 5), Gate::Settled(Some(answer(5))));
        assert_eq!(session.gate(0, 3), Gate::Settled(None));
        assert_eq!(session.gate(0, 4), Gate::Settled(None));
        assert_eq!(session.gate(0, 10), Gate::Open);
    }

    #[test]
    fn a_hold_refuses_higher_ids_until_its_time_is_over_and_then_takes_them_in_order() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        session.hold(0, 5, RefusalCode::RateLimited, 100);
        assert_eq!(session.gate(40, 6), Gate::Held { code: RefusalCode::RateLimited, retry: 60 });
        assert_eq!(session.gate(100, 5), Gate::Open);
        session.settle(5, answer(5), 9);
        assert_eq!(session.gate(100, 6), Gate::Open);
    }

    #[test]
    fn a_held_id_that_comes_early_does_not_shorten_the_time_of_the_others() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        session.hold(0, 5, RefusalCode::RateLimited, 100);
        assert_eq!(session.gate(30, 5), Gate::Open);
        session.settle(5, answer(5), 9);
        assert_eq!(session.gate(40, 6), Gate::Held { code: RefusalCode::RateLimited, retry: 60 });
        assert_eq!(session.gate(100, 7), Gate::Open);
    }

    #[test]
    fn a_late_frame_of_the_first_flight_does_not_overtake_what_is_held() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        session.hold(0, 5, RefusalCode::RateLimited, 100);
        assert!(matches!(session.gate(10, 6), Gate::Held { .. }));
        assert_eq!(session.gate(150, 7), Gate::Held { code: RefusalCode::RateLimited, retry: 100 });
        assert_eq!(session.gate(200, 5), Gate::Open);
    }

    #[test]
    fn a_hold_ends_though_its_sender_gave_the_held_message_up() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        session.hold(0, 5, RefusalCode::RateLimited, 100);
        assert!(matches!(session.gate(10, 6), Gate::Held { .. }));
        assert_eq!(session.gate(110, 6), Gate::Open);
    }

    #[test]
    fn a_new_connection_is_held_only_until_the_time_is_over() {
        let mut session = Session::new("aaaaaaaaaaaaaaaa", None);
        session.hold(0, 5, RefusalCode::Unavailable, 100);
        assert_eq!(session.attach(ConnectionId(2)), None);
        assert!(matches!(session.gate(50, 7), Gate::Held { .. }));
        assert_eq!(session.gate(100, 8), Gate::Open);
    }
}

//! The session: what can be resumed, from where on, at which address, and what each close code leaves of it.
//!
//! Source: "Resuming" in the gateway's documentation, and its table of close codes.

use crate::error::Code;
use crate::protocol::Verdict;

/// A URL longer than this is none.
const MAX_URL: usize = 2048;

/// What we know of the session.
#[derive(Debug, Default)]
pub(super) struct Session {
    id: Option<String>,
    /// The last sequence number; 0 is one like any other.
    sequence: Option<u64>,
    url: Option<String>,
    /// The URL was handed out and has not worked since: that server may be gone, the session need not be.
    url_tried: bool,
    /// The server said goodbye, and was asked to resume all the same.
    goodbye: bool,
}

/// How an event joins on to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Next,
    Repeated,
    After { held: u64, next: u64 },
}

impl Session {
    /// What to resume: the session and the last sequence number.
    pub(super) fn resumable(&self) -> Option<(&str, u64)> {
        self.id.as_deref().zip(self.sequence)
    }

    pub(super) const fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// An event came.
    pub(super) fn admit(&mut self, next: u64) -> Arrival {
        match self.sequence.replace(next) {
            Some(held) if next <= held => {
                self.sequence = Some(held);
                Arrival::Repeated
            }
            Some(held) if next > held + 1 => Arrival::After { held, next },
            _ => Arrival::Next,
        }
    }

    /// The server began a session.
    pub(super) fn begin(&mut self, id: String, url: Option<String>) {
        self.id = Some(id);
        self.url = url.filter(|url| url.len() <= MAX_URL && (url.starts_with("wss://") || url.starts_with("ws://")));
        self.url_tried = false;
        self.goodbye = false;
    }

    /// The server took the session up again.
    pub(super) const fn handle_resumed(&mut self) {
        self.url_tried = false;
        self.goodbye = false;
    }

    /// A session of an earlier life of this page.
    pub(super) fn restore(&mut self, id: String, sequence: u64, url: Option<String>) {
        self.begin(id, url);
        self.sequence = Some(sequence);
    }

    /// Where to resume. Each time once: after a failure it is the application's URL again.
    pub(super) fn take_url(&mut self) -> Option<String> {
        self.resumable()?;
        let tried = core::mem::replace(&mut self.url_tried, true);
        self.url.clone().filter(|_| !tried)
    }

    /// There is nothing to resume any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What to do after a connection ended, and what is left of the session.
    pub(super) fn closed(&mut self, code: Option<u16>) -> Verdict {
        match code {
            Some(1000 | 1001) => {
                if core::mem::replace(&mut self.goodbye, true) {
                    self.forget();
                }
                Verdict::Retry(Code::LostClosed)
            }
            // What we sent was wrong, or twice; the session stands.
            Some(4001 | 4002 | 4005) => Verdict::Violation,
            Some(4003 | 4006 | 4007 | 4009) => {
                self.forget();
                Verdict::Retry(Code::LostClosed)
            }
            Some(4004) => {
                self.forget();
                Verdict::NewToken(Code::RefusedTokenInvalid)
            }
            Some(4008) => Verdict::RetrySlowly(Code::LostServerBusy),
            Some(code @ 4010..=4014) => {
                self.forget();
                Verdict::GiveUp(match code {
                    4010 => Code::RefusedInvalidShard,
                    4011 => Code::RefusedShardingRequired,
                    4012 => Code::RefusedInvalidVersion,
                    4013 => Code::RefusedInvalidIntents,
                    _ => Code::RefusedDisallowedIntents,
                })
            }
            Some(4000) => Verdict::Retry(Code::LostClosed),
            _ => Verdict::Retry(Code::LostNetwork),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let mut session = Session::default();
        session.restore("abc".into(), 0, Some("wss://resume/".into()));
        session
    }

    #[test]
    fn sequence_zero_is_a_place_to_resume_from() {
        assert_eq!(session().resumable(), Some(("abc", 0)));
    }

    #[test]
    fn events_are_told_apart_by_their_number() {
        let mut session = session();
        assert_eq!(session.admit(1), Arrival::Next);
        assert_eq!(session.admit(1), Arrival::Repeated);
        assert_eq!(session.admit(5), Arrival::After { held: 1, next: 5 });
        assert_eq!(session.admit(3), Arrival::Repeated);
        assert_eq!(session.sequence(), Some(5));
        assert_eq!(Session::default().admit(7), Arrival::Next);
    }

    #[test]
    fn the_resume_url_is_tried_once_until_it_works_again() {
        let mut session = session();
        assert_eq!(session.take_url().as_deref(), Some("wss://resume/"));
        assert_eq!(session.take_url(), None);
        session.handle_resumed();
        assert_eq!(session.take_url().as_deref(), Some("wss://resume/"));
    }

    #[test]
    fn only_websocket_urls_are_taken_for_a_resume_url() {
        for url in ["https://resume/", "javascript:1", "", &format!("wss://{}", "x".repeat(3000))] {
            let mut session = Session::default();
            session.restore("abc".into(), 1, Some(url.into()));
            assert_eq!(session.take_url(), None, "{url}");
        }
    }

    /// The table of close codes, row by row: whether the session stands, and the verdict.
    #[test]
    fn each_close_code_has_its_row() {
        use Verdict::{GiveUp, NewToken, Retry, RetrySlowly, Violation};
        let rows = [
            (None, true, Retry(Code::LostNetwork)),
            (Some(1006), true, Retry(Code::LostNetwork)),
            (Some(1012), true, Retry(Code::LostNetwork)),
            (Some(1000), true, Retry(Code::LostClosed)),
            (Some(1001), true, Retry(Code::LostClosed)),
            (Some(4000), true, Retry(Code::LostClosed)),
            (Some(4001), true, Violation),
            (Some(4002), true, Violation),
            (Some(4003), false, Retry(Code::LostClosed)),
            (Some(4004), false, NewToken(Code::RefusedTokenInvalid)),
            (Some(4005), true, Violation),
            (Some(4006), false, Retry(Code::LostClosed)),
            (Some(4007), false, Retry(Code::LostClosed)),
            (Some(4008), true, RetrySlowly(Code::LostServerBusy)),
            (Some(4009), false, Retry(Code::LostClosed)),
            (Some(4010), false, GiveUp(Code::RefusedInvalidShard)),
            (Some(4011), false, GiveUp(Code::RefusedShardingRequired)),
            (Some(4012), false, GiveUp(Code::RefusedInvalidVersion)),
            (Some(4013), false, GiveUp(Code::RefusedInvalidIntents)),
            (Some(4014), false, GiveUp(Code::RefusedDisallowedIntents)),
            (Some(4999), true, Retry(Code::LostNetwork)),
        ];
        for (code, stands, verdict) in rows {
            let mut session = session();
            assert_eq!(session.closed(code), verdict, "{code:?}");
            assert_eq!(session.resumable().is_some(), stands, "{code:?}");
        }
    }

    #[test]
    fn a_second_goodbye_in_a_row_ends_the_session() {
        let mut session = session();
        session.closed(Some(1001));
        session.closed(Some(1000));
        assert_eq!(session.resumable(), None);
    }
}

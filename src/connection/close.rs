//! What the end of a connection asks for, with the counts that turn patience into a verdict.
//!
//! In: verdicts of the protocol. Out: [`Next`]. Not here: what a code means (each protocol's `closed`).

use crate::error::Code;
use crate::protocol::Verdict;

/// Protocol violations in a row after which coming back is pointless.
const VIOLATIONS: u32 = 3;

/// What to do after a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Wait as the backoff says.
    Retry,
    /// Wait long.
    RetrySlowly,
    /// Ask for another token at once.
    NewToken,
    /// Stay away.
    Fail,
}

/// What was already tried since the last good connection.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    violations: u32,
    token_renewed: bool,
    /// The token last used was good enough for a welcome.
    token_worked: bool,
}

impl Patience {
    /// A connection got through.
    pub(crate) const fn admit(&mut self) {
        self.token_worked = true;
    }

    /// The connection was stable: everything may be tried again.
    pub(crate) const fn forgive(&mut self) {
        self.violations = 0;
        self.token_renewed = false;
    }

    /// Judges the end of a connection: what to do, and why it ended.
    #[deny(clippy::wildcard_enum_match_arm)]
    pub(crate) fn judge(&mut self, verdict: Verdict, has_token: bool) -> (Next, Code) {
        let token_worked = core::mem::take(&mut self.token_worked);
        match verdict {
            Verdict::Retry(code) => (Next::Retry, code),
            Verdict::TooLarge => (Next::Retry, Code::LostClosed),
            Verdict::RetrySlowly(code) => (Next::RetrySlowly, code),
            Verdict::GiveUp(code) => (Next::Fail, code),
            Verdict::NewToken(code) if has_token && !self.token_renewed => {
                self.token_renewed = true;
                (Next::NewToken, code)
            }
            // Welcomed and expelled again and again: each new token works, but not at once.
            Verdict::NewToken(code) if has_token && token_worked => (Next::Retry, code),
            Verdict::NewToken(code) => (Next::Fail, code),
            Verdict::Violation => {
                self.violations += 1;
                (if self.violations < VIOLATIONS { Next::RetrySlowly } else { Next::Fail }, Code::PeerProtocol)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_renewed_once_and_then_fails() {
        let mut patience = Patience::default();
        let verdict = Verdict::NewToken(Code::RefusedTokenInvalid);
        assert_eq!(patience.judge(verdict, true), (Next::NewToken, Code::RefusedTokenInvalid));
        assert_eq!(patience.judge(verdict, true), (Next::Fail, Code::RefusedTokenInvalid));
        patience.forgive();
        assert_eq!(patience.judge(verdict, true), (Next::NewToken, Code::RefusedTokenInvalid));
        patience.admit();
        assert_eq!(patience.judge(verdict, true), (Next::Retry, Code::RefusedTokenInvalid), "it had worked");
    }

    #[test]
    fn without_a_token_function_a_refused_token_fails_at_once() {
        let verdict = Verdict::NewToken(Code::RefusedAuthRequired);
        assert_eq!(Patience::default().judge(verdict, false), (Next::Fail, Code::RefusedAuthRequired));
    }

    #[test]
    fn the_third_violation_in_a_row_fails() {
        let mut patience = Patience::default();
        assert_eq!(patience.judge(Verdict::Violation, false), (Next::RetrySlowly, Code::PeerProtocol));
        assert_eq!(patience.judge(Verdict::Violation, false), (Next::RetrySlowly, Code::PeerProtocol));
        assert_eq!(patience.judge(Verdict::Violation, false), (Next::Fail, Code::PeerProtocol));
    }
}

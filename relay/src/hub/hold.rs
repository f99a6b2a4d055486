//! A hold: why and until when the higher ids of a connection's session are refused (rule 5 of the protocol's section 4).
//!
//! It belongs to one connection: on the next one every unsettled id comes again, the lowest first.

use super::refusal::RefusalCode;

#[derive(Debug)]
pub(crate) struct Hold {
    id: u64,
    code: RefusalCode,
    retry: u64,
    until_ms: u64,
    /// The highest id refused under this hold.
    refused: u64,
}

impl Hold {
    /// A publish was refused for now: every higher id is, too, until `retry` is over.
    pub(crate) fn new(now_ms: u64, id: u64, code: RefusalCode, retry: u64) -> Self {
        Self { id, code, retry, until_ms: now_ms.saturating_add(retry), refused: id }
    }

    /// Why this id is refused now, and for how many milliseconds; `None` if it is not.
    pub(crate) fn refuses(&mut self, now_ms: u64, id: u64) -> Option<(RefusalCode, u64)> {
        if id <= self.id {
            return None;
        }
        if now_ms < self.until_ms {
            self.refused = self.refused.max(id);
            return Some((self.code, self.until_ms - now_ms));
        }
        if id > self.refused {
            // Sent before its sender heard of the hold, on a line slower than `retry`. Let through, it would settle
            // a higher id before a lower one. What is refused here comes again, and then in order.
            self.refused = id;
            return Some((self.code, self.retry));
        }
        None
    }

    /// An id was settled: its sender has heard of the hold and sends in order again.
    pub(crate) fn settled(&mut self) {
        self.refused = u64::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold() -> Hold {
        Hold::new(0, 5, RefusalCode::RateLimited, 100)
    }

    fn held(retry: u64) -> Option<(RefusalCode, u64)> {
        Some((RefusalCode::RateLimited, retry))
    }

    #[test]
    fn a_hold_refuses_higher_ids_until_its_time_is_over_and_then_takes_them_in_order() {
        let mut hold = hold();
        assert_eq!(hold.refuses(40, 6), held(60));
        assert_eq!(hold.refuses(100, 5), None);
        hold.settled();
        assert_eq!(hold.refuses(100, 6), None);
    }

    #[test]
    fn a_held_id_that_comes_early_does_not_shorten_the_time_of_the_others() {
        let mut hold = hold();
        assert_eq!(hold.refuses(30, 5), None);
        hold.settled();
        assert_eq!(hold.refuses(40, 6), held(60));
        assert_eq!(hold.refuses(100, 7), None);
    }

    #[test]
    fn a_late_frame_of_the_first_flight_does_not_overtake_what_is_held() {
        let mut hold = hold();
        assert_eq!(hold.refuses(10, 6), held(90));
        assert_eq!(hold.refuses(150, 7), held(100));
        assert_eq!(hold.refuses(200, 5), None);
    }

    #[test]
    fn a_hold_ends_though_its_sender_gave_the_held_message_up() {
        let mut hold = hold();
        assert_eq!(hold.refuses(10, 6), held(90));
        assert_eq!(hold.refuses(110, 6), None);
    }
}

//! What the gateway allows: 120 frames in any 60 seconds of a connection, 4096 bytes in a frame.
//!
//! Source: "Rate Limiting" and "Sending Events" in the gateway's documentation; a client beyond either is disconnected.

use crate::config::Rate;
use crate::time::Duration;

/// A second more than the gateway's window: frames that travel slower than later ones arrive closer together.
const WINDOW: Duration = Duration::from_secs(61);
/// Beside the beats of a window: identify or resume, and beats that the gateway asks for.
const EXTRA: u64 = 4;
/// However fast the heart beats, half of the frames are the application's.
const MAX_RESERVE: u64 = 60;

pub(super) const RATE: Rate = Rate { frames: 120, per: WINDOW };
pub(super) const FRAME_BYTES: u64 = 4096;

/// How many frames of a window are kept for a heart that beats this often.
pub(super) fn reserve(every: Duration) -> u32 {
    let beats = WINDOW.as_millis() / every.as_millis().max(1) + 1;
    (beats + EXTRA).min(MAX_RESERVE) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_covers_the_beats_of_a_window_and_leaves_half_of_it_in_any_case() {
        assert_eq!(reserve(Duration::from_millis(41_250)), 6);
        assert_eq!(reserve(Duration::from_secs(5)), 17);
        assert_eq!(reserve(Duration::from_millis(1)), 60);
        assert_eq!(reserve(Duration::from_micros(1)), 60);
    }
}

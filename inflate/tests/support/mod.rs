//! Payloads like those of a gateway, and a decoder driven like the door for JavaScript drives it.
#![allow(dead_code, reason = "each test file uses its part of it")]

pub(crate) mod payload;

pub(crate) use payload::{dispatch, numbers};
use proptest::prelude::*;
use tautline_inflate::{CHUNK, Decoder, Fault, Limits};

pub(crate) const LIMITS: Limits = Limits { message: 1 << 20, window: 8 << 20 };

/// Pushes one frame, in as many calls as it takes.
pub(crate) fn push(decoder: &mut impl Decoder, frame: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let mut chunks = frame.chunks(CHUNK).peekable();
    loop {
        let chunk = chunks.next().unwrap_or_default();
        decoder.input()[..chunk.len()].copy_from_slice(chunk);
        let last = chunks.peek().is_none();
        let pushed = decoder.push(chunk.len(), last)?;
        if last {
            return Ok(pushed.map(|length| {
                let message = decoder.message().to_vec();
                assert_eq!(message.len(), length);
                message
            }));
        }
        assert_eq!(pushed, None, "a message ends with a frame");
    }
}

/// Bytes that do not compress.
pub(crate) fn noise(seed: u64, size: usize) -> Vec<u8> {
    numbers(seed).take(size).map(|number| (number >> 32) as u8).collect()
}

/// A message of any of the kinds that make encoders choose another block.
pub(crate) fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (any::<u64>(), 100usize..3000).prop_map(|(index, size)| dispatch(index, size)),
        1 => (any::<u64>(), 3000usize..200_000).prop_map(|(index, size)| dispatch(index, size)),
        1 => (any::<u64>(), 1usize..5000).prop_map(|(seed, size)| noise(seed, size)),
        1 => (any::<u8>(), 1usize..70_000).prop_map(|(byte, size)| vec![byte; size]),
        1 => (1usize..12, 10usize..9000, any::<u64>()).prop_map(|(period, size, seed)| {
            noise(seed, period).into_iter().cycle().take(size).collect()
        }),
        1 => proptest::collection::vec(any::<u8>(), 1..50),
    ]
}

/// Cuts bytes wherever these numbers say.
pub(crate) fn split<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut at: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

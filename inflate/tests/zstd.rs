//! Zstandard against the real one: what it packs is unpacked, what it refuses is refused.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use proptest::prelude::*;
use support::{LIMITS, dispatch, message, noise, push, split};
use tautline_inflate::zstd::Zstd;
use tautline_inflate::{Decoder, Fault, Limits};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

fn decoder(limits: Limits) -> Box<Zstd<Vec<u8>>> {
    Box::new(Zstd::new(Vec::new(), limits))
}

/// A connection's encoder.
struct Packer(Encoder<'static>);

impl Packer {
    fn new(level: i32) -> Self {
        Self(Encoder::new(level).unwrap())
    }

    fn with(level: i32, parameters: &[CParameter]) -> Self {
        let mut packer = Self::new(level);
        for parameter in parameters {
            packer.0.set_parameter(*parameter).unwrap();
        }
        packer
    }

    fn message(&mut self, message: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(message.len() + message.len() / 8 + 1000);
        let mut input = InBuffer::around(message);
        let mut output = OutBuffer::around(&mut out);
        while input.pos() < message.len() {
            self.0.run(&mut input, &mut output).unwrap();
        }
        while self.0.flush(&mut output).unwrap() > 0 {}
        out
    }

    fn end(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1000);
        while self.0.finish(&mut OutBuffer::around_pos(&mut out, 0), true).unwrap() > 0 {}
        out
    }
}

/// What the real one makes of whole frames.
fn real(bytes: &[u8]) -> Option<Vec<u8>> {
    zstd::stream::decode_all(bytes).ok()
}

#[test]
fn a_hello_as_the_real_gateway_sent_it_is_read_and_asks_for_a_window_of_256_kilobytes() {
    let (frame, hello) = (include_bytes!("vectors/hello-zstd.bin"), include_bytes!("vectors/hello-zstd.json"));
    let narrow = |window| decoder(Limits { window, ..LIMITS });
    assert_eq!(push(&mut *narrow(1 << 18), frame), Ok(Some(hello.to_vec())));
    assert_eq!(push(&mut *narrow((1 << 18) - 1), frame), Err(Fault::Window));
}

#[test]
fn each_message_comes_out_with_its_frame() {
    for level in [-5, 1, 3, 6, 9, 15, 19] {
        let (mut packer, mut decoder) = (Packer::new(level), decoder(LIMITS));
        for index in 0..60 {
            let message = dispatch(index, if index % 20 == 0 { 60_000 } else { 700 });
            assert_eq!(push(&mut *decoder, &packer.message(&message)), Ok(Some(message)), "level {level}, {index}");
        }
    }
}

#[test]
fn a_long_stream_wraps_its_window_many_times() {
    for window in [10, 12, 17, 18] {
        let (mut packer, mut decoder) = (Packer::with(3, &[CParameter::WindowLog(window)]), decoder(LIMITS));
        for index in 0..1500 {
            let message = dispatch(index % 90, if index % 40 == 0 { 50_000 } else { 900 });
            assert_eq!(push(&mut *decoder, &packer.message(&message)), Ok(Some(message)), "{window}, {index}");
        }
    }
}

#[test]
fn every_kind_of_block_is_read() {
    let mut decoder = decoder(LIMITS);
    // A window of 256 kB, as Discord asks for; a raw block, a repeated byte, and no last one.
    let head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40];
    let raw = [&head[..], &[3 << 3, 0, 0], b"abc"].concat();
    assert_eq!(push(&mut *decoder, &raw), Ok(Some(b"abc".to_vec())));
    assert_eq!(push(&mut *decoder, &[5 << 3 | 2, 0, 0, b'x']), Ok(Some(b"xxxxx".to_vec())));
    assert_eq!(push(&mut *decoder, &[6, 0, 0]), Err(Fault::Corrupt));
}

#[test]
fn frames_that_end_follow_each_other_with_what_is_not_ours_between_them() {
    let mut decoder = decoder(LIMITS);
    for index in 0..20 {
        let message = dispatch(index, 1500);
        let frame = zstd::bulk::compress(&message, 3).unwrap();
        assert_eq!(push(&mut *decoder, &frame), Ok(Some(message)));
        assert_eq!(push(&mut *decoder, &[0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]), Ok(None));
    }
}

#[test]
fn a_checksum_and_a_length_are_checked() {
    let message = dispatch(1, 5000);
    let mut packer = Packer::with(3, &[CParameter::ChecksumFlag(true)]);
    let mut frame = packer.message(&message);
    frame.extend(packer.end());
    assert_eq!(push(&mut *decoder(LIMITS), &frame), Ok(Some(message.clone())));
    *frame.last_mut().unwrap() ^= 1;
    assert_eq!(push(&mut *decoder(LIMITS), &frame), Err(Fault::Checksum));

    let mut frame = zstd::bulk::compress(&message, 3).unwrap();
    assert_eq!(frame[4] >> 6, 1, "two bytes of length");
    frame[6] += 1;
    assert_eq!(push(&mut *decoder(LIMITS), &frame), Err(Fault::Checksum));
}

#[test]
fn a_window_larger_than_the_limit_is_refused_before_it_takes_memory() {
    let limits = Limits { message: 1 << 20, window: 8 << 20 };
    let head = |window: u8| [0x28, 0xb5, 0x2f, 0xfd, 0x00, window, 3 << 3, 0, 0, b'a', b'b', b'c'];
    assert_eq!(push(&mut *decoder(limits), &head(13 << 3)), Ok(Some(b"abc".to_vec())));
    assert_eq!(push(&mut *decoder(limits), &head(13 << 3 | 1)), Err(Fault::Window));
    assert_eq!(push(&mut *decoder(limits), &head(31 << 3 | 7)), Err(Fault::Window));
    // One segment of 2^63 bytes.
    let endless = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80];
    assert_eq!(push(&mut *decoder(limits), &endless), Err(Fault::Window));
}

#[test]
fn a_message_longer_than_the_limit_is_refused_before_it_takes_memory() {
    let bomb = Packer::new(3).message(&vec![b'0'; 50 << 20]);
    assert!(bomb.len() < 60_000);
    let mut decoder = decoder(Limits { message: 200_000, window: 8 << 20 });
    assert_eq!(push(&mut *decoder, &bomb), Err(Fault::TooLarge));
    assert_eq!(push(&mut *decoder, b""), Err(Fault::TooLarge), "and stays so");
    assert!(decoder.message().len() <= 200_400);
}

#[test]
fn a_message_may_be_as_long_as_the_limit_and_no_byte_longer() {
    for limit in [1usize, 70, 3000, 131_072, 140_000] {
        let limits = Limits { message: limit, window: 8 << 20 };
        for bytes in [dispatch(1, 140_300), vec![b'x'; 140_300], noise(3, 140_300)] {
            let (mut packer, mut one) = (Packer::new(3), decoder(limits));
            for _ in 0..3 {
                let fits = bytes[..limit].to_vec();
                assert_eq!(push(&mut *one, &packer.message(&fits)), Ok(Some(fits)));
            }
            let frame = Packer::new(3).message(&bytes[..=limit]);
            assert_eq!(push(&mut *decoder(limits), &frame), Err(Fault::TooLarge));
        }
    }
}

#[test]
fn a_dictionary_is_refused() {
    assert_eq!(push(&mut *decoder(LIMITS), &[0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x40, 7]), Err(Fault::Dictionary));
}

#[test]
fn what_is_no_zstd_says_so() {
    assert_eq!(push(&mut *decoder(LIMITS), b"{\"op\":10}"), Err(Fault::NotCompressed));
    assert_eq!(push(&mut *decoder(LIMITS), &[0x78, 0x9c, 1, 2]), Err(Fault::NotCompressed));
}

#[test]
fn a_frame_cannot_refer_to_the_one_before() {
    let mut packer = Packer::new(3);
    let (first, second) = (dispatch(1, 900), dispatch(1, 900));
    let one = packer.message(&first);
    let two = packer.message(&second);
    let mut decoder = decoder(LIMITS);
    let frame = zstd::bulk::compress(&first, 3).unwrap();
    push(&mut *decoder, &frame).unwrap();
    let alone = [&one[..6], &two].concat();
    assert_eq!(push(&mut *decoder, &alone), Err(Fault::Corrupt));
}

proptest! {
    #[test]
    fn every_message_comes_out_whatever_the_split(
        messages in proptest::collection::vec(message(), 1..12),
        cuts in proptest::collection::vec(any::<usize>(), 0..6),
        level in -7i32..13,
        window in proptest::option::of(10u32..20),
    ) {
        let parameters: Vec<_> = window.map(CParameter::WindowLog).into_iter().collect();
        let (mut packer, mut decoder) = (Packer::with(level, &parameters), decoder(LIMITS));
        for message in messages {
            let frame = packer.message(&message);
            // A cut between two blocks would end a message.
            let mut got = Vec::new();
            for part in split(&frame, &cuts) {
                got.extend(push(&mut *decoder, part).unwrap().unwrap_or_default());
            }
            prop_assert_eq!(got, message);
        }
    }

    #[test]
    fn what_the_real_one_refuses_we_refuse_and_what_we_take_is_right(
        message in message(),
        level in -7i32..20,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4),
        cut in proptest::option::weighted(0.2, any::<usize>()),
    ) {
        let mut bytes = zstd::bulk::compress(&message, level).unwrap();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut % bytes.len());
        }
        let ours = push(&mut *decoder(LIMITS), &bytes);
        match (ours, real(&bytes)) {
            (Ok(ours), Some(real)) => prop_assert_eq!(ours.unwrap_or_default(), real),
            // What is not there yet is no error to us; the window and the message have no limit there.
            (Ok(None) | Err(_), None) => {}
            (Err(Fault::Window | Fault::TooLarge | Fault::Dictionary), Some(_)) => {}
            // It reads on in some streams of codes that do not end where they should.
            (Err(Fault::Corrupt), Some(real)) => prop_assert_ne!(real, message),
            (ours, real) => prop_assert!(false, "{:?} {:?} {:?}", ours, real.map(|real| real.len()), bytes),
        }
    }

    #[test]
    fn any_bytes_at_all_neither_panic_nor_pass_the_limit(
        kinds in proptest::collection::vec((0u8..8, proptest::collection::vec(any::<u8>(), 0..600)), 0..8),
        modes in any::<u8>(),
        cuts in proptest::collection::vec(any::<usize>(), 0..4),
    ) {
        let limits = Limits { message: 5000, window: 1 << 18 };
        let mut decoder = decoder(limits);
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40];
        for (kind, mut content) in kinds {
            // Mostly compressed blocks; some begin with literals of no length, so that the rest is sequences.
            if kind > 4 {
                content.splice(0..0, [0, kind, modes & 0xfc]);
            }
            let head = (content.len() as u32) << 3 | if kind == 0 { 0 } else { 4 };
            bytes.extend(&head.to_le_bytes()[..3]);
            bytes.extend(content);
        }
        for part in split(&bytes, &cuts) {
            match push(&mut *decoder, part) {
                Ok(message) => prop_assert!(message.is_none_or(|message| message.len() <= limits.message)),
                Err(fault) => {
                    prop_assert_eq!(push(&mut *decoder, part), Err(fault));
                    break;
                }
            }
        }
        prop_assert!(decoder.message().len() <= limits.message + 400);
    }
}

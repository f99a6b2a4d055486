//! zlib against the real one: what it packs is unpacked, what it refuses is refused.
#![cfg(not(target_arch = "wasm32"))]

mod support;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;
use support::{LIMITS, dispatch, message, noise, push, split};
use tautline_inflate::zlib::{Framing, Zlib};
use tautline_inflate::{Decoder, Fault, Limits};

fn decoder(framing: Framing, limits: Limits) -> Box<Zlib<Vec<u8>>> {
    Box::new(Zlib::new(Vec::new(), framing, limits))
}

fn stream() -> Box<Zlib<Vec<u8>>> {
    decoder(Framing::Flush, LIMITS)
}

/// A connection's encoder.
struct Packer(Compress);

impl Packer {
    fn new(level: u32) -> Self {
        Self(Compress::new(Compression::new(level), true))
    }

    fn pack(&mut self, message: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(message.len() + message.len() / 8 + 200);
        let before = self.0.total_in();
        self.0.compress_vec(message, &mut out, flush).unwrap();
        assert_eq!((self.0.total_in() - before) as usize, message.len());
        assert!(out.len() < out.capacity());
        out
    }

    fn message(&mut self, message: &[u8]) -> Vec<u8> {
        self.pack(message, FlushCompress::Sync)
    }
}

fn whole(message: &[u8], level: u32) -> Vec<u8> {
    Packer::new(level).pack(message, FlushCompress::Finish)
}

/// What the real zlib makes of a whole stream.
fn real(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(1 << 21);
    let mut inflate = Decompress::new(true);
    let status = inflate.decompress_vec(bytes, &mut out, FlushDecompress::Finish);
    (matches!(status, Ok(Status::StreamEnd)) && inflate.total_in() as usize == bytes.len()).then_some(out)
}

#[test]
fn a_hello_as_the_real_gateway_sent_it_is_read_over_any_split() {
    let (frame, hello) = (include_bytes!("vectors/hello-zlib.bin"), include_bytes!("vectors/hello-zlib.json"));
    for cut in 0..frame.len() {
        let (mut decoder, (before, after)) = (stream(), frame.split_at(cut));
        assert_eq!(push(&mut *decoder, before), Ok(None), "the first {cut} bytes");
        assert_eq!(push(&mut *decoder, after), Ok(Some(hello.to_vec())), "the rest after {cut}");
    }
}

#[test]
fn each_message_comes_out_when_its_flush_is_there_and_not_before() {
    let (mut packer, mut decoder) = (Packer::new(6), stream());
    for index in 0..50 {
        let message = dispatch(index, 700);
        let frame = packer.message(&message);
        let (last, rest) = frame.split_last().unwrap();
        for byte in rest {
            assert_eq!(push(&mut *decoder, &[*byte]), Ok(None));
        }
        assert_eq!(push(&mut *decoder, &[*last]), Ok(Some(message)));
    }
}

#[test]
fn a_flush_within_a_frame_does_not_end_the_message() {
    let mut packer = Packer::new(6);
    let mut frame = packer.message(b"{\"a\":");
    frame.extend(packer.message(b"1}"));
    assert_eq!(push(&mut *stream(), &frame), Ok(Some(b"{\"a\":1}".to_vec())));
}

#[test]
fn bytes_that_look_like_a_flush_end_nothing() {
    let mut message = b"before".to_vec();
    message.extend([0, 0, 255, 255]);
    message.extend(noise(5, 300));
    let frame = Packer::new(0).message(&message);
    let at = frame.windows(4).position(|four| four == [0, 0, 255, 255]).unwrap() + 4;
    assert!(at < frame.len());
    let mut decoder = stream();
    assert_eq!(push(&mut *decoder, &frame[..at]), Ok(None));
    assert_eq!(push(&mut *decoder, &frame[at..]), Ok(Some(message)));
}

#[test]
fn a_long_stream_wraps_its_window_many_times() {
    for level in [1, 6, 9] {
        let (mut packer, mut decoder) = (Packer::new(level), stream());
        for index in 0..600 {
            let message = dispatch(index % 70, if index % 40 == 0 { 50_000 } else { 900 });
            assert_eq!(push(&mut *decoder, &packer.message(&message)), Ok(Some(message)), "message {index}");
        }
    }
}

#[test]
fn a_message_longer_than_the_limit_is_refused_before_it_takes_memory() {
    let bomb = Packer::new(9).message(&vec![b'0'; 50 << 20]);
    assert!(bomb.len() < 60_000);
    let mut decoder = decoder(Framing::Flush, Limits { message: 100_000, window: 0 });
    assert_eq!(push(&mut *decoder, &bomb), Err(Fault::TooLarge));
    assert_eq!(push(&mut *decoder, b""), Err(Fault::TooLarge), "and stays so");
}

#[test]
fn a_message_may_be_as_long_as_the_limit_and_no_byte_longer() {
    for level in [0, 1, 6] {
        for limit in [1usize, 70, 65_535, 65_536, 70_000] {
            let limits = Limits { message: limit, window: 0 };
            let fits = dispatch(1, 70_200)[..limit].to_vec();
            let longer = dispatch(1, 70_200)[..=limit].to_vec();
            let mut one = decoder(Framing::Flush, limits);
            let mut packer = Packer::new(level);
            for _ in 0..3 {
                assert_eq!(push(&mut *one, &packer.message(&fits)), Ok(Some(fits.clone())));
            }
            let frame = Packer::new(level).message(&longer);
            assert_eq!(push(&mut *decoder(Framing::Flush, limits), &frame), Err(Fault::TooLarge));
        }
    }
}

#[test]
fn a_flush_with_nothing_before_it_is_no_message() {
    let mut packer = Packer::new(6);
    let mut decoder = stream();
    let mut frame = packer.message(b"x");
    assert_eq!(push(&mut *decoder, &frame), Ok(Some(b"x".to_vec())));
    frame = vec![0, 0, 0, 255, 255];
    assert_eq!(push(&mut *decoder, &frame), Ok(None));
    assert_eq!(push(&mut *decoder, &packer.message(b"y")), Ok(Some(b"y".to_vec())));
}

#[test]
fn a_stream_that_ends_gives_its_last_message_and_takes_no_more() {
    let mut packer = Packer::new(6);
    let mut decoder = stream();
    assert_eq!(push(&mut *decoder, &packer.message(b"one")), Ok(Some(b"one".to_vec())));
    assert_eq!(push(&mut *decoder, &packer.pack(b"two", FlushCompress::Finish)), Ok(Some(b"two".to_vec())));
    assert_eq!(push(&mut *decoder, b"x"), Err(Fault::Ended));
}

#[test]
fn what_is_no_zlib_says_so() {
    for bytes in [b"{\"op\":10}".as_slice(), &[0x1f, 0x8b, 8, 0], &[0x78, 0x02], &[0x88, 0x1c]] {
        assert_eq!(push(&mut *stream(), bytes), Err(Fault::NotCompressed));
    }
}

#[test]
fn a_dictionary_is_refused() {
    assert_eq!(push(&mut *stream(), &[0x78, 0xbb, 1, 2, 3, 4]), Err(Fault::Dictionary));
}

#[test]
fn a_payload_stands_alone_and_its_checksum_counts() {
    let mut decoder = decoder(Framing::Whole, LIMITS);
    for index in 0..40 {
        let message = dispatch(index, 40 + 9000 * (index as usize % 9));
        assert_eq!(push(&mut *decoder, &whole(&message, 6)), Ok(Some(message)));
    }
    let mut broken = whole(&dispatch(1, 500), 6);
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(push(&mut *decoder, &broken), Err(Fault::Checksum));
}

#[test]
fn a_payload_cut_short_or_followed_by_more_is_refused() {
    let frame = whole(&dispatch(3, 500), 6);
    for length in 0..frame.len() {
        assert_eq!(push(&mut *decoder(Framing::Whole, LIMITS), &frame[..length]), Err(Fault::Truncated));
    }
    let longer = [frame.as_slice(), b"x"].concat();
    assert_eq!(push(&mut *decoder(Framing::Whole, LIMITS), &longer), Err(Fault::Ended));
}

#[test]
fn a_payload_cannot_refer_to_the_one_before() {
    // A copy from three bytes back, with nothing there.
    let bytes = [0x78, 0x9c, 0x03, 0x42, 0x00];
    let mut decoder = decoder(Framing::Whole, LIMITS);
    push(&mut *decoder, &whole(b"abcdef", 6)).unwrap();
    assert_eq!(push(&mut *decoder, &bytes), Err(Fault::Corrupt));
}

proptest! {
    #[test]
    fn every_message_comes_out_whatever_the_split(
        messages in proptest::collection::vec(message(), 1..12),
        cuts in proptest::collection::vec(any::<usize>(), 0..6),
        level in 0u32..10,
    ) {
        let (mut packer, mut decoder) = (Packer::new(level), stream());
        for message in messages {
            let frame = packer.message(&message);
            let mut parts = split(&frame, &cuts);
            let last = parts.pop().unwrap();
            let mut got = None;
            for part in parts {
                // A cut at the very end leaves an empty part behind.
                got = got.or(push(&mut *decoder, part).unwrap());
            }
            got = got.or(push(&mut *decoder, last).unwrap());
            prop_assert_eq!(got, Some(message));
        }
    }

    #[test]
    fn what_the_real_zlib_refuses_or_takes_we_do_too(
        message in message(),
        level in 0u32..10,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4),
        cut in proptest::option::weighted(0.2, any::<usize>()),
    ) {
        let mut bytes = whole(&message, level);
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut % bytes.len());
        }
        let mut decoder = decoder(Framing::Whole, LIMITS);
        let ours = push(&mut *decoder, &bytes);
        if ours == Err(Fault::TooLarge) {
            return Ok(());
        }
        prop_assert_eq!(ours.ok().map(Option::unwrap_or_default), real(&bytes), "changed bytes {:?}", bytes);
    }

    #[test]
    fn any_bytes_at_all_neither_panic_nor_pass_the_limit(
        start in proptest::sample::select(vec![vec![], vec![0x78, 0x9c], vec![0x78, 0x9c, 0xed], vec![0x78, 0x9c, 0x04]]),
        bytes in proptest::collection::vec(any::<u8>(), 0..4000),
        cuts in proptest::collection::vec(any::<usize>(), 0..4),
    ) {
        let limits = Limits { message: 5000, window: 0 };
        let mut decoder = decoder(Framing::Flush, limits);
        let bytes = [start, bytes].concat();
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

//! Unpacks the core's wasm in the browser: LZMA is a tenth smaller than the best deflate, and no browser unpacks anything
//! synchronously by itself. In WebAssembly because cold JavaScript takes ten times as long.
//!
//! In: a raw LZMA stream with lc 3, lp 0, pb 0, as xtask packs it, and how long it will be. Out: the bytes. Not here: any check of
//! the stream; it is our own. A broken one traps or gives wasm that does not compile.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
mod export;

/// How many kinds of decision there are; [`unpack`] learns how each of them tends to go.
pub const CHANCES: usize = LITERAL + 8 * 768;

/// Before anything is known.
pub const EVEN: u16 = 1024;

// Where each kind of decision keeps its chances.
const MATCH: usize = 0;
const REPEAT: usize = 12;
const REPEAT_FIRST: usize = 24;
const REPEAT_SECOND: usize = 36;
const REPEAT_THIRD: usize = 48;
const REPEAT_LONG: usize = 60;
const ALIGN: usize = 72;
const SLOT: usize = 88;
const DISTANCE: usize = SLOT + 4 * 64;
const LENGTH: usize = DISTANCE + 128;
const REPEAT_LENGTH: usize = LENGTH + LONG + 256;
const LITERAL: usize = REPEAT_LENGTH + LONG + 256;

// Within a length: two choices, then the trees of short, middle and long ones.
const SHORT: usize = 2;
const MIDDLE: usize = SHORT + 8;
const LONG: usize = MIDDLE + 8;

struct Decoder<'a> {
    packed: &'a [u8],
    next: usize,
    range: u32,
    code: u32,
    chances: &'a mut [u16; CHANCES],
}

impl Decoder<'_> {
    #[inline(never)]
    fn byte(&mut self) {
        // The last decision reads ahead.
        let byte = self.packed.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        self.code = self.code << 8 | u32::from(byte);
    }

    fn normalise(&mut self) {
        if self.range >> 24 == 0 {
            self.range <<= 8;
            self.byte();
        }
    }

    #[inline(never)]
    fn bit(&mut self, index: usize) -> usize {
        let chance = &mut self.chances[index];
        let bound = (self.range >> 11) * u32::from(*chance);
        let one = self.code >= bound;
        if one {
            self.range -= bound;
            self.code -= bound;
            *chance -= *chance >> 5;
        } else {
            self.range = bound;
            *chance += (2048 - *chance) >> 5;
        }
        self.normalise();
        usize::from(one)
    }

    /// `size` is a power of two; the most significant bit comes first.
    #[inline(never)]
    fn tree(&mut self, base: usize, mut node: usize, size: usize) -> usize {
        while node < size {
            node = node << 1 | self.bit(base + node);
        }
        node - size
    }

    /// The least significant bit comes first.
    #[inline(never)]
    fn reversed(&mut self, base: usize, bits: u32) -> usize {
        let (mut node, mut value) = (1, 0);
        for index in 0..bits {
            let one = self.bit(base + node);
            node = node << 1 | one;
            value |= one << index;
        }
        value
    }

    #[inline(never)]
    fn length(&mut self, base: usize) -> usize {
        if self.bit(base) == 0 {
            2 + self.tree(base + SHORT, 1, 8)
        } else if self.bit(base + 1) == 0 {
            10 + self.tree(base + MIDDLE, 1, 8)
        } else {
            18 + self.tree(base + LONG, 1, 256)
        }
    }

    /// Less one, as it is written.
    fn distance(&mut self, length: usize) -> usize {
        let slot = self.tree(SLOT + 64 * (length - 2).min(3), 1, 64);
        if slot < 4 {
            return slot;
        }
        let bits = (slot >> 1) as u32 - 1;
        let base = (2 | slot & 1) << bits;
        if slot < 14 {
            return base + self.reversed(DISTANCE + base - slot, bits);
        }
        let mut middle = 0;
        for _ in 4..bits {
            self.range >>= 1;
            let one = self.code >= self.range;
            if one {
                self.code -= self.range;
            }
            middle = middle << 1 | usize::from(one);
            self.normalise();
        }
        base + (middle << 4) + self.reversed(ALIGN, 4)
    }

    fn literal(&mut self, base: usize, expected: Option<u8>) -> u8 {
        let mut node = 1;
        if let Some(expected) = expected {
            // After a match the byte is not the one that would have gone on with it.
            let mut expected = usize::from(expected);
            while node < 256 {
                let hint = expected >> 7 & 1;
                expected <<= 1;
                let one = self.bit(base + ((1 + hint) << 8) + node);
                node = node << 1 | one;
                if one != hint {
                    break;
                }
            }
        }
        self.tree(base, node, 256) as u8
    }
}

/// Fills `out`. `chances` start as [`EVEN`].
pub fn unpack(packed: &[u8], out: &mut [u8], chances: &mut [u16; CHANCES]) {
    let mut decoder = Decoder { packed, next: 1, range: u32::MAX, code: 0, chances };
    for _ in 0..4 {
        decoder.byte();
    }
    let mut state = 0;
    // How far back the last four matches lay, less one, the latest first.
    let mut distances = [0; 4];
    let mut at = 0;
    while at < out.len() {
        if decoder.bit(MATCH + state) == 0 {
            let before = if at == 0 { 0 } else { out[at - 1] };
            let expected = (state > 6).then(|| out[at - distances[0] - 1]);
            out[at] = decoder.literal(LITERAL + 768 * usize::from(before >> 5), expected);
            at += 1;
            state = match state {
                0..4 => 0,
                4..10 => state - 3,
                _ => state - 6,
            };
            continue;
        }
        let after_match = 3 * usize::from(state > 6);
        let length;
        if decoder.bit(REPEAT + state) == 0 {
            length = decoder.length(LENGTH);
            distances = [decoder.distance(length), distances[0], distances[1], distances[2]];
            state = 7 + after_match;
        } else {
            let which = if decoder.bit(REPEAT_FIRST + state) == 0 {
                0
            } else if decoder.bit(REPEAT_SECOND + state) == 0 {
                1
            } else {
                2 + decoder.bit(REPEAT_THIRD + state)
            };
            let [first, second, third, fourth] = distances;
            distances = match which {
                0 => distances,
                1 => [second, first, third, fourth],
                2 => [third, first, second, fourth],
                _ => [fourth, first, second, third],
            };
            if which == 0 && decoder.bit(REPEAT_LONG + state) == 0 {
                length = 1;
                state = if after_match == 0 { 9 } else { 11 };
            } else {
                length = decoder.length(REPEAT_LENGTH);
                state = if after_match == 0 { 8 } else { 11 };
            }
        }
        for _ in 0..length {
            out[at] = out[at - distances[0] - 1];
            at += 1;
        }
    }
}

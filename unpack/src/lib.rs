//! Unpacks the core's wasm in the browser: LZMA is a tenth smaller than the best deflate, and no browser unpacks anything
//! synchronously by itself. In WebAssembly because cold JavaScript takes ten times as long.
//!
//! In: a raw LZMA stream with lc 3, lp 0, pb 0, as xtask packs it, and how long it will be. Out: the bytes. Not here: any check of
//! the stream; it is our own, and the memory holds nothing else. A broken one traps or gives wasm that does not compile.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
mod export;

/// How many kinds of decision there are.
const CHANCES: usize = LITERAL + 8 * 768;

/// As likely the one as the other.
const EVEN: i32 = 1024;

// Where each kind of decision keeps its chances.
const MATCH: usize = 0;
const REPEAT: usize = 12;
const REPEAT_LATER: usize = 24;
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

/// Made of zeros, as a wasm's memory is before anything is in it; what is used most comes first, because small addresses are short.
#[repr(C)]
pub struct Decoder {
    /// How far back the last four matches lay, less one, the latest first.
    distances: [usize; 4],
    /// Where the packed bytes go on.
    next: *const u8,
    range: u32,
    code: u32,
    /// How each kind of decision tends to go: above 0 a zero is likely, below it a one.
    chances: [i16; CHANCES],
}

#[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
impl Decoder {
    /// Before it has read anything.
    pub const NEW: Self = Self { chances: [0; CHANCES], distances: [0; 4], next: core::ptr::null(), range: 0, code: 0 };

    #[inline(never)]
    fn normalise(&mut self) {
        if self.range >> 24 == 0 {
            self.range <<= 8;
            // SAFETY: what follows the packed bytes is readable, and the last decision reads no further than that.
            let byte = unsafe { self.next.read() };
            self.next = self.next.wrapping_add(1);
            self.code = self.code << 8 | u32::from(byte);
        }
    }

    #[inline(never)]
    fn bit(&mut self, index: usize) -> usize {
        let chance = EVEN + i32::from(self.chances[index]);
        let bound = (self.range >> 11) * chance as u32;
        let one = self.code >= bound;
        let more = if one {
            self.range -= bound;
            self.code -= bound;
            -(chance >> 5)
        } else {
            self.range = bound;
            (2 * EVEN - chance) >> 5
        };
        self.chances[index] += more as i16;
        self.normalise();
        usize::from(one)
    }

    /// `size` is a power of two; the most significant bit comes first. Where `hints` is as much, the bits begin as those of
    /// `expected` do, and are not the same.
    #[inline(never)]
    fn tree(&mut self, base: usize, size: usize, mut hints: usize, mut expected: usize) -> usize {
        let mut node = 1;
        while node < size {
            expected <<= 1;
            let hint = expected & hints;
            let one = self.bit(base + hints + hint + node);
            node = node << 1 | one;
            // There are hints for as long as they are right.
            hints &= if one == 0 { !hint } else { hint };
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
        let (least, tree, size) = if self.bit(base) == 0 {
            (2, SHORT, 8)
        } else if self.bit(base + 1) == 0 {
            (10, MIDDLE, 8)
        } else {
            (18, LONG, 256)
        };
        least + self.tree(base + tree, size, 0, 0)
    }

    /// Less one, as it is written.
    fn distance(&mut self, length: usize) -> usize {
        let slot = self.tree(SLOT + 64 * (length - 2).min(3), 64, 0, 0);
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

    /// Unpacks the first `packed_length` bytes at `memory` into the `length` bytes after them.
    ///
    /// # Safety
    /// The memory has room for both, and holds what our own packer wrote.
    pub unsafe fn unpack(&mut self, memory: *mut u8, packed_length: usize, length: usize) {
        self.next = memory;
        for _ in 0..5 {
            self.normalise();
        }
        self.range = u32::MAX;
        let mut at = memory.wrapping_add(packed_length);
        let end = at.wrapping_add(length);
        let mut state = 0;
        let mut last = 0;
        while at < end {
            if self.bit(MATCH + state) == 0 {
                let hints = if state > 6 { 256 } else { 0 };
                // SAFETY: `at` is before `end`, and what stands before it is readable.
                unsafe {
                    let expected = usize::from(at.wrapping_add(!self.distances[0]).read());
                    last = self.tree(LITERAL + 768 * (last >> 5), 256, hints, expected);
                    at.write(last as u8);
                }
                at = at.wrapping_add(1);
                state = match state {
                    0..4 => 0,
                    4..10 => state - 3,
                    _ => state - 6,
                };
                continue;
            }
            // What kind of match it is: another one, one of the last four, or a single byte of the last.
            let mut kind = 7;
            let mut which = 3;
            let mut length = 1;
            let distance;
            if self.bit(REPEAT + state) == 0 {
                length = self.length(LENGTH);
                distance = self.distance(length);
            } else {
                kind = 8;
                which = 0;
                while which < 3 && self.bit(REPEAT_LATER + 12 * which + state) == 1 {
                    which += 1;
                }
                distance = self.distances[which];
                if which == 0 && self.bit(REPEAT_LONG + state) == 0 {
                    kind = 9;
                } else {
                    length = self.length(REPEAT_LENGTH);
                }
            }
            self.distances.copy_within(0..which, 1);
            self.distances[0] = distance;
            state = (kind + 3 * usize::from(state > 6)).min(11);
            for _ in 0..length {
                // SAFETY: our own packer wrote no length that goes beyond `end`, and no distance beyond the beginning.
                unsafe {
                    last = usize::from(at.wrapping_add(!self.distances[0]).read());
                    at.write(last as u8);
                }
                at = at.wrapping_add(1);
            }
        }
    }
}

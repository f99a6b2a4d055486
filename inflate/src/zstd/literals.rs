//! The literals of a block: as they are, one byte repeated, or Huffman codes.

use super::BLOCK;
use super::backward::{BEFORE, Backward};
use super::fse::{Counts, Entry, State, Table};
use crate::Fault;

/// Longest Huffman code, in bits.
const LONGEST: u32 = 11;

/// Copies go in words, and read beyond the end.
pub(super) const SPARE: usize = 8;

/// Where the literals of a block are.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// In the block, from here on.
    Block(usize),
    /// In [`Literals::bytes`].
    Own,
}

/// The literals of a block, and the codes for those of the next.
pub(super) struct Literals {
    pub(super) bytes: [u8; BLOCK + SPARE],
    /// The symbol, and above it how long its code is.
    codes: [u16; 1 << LONGEST],
    /// The longest code; 0 while there are none.
    longest: u32,
    weights: Table,
}

impl Literals {
    pub(super) const EMPTY: Self =
        Self { bytes: [0; BLOCK + SPARE], codes: [0; 1 << LONGEST], longest: 0, weights: Table::EMPTY };

    /// A frame cannot use the codes of the one before.
    pub(super) fn forget(&mut self) {
        self.longest = 0;
    }

    /// Reads the section at the beginning of a block. `block` has [`BEFORE`] other bytes before it. Returns where the literals
    /// are, how many, and where the section ends.
    pub(super) fn read(&mut self, block: &[u8]) -> Result<(Place, usize, usize), Fault> {
        let byte = |index: usize| block.get(BEFORE + index).map(|byte| *byte as usize).ok_or(Fault::Corrupt);
        let first = byte(0)?;
        let (kind, format) = (first & 3, first >> 2 & 3);
        if kind < 2 {
            let (length, head) = match format {
                0 | 2 => (first >> 3, 1),
                1 => (first >> 4 | byte(1)? << 4, 2),
                _ => (first >> 4 | byte(1)? << 4 | byte(2)? << 12, 3),
            };
            let start = BEFORE + head;
            if length > BLOCK {
                return Err(Fault::Corrupt);
            }
            if kind == 1 {
                self.bytes[..length].fill(byte(head)? as u8);
                return Ok((Place::Own, length, start + 1));
            }
            if start + length > block.len() {
                return Err(Fault::Corrupt);
            }
            return Ok((Place::Block(start), length, start + length));
        }
        let mut sizes = 0;
        let (head, bits) = match format {
            0 | 1 => (3, 10),
            2 => (4, 14),
            _ => (5, 18),
        };
        for index in 0..head {
            sizes |= (byte(index)? as u64) << (8 * index);
        }
        sizes >>= 4;
        let length = sizes as usize & ((1 << bits) - 1);
        let packed = (sizes >> bits) as usize & ((1 << bits) - 1);
        let end = BEFORE + head + packed;
        let section = block.get(head..end).ok_or(Fault::Corrupt)?;
        if length > BLOCK || length == 0 {
            return Err(Fault::Corrupt);
        }
        let mut start = 0;
        if kind == 2 {
            start = self.read_codes(section)?;
        }
        if self.longest == 0 {
            return Err(Fault::Corrupt);
        }
        let streams = &section[start..];
        if format == 0 {
            decode(streams, &mut self.bytes[..length], &self.codes, self.longest)?;
        } else {
            self.four(streams, length)?;
        }
        Ok((Place::Own, length, end))
    }

    /// Four streams, each of a quarter of the literals, after a table of where they end.
    fn four(&mut self, streams: &[u8], length: usize) -> Result<(), Fault> {
        let quarter = length.div_ceil(4);
        let sizes: [u8; 6] = *streams.get(BEFORE..).and_then(<[u8]>::first_chunk).ok_or(Fault::Corrupt)?;
        let mut start = 6;
        let mut rest = &mut self.bytes[..length];
        for stream in 0..4 {
            let (end, count) = match sizes.get(2 * stream..2 * stream + 2) {
                Some(size) => (start + BEFORE + usize::from(size[0]) + (usize::from(size[1]) << 8), quarter),
                None => (streams.len(), rest.len()),
            };
            let (out, after) = rest.split_at_mut_checked(count).ok_or(Fault::Corrupt)?;
            let bytes = streams.get(start..end).ok_or(Fault::Corrupt)?;
            decode(bytes, out, &self.codes, self.longest)?;
            (start, rest) = (end - BEFORE, after);
        }
        Ok(())
    }

    /// Reads the weights of the codes. `section` has [`BEFORE`] other bytes before it. Returns where they end, less those.
    fn read_codes(&mut self, section: &[u8]) -> Result<usize, Fault> {
        self.longest = 0;
        let mut weights = [0u8; 256];
        let head = usize::from(*section.get(BEFORE).ok_or(Fault::Corrupt)?);
        let (count, end) = if head < 128 {
            let packed = section.get(1..BEFORE + 1 + head).ok_or(Fault::Corrupt)?;
            (self.read_weights(packed, &mut weights)?, 1 + head)
        } else {
            let count = head - 127;
            let end = 1 + count.div_ceil(2);
            let packed = section.get(BEFORE + 1..BEFORE + end).ok_or(Fault::Corrupt)?;
            for (pair, byte) in weights.chunks_exact_mut(2).zip(packed) {
                (pair[0], pair[1]) = (byte >> 4, byte & 15);
            }
            weights[count] = 0;
            (count, end)
        };
        self.make_codes(&mut weights, count)?;
        Ok(end)
    }

    /// Weights that are packed themselves: two states take turns until the bits are used up.
    fn read_weights(&mut self, packed: &[u8], weights: &mut [u8; 256]) -> Result<usize, Fault> {
        let (counts, used) = Counts::read(&packed[BEFORE..], 6, 16)?;
        self.weights.build(&counts, |symbol| Entry::new(symbol as u32, 0))?;
        let table = &self.weights;
        let mut bits = Backward::new(&packed[used..])?;
        let mut now = State::first(table, &mut bits);
        let mut then = State::first(table, &mut bits);
        if bits.is_over() {
            return Err(Fault::Corrupt);
        }
        let mut count = 0;
        loop {
            // The last weight is not written, so there are 255 at most.
            if count > 253 {
                return Err(Fault::Corrupt);
            }
            let entry = now.entry(table);
            weights[count] = entry.value() as u8;
            count += 1;
            bits.refill();
            now.step(entry, &mut bits);
            if bits.is_over() {
                weights[count] = then.entry(table).value() as u8;
                return Ok(count + 1);
            }
            core::mem::swap(&mut now, &mut then);
        }
    }

    /// From `count` weights: a code is the shorter the more its symbol weighs, and the last symbol weighs what is missing.
    fn make_codes(&mut self, weights: &mut [u8; 256], count: usize) -> Result<(), Fault> {
        let mut ranks = [0u32; 16];
        for weight in &weights[..count] {
            ranks[usize::from(weight & 15)] += 1;
        }
        let sum = (1..16).map(|weight| ranks[weight] << (weight - 1)).sum::<u32>();
        if sum == 0 {
            return Err(Fault::Corrupt);
        }
        let longest = 32 - sum.leading_zeros();
        let missing = (1 << longest) - sum;
        if longest > LONGEST || !missing.is_power_of_two() {
            return Err(Fault::Corrupt);
        }
        let last = missing.trailing_zeros() + 1;
        weights[count] = last as u8;
        ranks[last as usize] += 1;
        // There are two of the longest codes at least, and an even number.
        if ranks[1] < 2 || ranks[1] & 1 == 1 {
            return Err(Fault::Corrupt);
        }
        let mut starts = [0usize; 16];
        for weight in 1..15 {
            starts[weight + 1] = starts[weight] + ((ranks[weight] as usize) << (weight - 1));
        }
        for (symbol, weight) in weights[..=count].iter().enumerate().filter(|(_, weight)| **weight > 0) {
            let start = &mut starts[usize::from(weight & 15)];
            let length = 1usize << (weight - 1);
            let code = symbol as u16 | ((longest + 1) as u16 - u16::from(*weight)) << 8;
            self.codes.get_mut(*start..*start + length).ok_or(Fault::Corrupt)?.fill(code);
            *start += length;
        }
        self.longest = longest;
        Ok(())
    }
}

/// Fills `out` from one stream, which must end with it.
fn decode(stream: &[u8], out: &mut [u8], codes: &[u16; 1 << LONGEST], longest: u32) -> Result<(), Fault> {
    let mut bits = Backward::new(stream)?;
    let symbol = |bits: &mut Backward<'_>| {
        let code = codes[bits.peek(longest) & ((1 << LONGEST) - 1)];
        bits.drop(u32::from(code >> 8));
        code as u8
    };
    // Five codes of the longest fit into what a refill brings.
    let mut groups = out.chunks_exact_mut(5);
    for group in &mut groups {
        bits.refill();
        for byte in group {
            *byte = symbol(&mut bits);
        }
        if bits.is_over() {
            return Err(Fault::Corrupt);
        }
    }
    bits.refill();
    for byte in groups.into_remainder() {
        *byte = symbol(&mut bits);
    }
    if bits.is_done() { Ok(()) } else { Err(Fault::Corrupt) }
}

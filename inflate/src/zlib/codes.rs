//! The prefix codes of deflate as tables: the next bits of the stream are the index of the entry that says what they mean.

use crate::Fault;

/// How many bits the first lookup of each kind of code takes.
pub(super) const LITERAL_BITS: u32 = 10;
pub(super) const DISTANCE_BITS: u32 = 8;
pub(super) const LENGTH_BITS: u32 = 7;

/// Enough for every complete code, rounded up so that a mask keeps every index inside.
pub(super) const LITERAL_ENTRIES: usize = 2048;
pub(super) const DISTANCE_ENTRIES: usize = 512;

/// An entry holds a value from bit 16 on, the length of the code from bit 8 on, and in its lowest byte that length plus the number
/// of extra bits that follow the code.
pub(super) const LITERAL: u32 = 1 << 31;
/// Neither a literal nor a length nor a distance.
pub(super) const SPECIAL: u32 = 1 << 15;
/// Special: the value is where the rest of a longer code is looked up, and the second byte how many bits that takes.
pub(super) const LONGER: u32 = 1 << 14;
/// Special: the block is over. A special entry that is neither belongs to no code.
pub(super) const END: u32 = 1 << 13;

/// What a symbol of a literal or length code means, before its code is known.
pub(super) fn literal(symbol: usize) -> u32 {
    match symbol {
        0..256 => LITERAL | (symbol as u32) << 16,
        256 => SPECIAL | END,
        257..265 => (symbol as u32 - 254) << 16,
        265..285 => {
            let (step, extra) = ((symbol as u32 - 261) & 3, (symbol as u32 - 261) >> 2);
            (((4 + step) << extra) + 3) << 16 | extra
        }
        285 => 258 << 16,
        _ => SPECIAL,
    }
}

/// The same of a distance code.
pub(super) fn distance(symbol: usize) -> u32 {
    let symbol = symbol as u32;
    match symbol {
        0..4 => (symbol + 1) << 16,
        4..30 => {
            let extra = (symbol >> 1) - 1;
            (((2 + (symbol & 1)) << extra) + 1) << 16 | extra
        }
        _ => SPECIAL,
    }
}

/// The same of a code for lengths of codes.
pub(super) fn length(symbol: usize) -> u32 {
    (symbol as u32) << 16
}

/// How strict to be about codes that do not use all their room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Incomplete {
    /// Never allowed.
    Refused,
    /// A single code of one bit is, and none at all.
    Single,
}

/// Fills a table from the length of each symbol's code. Returns how many bits a first lookup takes.
#[inline(never)]
pub(super) fn build(
    lengths: &[u8],
    most: u32,
    incomplete: Incomplete,
    meaning: fn(usize) -> u32,
    table: &mut [u32],
) -> Result<u32, Fault> {
    let mut counts = [0u16; 16];
    for length in lengths {
        counts[usize::from(length & 15)] += 1;
    }
    let unused = counts[0];
    counts[0] = 0;
    let longest = (1..16).rev().find(|length| counts[*length] > 0).unwrap_or(0);
    let mut room = 1i32;
    let mut starts = [0u16; 17];
    starts[0] = 0;
    for length in 1..16 {
        room = (room << 1) - i32::from(counts[length]);
        if room < 0 {
            return Err(Fault::Corrupt);
        }
        starts[length + 1] = starts[length] + counts[length];
    }
    if longest == 0 || room > 0 {
        if incomplete == Incomplete::Refused || longest > 1 {
            return Err(Fault::Corrupt);
        }
        // The other bit, or both, belong to no symbol.
        table[..2].fill(SPECIAL | 1 << 8 | 1);
        if let Some(symbol) = lengths.iter().position(|length| *length == 1) {
            table[0] = meaning(symbol) + (1 << 8 | 1);
        }
        return Ok(1);
    }
    let mut sorted = [0u16; 320];
    for (symbol, length) in lengths.iter().enumerate() {
        if *length > 0 {
            let start = &mut starts[usize::from(length & 15)];
            sorted[usize::from(*start)] = symbol as u16;
            *start += 1;
        }
    }
    fill(&sorted[..lengths.len() - usize::from(unused)], &mut counts, longest, most, meaning, table)
}

/// Codes of one length stand in order, so each entry follows from the one before; and a table for longer codes begins as two copies
/// of the one for shorter codes.
fn fill(
    sorted: &[u16],
    counts: &mut [u16; 16],
    longest: usize,
    most: u32,
    meaning: fn(usize) -> u32,
    table: &mut [u32],
) -> Result<u32, Fault> {
    let bits = most.min(longest as u32);
    // Bits of a code come in the other order than the numbers count.
    let mut code = 0usize;
    let mut length = 1u32;
    let mut filled = 2usize;
    let (mut prefix, mut base, mut inner) = (usize::MAX, 0usize, 0u32);
    let mut free = 1usize << bits;
    for symbol in sorted {
        while counts[length as usize] == 0 {
            length += 1;
            if length <= bits {
                table.copy_within(..filled, filled);
                filled <<= 1;
            }
        }
        counts[length as usize] -= 1;
        let value = meaning(usize::from(*symbol));
        if length <= bits {
            table[code] = value + (length << 8 | length);
        } else {
            let root = code & ((1 << bits) - 1);
            if root != prefix {
                prefix = root;
                (base, inner) = (free, length - bits);
                // As long as the longest code of this beginning: until the codes from here on use the room up.
                let mut left = 1i32 << inner;
                left -= i32::from(counts[length as usize]) + 1;
                while left > 0 {
                    inner += 1;
                    left = (left << 1) - i32::from(*counts.get((bits + inner) as usize).ok_or(Fault::Corrupt)?);
                }
                free += 1 << inner;
                if free > table.len() {
                    return Err(Fault::Corrupt);
                }
                table[root] = SPECIAL | LONGER | (base as u32) << 16 | inner << 8 | bits;
            }
            let rest = length - bits;
            let entry = value + (rest << 8 | rest);
            let mut index = code >> bits;
            while index < 1 << inner {
                table[base + index] = entry;
                index += 1 << rest;
            }
        }
        // The next code of this length: the highest bit that is 0 becomes 1, and those above it 0.
        let ones = (1usize << length) - 1;
        if code == ones {
            break;
        }
        let bit = 1 << (usize::BITS - 1 - (code ^ ones).leading_zeros());
        code = code & (bit - 1) | bit;
    }
    while filled < 1 << bits {
        table.copy_within(..filled, filled);
        filled <<= 1;
    }
    Ok(bits)
}

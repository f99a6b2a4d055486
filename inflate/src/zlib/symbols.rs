//! The inside of a block of codes: literals and copies.

use super::bits::Bits;
use super::codes::{DISTANCE_ENTRIES, END, LITERAL, LITERAL_ENTRIES, LONGER, SPECIAL};
use super::{Pause, Tables};
use crate::Fault;
use crate::output::{SPARE, repeat};

/// Decodes until the block ends (no pause), or input or output do. Nothing of a symbol is used before all of it is there.
pub(super) fn codes_of_block(
    shared: &mut Bits,
    input: &[u8],
    out: &mut [u8],
    start: usize,
    tables: &Tables,
) -> (usize, Result<Option<Pause>, Fault>) {
    let mut bits = *shared;
    let mut at = start;
    let last = out.len() - SPARE;
    let literal_mask = (1usize << tables.literal_bits) - 1;
    let distance_mask = (1usize << tables.distance_bits) - 1;
    let ended = loop {
        if at > last {
            break Ok(Some(Pause::Output));
        }
        if bits.count < 48 {
            bits.refill(input);
        }
        let mut entry = tables.literals[bits.bits as usize & literal_mask & (LITERAL_ENTRIES - 1)];
        if entry & LITERAL != 0 {
            let used = entry & 255;
            if used > bits.count {
                break Ok(Some(Pause::Input));
            }
            out[at] = (entry >> 16) as u8;
            at += 1;
            bits.drop(used);
            continue;
        }
        let mut ahead = bits.bits;
        let mut used = 0;
        if entry & SPECIAL != 0 && entry & LONGER != 0 {
            (ahead, used) = (ahead >> (entry & 255), entry & 255);
            let rest = ahead as usize & ((1 << (entry >> 8 & 15)) - 1);
            entry = tables.literals[((entry >> 16) as usize + rest) & (LITERAL_ENTRIES - 1)];
        }
        used += entry & 255;
        if used > bits.count {
            break Ok(Some(Pause::Input));
        }
        if entry & LITERAL != 0 {
            out[at] = (entry >> 16) as u8;
            at += 1;
            bits.drop(used);
            continue;
        }
        if entry & SPECIAL != 0 {
            if entry & END == 0 {
                break Err(Fault::Corrupt);
            }
            bits.drop(used);
            break Ok(None);
        }
        let length = (entry >> 16) as usize + extra(ahead, entry);
        ahead >>= entry & 255;
        entry = tables.distances[ahead as usize & distance_mask & (DISTANCE_ENTRIES - 1)];
        if entry & SPECIAL != 0 && entry & LONGER != 0 {
            used += entry & 255;
            ahead >>= entry & 255;
            let rest = ahead as usize & ((1 << (entry >> 8 & 15)) - 1);
            entry = tables.distances[((entry >> 16) as usize + rest) & (DISTANCE_ENTRIES - 1)];
        }
        used += entry & 255;
        if used > bits.count {
            break Ok(Some(Pause::Input));
        }
        if entry & SPECIAL != 0 {
            break Err(Fault::Corrupt);
        }
        let distance = (entry >> 16) as usize + extra(ahead, entry);
        if distance > at {
            break Err(Fault::Corrupt);
        }
        bits.drop(used);
        repeat(out, at, distance, length);
        at += length;
    };
    *shared = bits;
    (at, ended)
}

/// The bits after a code that belong to it.
#[inline(always)]
fn extra(ahead: u64, entry: u32) -> usize {
    let code = entry >> 8 & 15;
    (ahead as usize & ((1 << (entry & 31)) - 1)) >> code
}

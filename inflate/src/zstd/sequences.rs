//! The sequences of a block: so many literals, then a copy of what came before, over and over.

use super::backward::{BEFORE, Backward};
use super::fse::{Counts, Entry, State, Table};
use crate::Fault;
use crate::output::{repeat, word};

/// The bits after the codes for lengths, from the first code that has any.
const LITERAL_EXTRA: [u8; 20] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_EXTRA: [u8; 21] = [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/// How often each code comes where the block does not say.
const LITERAL_COUNTS: [i8; 36] =
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
const OFFSET_COUNTS: [i8; 29] =
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1];
const MATCH_COUNTS: [i8; 53] = [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
];

fn meaning(code: usize, plain: usize, smallest: u32, extra: &[u8]) -> Entry {
    if code < plain {
        return Entry::new(code as u32 + smallest, 0);
    }
    // Each code begins where the one before ends.
    let base = extra.iter().take(code - plain).fold(plain as u32 + smallest, |base, bits| base + (1 << bits));
    Entry::new(base, u32::from(extra.get(code - plain).copied().unwrap_or(0)))
}

fn literal(code: usize) -> Entry {
    meaning(code, 16, 0, &LITERAL_EXTRA)
}

fn matched(code: usize) -> Entry {
    meaning(code, 32, 3, &MATCH_EXTRA)
}

fn offset(code: usize) -> Entry {
    Entry::new(1 << (code & 31), code as u32 & 31)
}

/// One of the three kinds of code: its table, and the one for where a block has none.
struct Kind {
    own: Table,
    standard: Table,
    is_standard: bool,
    meaning: fn(usize) -> Entry,
    counts: &'static [i8],
    /// How many codes there are, and how many bits a state may have; in the standard table, that many.
    codes: usize,
    most: u32,
    log: u32,
}

impl Kind {
    const fn new(meaning: fn(usize) -> Entry, counts: &'static [i8], codes: usize, most: u32, log: u32) -> Self {
        let (own, standard) = (Table::EMPTY, Table::EMPTY);
        Self { own, standard, is_standard: false, meaning, counts, codes, most, log }
    }

    fn table(&self) -> &Table {
        if self.is_standard { &self.standard } else { &self.own }
    }

    /// Does what the mode says. Returns how many bytes that took.
    fn read(&mut self, mode: u8, bytes: &[u8]) -> Result<usize, Fault> {
        match mode & 3 {
            0 => {
                if !self.standard.set {
                    let mut counts = Counts { log: self.log, counts: [0; 64], symbols: self.counts.len() };
                    for (to, from) in counts.counts.iter_mut().zip(self.counts) {
                        *to = i16::from(*from);
                    }
                    self.standard.build(&counts, self.meaning)?;
                }
                self.is_standard = true;
                Ok(0)
            }
            1 => {
                let code = usize::from(*bytes.first().ok_or(Fault::Corrupt)?);
                if code >= self.codes {
                    return Err(Fault::Corrupt);
                }
                self.own.single((self.meaning)(code));
                self.is_standard = false;
                Ok(1)
            }
            2 => {
                let (counts, used) = Counts::read(bytes, self.most, self.codes)?;
                self.own.build(&counts, self.meaning)?;
                self.is_standard = false;
                Ok(used)
            }
            _ if self.is_standard || self.own.set => Ok(0),
            _ => Err(Fault::Corrupt),
        }
    }

    fn forget(&mut self) {
        (self.is_standard, self.own.set) = (false, false);
    }
}

/// What a copy may refer to, and how much it may write.
pub(super) struct Bounds {
    /// How far back a copy may reach from the first byte of the block, and the window, which is never passed.
    pub(super) history: usize,
    pub(super) window: usize,
    /// Where the block has to end at the latest.
    pub(super) stop: usize,
}

/// The codes of sequences, and the last three offsets.
pub(super) struct Sequences {
    literals: Kind,
    offsets: Kind,
    matches: Kind,
    offset: [usize; 3],
}

impl Sequences {
    pub(super) const EMPTY: Self = Self {
        literals: Kind::new(literal, &LITERAL_COUNTS, 36, 9, 6),
        offsets: Kind::new(offset, &OFFSET_COUNTS, 32, 8, 5),
        matches: Kind::new(matched, &MATCH_COUNTS, 53, 9, 6),
        offset: [1, 4, 8],
    };

    /// A frame cannot use what the one before left.
    pub(super) fn forget(&mut self) {
        self.literals.forget();
        self.offsets.forget();
        self.matches.forget();
        self.offset = [1, 4, 8];
    }

    /// Carries out the section that begins at `start` of `block`: `literals` are copied to `out` from `begin` on, and copies of
    /// what is in `out`. Returns where the output ends, or nothing when it would pass its bounds.
    pub(super) fn run(
        &mut self,
        block: &[u8],
        start: usize,
        literals: &Run<'_>,
        out: &mut [u8],
        begin: usize,
        bounds: &Bounds,
    ) -> Result<Option<usize>, Fault> {
        let byte = |index: usize| block.get(start + index).map(|byte| *byte as usize).ok_or(Fault::Corrupt);
        let (count, head) = match byte(0)? {
            count @ 0..128 => (count, 1),
            255 => ((byte(1)? | byte(2)? << 8) + 0x7f00, 3),
            high => ((high - 128) << 8 | byte(1)?, 2),
        };
        let mut from = literals.start;
        let end = from + literals.length;
        let mut at = begin;
        if count == 0 {
            if start + head != block.len() {
                return Err(Fault::Corrupt);
            }
        } else {
            let modes = byte(head)? as u8;
            if modes & 3 != 0 {
                return Err(Fault::Corrupt);
            }
            let mut next = start + head + 1;
            next += self.literals.read(modes >> 6, &block[next..])?;
            next += self.offsets.read(modes >> 4, &block[next..])?;
            next += self.matches.read(modes >> 2, &block[next..])?;
            let mut bits = Backward::new(&block[next - BEFORE..])?;
            let tables = (self.literals.table(), self.offsets.table(), self.matches.table());
            let mut literal_state = State::first(tables.0, &mut bits);
            let mut offset_state = State::first(tables.1, &mut bits);
            let mut match_state = State::first(tables.2, &mut bits);
            for left in (0..count).rev() {
                let entry = (literal_state.entry(tables.0), offset_state.entry(tables.1), match_state.entry(tables.2));
                bits.refill();
                let offset = entry.1.value() + bits.take(entry.1.extra());
                let copied = entry.2.value() + bits.take(entry.2.extra());
                bits.refill();
                let taken = entry.0.value() + bits.take(entry.0.extra());
                if left > 0 {
                    literal_state.step(entry.0, &mut bits);
                    match_state.step(entry.2, &mut bits);
                    offset_state.step(entry.1, &mut bits);
                }
                let distance = self::distance(&mut self.offset, offset, taken == 0);
                if bits.is_over() || taken > end - from {
                    return Err(Fault::Corrupt);
                }
                if taken + copied > bounds.stop - at {
                    return Ok(None);
                }
                copy(out, at, literals.bytes, from, taken);
                from += taken;
                at += taken;
                if distance == 0 || distance > (bounds.history + (at - begin)).min(bounds.window) {
                    return Err(Fault::Corrupt);
                }
                repeat(out, at, distance, copied);
                at += copied;
            }
            if !bits.is_done() {
                return Err(Fault::Corrupt);
            }
        }
        if end - from > bounds.stop - at {
            return Ok(None);
        }
        copy(out, at, literals.bytes, from, end - from);
        Ok(Some(at + end - from))
    }
}

/// Literals, and where they are; after them there are bytes enough for a word to be read.
pub(super) struct Run<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: usize,
    pub(super) length: usize,
}

/// The three smallest values name the last three distances; after no literals, the second, the third, and the first less one. 0: none.
#[inline(always)]
fn distance(last: &mut [usize; 3], value: usize, no_literals: bool) -> usize {
    let [first, second, third] = *last;
    if value > 3 {
        *last = [value - 3, first, second];
        return last[0];
    }
    match value + usize::from(no_literals) {
        1 => {}
        2 => *last = [second, first, third],
        3 => *last = [third, first, second],
        _ => *last = [first.saturating_sub(1), first, second],
    }
    last[0]
}

/// In words: up to 7 bytes beyond the end are overwritten.
#[inline(always)]
fn copy(out: &mut [u8], at: usize, bytes: &[u8], from: usize, length: usize) {
    let mut done = 0;
    while done < length {
        let word = word(bytes, from + done);
        out[at + done..at + done + 8].copy_from_slice(&word.to_le_bytes());
        done += 8;
    }
}

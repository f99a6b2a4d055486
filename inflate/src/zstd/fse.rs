//! Finite state entropy: how often each symbol comes, and the table of states that follows from it.

use super::backward::Backward;
use crate::Fault;

/// The longest table is that of literal and match lengths.
pub(super) const ENTRIES: usize = 512;

/// How often each symbol comes, out of `1 << log`; -1 stands for less than once.
pub(super) struct Counts {
    pub(super) log: u32,
    pub(super) counts: [i16; 64],
    pub(super) symbols: usize,
}

impl Counts {
    /// Reads them. Returns how many bytes they took.
    pub(super) fn read(bytes: &[u8], most: u32, symbols: usize) -> Result<(Self, usize), Fault> {
        let mut at = 0usize;
        // Bits beyond the end are zeros; whoever needed them is told at the end.
        let peek = |at: usize| {
            let mut word = 0u32;
            for index in 0..4 {
                word |= u32::from(bytes.get(at / 8 + index).copied().unwrap_or(0)) << (8 * index);
            }
            word >> (at % 8)
        };
        let log = (peek(at) & 15) + 5;
        at += 4;
        if log > most {
            return Err(Fault::Corrupt);
        }
        let mut counts = Self { log, counts: [0; 64], symbols: 0 };
        // Shares that are left, and one.
        let mut left = (1 << log) + 1;
        while left > 1 {
            if counts.symbols >= symbols {
                return Err(Fault::Corrupt);
            }
            // Small values are a bit shorter where not all of the longest are needed.
            let bits = 32 - u32::leading_zeros(left);
            let short = (1 << bits) - 1 - left;
            let value = peek(at) & ((1 << bits) - 1);
            let low = value & ((1 << (bits - 1)) - 1);
            let value = if low < short {
                at += bits as usize - 1;
                low
            } else {
                at += bits as usize;
                if value > low { value - short } else { value }
            };
            let count = value as i16 - 1;
            counts.counts[counts.symbols] = count;
            counts.symbols += 1;
            left -= count.unsigned_abs() as u32;
            if count == 0 {
                loop {
                    let more = (peek(at) & 3) as usize;
                    at += 2;
                    counts.symbols += more;
                    if more < 3 || counts.symbols > symbols {
                        break;
                    }
                }
            }
        }
        let used = at.div_ceil(8);
        if left < 1 || counts.symbols > symbols || used > bytes.len() {
            return Err(Fault::Corrupt);
        }
        Ok((counts, used))
    }
}

/// What a state says: the symbol's meaning, and where to go from here.
#[derive(Clone, Copy)]
pub(super) struct Entry(u64);

impl Entry {
    pub(super) const NONE: Self = Self(0);

    /// A symbol that means `value` and as much as its next `extra` bits say.
    pub(super) fn new(value: u32, extra: u32) -> Self {
        Self(u64::from(value) << 32 | u64::from(extra) << 24)
    }

    fn leading(self, next: usize, bits: u32) -> Self {
        Self(self.0 | u64::from(bits) << 16 | next as u64)
    }

    #[inline(always)]
    pub(super) fn value(self) -> usize {
        (self.0 >> 32) as usize
    }

    #[inline(always)]
    pub(super) fn extra(self) -> u32 {
        (self.0 >> 24) as u32 & 31
    }

    /// How many bits say which state is next.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        (self.0 >> 16) as u32 & 15
    }

    #[inline(always)]
    pub(super) fn next(self) -> usize {
        self.0 as usize & 0xffff
    }
}

/// The states.
pub(super) struct Table {
    entries: [Entry; ENTRIES],
    /// How many bits the first state takes.
    pub(super) log: u32,
    /// There is one.
    pub(super) set: bool,
}

impl Table {
    pub(super) const EMPTY: Self = Self { entries: [Entry::NONE; ENTRIES], log: 0, set: false };

    #[inline(always)]
    pub(super) fn at(&self, state: usize) -> Entry {
        self.entries[state & (ENTRIES - 1)]
    }

    /// Always the same symbol.
    pub(super) fn single(&mut self, meaning: Entry) {
        (self.log, self.set) = (0, true);
        self.entries[0] = meaning;
    }

    /// From the counts of each symbol.
    #[inline(never)]
    pub(super) fn build(&mut self, counts: &Counts, meaning: fn(usize) -> Entry) -> Result<(), Fault> {
        let size = 1usize << counts.log;
        let mask = size - 1;
        let mut symbols = [0u8; ENTRIES];
        let mut next = [0u32; 64];
        let mut high = size;
        let all = &counts.counts[..counts.symbols.min(64)];
        for (symbol, count) in all.iter().enumerate() {
            next[symbol] = u32::from(count.unsigned_abs());
            if *count < 0 {
                high = high.checked_sub(1).ok_or(Fault::Corrupt)?;
                symbols[high & (ENTRIES - 1)] = symbol as u8;
            }
        }
        let step = (size >> 1) + (size >> 3) + 3;
        let mut at = 0;
        for (symbol, count) in all.iter().enumerate() {
            for _ in 0..*count {
                symbols[at & (ENTRIES - 1)] = symbol as u8;
                loop {
                    at = (at + step) & mask;
                    if at < high {
                        break;
                    }
                }
            }
        }
        let mut meanings = [Entry::NONE; 64];
        for (symbol, count) in all.iter().enumerate() {
            if *count != 0 {
                meanings[symbol] = meaning(symbol);
            }
        }
        for (entry, symbol) in self.entries[..size].iter_mut().zip(symbols) {
            let symbol = usize::from(symbol) & 63;
            let state = next[symbol];
            next[symbol] += 1;
            let bits = counts.log - (31 - state.max(1).leading_zeros());
            *entry = meanings[symbol].leading(((state as usize) << bits) - size, bits);
        }
        (self.log, self.set) = (counts.log, true);
        Ok(())
    }
}

/// The state that is walked through a table.
pub(super) struct State(usize);

impl State {
    pub(super) fn first(table: &Table, bits: &mut Backward<'_>) -> Self {
        Self(bits.take(table.log))
    }

    #[inline(always)]
    pub(super) fn entry(&self, table: &Table) -> Entry {
        table.at(self.0)
    }

    #[inline(always)]
    pub(super) fn step(&mut self, entry: Entry, bits: &mut Backward<'_>) {
        self.0 = entry.next() + bits.take(entry.bits());
    }
}

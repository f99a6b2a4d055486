//! How likely each of sixteen symbols is, by those that were there before.
//!
//! A table has for each symbol how likely those below it are, of [`SCALE`]: so a slot below that is found by comparing it with all of them, and
//! what is learned is the same comparison. Its first number would always be 0, and is how quickly it learns instead.

use crate::lanes::Lanes;
use crate::model::{Decision, TABLES};

/// What the chances of all symbols add up to, as a power of two.
pub(crate) const SCALE: u32 = 15;

/// How quickly a table learns at first, of 1 << 15. Less than a third, because the common one is trusted three times as much.
const RATE: i16 = 10900;

/// A table that learns more quickly than this is new, and asks the one that all contexts have in common.
const NEW: i16 = 2000;

/// All symbols are as likely. Not a constant, because V8's baseline compiler is slow with those.
static START: [Lanes; 2] = {
    let mut lanes = [[RATE; 8]; 2];
    let mut symbol = 1;
    while symbol < 16 {
        lanes[symbol / 8][symbol % 8] = (symbol as i16) << 11;
        symbol += 1;
    }
    [Lanes::new(lanes[0]), Lanes::new(lanes[1])]
};

/// How often a symbol that never comes is halved in the end, and with it how quickly a table learns.
const LAST: u32 = 5;

/// What is left for the one that always comes.
static MOST: i16 = (0x8000 - (0x8000 >> LAST)) as i16;

/// Less what it is at the start: a wasm's memory is zeros before anything is in it.
#[derive(Clone, Copy)]
pub(crate) struct Table([Lanes; 2]);

impl Table {
    #[inline(always)]
    fn starts(&self, half: usize) -> Lanes {
        self.0[half].read().add(START[half].read())
    }

    #[inline(always)]
    fn rate(&self) -> i16 {
        self.0[0].read_first().wrapping_add(RATE)
    }

    /// Goes some way to where the symbol always comes.
    #[inline(always)]
    fn learn(&mut self, symbols: &Symbols) {
        // The rate is in the first half, and both need it.
        self.learn_half(1, symbols);
        self.learn_half(0, symbols);
    }

    #[inline(always)]
    fn learn_half(&mut self, half: usize, symbols: &Symbols) {
        let above = symbols.above(half, Lanes::splat_from(&symbols.slot));
        let aim = above.and(Lanes::splat_from(&MOST)).add(START[half].read().shifted::<LAST>());
        let way = aim.sub(self.starts(half)).share(Lanes::splat(self.rate()));
        let learned = way.add(self.0[half].read());
        self.0[half].write(learned);
    }
}

/// What is decided between.
#[repr(C)]
pub(crate) struct Symbols {
    starts: [Lanes; 2],
    /// Where the last one ends, less than [`SCALE`].
    end: u16,
    /// How far to trust the common table.
    trust: i16,
    /// What is decided: it is part of the symbol.
    pub(crate) slot: i16,
}

impl Symbols {
    pub(crate) const NEW: Self = Self { starts: [Lanes::ZERO; 2], end: 0, trust: 0, slot: 0 };

    /// All bits where a symbol is above the slot.
    #[inline(always)]
    fn above(&self, half: usize, slot: Lanes) -> Lanes {
        self.starts[half].read().above(slot)
    }

    /// Whose the slot is.
    #[inline(always)]
    pub(crate) fn symbol(&self) -> usize {
        let slots = (Lanes::splat(self.slot), Lanes::splat_from(&self.slot));
        let mask = self.above(0, slots.0).mask(self.above(1, slots.1));
        (mask | 1 << 16).trailing_zeros() as usize - 1
    }

    /// Where a symbol starts, and how likely it is.
    #[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
    #[inline(always)]
    pub(crate) fn chance(&self, symbol: usize) -> (u32, u32) {
        let starts = (&raw const *self).cast::<u16>().wrapping_add(symbol);
        // SAFETY: symbols are below 16, and after the last one's start is its end.
        let (start, end) = unsafe { (starts.read(), starts.add(1).read()) };
        (u32::from(start), u32::from(end.wrapping_sub(start)) % (1 << SCALE))
    }

    #[inline(always)]
    fn set(&mut self, table: &Table) {
        self.starts[1].write(table.starts(1));
        self.starts[0].write(table.starts(0).with_first(0));
    }

    /// To between what they are and what another table says.
    #[inline(always)]
    fn mix(&mut self, common: &Table) {
        let high = self.mixed(1, common);
        self.starts[1].write(high);
        let low = self.mixed(0, common).with_first(0);
        self.starts[0].write(low);
    }

    #[inline(always)]
    fn mixed(&self, half: usize, common: &Table) -> Lanes {
        let way = common.starts(half).sub(self.starts[half].read()).share(Lanes::splat_from(&self.trust));
        way.add(self.starts[half].read())
    }
}

/// Those of all decisions.
pub(crate) struct Tables([Table; TABLES]);

impl Tables {
    /// Made of zeros.
    pub(crate) const NEW: Self = Self([Table([Lanes::ZERO; 2]); TABLES]);

    #[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
    #[inline(always)]
    fn get(&mut self, index: usize) -> &mut Table {
        // SAFETY: the model has no decision beyond them.
        unsafe { self.0.get_unchecked_mut(index) }
    }

    /// Says how likely each symbol is. Returns which table is the first to learn what came.
    #[inline(always)]
    pub(crate) fn guess(&mut self, decision: Decision, symbols: &mut Symbols) -> usize {
        let table = self.get(decision.table());
        let rate = table.rate();
        symbols.set(table);
        if rate < NEW {
            return decision.table();
        }
        symbols.trust = rate * 3;
        symbols.mix(self.get(decision.common()));
        decision.common()
    }

    #[inline(always)]
    pub(crate) fn learn(&mut self, decision: Decision, first: usize, symbols: &Symbols) {
        let mut learner = first;
        // A loop, because what is inlined here should be there once.
        loop {
            self.get(learner).learn(symbols);
            if learner == decision.table() {
                return;
            }
            learner = decision.table();
        }
    }
}

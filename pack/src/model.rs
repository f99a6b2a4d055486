//! What is decided for each byte, in which order, and what the chances of each decision depend on: the same lines read and
//! write, so neither can differ from the other.
//!
//! A wasm is copies of what came before, and literal bytes between them. A copy is named by how many places ago something stood in the
//! same context: that is a smaller number than a distance, and a context is what wasm has next: after which opcode, or which part of
//! which instruction.

/// Who reads decisions, writes them, or adds up what they cost.
pub(crate) trait Coder {
    /// One of sixteen, and the chances it has by what was decided there before. `symbol` is for those who know it; all return it.
    fn symbol(&mut self, decision: Decision, symbol: usize) -> usize;

    /// So many bits, each as likely as not.
    fn even(&mut self, bits: usize, value: usize) -> usize;
}

/// How many contexts there are.
pub(crate) const CONTEXTS: usize = 3 * OPCODES;

/// How many places of each context are remembered. A power of two.
pub(crate) const REMEMBERED: usize = 512;

/// The shortest copy from a new place, and from the last one again.
pub(crate) const LEAST: usize = 3;
pub(crate) const LEAST_AGAIN: usize = 2;

/// The opcodes, without those after a prefix.
const OPCODES: usize = 128;

/// Those from here on are arithmetic, and four of them have one context, which is that of an opcode that is seldom there.
const ARITHMETIC: usize = 69;

/// The first opcode that is followed by a number. The last is 64 above, and has its bit.
const FIRST: u8 = 0x02;

/// A bit for each opcode that is followed by a number: blocks and branches, calls, variables, loads and stores, constants.
const ONE: u64 =
    0b111 | 0b11 << (0x0c - FIRST) | 1 << (0x10 - FIRST) | 0b11111 << (0x20 - FIRST) | TWO | 1 << (0x41 - FIRST);

/// For each that is followed by two: loads and stores.
const TWO: u64 = (1 << (0x3f - FIRST)) - (1 << (0x28 - FIRST));

// What is decided in a context: a table each, or one for each of what it depends on besides.
const STEP: usize = 0;
const HIGH_HALF: usize = STEP + 10;
const LOW_HALF: usize = HIGH_HALF + 1;
const COLUMNS: usize = LOW_HALF + 9;

// And what in none, in the columns of another row.
const LENGTH_AGAIN: usize = 0;
const LENGTH: usize = 1;
const PLACE: usize = 2;
const SECOND: usize = PLACE + 2;
const _: () = assert!(SECOND + 15 < COLUMNS, "a number has an exponent of up to 15");

/// How many tables there are: a row for each context, one for each count of numbers that are still to come, and one for what is
/// decided in no context.
pub(crate) const TABLES: usize = (CONTEXTS + 4) * COLUMNS;

/// What is decided, and where.
#[derive(Clone, Copy)]
pub(crate) struct Decision {
    /// Its context's.
    row: usize,
    column: usize,
}

impl Decision {
    /// In no context.
    fn of(column: usize) -> Self {
        Self { row: CONTEXTS + 3, column }
    }

    /// The table of its context.
    #[inline(always)]
    pub(crate) fn table(self) -> usize {
        self.row * COLUMNS + self.column
    }

    /// That of all contexts with as many numbers to come; what is decided in none has one table.
    #[inline(always)]
    pub(crate) fn common(self) -> usize {
        (CONTEXTS + self.row / OPCODES) * COLUMNS + self.column
    }
}

/// Where in the wasm we are: the opcode that came last, and how many numbers of its instruction are still to come.
#[derive(Clone, Copy)]
pub(crate) struct Context(usize);

impl Context {
    pub(crate) const START: Self = Self(0);

    /// Below [`CONTEXTS`].
    pub(crate) fn index(self) -> usize {
        self.0
    }

    /// What headers and data do here is as good a guess as any.
    pub(crate) fn after(self, byte: u8) -> Self {
        if self.0 >= OPCODES {
            return if byte < 0x80 { Self(self.0 - OPCODES) } else { self };
        }
        let bit = byte.wrapping_sub(FIRST);
        let numbers = if bit > 64 { 0 } else { (ONE >> (bit % 64) & 1) + (TWO >> (bit % 64) & 1) };
        let opcode = usize::from(byte) % OPCODES;
        Self(if opcode < ARITHMETIC { opcode + numbers as usize * OPCODES } else { opcode / 4 })
    }
}

/// What comes next: a literal, which says its higher half if that is usual, a copy from as far back as the last one, or one from a new
/// place, which says its length if that is short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step(usize);

impl Step {
    /// A literal whose higher half is this or more, and said next.
    const HIGH: Self = Self(8);
    /// From as far back as the last one, one byte.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) const SHORT: Self = Self(9);
    /// From as far back as the last one, more.
    pub(crate) const AGAIN: Self = Self(10);
    const COPY: usize = 11;
    const LONG: Self = Self(15);

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn literal(byte: u8) -> Self {
        Self(usize::from(byte >> 4).min(Self::HIGH.0))
    }

    /// From a new place.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn copy(length: usize) -> Self {
        Self((Self::COPY + length - LEAST).min(Self::LONG.0))
    }

    pub(crate) fn is_literal(self) -> bool {
        self.0 <= Self::HIGH.0
    }

    pub(crate) fn is_copy(self) -> bool {
        self.0 >= Self::COPY
    }
}

/// Whether each of the last two steps was a copy, the latest in the lowest bit.
#[derive(Clone, Copy)]
pub(crate) struct History(usize);

impl History {
    pub(crate) const START: Self = Self(0);

    pub(crate) fn after(self, step: Step) -> Self {
        Self((self.0 % 2) << 1 | usize::from(!step.is_literal()))
    }

    fn is_after_copy(self) -> bool {
        self.0 % 2 == 1
    }
}

/// `expected` is what stands as far back as the last copy: where that ended it is not what comes, but often begins like it.
#[inline(always)]
pub(crate) fn step(coder: &mut impl Coder, history: History, context: Context, expected: u8, step: Step) -> Step {
    let column = if history.is_after_copy() { 2 + usize::from(expected >> 4).min(7) } else { history.0 >> 1 };
    Step(coder.symbol(Decision { row: context.0, column: STEP + column }, step.0))
}

#[inline(always)]
pub(crate) fn literal(coder: &mut impl Coder, context: Context, step: Step, byte: u8) -> u8 {
    let mut high = step.0;
    if step == Step::HIGH {
        high = coder.symbol(Decision { row: context.0, column: HIGH_HALF }, usize::from(byte >> 4));
    }
    // Those above are seldom there.
    let low = coder.symbol(Decision { row: context.0, column: LOW_HALF + high.min(8) }, usize::from(byte & 15));
    (high << 4 | low) as u8
}

/// Of a copy from a new place.
#[inline(always)]
pub(crate) fn length(coder: &mut impl Coder, step: Step, length: usize) -> usize {
    const LONG: usize = LEAST + Step::LONG.0 - Step::COPY;
    if step == Step::LONG {
        number(coder, LENGTH, length.wrapping_sub(LONG)) + LONG
    } else {
        step.0 - Step::COPY + LEAST
    }
}

#[inline(always)]
pub(crate) fn length_again(coder: &mut impl Coder, length: usize) -> usize {
    number(coder, LENGTH_AGAIN, length.wrapping_sub(LEAST_AGAIN)) + LEAST_AGAIN
}

/// How many places of the context ago; long copies come from farther away.
#[inline(always)]
pub(crate) fn place(coder: &mut impl Coder, length: usize, place: usize) -> usize {
    number(coder, PLACE + (length - LEAST).min(2), place)
}

/// Its exponent, the bit after the highest, and the rest.
#[inline(never)]
fn number(coder: &mut impl Coder, column: usize, number: usize) -> usize {
    let given = number.wrapping_add(1);
    let exponent = coder.symbol(Decision::of(column), given.checked_ilog2().unwrap_or(0) as usize);
    if exponent == 0 {
        return 0;
    }
    let rest = exponent - 1;
    let second = coder.symbol(Decision::of(SECOND + exponent), given >> rest & 1);
    let low = coder.even(rest, given & ((1 << rest) - 1));
    ((2 | second) << rest | low) - 1
}

/// The stream is made of digits of six bits, each a letter that JavaScript has many of: gzip then has one code for both.
pub(crate) fn digit(letter: u8) -> u32 {
    ((u32::from(letter) * 3453) >> 7) & 63
}

/// Below which the state takes the next digit in.
pub(crate) const LOW: u32 = 1 << 24;

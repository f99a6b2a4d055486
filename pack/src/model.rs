//! What is decided for each byte, in which order, and what the chances of each decision depend on: the same lines read and
//! write, so neither can differ from the other.
//!
//! A wasm is copies of what came before, and literal bytes between them. A copy is named by how many places ago something stood in the
//! same context: that is a smaller number than a distance, and a context is what wasm has next: after which opcode, or which part of
//! which instruction.

/// Who reads decisions, writes them, or adds up what they cost.
pub(crate) trait Coder {
    /// One decision, and the chances it has by what was decided there before. `bit` is for those who know it; all return it.
    fn bit(&mut self, decision: usize, bit: usize) -> usize;

    /// One that is as likely as not.
    fn even(&mut self, bit: usize) -> usize;
}

/// How many contexts there are, what came lately included in none.
pub(crate) const CONTEXTS: usize = 3 * OPCODES;

/// How many places of each context are remembered. A power of two.
pub(crate) const REMEMBERED: usize = 2048;

/// The shortest copy from a new place, and from the last one again.
pub(crate) const LEAST: usize = 3;
pub(crate) const LEAST_AGAIN: usize = 2;

/// The opcodes that tell apart what follows: those above are arithmetic, and seldom stand where these do.
const OPCODES: usize = 128;

/// What came lately: whether each of the last three was a copy, the latest in the lowest bit.
const HISTORIES: usize = 8;

/// A number's tree of exponents, and the first bit after each.
const NUMBER: usize = 32;

// Where each kind of decision keeps its chances.
const AGAIN: usize = 0;
const SHORT: usize = AGAIN + HISTORIES;
const LENGTH: usize = SHORT + HISTORIES;
const LENGTH_AGAIN: usize = LENGTH + NUMBER;
const PLACE: usize = LENGTH_AGAIN + NUMBER;
const COPY: usize = PLACE + 3 * NUMBER;
const LITERAL: usize = COPY + HISTORIES * CONTEXTS;

/// How many there are.
pub(crate) const DECISIONS: usize = LITERAL + CONTEXTS / 4 * 768;

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
        Self(if self.0 < OPCODES {
            let numbers = match byte {
                // Loads and stores.
                0x28..=0x3e => 2,
                // Blocks and branches, calls, variables, constants.
                0x02..=0x04 | 0x0c | 0x0d | 0x10 | 0x20..=0x24 | 0x41 | 0x42 => 1,
                _ => 0,
            };
            usize::from(byte) % OPCODES + numbers * OPCODES
        } else if byte < 0x80 {
            self.0 - OPCODES
        } else {
            self.0
        })
    }
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Literal,
    /// From a new place.
    Copy,
    /// From as far back as the last one.
    Again,
    /// The same, one byte.
    Short,
}

/// What came lately.
#[derive(Clone, Copy)]
pub(crate) struct History(usize);

impl History {
    pub(crate) const START: Self = Self(0);

    pub(crate) fn after(self, step: Step) -> Self {
        Self((self.0 << 1 | usize::from(step != Step::Literal)) % HISTORIES)
    }

    /// The last copy ended here, so what followed it there is not what comes.
    fn is_after_copy(self) -> bool {
        self.0 % 2 == 1
    }
}

#[inline(always)]
pub(crate) fn step(coder: &mut impl Coder, history: History, context: Context, step: Step) -> Step {
    let is = |what: bool| usize::from(what);
    let History(history) = history;
    if coder.bit(COPY + history * CONTEXTS + context.0, is(step != Step::Literal)) == 0 {
        Step::Literal
    } else if coder.bit(AGAIN + history, is(step != Step::Copy)) == 0 {
        Step::Copy
    } else if coder.bit(SHORT + history, is(step == Step::Short)) == 1 {
        Step::Short
    } else {
        Step::Again
    }
}

/// `expected` is what stands as far back as the last copy.
#[inline(always)]
pub(crate) fn literal(coder: &mut impl Coder, history: History, context: Context, expected: u8, byte: u8) -> u8 {
    let hints = if history.is_after_copy() { 256 } else { 0 };
    tree(coder, LITERAL + context.0 / 4 * 768, 256, hints, usize::from(expected), usize::from(byte)) as u8
}

#[inline(always)]
pub(crate) fn length(coder: &mut impl Coder, length: usize) -> usize {
    number(coder, LENGTH, length.wrapping_sub(LEAST)) + LEAST
}

#[inline(always)]
pub(crate) fn length_again(coder: &mut impl Coder, length: usize) -> usize {
    number(coder, LENGTH_AGAIN, length.wrapping_sub(LEAST_AGAIN)) + LEAST_AGAIN
}

/// How many places of the context ago; long copies come from farther away.
#[inline(always)]
pub(crate) fn place(coder: &mut impl Coder, length: usize, place: usize) -> usize {
    number(coder, PLACE + (length - LEAST).min(2) * NUMBER, place)
}

/// Its exponent, the bit after the highest, and the rest.
#[inline(never)]
fn number(coder: &mut impl Coder, base: usize, number: usize) -> usize {
    let given = number.wrapping_add(1);
    let exponent = tree(coder, base, 16, 0, 0, given.checked_ilog2().unwrap_or(0) as usize);
    let mut number = 1;
    for index in (0..exponent).rev() {
        let bit = given >> index & 1;
        let bit = if number == 1 { coder.bit(base + 16 + exponent, bit) } else { coder.even(bit) };
        number = number << 1 | bit;
    }
    number - 1
}

/// `size` is a power of two; the most significant bit comes first. Where `hints` is as much, the bits begin as those of
/// `expected` do, and are not the same.
#[inline(never)]
fn tree(
    coder: &mut impl Coder,
    base: usize,
    size: usize,
    mut hints: usize,
    mut expected: usize,
    mut given: usize,
) -> usize {
    let mut node = 1;
    while node < size {
        expected <<= 1;
        given <<= 1;
        let hint = expected & hints;
        let bit = coder.bit(base + hints + hint + node, usize::from(given & size != 0));
        node = node << 1 | bit;
        // There are hints for as long as they are right.
        hints &= if bit == 0 { !hint } else { hint };
    }
    node - size
}

/// The stream is made of digits of six bits, each a letter that JavaScript has many of: gzip then has one code for both.
pub(crate) fn digit(letter: u8) -> u32 {
    ((u32::from(letter) * 3453) >> 7) & 63
}

/// Below which a range takes the next digit in.
pub(crate) const LOW: u32 = 1 << 24;

/// How a decision tends to go: above 0 a zero is likely, below it a one. Its lowest bits say how sure that is: how often it was
/// decided, up to 15.
#[derive(Clone, Copy)]
pub(crate) struct Chance(i32);

impl Chance {
    /// As a wasm's memory is before anything is in it.
    pub(crate) const EVEN: Self = Self(0);

    /// The part of the range that stands for a zero.
    pub(crate) fn bound(self, range: u32) -> u32 {
        (range >> 12) * ((self.0 >> 20) + 0x800) as u32
    }

    /// Learns quickly at first.
    pub(crate) fn learn(&mut self, bit: usize) {
        let (zero, times) = (self.0 >> 16, self.0 & 15);
        let rate = i32::BITS - (times + 1).leading_zeros();
        // Rounded so that neither ever is impossible.
        let zero = if bit == 0 { zero + ((0x7fff - zero) >> rate) } else { zero - ((zero + 0x8000) >> rate) };
        self.0 = zero << 16 | (times + 1).min(15);
    }
}

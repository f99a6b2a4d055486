//! Chooses how to say a wasm, and writes it.
//!
//! What a decision costs depends on all that were made, and they depend on what each costs. So the whole is gone through several times:
//! the cheapest way by what decisions cost on the way before. The first thinks that all cost the same.

use crate::model::{
    self, CONTEXTS, Coder, Context, Decision, History, LEAST, LEAST_AGAIN, LOW, REMEMBERED, Step, TABLES,
};
use crate::table::{SCALE, Symbols, Tables};

/// How often to go through it. The last ones gain a few bytes.
const ROUNDS: usize = 20;

/// The longest copy that is tried; longer ones are several.
const MOST: usize = 255;

/// What the time is worth that a decision takes, in bits.
const TIME: f32 = 0.05;

/// The digits, in the letters that JavaScript has most of, of those that are read as that digit. None of them ends a string.
const LETTERS: &[u8; 64] = b"y&Lr2Ek+>dw7]p0Ci|)bu5[n.Agz:Ms Fl,?ex8Kq1Dj}=cv#Io/Bh{(at!Gm-@f";

/// Bytes as text.
#[must_use]
pub fn pack(bytes: &[u8]) -> String {
    let copies = copies(bytes);
    let mut prices = Prices::EVEN;
    let mut shortest: Option<Vec<u8>> = None;
    for _ in 0..ROUNDS {
        let mut writer = Writer::new();
        for part in cheapest(bytes, &copies, &prices) {
            part.code(&mut writer, bytes);
        }
        let text = writer.end();
        prices = writer.prices;
        if shortest.as_ref().is_none_or(|shortest| text.len() < shortest.len()) {
            shortest = Some(text);
        }
    }
    shortest.into_iter().flatten().map(|digit| char::from(LETTERS[usize::from(digit)])).collect()
}

/// What could be copied to a place.
struct Copy {
    place: usize,
    from: usize,
    /// The longest; every shorter one is possible.
    length: usize,
}

/// For each byte, from the nearest to the farthest, each longer than those before.
fn copies(bytes: &[u8]) -> Vec<Vec<Copy>> {
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); CONTEXTS];
    let mut context = Context::START;
    let found = bytes.iter().enumerate().map(|(at, &byte)| {
        let here = &mut places[context.index()];
        let mut found: Vec<Copy> = Vec::new();
        for (place, &from) in here.iter().rev().take(REMEMBERED).take_while(|&&from| at - from < 1 << 16).enumerate() {
            let length = alike(bytes, at, from);
            if length > found.last().map_or(LEAST - 1, |longest| longest.length) {
                found.push(Copy { place, from, length });
            }
        }
        here.push(at);
        context = context.after(byte);
        found
    });
    found.collect()
}

/// How many bytes from here on are those from there on.
fn alike(bytes: &[u8], here: usize, there: usize) -> usize {
    bytes[here..].iter().zip(&bytes[there..]).take(MOST).take_while(|(a, b)| a == b).count()
}

/// A step with what it says, and where it is said.
#[derive(Clone, Copy)]
struct Part {
    at: usize,
    history: History,
    context: Context,
    step: Step,
    length: usize,
    place: usize,
    /// How far back the last copy came from, before this step and after it.
    before: usize,
    distance: usize,
}

impl Part {
    fn code(&self, coder: &mut impl Coder, bytes: &[u8]) {
        let expected = bytes[self.at - self.before];
        model::step(coder, self.history, self.context, expected, self.step);
        if self.step.is_literal() {
            model::literal(coder, self.context, self.step, bytes[self.at]);
        } else if self.step == Step::AGAIN {
            model::length_again(coder, self.length);
        } else if self.step.is_copy() {
            model::length(coder, self.step, self.length);
            model::place(coder, self.length, self.place);
        }
    }
}

/// The cheapest way to a byte.
#[derive(Clone, Copy)]
struct Way {
    price: f32,
    last: Option<Part>,
}

/// The cheapest way to the end.
fn cheapest(bytes: &[u8], copies: &[Vec<Copy>], prices: &Prices) -> Vec<Part> {
    let mut ways = vec![Way { price: f32::INFINITY, last: None }; bytes.len() + 1];
    ways[0].price = 0.0;
    let mut context = Context::START;
    for (at, &byte) in bytes.iter().enumerate() {
        let Way { price, last } = ways[at];
        let (history, before) = last.map_or((History::START, 0), |part| (part.history.after(part.step), part.distance));
        let here =
            Part { at, history, context, step: Step::literal(byte), length: 1, place: 0, before, distance: before };
        let mut go = |part: Part| {
            let mut sum = Sum { prices, price };
            part.code(&mut sum, bytes);
            let way = &mut ways[at + part.length];
            if sum.price < way.price {
                *way = Way { price: sum.price, last: Some(part) };
            }
        };
        go(here);
        let again = if before > 0 { alike(bytes, at, at - before) } else { 0 };
        if again > 0 {
            go(Part { step: Step::SHORT, ..here });
        }
        (LEAST_AGAIN..=again).for_each(|length| go(Part { step: Step::AGAIN, length, ..here }));
        let mut shortest = LEAST;
        for &Copy { place, from, length: longest } in &copies[at] {
            let copy = Part { place, distance: at - from, ..here };
            (shortest..=longest).for_each(|length| go(Part { step: Step::copy(length), length, ..copy }));
            shortest = longest + 1;
        }
        context = context.after(byte);
    }
    let mut parts: Vec<Part> = std::iter::successors(ways[bytes.len()].last, |part| ways[part.at].last).collect();
    parts.reverse();
    parts
}

/// How often each symbol came, by table.
struct Prices(Vec<[f32; 16]>);

impl Prices {
    /// All the same.
    const EVEN: Self = Self(Vec::new());

    /// In bits: what it would have cost, had it always cost the same.
    fn price(&self, decision: Decision, symbol: usize) -> f32 {
        let chance = |table: usize, other: f32| {
            self.0.get(table).map_or(other, |times| (times[symbol] + other) / (times.iter().sum::<f32>() + 1.0))
        };
        -chance(decision.table(), chance(decision.common(), 1.0 / 16.0)).log2()
    }
}

/// Adds up prices.
struct Sum<'a> {
    prices: &'a Prices,
    price: f32,
}

impl Coder for Sum<'_> {
    fn symbol(&mut self, decision: Decision, symbol: usize) -> usize {
        self.price += self.prices.price(decision, symbol) + TIME;
        symbol
    }

    fn even(&mut self, bits: usize, value: usize) -> usize {
        self.price += bits as f32;
        value
    }
}

/// What the state takes in: which part of `1 << bits`.
struct Range {
    start: u32,
    length: u32,
    bits: u32,
}

/// Writes digits: from the last to the first, which is how the state has to grow.
struct Writer {
    ranges: Vec<Range>,
    tables: Box<Tables>,
    prices: Prices,
}

impl Writer {
    fn new() -> Self {
        Self { ranges: Vec::new(), tables: Box::new(Tables::NEW), prices: Prices(vec![[0.0; 16]; TABLES]) }
    }

    fn end(&self) -> Vec<u8> {
        let mut digits = Vec::new();
        let mut state = LOW;
        for &Range { start, length, bits } in self.ranges.iter().rev() {
            while state >> (30 - bits) >= length {
                digits.push((state % 64) as u8);
                state >>= 6;
            }
            state = (state / length) << bits | (state % length + start);
        }
        digits.extend((0..5).map(|digit| (state >> (6 * digit) & 63) as u8));
        digits.reverse();
        digits
    }
}

impl Coder for Writer {
    fn symbol(&mut self, decision: Decision, symbol: usize) -> usize {
        for table in [decision.table(), decision.common()] {
            self.prices.0[table][symbol] += 1.0;
        }
        let mut symbols = Symbols::NEW;
        let learner = self.tables.guess(decision, &mut symbols);
        let (start, length) = symbols.chance(symbol);
        symbols.slot = start as i16;
        self.tables.learn(decision, learner, &symbols);
        self.ranges.push(Range { start, length, bits: SCALE });
        symbol
    }

    fn even(&mut self, bits: usize, value: usize) -> usize {
        self.ranges.push(Range { start: value as u32, length: 1, bits: bits as u32 });
        value
    }
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, pack};
    use crate::Unpacker;
    use crate::model::digit;
    use std::thread;

    #[expect(unsafe_code, reason = "it is given addresses, as in the browser")]
    fn unpacked(bytes: &[u8]) -> Vec<u8> {
        let mut memory = pack(bytes).into_bytes();
        let text_length = memory.len();
        memory.resize(text_length + bytes.len() + 8, 0);
        // It is too large for the stack of a test.
        let thread = thread::Builder::new().stack_size(1 << 26).spawn(move || {
            let length = memory.len() - 8 - text_length;
            let mut unpacker = Unpacker::NEW;
            // SAFETY: the memory has room for both.
            unsafe { unpacker.unpack(memory.as_mut_ptr(), text_length, length) };
            memory[text_length..text_length + length].to_vec()
        });
        thread.unwrap().join().unwrap()
    }

    #[test]
    fn what_was_packed_is_unpacked_byte_for_byte() {
        assert_eq!(unpacked(b""), b"");
        assert_eq!(unpacked(b"a"), b"a");
        let source = include_bytes!("pack.rs");
        assert_eq!(unpacked(source), source);
    }

    #[test]
    fn copies_near_far_short_and_repeated_are_found_again() {
        let mut state = 1u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let mut bytes: Vec<u8> = noise.take(70_000).collect();
        for from in [0, 50_000, 3, 69_000, 30_000] {
            for length in [2, 3, 9, 17, 300, 1] {
                bytes.extend_from_within(from..from + length);
                bytes.push(7);
            }
        }
        bytes.extend([5; 1000]);
        assert_eq!(unpacked(&bytes), bytes);
    }

    #[test]
    fn each_digit_has_a_letter_that_no_string_has_to_escape() {
        for (index, &letter) in LETTERS.iter().enumerate() {
            assert_eq!(digit(letter), index as u32);
            assert!(letter.is_ascii() && !letter.is_ascii_control() && !b"\"'`\\$<".contains(&letter));
        }
    }
}

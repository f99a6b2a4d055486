//! Chooses how to say a wasm, and writes it.
//!
//! What a decision costs depends on all that were made, and they depend on what each costs. So the whole is gone through several times:
//! the cheapest way by what decisions cost on the way before. The first thinks that all cost the same.

use crate::model::{
    self, CONTEXTS, Chance, Coder, Context, DECISIONS, History, LEAST, LEAST_AGAIN, LOW, REMEMBERED, Step,
};

/// How often to go through it. The last ones gain a few bytes.
const ROUNDS: usize = 20;

/// The longest copy that is tried; longer ones are several.
const MOST: usize = 255;

/// Where the five digits end that may still change.
const WHOLE: u32 = 64 * LOW;

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
        prices = writer.prices();
        let text = writer.end();
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
        for (place, &from) in here.iter().rev().take(REMEMBERED).enumerate() {
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
        model::step(coder, self.history, self.context, self.step);
        match self.step {
            Step::Literal => {
                let expected = bytes[self.at - self.before];
                model::literal(coder, self.history, self.context, expected, bytes[self.at]);
            }
            Step::Copy => {
                model::length(coder, self.length);
                model::place(coder, self.length, self.place);
            }
            Step::Again => {
                model::length_again(coder, self.length);
            }
            Step::Short => {}
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
        let here = Part { at, history, context, step: Step::Literal, length: 1, place: 0, before, distance: before };
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
            go(Part { step: Step::Short, ..here });
        }
        (LEAST_AGAIN..=again).for_each(|length| go(Part { step: Step::Again, length, ..here }));
        let mut shortest = LEAST;
        for &Copy { place, from, length: longest } in &copies[at] {
            let copy = Part { step: Step::Copy, place, distance: at - from, ..here };
            (shortest..=longest).for_each(|length| go(Part { length, ..copy }));
            shortest = longest + 1;
        }
        context = context.after(byte);
    }
    let mut parts: Vec<Part> = std::iter::successors(ways[bytes.len()].last, |part| ways[part.at].last).collect();
    parts.reverse();
    parts
}

/// What each decision costs, in bits, by what is decided.
struct Prices(Vec<[f32; 2]>);

impl Prices {
    /// All the same.
    const EVEN: Self = Self(Vec::new());
}

/// Adds up prices.
struct Sum<'a> {
    prices: &'a Prices,
    price: f32,
}

impl Coder for Sum<'_> {
    fn bit(&mut self, decision: usize, bit: usize) -> usize {
        self.price += self.prices.0.get(decision).map_or(1.0, |prices| prices[bit]);
        bit
    }

    fn even(&mut self, bit: usize) -> usize {
        self.price += 1.0;
        bit
    }
}

/// Writes digits.
struct Writer {
    digits: Vec<u8>,
    /// The digits that may still change.
    low: u32,
    range: u32,
    chances: Vec<Chance>,
    /// How often each decision was a zero, and a one.
    times: Vec<[u32; 2]>,
}

impl Writer {
    fn new() -> Self {
        let chances = vec![Chance::EVEN; DECISIONS];
        Self { digits: Vec::new(), low: 0, range: 1, chances, times: vec![[0; 2]; DECISIONS] }
    }

    fn normalise(&mut self) {
        while self.range < LOW {
            self.range <<= 6;
            self.digits.push((self.low >> 24) as u8);
            self.low = (self.low % LOW) << 6;
        }
    }

    fn decide(&mut self, bound: u32, bit: usize) {
        if bit == 0 {
            self.range = bound;
            return;
        }
        self.range -= bound;
        self.low += bound;
        if self.low >= WHOLE {
            self.low -= WHOLE;
            for digit in self.digits.iter_mut().rev() {
                *digit = (*digit + 1) % 64;
                if *digit > 0 {
                    break;
                }
            }
        }
    }

    /// What each decision would have cost, had it always cost the same. What was never decided is as likely as not.
    fn prices(&self) -> Prices {
        let part = |times: u32| times as f32 + 0.4;
        let price = |&[zero, one]: &[u32; 2]| [zero, one].map(|times| ((part(zero) + part(one)) / part(times)).log2());
        Prices(self.times.iter().map(price).collect())
    }

    /// The first digits are those before the point.
    fn end(mut self) -> Vec<u8> {
        self.digits.extend((0..5).rev().map(|digit| (self.low >> (6 * digit)) as u8 % 64));
        self.digits.split_off(5)
    }
}

impl Coder for Writer {
    fn bit(&mut self, decision: usize, bit: usize) -> usize {
        self.normalise();
        let bound = self.chances[decision].bound(self.range);
        self.decide(bound, bit);
        self.chances[decision].learn(bit);
        self.times[decision][bit] += 1;
        bit
    }

    fn even(&mut self, bit: usize) -> usize {
        self.normalise();
        self.decide(self.range >> 1, bit);
        bit
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

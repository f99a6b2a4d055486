//! Reads what was packed.

use core::ptr;

use crate::model::{self, CONTEXTS, Coder, Context, Decision, History, LOW, REMEMBERED, Step};
use crate::table::{SCALE, Symbols, Tables};

/// Where the text goes on, and what is known of it. What is used most comes first, because small addresses are short.
#[repr(C)]
struct Reader {
    next: *const u8,
    state: u32,
    /// Those of the decision that is made.
    symbols: Symbols,
    tables: Tables,
}

#[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
impl Reader {
    /// Takes digits in.
    #[inline(always)]
    fn fill(&mut self) {
        while self.state < LOW {
            // SAFETY: what follows the text is readable, and the last decision reads no further than that.
            let letter = unsafe { self.next.read() };
            self.next = self.next.wrapping_add(1);
            self.state = self.state << 6 | model::digit(letter);
        }
    }
}

impl Coder for Reader {
    #[inline(never)]
    fn symbol(&mut self, decision: Decision, _: usize) -> usize {
        self.fill();
        let Self { state, symbols, tables, .. } = self;
        let learner = tables.guess(decision, symbols);
        let slot = *state % (1 << SCALE);
        symbols.slot = slot as i16;
        let symbol = symbols.symbol();
        let (start, chance) = symbols.chance(symbol);
        *state = chance * (*state >> SCALE) + slot - start;
        tables.learn(decision, learner, symbols);
        symbol
    }

    #[inline(always)]
    fn even(&mut self, bits: usize, _: usize) -> usize {
        self.fill();
        let value = self.state & ((1 << bits) - 1);
        self.state >>= bits;
        value as usize
    }
}

/// Made of zeros, as a wasm's memory is before anything is in it.
#[repr(C)]
pub struct Unpacker {
    reader: Reader,
    /// How often each context was there.
    times: [usize; CONTEXTS],
    /// Where, lately: the lower half of the address, because no copy is from farther away.
    places: [[u16; REMEMBERED]; CONTEXTS],
}

#[expect(unsafe_code, reason = "it is given addresses")]
impl Unpacker {
    /// Before it has read anything.
    pub const NEW: Self = Self {
        reader: Reader { next: ptr::null(), state: 0, symbols: Symbols::NEW, tables: Tables::NEW },
        times: [0; CONTEXTS],
        places: [[0; REMEMBERED]; CONTEXTS],
    };

    /// Unpacks the text of `text_length` letters at `memory` into the `length` bytes after it. Once.
    ///
    /// # Safety
    /// The memory has room for both, and holds what our own packer wrote.
    pub unsafe fn unpack(&mut self, memory: *mut u8, text_length: usize, length: usize) {
        let Self { reader, times, places } = self;
        reader.next = memory;
        let mut at = memory.wrapping_add(text_length);
        let end = at.wrapping_add(length);
        let mut history = History::START;
        let mut context = Context::START;
        let mut distance = 0;
        while at < end {
            // SAFETY: our own packer wrote no length that goes beyond `end`, and no place before the beginning.
            let expected = unsafe { at.wrapping_sub(distance).read() };
            let step = model::step(reader, history, context, expected, Step::AGAIN);
            let mut length = 1;
            if step.is_copy() {
                length = model::length(reader, step, 0);
                let ago = model::place(reader, length, 0) + 1;
                let index = context.index();
                let place = places[index][times[index].wrapping_sub(ago) % REMEMBERED];
                distance = usize::from((at as u16).wrapping_sub(place));
            } else if step == Step::AGAIN {
                length = model::length_again(reader, 0);
            }
            for _ in 0..length {
                let index = context.index();
                places[index][times[index] % REMEMBERED] = at as u16;
                times[index] += 1;
                // SAFETY: our own packer wrote no length that goes beyond `end`, and no place before the beginning.
                unsafe {
                    let mut byte = at.wrapping_sub(distance).read();
                    if step.is_literal() {
                        byte = model::literal(reader, context, step, 0);
                    }
                    at.write(byte);
                    context = context.after(byte);
                }
                at = at.wrapping_add(1);
            }
            history = history.after(step);
        }
    }
}

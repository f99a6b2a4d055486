//! Reads what was packed.

use core::ptr;

use crate::model::{self, CONTEXTS, Chance, Coder, Context, DECISIONS, History, LOW, REMEMBERED, Step};

/// Where the text goes on, and what is known of it. What is used most comes first, because small addresses are short.
#[repr(C)]
struct Reader {
    next: *const u8,
    range: u32,
    code: u32,
    chances: [Chance; DECISIONS],
}

#[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
impl Reader {
    /// Takes digits in.
    #[inline(never)]
    fn fill(&mut self) {
        while self.range < LOW {
            self.range <<= 6;
            // SAFETY: what follows the text is readable, and the last decision reads no further than that.
            let letter = unsafe { self.next.read() };
            self.next = self.next.wrapping_add(1);
            self.code = self.code << 6 | model::digit(letter);
        }
    }

    #[inline(always)]
    fn decide(&mut self, bound: u32) -> usize {
        let one = self.code >= bound;
        if one {
            self.range -= bound;
            self.code -= bound;
        } else {
            self.range = bound;
        }
        usize::from(one)
    }
}

#[expect(unsafe_code, reason = "a check of every access is a tenth of the wasm, whose own memory is its bounds")]
impl Coder for Reader {
    #[inline(never)]
    fn bit(&mut self, decision: usize, _: usize) -> usize {
        if self.range < LOW {
            self.fill();
        }
        // SAFETY: the model has as many.
        let chance = unsafe { self.chances.get_unchecked_mut(decision) };
        let bound = chance.bound(self.range);
        let bit = self.decide(bound);
        // SAFETY: the same.
        unsafe { self.chances.get_unchecked_mut(decision) }.learn(bit);
        bit
    }

    #[inline(always)]
    fn even(&mut self, _: usize) -> usize {
        if self.range < LOW {
            self.fill();
        }
        self.decide(self.range >> 1)
    }
}

/// Made of zeros, as a wasm's memory is before anything is in it.
#[repr(C)]
pub struct Unpacker {
    reader: Reader,
    /// How often each context was there.
    times: [usize; CONTEXTS],
    /// Where, lately.
    places: [[*const u8; REMEMBERED]; CONTEXTS],
}

#[expect(unsafe_code, reason = "it is given addresses")]
impl Unpacker {
    /// Before it has read anything.
    pub const NEW: Self = Self {
        reader: Reader { next: ptr::null(), range: 0, code: 0, chances: [Chance::EVEN; DECISIONS] },
        times: [0; CONTEXTS],
        places: [[ptr::null(); REMEMBERED]; CONTEXTS],
    };

    /// Unpacks the text of `text_length` letters at `memory` into the `length` bytes after it. Once.
    ///
    /// # Safety
    /// The memory has room for both, and holds what our own packer wrote.
    pub unsafe fn unpack(&mut self, memory: *mut u8, text_length: usize, length: usize) {
        let Self { reader, times, places } = self;
        reader.next = memory;
        // So small that the first digits are taken in.
        reader.range = 1;
        let mut at = memory.wrapping_add(text_length);
        let end = at.wrapping_add(length);
        let mut history = History::START;
        let mut context = Context::START;
        let mut distance = 0;
        while at < end {
            let step = model::step(reader, history, context, Step::Literal);
            let mut length = 1;
            if step == Step::Copy {
                length = model::length(reader, 0);
                let ago = model::place(reader, length, 0) + 1;
                let index = context.index();
                distance = at as usize - places[index][times[index].wrapping_sub(ago) % REMEMBERED] as usize;
            } else if step == Step::Again {
                length = model::length_again(reader, 0);
            }
            for _ in 0..length {
                let index = context.index();
                places[index][times[index] % REMEMBERED] = at;
                times[index] += 1;
                // SAFETY: our own packer wrote no length that goes beyond `end`, and no place before the beginning.
                unsafe {
                    let mut byte = at.wrapping_sub(distance).read();
                    if step == Step::Literal {
                        byte = model::literal(reader, history, context, byte, 0);
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

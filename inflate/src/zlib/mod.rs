//! zlib (RFC 1950 and 1951): either one stream for a whole connection, flushed after each message, or one for each message.
//!
//! In both, frames may be split anywhere, and each byte is decoded once. A connection's stream has its checksum at its end, where
//! nobody waits for it any more: it is not computed. That of a message is.

mod bits;
mod codes;
mod symbols;

use bits::Bits;
use codes::{DISTANCE_BITS, DISTANCE_ENTRIES, Incomplete, LENGTH_BITS, LITERAL_BITS, LITERAL_ENTRIES};
use symbols::codes_of_block;

use crate::output::Output;
use crate::{CHUNK, Decoder, Fault, Limits, Room};

/// The history that every zlib stream may refer to.
const WINDOW: usize = 32_768;

/// The lengths of a block's codes are read in one go: as many bytes of them may have to wait for the rest.
const HELD: usize = 1024;

/// How much is asked for at a time.
const STEP: usize = 65_536;

/// The order in which the lengths of the codes for lengths are written.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Where messages end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Where a frame ends on a flush (00 00 FF FF); the stream goes on.
    Flush,
    /// Where the stream ends; the next frame begins another.
    Whole,
}

/// What the next bits are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Block,
    /// Bytes as they are, so many.
    Stored(usize),
    Codes,
    Trailer,
    Ended,
}

/// Why decoding paused.
enum Pause {
    Input,
    Output,
}

/// Two tables, and how many bits a first lookup takes.
struct Tables {
    literals: [u32; LITERAL_ENTRIES],
    literal_bits: u32,
    distances: [u32; DISTANCE_ENTRIES],
    distance_bits: u32,
}

impl Tables {
    const EMPTY: Self =
        Self { literals: [0; LITERAL_ENTRIES], literal_bits: 0, distances: [0; DISTANCE_ENTRIES], distance_bits: 0 };

    fn build(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), Fault> {
        use codes::{build, distance, literal};
        self.literal_bits = build(literals, LITERAL_BITS, Incomplete::Single, literal, &mut self.literals)?;
        self.distance_bits = build(distances, DISTANCE_BITS, Incomplete::Single, distance, &mut self.distances)?;
        Ok(())
    }
}

/// A decoder. Hundreds of kilobytes: not for the stack.
pub struct Zlib<R> {
    input: [u8; HELD + CHUNK],
    held: usize,
    framing: Framing,
    state: State,
    bits: Bits,
    /// This block is the last.
    last: bool,
    /// What came last was a flush.
    flushed: bool,
    fixed: bool,
    fixed_tables: Tables,
    tables: Tables,
    output: Output<R>,
    fault: Option<Fault>,
}

impl<R: Room> Zlib<R> {
    /// At the beginning of a stream. zlib's history is never longer than 32 kB, so no limit on it applies.
    pub const fn new(room: R, framing: Framing, limits: Limits) -> Self {
        let mut output = Output::new(room, limits.message);
        output.window = WINDOW;
        Self {
            input: [0; HELD + CHUNK],
            held: 0,
            framing,
            state: State::Header,
            bits: Bits { bits: 0, count: 0, next: 0 },
            last: false,
            flushed: false,
            fixed: false,
            fixed_tables: Tables::EMPTY,
            tables: Tables::EMPTY,
            output,
            fault: None,
        }
    }

    fn run(&mut self, length: usize, last: bool) -> Result<Option<usize>, Fault> {
        self.output.begin();
        let length = self.held + length;
        self.bits.next = 0;
        while let Pause::Output = self.decode(length)? {
            self.output.check()?;
        }
        self.output.check()?;
        self.held = length - self.bits.next;
        self.input.copy_within(self.bits.next..length, 0);
        if !last {
            return Ok(None);
        }
        match self.framing {
            Framing::Flush => {
                let flushed = self.state == State::Block && self.flushed && self.bits.count == 0 && self.held == 0;
                if flushed || self.state == State::Ended { Ok(self.output.give()) } else { Ok(None) }
            }
            Framing::Whole if self.state == State::Ended => {
                self.state = State::Header;
                Ok(self.output.give())
            }
            Framing::Whole => Err(Fault::Truncated),
        }
    }

    fn decode(&mut self, length: usize) -> Result<Pause, Fault> {
        loop {
            match self.state {
                State::Header => {
                    let bits = &mut self.bits;
                    let Some(header) = bits.take(&self.input[..length], 16) else { return Ok(Pause::Input) };
                    let (method, flags) = (header & 255, header >> 8);
                    if method & 15 != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 != 0 {
                        return Err(Fault::NotCompressed);
                    }
                    if flags & 32 != 0 {
                        return Err(Fault::Dictionary);
                    }
                    if self.framing == Framing::Whole {
                        self.output.forget();
                    }
                    self.state = State::Block;
                }
                State::Block => {
                    // The whole head, or nothing of it.
                    let before = self.bits;
                    if !self.block(length)? {
                        self.bits = before;
                        self.unread();
                        return Ok(Pause::Input);
                    }
                }
                State::Stored(left) => {
                    let left = self.stored(length, left)?;
                    if left > 0 {
                        self.state = State::Stored(left);
                        let waits = self.bits.next < length || self.bits.count >= 8;
                        return Ok(if waits { Pause::Output } else { Pause::Input });
                    }
                    self.end_of_block();
                }
                State::Codes => {
                    let tables = if self.fixed { &self.fixed_tables } else { &self.tables };
                    let start = self.output.end;
                    let out = self.output.open(STEP)?;
                    let (at, pause) = codes_of_block(&mut self.bits, &self.input[..length], out, start, tables);
                    self.output.end = at;
                    match pause? {
                        Some(pause) => return Ok(pause),
                        None => self.end_of_block(),
                    }
                }
                State::Trailer => {
                    let before = self.bits;
                    let input = &self.input[..length];
                    self.bits.align();
                    let (Some(first), Some(second)) = (self.bits.take(input, 16), self.bits.take(input, 16)) else {
                        self.bits = before;
                        return Ok(Pause::Input);
                    };
                    let sum = (second << 16 | first).swap_bytes();
                    if self.framing == Framing::Whole && sum != adler(self.output.message()) {
                        return Err(Fault::Checksum);
                    }
                    self.state = State::Ended;
                }
                State::Ended if self.bits.count > 0 || self.bits.next < length => return Err(Fault::Ended),
                State::Ended => return Ok(Pause::Input),
            }
        }
    }

    /// Bits of bytes that are still in the input go back to it, so that no more than a byte is remembered twice.
    fn unread(&mut self) {
        let bytes = ((self.bits.count >> 3) as usize).min(self.bits.next);
        self.bits.next -= bytes;
        self.bits.count -= 8 * bytes as u32;
        self.bits.bits &= (1 << self.bits.count) - 1;
    }

    fn end_of_block(&mut self) {
        self.state = if self.last { State::Trailer } else { State::Block };
    }

    /// The head of a block. False: there is more to come of it.
    fn block(&mut self, length: usize) -> Result<bool, Fault> {
        let input = &self.input[..length];
        let bits = &mut self.bits;
        let Some(head) = bits.take(input, 3) else { return Ok(false) };
        match head >> 1 {
            0 => {
                bits.align();
                let (Some(size), Some(inverse)) = (bits.take(input, 16), bits.take(input, 16)) else {
                    return Ok(false);
                };
                if size != inverse ^ 0xffff {
                    return Err(Fault::Corrupt);
                }
                self.flushed = size == 0;
                self.state = State::Stored(size as usize);
                self.unread();
            }
            1 => {
                if self.fixed_tables.literal_bits == 0 {
                    let mut lengths = [8; 288];
                    lengths[144..256].fill(9);
                    lengths[256..280].fill(7);
                    self.fixed_tables.build(&lengths, &[5; 32])?;
                }
                (self.fixed, self.flushed, self.state) = (true, false, State::Codes);
            }
            2 => {
                if !lengths(bits, input, &mut self.tables)? {
                    return Ok(false);
                }
                (self.fixed, self.flushed, self.state) = (false, false, State::Codes);
            }
            _ => return Err(Fault::Corrupt),
        }
        self.last = head & 1 == 1;
        Ok(true)
    }

    /// Copies what is there of a stored block. Returns how much is left.
    fn stored(&mut self, length: usize, mut left: usize) -> Result<usize, Fault> {
        let start = self.output.end;
        let out = self.output.open(STEP)?;
        let mut at = start;
        let most = left.min(out.len() - start);
        while self.bits.count >= 8 && at - start < most {
            out[at] = self.bits.bits as u8;
            self.bits.drop(8);
            at += 1;
        }
        let next = self.bits.next;
        let count = (most - (at - start)).min(length - next);
        out[at..at + count].copy_from_slice(&self.input[next..next + count]);
        self.bits.next += count;
        at += count;
        left -= at - start;
        self.output.end = at;
        Ok(left)
    }
}

impl<R: Room> Decoder for Zlib<R> {
    fn limit(&mut self, limits: Limits, whole: bool) {
        self.output.limit = limits.message;
        self.framing = if whole { Framing::Whole } else { Framing::Flush };
    }

    fn input(&mut self) -> &mut [u8] {
        &mut self.input[self.held..]
    }

    fn push(&mut self, length: usize, last: bool) -> Result<Option<usize>, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let pushed = self.run(length.min(CHUNK), last);
        self.fault = pushed.err();
        pushed
    }

    fn message(&mut self) -> &[u8] {
        self.output.message()
    }
}

/// Reads the codes of a block, and makes tables of them. False: there is more to come.
fn lengths(bits: &mut Bits, input: &[u8], tables: &mut Tables) -> Result<bool, Fault> {
    let Some(sizes) = bits.take(input, 14) else { return Ok(false) };
    let (literals, distances) = ((sizes & 31) as usize + 257, (sizes >> 5 & 31) as usize + 1);
    if literals > 286 || distances > 30 {
        return Err(Fault::Corrupt);
    }
    let mut own = [0u8; 19];
    for index in &ORDER[..(sizes >> 10) as usize + 4] {
        let Some(length) = bits.take(input, 3) else { return Ok(false) };
        own[usize::from(*index)] = length as u8;
    }
    let mut table = [0u32; 1 << LENGTH_BITS];
    let first = codes::build(&own, LENGTH_BITS, Incomplete::Refused, codes::length, &mut table)?;
    let total = literals + distances;
    // The longest repetition may pass the end before that is noticed.
    let mut lengths = [0u8; 320 + 138];
    let mut at = 0;
    while at < total {
        if bits.count < 14 {
            bits.refill(input);
        }
        let entry = table[bits.bits as usize & ((1 << first) - 1) & ((1 << LENGTH_BITS) - 1)];
        let (length, symbol) = (entry & 255, entry >> 16);
        let extra = match symbol {
            0..16 => 0,
            16 => 2,
            17 => 3,
            _ => 7,
        };
        if length + extra > bits.count {
            return Ok(false);
        }
        bits.drop(length);
        if symbol < 16 {
            lengths[at] = symbol as u8;
            at += 1;
            continue;
        }
        let more = bits.bits as usize & ((1 << extra) - 1);
        bits.drop(extra);
        let (value, count) = match symbol {
            16 if at == 0 => return Err(Fault::Corrupt),
            16 => (lengths[at - 1], 3 + more),
            17 => (0, 3 + more),
            _ => (0, 11 + more),
        };
        lengths[at..at + count].fill(value);
        at += count;
    }
    if at > total || lengths[256] == 0 {
        return Err(Fault::Corrupt);
    }
    tables.build(&lengths[..literals], &lengths[literals..total])?;
    Ok(true)
}

/// Adler-32.
fn adler(bytes: &[u8]) -> u32 {
    let (mut one, mut two) = (1u32, 0u32);
    // As many as fit before a sum overflows.
    for part in bytes.chunks(5552) {
        for byte in part {
            one += u32::from(*byte);
            two += one;
        }
        one %= 65_521;
        two %= 65_521;
    }
    two << 16 | one
}

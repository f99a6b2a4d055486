//! Zstandard (RFC 8878): a frame that never ends, flushed after each message; or frames that do, one after the other.
//!
//! A message is what was decoded when a frame of the transport ends with a block. A block is decoded when all of it is there.
//! Here: frames and blocks; `literals` and `sequences` are the two halves of a block, `fse` and `backward` what they are read
//! with.

mod backward;
mod checksum;
mod fse;
mod literals;
mod sequences;

use backward::BEFORE;
use checksum::Checksum;
use literals::{Literals, Place, SPARE};
use sequences::{Bounds, Run, Sequences};

use crate::output::{self, Output};
use crate::{CHUNK, Decoder, Fault, Limits, Room};

/// Longest block, packed or not.
const BLOCK: usize = 131_072;

/// The head of a block.
const HEAD: usize = 3;

const MAGIC: u32 = 0xfd2f_b528;

/// A frame of something else, which is passed over: the last digit may be any.
const SKIPPED: u32 = 0x184d_2a50;

/// What the next bytes are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Frame,
    Block,
    Checksum,
    /// So many that are passed over.
    Skipped(usize),
}

/// A decoder. Hundreds of kilobytes: not for the stack.
pub struct Zstd<R> {
    input: [u8; BEFORE + HEAD + BLOCK + CHUNK + SPARE],
    held: usize,
    next: Next,
    max_window: usize,
    /// How long the frame says it is.
    content: Option<u64>,
    /// How long it is so far.
    length: u64,
    checksum: Option<Checksum>,
    literals: Literals,
    sequences: Sequences,
    output: Output<R>,
    fault: Option<Fault>,
}

impl<R: Room> Zstd<R> {
    /// Before the first frame.
    pub const fn new(room: R, limits: Limits) -> Self {
        Self {
            input: [0; BEFORE + HEAD + BLOCK + CHUNK + SPARE],
            held: 0,
            next: Next::Frame,
            max_window: limits.window,
            content: None,
            length: 0,
            checksum: None,
            literals: Literals::EMPTY,
            sequences: Sequences::EMPTY,
            output: Output::new(room, limits.message),
            fault: None,
        }
    }

    fn run(&mut self, length: usize, last: bool) -> Result<Option<usize>, Fault> {
        self.output.begin();
        let (mut at, end) = (BEFORE, BEFORE + self.held + length);
        while let Some(used) = self.part(at, end)? {
            at += used;
        }
        self.held = end - at;
        self.input.copy_within(at..end, BEFORE);
        let between = self.held == 0 && matches!(self.next, Next::Block | Next::Frame);
        Ok(if last && between { self.output.give() } else { None })
    }

    /// Reads the next part, if all of it is there, and returns how long it was.
    fn part(&mut self, at: usize, end: usize) -> Result<Option<usize>, Fault> {
        let input = &self.input[at..end];
        match self.next {
            Next::Frame => {
                let Some((magic, rest)) = input.split_first_chunk() else { return Ok(None) };
                let magic = u32::from_le_bytes(*magic);
                if magic & !15 == SKIPPED {
                    let Some(length) = rest.first_chunk() else { return Ok(None) };
                    self.next = Next::Skipped(u32::from_le_bytes(*length) as usize);
                    return Ok(Some(8));
                }
                if magic != MAGIC {
                    return Err(Fault::NotCompressed);
                }
                let Some(frame) = Frame::read(rest) else { return Ok(None) };
                self.begin(&frame)?;
                Ok(Some(4 + frame.head))
            }
            Next::Block => {
                let Some([low, middle, high]) = input.first_chunk().copied() else { return Ok(None) };
                let head = u32::from_le_bytes([low, middle, high, 0]);
                let (kind, size) = (head >> 1 & 3, (head >> 3) as usize);
                if kind == 3 || size > self.output.window.min(BLOCK) {
                    return Err(Fault::Corrupt);
                }
                let packed = if kind == 1 { 1 } else { size };
                if input.len() < HEAD + packed {
                    return Ok(None);
                }
                self.block(kind, at + HEAD, size)?;
                if head & 1 == 1 {
                    self.end()?;
                }
                Ok(Some(HEAD + packed))
            }
            Next::Checksum => {
                let Some(sum) = input.first_chunk() else { return Ok(None) };
                if self.checksum.take().is_some_and(|checksum| checksum.finish() != u32::from_le_bytes(*sum)) {
                    return Err(Fault::Checksum);
                }
                self.next = Next::Frame;
                Ok(Some(4))
            }
            Next::Skipped(left) => {
                let skipped = left.min(input.len());
                self.next = if left == skipped { Next::Frame } else { Next::Skipped(left - skipped) };
                Ok(Some(skipped).filter(|skipped| *skipped > 0 || left == 0))
            }
        }
    }

    fn begin(&mut self, frame: &Frame) -> Result<(), Fault> {
        if frame.reserved {
            return Err(Fault::Corrupt);
        }
        if frame.dictionary {
            return Err(Fault::Dictionary);
        }
        self.output.window =
            usize::try_from(frame.window).ok().filter(|w| *w <= self.max_window).ok_or(Fault::Window)?;
        self.output.forget();
        self.literals.forget();
        self.sequences.forget();
        (self.content, self.length) = (frame.content, 0);
        self.checksum = frame.checksum.then(Checksum::new);
        self.next = Next::Block;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.content.is_some_and(|content| content != self.length) {
            return Err(Fault::Checksum);
        }
        self.next = if self.checksum.is_some() { Next::Checksum } else { Next::Frame };
        Ok(())
    }

    /// Decodes a block that is in the input from `at` on.
    fn block(&mut self, kind: u32, at: usize, size: usize) -> Result<(), Fault> {
        let window = self.output.window;
        let most = window.min(BLOCK);
        let begin = self.output.end;
        let out = self.output.open(if kind == 2 { most } else { size })?;
        let stop = (begin + most).min(out.len() - output::SPARE);
        let end = match kind {
            0 | 1 if size > stop - begin => None,
            0 => {
                out[begin..begin + size].copy_from_slice(&self.input[at..at + size]);
                Some(begin + size)
            }
            1 => {
                out[begin..begin + size].fill(self.input[at]);
                Some(begin + size)
            }
            _ => {
                let block = &self.input[at - BEFORE..at + size];
                let (place, length, next) = self.literals.read(block)?;
                let run = match place {
                    Place::Block(start) => Run { bytes: &self.input, start: at - BEFORE + start, length },
                    Place::Own => Run { bytes: &self.literals.bytes, start: 0, length },
                };
                let history = usize::try_from(self.length).unwrap_or(window).min(window);
                self.sequences.run(block, next, &run, out, begin, &Bounds { history, window, stop })?
            }
        };
        let Some(end) = end else {
            return Err(if stop == begin + most { Fault::Corrupt } else { Fault::TooLarge });
        };
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&out[begin..end]);
        }
        self.length += (end - begin) as u64;
        self.output.end = end;
        self.output.check()
    }
}

impl<R: Room> Decoder for Zstd<R> {
    fn limit(&mut self, limits: Limits, _whole: bool) {
        (self.output.limit, self.max_window) = (limits.message, limits.window);
    }

    fn input(&mut self) -> &mut [u8] {
        &mut self.input[BEFORE + self.held..]
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

/// The head of a frame, after its magic number.
struct Frame {
    /// How long it is.
    head: usize,
    window: u64,
    content: Option<u64>,
    checksum: bool,
    dictionary: bool,
    reserved: bool,
}

impl Frame {
    /// Nothing while it is not all there.
    fn read(bytes: &[u8]) -> Option<Self> {
        let flags = *bytes.first()?;
        let single = flags & 32 != 0;
        let mut head = 1;
        let mut window = 0;
        if !single {
            let byte = *bytes.get(head)?;
            let base = 1u64 << (10 + (byte >> 3));
            window = base + base / 8 * u64::from(byte & 7);
            head += 1;
        }
        let mut number = |length: usize| {
            let digits = bytes.get(head..head + length)?;
            head += length;
            Some(digits.iter().rev().fold(0u64, |number, digit| number << 8 | u64::from(*digit)))
        };
        let dictionary = number([0, 1, 2, 4][usize::from(flags & 3)])?;
        let content = match flags >> 6 {
            0 if !single => None,
            0 => Some(number(1)?),
            1 => Some(number(2)? + 256),
            2 => Some(number(4)?),
            _ => Some(number(8)?),
        };
        if single {
            window = content?;
        }
        let (checksum, dictionary, reserved) = (flags & 4 != 0, dictionary != 0, flags & 8 != 0);
        Some(Self { head, window, content, checksum, dictionary, reserved })
    }
}

//! XXH64, of which a frame carries the lower half.

const PRIMES: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

/// A sum that grows with each block.
pub(super) struct Checksum {
    lanes: [u64; 4],
    held: [u8; 32],
    length: u64,
}

impl Checksum {
    pub(super) const fn new() -> Self {
        let [one, two, ..] = PRIMES;
        Self { lanes: [one.wrapping_add(two), two, 0, 0u64.wrapping_sub(one)], held: [0; 32], length: 0 }
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        let held = (self.length & 31) as usize;
        self.length += bytes.len() as u64;
        if held > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(32 - held));
            self.held[held..held + head.len()].copy_from_slice(head);
            if held + head.len() < 32 {
                return;
            }
            stripe(&mut self.lanes, &self.held);
            bytes = rest;
        }
        while let Some((chunk, rest)) = bytes.split_first_chunk() {
            stripe(&mut self.lanes, chunk);
            bytes = rest;
        }
        self.held[..bytes.len()].copy_from_slice(bytes);
    }

    /// The lower half.
    pub(super) fn finish(&self) -> u32 {
        let [one, two, three, four, five] = PRIMES;
        let mut sum = if self.length >= 32 {
            let [a, b, c, d] = self.lanes;
            let mut sum = a
                .rotate_left(1)
                .wrapping_add(b.rotate_left(7))
                .wrapping_add(c.rotate_left(12))
                .wrapping_add(d.rotate_left(18));
            for lane in self.lanes {
                sum = (sum ^ round(0, lane)).wrapping_mul(one).wrapping_add(four);
            }
            sum
        } else {
            five
        };
        sum = sum.wrapping_add(self.length);
        let mut rest = &self.held[..(self.length & 31) as usize];
        while let Some((chunk, after)) = rest.split_first_chunk() {
            sum ^= round(0, u64::from_le_bytes(*chunk));
            sum = sum.rotate_left(27).wrapping_mul(one).wrapping_add(four);
            rest = after;
        }
        if let Some((chunk, after)) = rest.split_first_chunk() {
            sum ^= u64::from(u32::from_le_bytes(*chunk)).wrapping_mul(one);
            sum = sum.rotate_left(23).wrapping_mul(two).wrapping_add(three);
            rest = after;
        }
        for byte in rest {
            sum ^= u64::from(*byte).wrapping_mul(five);
            sum = sum.rotate_left(11).wrapping_mul(one);
        }
        sum = (sum ^ sum >> 33).wrapping_mul(two);
        sum = (sum ^ sum >> 29).wrapping_mul(three);
        (sum ^ sum >> 32) as u32
    }
}

fn round(lane: u64, input: u64) -> u64 {
    lane.wrapping_add(input.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0])
}

fn stripe(lanes: &mut [u64; 4], bytes: &[u8; 32]) {
    for (lane, part) in lanes.iter_mut().zip(bytes.chunks_exact(8)) {
        *lane = round(*lane, part.first_chunk().map_or(0, |part| u64::from_le_bytes(*part)));
    }
}

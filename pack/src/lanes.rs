//! Eight numbers that are computed with at once: a register in WebAssembly, an array elsewhere.
//!
//! They are read from memory wherever they are needed. V8's baseline compiler, which is what runs here, clears the locals of a
//! function that has such registers at each call, and that takes longer.

pub(crate) use kind::Lanes;

#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "only a volatile read is done where it is written")]
mod kind {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_narrow_i16x8, i16x8, i16x8_add, i16x8_gt, i16x8_q15mulr_sat, i16x8_replace_lane,
        i16x8_shr, i16x8_splat, i16x8_sub, v128, v128_and,
    };
    use core::ptr;

    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub(crate) struct Lanes(v128);

    impl Lanes {
        pub(crate) const ZERO: Self = Self::new([0; 8]);

        pub(crate) const fn new([a, b, c, d, e, f, g, h]: [i16; 8]) -> Self {
            Self(i16x8(a, b, c, d, e, f, g, h))
        }

        /// The same number eight times.
        #[inline(always)]
        pub(crate) fn splat(lane: i16) -> Self {
            Self(i16x8_splat(lane))
        }

        #[inline(always)]
        pub(crate) fn splat_from(lane: &i16) -> Self {
            // SAFETY: it is a reference.
            Self::splat(unsafe { ptr::from_ref(lane).read_volatile() })
        }

        #[inline(always)]
        pub(crate) fn read(&self) -> Self {
            // SAFETY: it is a reference.
            unsafe { ptr::from_ref(self).read_volatile() }
        }

        #[inline(always)]
        pub(crate) fn write(&mut self, lanes: Self) {
            // SAFETY: it is a reference.
            unsafe { ptr::from_mut(self).write_volatile(lanes) }
        }

        #[inline(always)]
        pub(crate) fn read_first(&self) -> i16 {
            // SAFETY: it is a reference, and the first number is where all are.
            unsafe { ptr::from_ref(self).cast::<i16>().read_volatile() }
        }

        /// The sums.
        #[inline(always)]
        pub(crate) fn add(self, other: Self) -> Self {
            Self(i16x8_add(self.0, other.0))
        }

        /// The differences.
        #[inline(always)]
        pub(crate) fn sub(self, other: Self) -> Self {
            Self(i16x8_sub(self.0, other.0))
        }

        /// The products, where 1 << 15 would be one.
        #[inline(always)]
        pub(crate) fn share(self, other: Self) -> Self {
            Self(i16x8_q15mulr_sat(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn shifted<const BITS: u32>(self) -> Self {
            Self(i16x8_shr(self.0, BITS))
        }

        /// All bits where it is more, none elsewhere.
        #[inline(always)]
        pub(crate) fn above(self, other: Self) -> Self {
            Self(i16x8_gt(self.0, other.0))
        }

        /// The bits of both.
        #[inline(always)]
        pub(crate) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// A bit for each that [`above`](Self::above) gave all bits, and for each of those that follow.
        #[inline(always)]
        pub(crate) fn mask(self, following: Self) -> u32 {
            u32::from(i8x16_bitmask(i8x16_narrow_i16x8(self.0, following.0)))
        }

        #[inline(always)]
        pub(crate) fn with_first(self, lane: i16) -> Self {
            Self(i16x8_replace_lane::<0>(self.0, lane))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod kind {
    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub(crate) struct Lanes([i16; 8]);

    impl Lanes {
        pub(crate) const ZERO: Self = Self::new([0; 8]);

        pub(crate) const fn new(lanes: [i16; 8]) -> Self {
            Self(lanes)
        }

        pub(crate) fn splat(lane: i16) -> Self {
            Self([lane; 8])
        }

        pub(crate) fn splat_from(lane: &i16) -> Self {
            Self::splat(*lane)
        }

        pub(crate) fn read(&self) -> Self {
            *self
        }

        pub(crate) fn write(&mut self, lanes: Self) {
            *self = lanes;
        }

        pub(crate) fn read_first(&self) -> i16 {
            self.0[0]
        }

        fn with(self, other: Self, lane: impl Fn(i16, i16) -> i16) -> Self {
            Self(std::array::from_fn(|index| lane(self.0[index], other.0[index])))
        }

        pub(crate) fn add(self, other: Self) -> Self {
            self.with(other, i16::wrapping_add)
        }

        pub(crate) fn sub(self, other: Self) -> Self {
            self.with(other, i16::wrapping_sub)
        }

        pub(crate) fn share(self, other: Self) -> Self {
            self.with(other, |a, b| ((i32::from(a) * i32::from(b) + (1 << 14)) >> 15) as i16)
        }

        pub(crate) fn shifted<const BITS: u32>(self) -> Self {
            Self(self.0.map(|lane| lane >> BITS))
        }

        pub(crate) fn above(self, other: Self) -> Self {
            self.with(other, |a, b| if a > b { -1 } else { 0 })
        }

        pub(crate) fn and(self, other: Self) -> Self {
            self.with(other, |a, b| a & b)
        }

        pub(crate) fn mask(self, following: Self) -> u32 {
            self.0.iter().chain(&following.0).rev().fold(0, |mask, lane| mask << 1 | u32::from(*lane != 0))
        }

        pub(crate) fn with_first(self, lane: i16) -> Self {
            let mut lanes = self.0;
            lanes[0] = lane;
            Self(lanes)
        }
    }
}

//! The door for JavaScript: pkg-template/src/load.ts puts the packed bytes into our memory and reads the others out of it.

use crate::{CHANCES, EVEN, unpack};
use core::panic::PanicInfo;

/// Reads `packed_length` bytes at `packed` and writes `length` bytes after them.
///
/// # Safety
/// The memory has room for both.
#[expect(unsafe_code, reason = "JavaScript and we share nothing but addresses")]
#[unsafe(no_mangle)]
unsafe extern "C" fn run(packed: *mut u8, packed_length: usize, length: usize) {
    // SAFETY: the caller made the room, and nothing else uses this memory.
    let memory = unsafe { core::slice::from_raw_parts_mut(packed, packed_length + length) };
    let (packed, out) = memory.split_at_mut(packed_length);
    unpack(packed, out, &mut [EVEN; CHANCES]);
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

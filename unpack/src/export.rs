//! The door for JavaScript: pkg-template/src/load.ts puts the packed bytes into our memory and reads the others out of it.

use crate::Decoder;
use core::panic::PanicInfo;

/// For the one wasm that an instance unpacks.
static mut DECODER: Decoder = Decoder::NEW;

/// Reads `packed_length` bytes at `packed` and writes `length` bytes after them.
///
/// # Safety
/// The memory has room for both. Once.
#[expect(unsafe_code, reason = "JavaScript and we share nothing but addresses")]
#[unsafe(no_mangle)]
unsafe extern "C" fn run(packed: *mut u8, packed_length: usize, length: usize) {
    let decoder = &raw mut DECODER;
    // SAFETY: the caller made the room, and nothing else uses this memory.
    unsafe { (*decoder).unpack(packed, packed_length, length) }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

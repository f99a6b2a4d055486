//! The door for JavaScript: pkg-template/src/load.ts puts the text into our memory and reads the bytes out of it.

use crate::Unpacker;
use core::panic::PanicInfo;

/// For the one wasm that an instance unpacks.
static mut UNPACKER: Unpacker = Unpacker::NEW;

/// Reads `text_length` letters at `text` and writes `length` bytes after them.
///
/// # Safety
/// The memory has room for both. Once.
#[expect(unsafe_code, reason = "JavaScript and we share nothing but addresses")]
#[unsafe(no_mangle)]
unsafe extern "C" fn run(text: *mut u8, text_length: usize, length: usize) {
    let unpacker = &raw mut UNPACKER;
    // SAFETY: the caller made the room, and nothing else uses this memory.
    unsafe { (*unpacker).unpack(text, text_length, length) }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

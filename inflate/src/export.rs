//! The door for JavaScript, one decoder to a wasm: pkg-template/src/discord/inflate.ts writes into our memory and reads out of it.
//! A context is an instance, so nothing is ever freed.

use core::cell::UnsafeCell;
use core::panic::PanicInfo;

use crate::{Decoder, Limits, Room};

/// All memory after what the linker laid out.
struct Heap;

const PAGE: usize = 65_536;

#[expect(unsafe_code, reason = "the linker says where its part ends; only the address is used")]
unsafe extern "C" {
    static __heap_base: u8;
}

fn start() -> usize {
    (&raw const __heap_base).addr()
}

fn length() -> usize {
    core::arch::wasm32::memory_size::<0>() * PAGE - start()
}

impl Room for Heap {
    #[expect(unsafe_code, reason = "the memory is ours, and nothing else knows of it")]
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: it ends with the memory, and there is one `Heap`, inside the one decoder.
        unsafe { core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(start()), length()) }
    }

    fn grow(&mut self, wanted: usize) -> bool {
        let pages = wanted.saturating_sub(length()).div_ceil(PAGE);
        core::arch::wasm32::memory_grow::<0>(pages) != usize::MAX
    }
}

/// The one decoder.
struct Global(UnsafeCell<Door>);

// SAFETY: this wasm has one thread.
#[expect(unsafe_code, reason = "a static must be shareable, and there is nobody to share it with")]
unsafe impl Sync for Global {}

#[cfg(feature = "zlib")]
type Door = crate::zlib::Zlib<Heap>;
#[cfg(all(feature = "zstd", not(feature = "zlib")))]
type Door = crate::zstd::Zstd<Heap>;

/// What JavaScript sets before anything else.
const UNLIMITED: Limits = Limits { message: 0, window: 0 };

#[cfg(feature = "zlib")]
static DOOR: Global = Global(UnsafeCell::new(Door::new(Heap, crate::zlib::Framing::Flush, UNLIMITED)));
#[cfg(all(feature = "zstd", not(feature = "zlib")))]
static DOOR: Global = Global(UnsafeCell::new(Door::new(Heap, UNLIMITED)));

#[expect(unsafe_code, reason = "JavaScript holds no reference to a decoder")]
fn door() -> &'static mut Door {
    // SAFETY: one thread, and none of the functions below calls another.
    unsafe { &mut *DOOR.0.get() }
}

/// Before the first bytes: the limits, and whether each message is a stream of its own.
#[expect(unsafe_code, reason = "JavaScript finds it by its name")]
#[unsafe(no_mangle)]
extern "C" fn limit(message: usize, window: usize, whole: bool) {
    door().limit(Limits { message, window }, whole);
}

/// Where the next bytes go.
#[expect(unsafe_code, reason = "JavaScript finds it by its name")]
#[unsafe(no_mangle)]
extern "C" fn input() -> *mut u8 {
    door().input().as_mut_ptr()
}

/// How long the message is that the bytes completed; 0 for none; below it, the number of a fault.
#[expect(unsafe_code, reason = "JavaScript finds it by its name")]
#[unsafe(no_mangle)]
extern "C" fn push(length: usize, last: bool) -> i32 {
    match door().push(length, last) {
        Ok(message) => message.unwrap_or(0) as i32,
        Err(fault) => -(fault as i32),
    }
}

/// Where that message is.
#[expect(unsafe_code, reason = "JavaScript finds it by its name")]
#[unsafe(no_mangle)]
extern "C" fn message() -> *const u8 {
    door().message().as_ptr()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

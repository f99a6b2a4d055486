//! The heap of the wasm: first fit from a sorted free list. Rust's usual allocator costs 7 kB more of wasm, and is quicker only
//! where thousands of blocks are alive; ours hold tens, because payloads stay in JavaScript.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

#[expect(unsafe_code, reason = "without atomics wasm has one thread, which is what the allocator assumes")]
#[cfg(not(target_feature = "atomics"))]
#[global_allocator]
static HEAP: AssumeSingleThreaded<FreeListAllocator> = unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

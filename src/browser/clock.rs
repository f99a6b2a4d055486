//! The page's two clocks, read together.

use crate::time::{Clock, Instant};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn monotonic_ms() -> f64;
}

/// What time it is.
pub(crate) struct Now(RefCell<Clock>);

impl Now {
    pub(crate) fn new() -> Self {
        Self(RefCell::new(Clock::default()))
    }

    pub(crate) fn read(&self) -> Instant {
        self.0.borrow_mut().read(monotonic_ms(), js_sys::Date::now())
    }

    /// To the millisecond, for what comes in bursts.
    pub(crate) fn glance(&self) -> Instant {
        let wall_ms = js_sys::Date::now();
        let mut clock = self.0.borrow_mut();
        clock.glance(wall_ms).unwrap_or_else(|| clock.read(monotonic_ms(), wall_ms))
    }
}

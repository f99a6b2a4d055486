//! One timer of the browser. Dropped, it does not fire.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &JsValue, millis: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// A timer that has not fired, or has just.
pub(super) struct Timeout {
    id: JsValue,
    _handler: Closure<dyn FnMut()>,
}

impl Timeout {
    pub(super) fn new(millis: u32, handler: impl FnMut() + 'static) -> Self {
        let handler = Closure::new(handler);
        Self { id: set_timeout(handler.as_ref(), millis), _handler: handler }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

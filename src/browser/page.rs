//! The page's life and the network's, as far as the browser tells: page.js listens, here its words become the core's.

use super::Driver;
use crate::input::{NetworkEvent, PageEvent};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    type Watch;
    #[wasm_bindgen(constructor)]
    fn new(listener: &JsValue) -> Watch;
    #[wasm_bindgen(method)]
    fn end(this: &Watch);
    #[wasm_bindgen(static_method_of = Watch)]
    fn kind(event: &JsValue) -> u32;
    #[wasm_bindgen(static_method_of = Watch)]
    fn offline() -> bool;
}

/// Listens until dropped.
pub(crate) struct Page {
    watch: Watch,
    _listener: Closure<dyn FnMut(JsValue)>,
}

impl Page {
    pub(crate) fn watch(driver: &Driver) -> Self {
        let driver = driver.clone();
        let listener = Closure::new(move |event: JsValue| match Watch::kind(&event) {
            0 => driver.handle_network(NetworkEvent::Online),
            1 => driver.handle_network(NetworkEvent::Offline),
            2 | 3 => driver.handle_page(PageEvent::Left),
            4 | 5 => driver.handle_page(PageEvent::Returned),
            6 => driver.handle_page(PageEvent::Visible),
            _ => {}
        });
        Self { watch: Watch::new(listener.as_ref()), _listener: listener }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.watch.end();
    }
}

/// Whether the browser says that there is no network.
pub(crate) fn is_offline() -> bool {
    Watch::offline()
}

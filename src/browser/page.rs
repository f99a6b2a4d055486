//! The page's life and the network's, as far as the browser tells: page.js listens, here its words become the core's.

use super::{Driver, Listener};
use crate::input::{NetworkEvent, PageEvent};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    fn watch(handle: &JsValue) -> JsValue;
    fn unwatch(listener: &JsValue);
}

/// Listens until dropped.
pub(crate) struct Page {
    listener: JsValue,
    _handle: Listener,
}

impl Page {
    pub(crate) fn watch(driver: &Driver) -> Self {
        let driver = driver.clone();
        let handle: Listener = Closure::new(move |kind, _, _, _, _, _, _| {
            match kind {
                0 => driver.handle_network(NetworkEvent::Online),
                1 => driver.handle_network(NetworkEvent::Offline),
                2 | 3 => driver.handle_page(PageEvent::Left),
                4 | 5 => driver.handle_page(PageEvent::Returned),
                _ => driver.handle_page(PageEvent::Visible),
            }
            0
        });
        Self { listener: watch(handle.as_ref()), _handle: handle }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        unwatch(&self.listener);
    }
}

//! The page's life and the network's, as far as the browser tells. Works in a worker too, where there is no document.

use super::Driver;
use crate::input::{NetworkEvent, PageEvent};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// Listens until dropped.
pub(crate) struct Page {
    targets: Vec<(EventTarget, &'static [&'static str])>,
    listener: Closure<dyn FnMut(JsValue)>,
}

const GLOBAL: &[&str] = &["online", "offline", "pagehide", "pageshow"];
const DOCUMENT: &[&str] = &["visibilitychange", "freeze", "resume"];

impl Page {
    pub(crate) fn watch(driver: &Driver) -> Self {
        let driver = driver.clone();
        let listener = Closure::new(move |event: JsValue| match event.unchecked_into::<Event>().type_().as_str() {
            "online" => driver.handle_network(NetworkEvent::Online),
            "offline" => driver.handle_network(NetworkEvent::Offline),
            "pagehide" | "freeze" => driver.handle_page(PageEvent::Left),
            "pageshow" | "resume" => driver.handle_page(PageEvent::Returned),
            _ if is_visible() => driver.handle_page(PageEvent::Visible),
            _ => {}
        });
        let mut page = Self { targets: Vec::new(), listener };
        page.listen(js_sys::global().into(), GLOBAL);
        page.listen(global("document"), DOCUMENT);
        page
    }

    fn listen(&mut self, target: JsValue, events: &'static [&'static str]) {
        if !target.is_object() || !member(&target, "addEventListener").is_function() {
            return;
        }
        let target: EventTarget = target.unchecked_into();
        for event in events {
            // Adding a listener to a real target cannot fail.
            let _ = target.add_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
        self.targets.push((target, events));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for (target, events) in &self.targets {
            for event in *events {
                let _ = target.remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
            }
        }
    }
}

/// Whether the browser says that there is no network.
pub(crate) fn is_offline() -> bool {
    member(&global("navigator"), "onLine").as_bool() == Some(false)
}

fn is_visible() -> bool {
    member(&global("document"), "visibilityState").as_string().as_deref() == Some("visible")
}

fn global(name: &str) -> JsValue {
    member(&js_sys::global(), name)
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

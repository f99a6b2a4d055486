//! One browser WebSocket. Its number goes with everything it reports; dropped, it reports nothing more.

use super::Driver;
use crate::bindings::{Frames, header};
use crate::input::SocketEvent;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, WebSocket};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = WebSocket)]
    type RawSocket;

    /// web-sys' own `send` and `close` copy strings out of wasm memory; ours are JavaScript's already.
    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_value(this: &RawSocket, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = close)]
    fn close_value(this: &RawSocket, code: u16, reason: &JsValue) -> Result<(), JsValue>;
}

type OnFrame = Closure<dyn FnMut(u32, u32, u32, f64, f64, f64, u32) -> i32>;

/// An open or opening socket and its listeners.
pub(crate) struct Socket {
    generation: u32,
    socket: RawSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_frame: OnFrame,
    _on_close: Closure<dyn FnMut(JsValue)>,
}

impl Socket {
    /// Opens a socket.
    ///
    /// # Errors
    /// When the browser refuses the URL or the subprotocols.
    pub(crate) fn open(
        driver: &Driver,
        frames: &Frames,
        generation: u32,
        url: &JsValue,
        subprotocols: &JsValue,
    ) -> Result<Self, JsValue> {
        let socket = frames.open(url, subprotocols)?;
        // Blobs would be read asynchronously and could overtake each other.
        socket.set_binary_type(BinaryType::Arraybuffer);

        let report = driver.clone();
        let on_open = Closure::new(move || report.handle_socket(generation, SocketEvent::Opened));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let report = driver.clone();
        let on_frame: OnFrame = Closure::new(move |kind, event, channel, first, second, third, size| {
            report.handle_frame(generation, header(kind, event, channel, [first, second, third]), size as usize)
        });
        socket.set_onmessage(Some(&frames.listener(on_frame.as_ref())));

        let report = driver.clone();
        let on_close = Closure::new(move |event: JsValue| {
            let event: CloseEvent = event.unchecked_into();
            // 1005 and 1006 are the browser's words for "no code came".
            let code = Some(event.code()).filter(|code| !matches!(code, 1005 | 1006));
            report.handle_socket(generation, SocketEvent::Closed { code });
        });
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        Ok(Self {
            generation,
            socket: socket.unchecked_into(),
            _on_open: on_open,
            _on_frame: on_frame,
            _on_close: on_close,
        })
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) fn send(&self, data: &JsValue) {
        // It throws only while connecting, when the core sends nothing; a closing socket swallows it, and the core resends.
        let _ = self.socket.send_value(data);
    }

    pub(crate) fn close(&self, code: u16, reason: Option<&JsValue>) {
        // It throws only for codes and reasons that were refused before they came here.
        let _ = self.socket.close_value(code, reason.unwrap_or(&JsValue::UNDEFINED));
    }

    pub(crate) fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
    }
}

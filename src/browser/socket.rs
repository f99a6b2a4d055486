//! One browser WebSocket. Its number goes with everything it reports; dropped, it reports nothing more.

use super::{Driver, Listener};
use crate::bindings::Frames;
use crate::channel::ChannelId;
use crate::host::Header;
use crate::input::SocketEvent;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, WebSocket};

#[wasm_bindgen(module = "/src/browser/socket.js")]
extern "C" {
    fn reporter(handle: &JsValue, kind: u32) -> Function;
}

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

/// In the place of a frame's kind, beside [`Header::BROKEN`] and its like: the socket is open.
const OPENED: u32 = u32::MAX - 3;
/// It is closed; in the place of the size stands the code.
const CLOSED: u32 = u32::MAX - 4;

/// An open or opening socket and its listener.
pub(crate) struct Socket {
    generation: u32,
    socket: RawSocket,
    _listener: Listener,
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
        let driver = driver.clone();
        let listener: Listener = Closure::new(move |kind, size, event, channel, first, second, third| {
            let happened = match kind {
                OPENED => SocketEvent::Opened,
                // 1005 and 1006 are the browser's words for "no code came".
                CLOSED => SocketEvent::Closed { code: Some(size as u16).filter(|code| !matches!(code, 1005 | 1006)) },
                _ => {
                    let channel = ChannelId::new(channel);
                    let header = Header { kind, event, channel, numbers: [first, second, third] };
                    return driver.handle_frame(generation, header, size as usize);
                }
            };
            driver.handle_socket(generation, happened);
            -1
        });
        let socket = frames.open(url, subprotocols)?;
        // Blobs would be read asynchronously and could overtake each other.
        socket.set_binary_type(BinaryType::Arraybuffer);
        socket.set_onopen(Some(&reporter(listener.as_ref(), OPENED)));
        socket.set_onmessage(Some(&frames.listener(listener.as_ref())));
        socket.set_onclose(Some(&reporter(listener.as_ref(), CLOSED)));
        Ok(Self { generation, socket: socket.unchecked_into(), _listener: listener })
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

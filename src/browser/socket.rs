//! One browser WebSocket. Its number goes with everything it reports; dropped, it reports nothing more.

use super::{Driver, Listener};
use crate::bindings::Frames;
use crate::channel::ChannelId;
use crate::host::Header;
use crate::input::SocketEvent;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

// web-sys' own `send` and `close` copy strings out of wasm memory; ours are JavaScript's already.
#[wasm_bindgen(module = "/src/browser/socket.js")]
extern "C" {
    fn send(socket: &WebSocket, data: &JsValue);
    fn close(socket: &WebSocket, code: u16, reason: &JsValue);
    fn forget(socket: &WebSocket);
}

/// In the place of a frame's kind, beside [`Header::BROKEN`] and its like: the socket is open.
const OPENED: u32 = u32::MAX - 3;
/// It is closed; in the place of the size stands the code.
const CLOSED: u32 = u32::MAX - 4;

/// An open or opening socket and its listener.
pub(crate) struct Socket {
    generation: u32,
    socket: WebSocket,
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
        let socket = frames.open(url, subprotocols, listener.as_ref())?;
        Ok(Self { generation, socket, _listener: listener })
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) fn send(&self, data: &JsValue) {
        send(&self.socket, data);
    }

    pub(crate) fn close(&self, code: u16, reason: Option<&JsValue>) {
        close(&self.socket, code, reason.unwrap_or(&JsValue::UNDEFINED));
    }

    pub(crate) fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        forget(&self.socket);
    }
}

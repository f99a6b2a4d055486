//! JavaScript as the owner of text, JSON and bytes. Everything is a handle; the shim in frames.js does the reading.

use super::{Told, emit};
use crate::channel::ChannelId;
use crate::host::{Binary, Frame, Host, Key, Payload, Shape, Slots, Template};
use crate::output::{Event, Output};
use js_sys::{Array, Function, JsString};
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

#[wasm_bindgen]
extern "C" {
    /// The application's side: where to connect, and whom to tell.
    #[wasm_bindgen(typescript_type = "CoreHost")]
    pub type CoreHost;

    /// js-sys' own expects that it throws, which it does not for texts.
    #[wasm_bindgen(js_namespace = JSON, js_name = stringify)]
    fn quote(text: &JsValue) -> JsValue;
}

#[cfg_attr(feature = "tautline", wasm_bindgen(module = "/src/bindings/short.js"))]
#[cfg_attr(all(feature = "json", not(feature = "tautline")), wasm_bindgen(module = "/src/bindings/json.js"))]
#[cfg_attr(all(feature = "discord", not(feature = "channels")), wasm_bindgen(module = "/src/bindings/gateway.js"))]
#[cfg_attr(not(feature = "framed"), wasm_bindgen(module = "/src/bindings/bare.js"))]
extern "C" {
    /// The shim.
    #[derive(Clone)]
    pub(crate) type Frames;

    #[wasm_bindgen(constructor)]
    fn new(shape: &Array, host: &JsValue) -> Frames;
    #[wasm_bindgen(method)]
    fn channel(this: &Frames, name: &JsValue) -> u32;
    #[wasm_bindgen(method)]
    fn define(this: &Frames, id: u8, text: &str);
    #[wasm_bindgen(method)]
    fn write(this: &Frames, id: u8, number: f64, channel: u32, word: &JsValue, payload: &JsValue) -> JsValue;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn open(this: &Frames, url: &JsValue, subprotocols: &JsValue) -> Result<WebSocket, JsValue>;
    #[wasm_bindgen(method)]
    pub(crate) fn listener(this: &Frames, handle: &JsValue) -> Function;
    #[wasm_bindgen(method)]
    pub(crate) fn ask(this: &Frames, why: u8, answered: &JsValue);
    #[wasm_bindgen(method, getter)]
    pub(crate) fn held(this: &Frames) -> JsValue;
    #[wasm_bindgen(method)]
    pub(crate) fn tell(this: &Frames, kind: u8, a: f64, b: f64, c: f64, value: &JsValue);

    #[cfg(all(feature = "json", not(feature = "tautline")))]
    #[wasm_bindgen(method)]
    pub(super) fn describe(this: &Frames, shape: &Array, fields: &JsValue);
}

#[cfg_attr(feature = "framed", wasm_bindgen(module = "/src/bindings/frames.js"))]
#[cfg_attr(not(feature = "framed"), wasm_bindgen(module = "/src/bindings/bare.js"))]
extern "C" {
    pub(super) fn member(json: &JsValue, key: &str) -> JsValue;
    pub(crate) fn item(json: &JsValue, index: i32) -> JsValue;
    /// NaN where there is no number.
    #[wasm_bindgen(js_name = asNumber)]
    pub(super) fn as_number(json: &JsValue) -> f64;
}

// References, because a value would be dropped wherever it is compared with.
pub(super) const UNDEFINED: &JsValue = &JsValue::UNDEFINED;
const TRUE: &JsValue = &JsValue::TRUE;
const FALSE: &JsValue = &JsValue::FALSE;

/// The host of the browser.
pub(crate) struct JsHost {
    pub(crate) frames: Frames,
    /// By their ids, the templates that the shim has.
    defined: [bool; 256],
}

impl JsHost {
    /// A host for frames of this shape, which tells `host` what happened.
    pub(crate) fn new(shape: &Array, host: &JsValue) -> Self {
        Self { frames: Frames::new(shape, host), defined: [false; 256] }
    }

    /// From now on the frames are of this shape, and templates are defined anew.
    #[cfg(all(feature = "json", not(feature = "tautline")))]
    pub(super) fn describe(&mut self, shape: &Array, fields: &JsValue) {
        self.frames.describe(shape, fields);
        self.defined = [false; 256];
    }
}

impl Host for JsHost {
    type Text = JsValue;
    type Json = JsValue;
    type Bytes = JsValue;
    type Emitted = Told;
    const CHANNELS: bool = cfg!(feature = "channels");
    const UNACKED: bool = cfg!(any(feature = "json", feature = "raw", feature = "discord"));
    const SESSIONS: bool = cfg!(feature = "discord");
    const BARE: bool = cfg!(feature = "raw");

    #[inline(always)]
    fn emit(outputs: &mut VecDeque<Output<Self>>, event: Event<Self>) {
        emit(outputs, event);
    }

    fn channel(&mut self, name: &JsValue) -> ChannelId {
        ChannelId::at(self.frames.channel(name))
    }

    fn text(&mut self, text: &str) -> JsValue {
        JsValue::from_str(text)
    }

    fn quote(&mut self, text: &JsValue) -> JsValue {
        quote(text)
    }

    fn write(&mut self, template: &Template<'_>, slots: Slots<'_, Self>) -> Frame<Self> {
        let index = usize::from(template.id);
        if !self.defined[index] {
            self.defined[index] = true;
            self.frames.define(template.id, template.text);
        }
        let (nothing, kept) = (JsValue::UNDEFINED, JsValue::NULL);
        let (payload, binary) = match slots.payload {
            Payload::Empty => (&nothing, false),
            Payload::Kept => (&kept, false),
            Payload::Text(text) => (text, false),
            Payload::Binary(bytes) => (bytes, true),
        };
        let channel = slots.channel.map_or(0, ChannelId::get);
        let number = slots.number as f64;
        let frame = self.frames.write(template.id, number, channel, slots.word.unwrap_or(&nothing), payload);
        if binary { Frame::Binary(frame) } else { Frame::Text(frame) }
    }

    fn get(&self, json: &JsValue, key: &str) -> Option<JsValue> {
        given(member(json, key))
    }

    fn item(&self, json: &JsValue, index: usize) -> Option<JsValue> {
        given(item(json, index as i32))
    }

    fn number(&self, json: &JsValue) -> Option<f64> {
        Some(as_number(json)).filter(|number| number.is_finite())
    }

    fn is_text(&self, json: &JsValue, text: &JsValue) -> bool {
        json == text
    }

    fn boolean(&self, json: &JsValue) -> Option<bool> {
        if json == TRUE { Some(true) } else { (json == FALSE).then_some(false) }
    }

    fn string(&self, json: &JsValue) -> Option<String> {
        json.as_string()
    }

    fn read(&self, text: &JsValue) -> String {
        text.as_string().unwrap_or_default()
    }

    fn is_object(&self, text: &JsValue) -> bool {
        text.unchecked_ref::<JsString>().char_code_at(0) == f64::from(b'{')
    }

    fn parse(&self, text: &str) -> Option<JsValue> {
        js_sys::JSON::parse(text).ok()
    }

    fn stringify(&self, json: &JsValue) -> String {
        // What is nested too deep is nothing.
        js_sys::JSON::stringify(json).map_or_else(|_| "null".to_owned(), String::from)
    }
}

/// What there is, unless it is undefined.
pub(crate) fn given(value: JsValue) -> Option<JsValue> {
    (&value != UNDEFINED).then_some(value)
}

/// A shape as the shim takes it: by position, three numbers always, the words last.
pub(super) fn describe(shape: &Shape<'_>) -> Array {
    let array = Array::new();
    array.push(&JsValue::from_bool(shape.binary == Binary::Headed));
    let push = |key: Option<&Key<'_>>| {
        array.push(&place(key));
    };
    push(shape.kind.as_ref());
    push(shape.event.as_ref());
    push(shape.channel.as_ref());
    push(shape.payload.as_ref());
    for index in 0..3 {
        push(shape.numbers.get(index));
    }
    for word in &*shape.words {
        array.push(&JsValue::from_str(word));
    }
    array
}

/// A missing place is a key that no frame has.
fn place(key: Option<&Key<'_>>) -> JsValue {
    match key {
        Some(Key::Name(name)) => JsValue::from_str(name),
        Some(Key::Index(index)) => JsValue::from(*index),
        Some(Key::Path(path)) => path.iter().map(|name| JsValue::from_str(name)).collect::<Array>().into(),
        None => JsValue::UNDEFINED,
    }
}

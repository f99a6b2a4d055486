//! Events on their way to JavaScript: a kind, three numbers and a value. pkg-template/src/core.ts has the same table.

use super::host::{Frames, JsHost};
use crate::channel::ChannelId;
use crate::error::Code;
use crate::output::{Detail, Event, Output};
use crate::time::Duration;
use js_sys::Array;
use std::collections::VecDeque;
use wasm_bindgen::JsValue;

/// The channel, the offset, flags and the frame.
const MESSAGE: u8 = 0;
const STATE: u8 = 1;
const WELCOME: u8 = 2;
const SUBSCRIBED: u8 = 3;
const SUBSCRIBE_FAILED: u8 = 4;
const GAP: u8 = 5;
const SENT: u8 = 6;
const ACKED: u8 = 7;
const FAILED: u8 = 8;
const REPLY: u8 = 9;
const REQUEST_FAILED: u8 = 10;
const PRESENCE: u8 = 11;
const TYPING: u8 = 12;
const PROBLEM: u8 = 13;
const LATENCY: u8 = 14;
const REQUEUED: u8 = 15;
const TOKEN: u8 = 16;
const PARTED: u8 = 17;

const NONE: JsValue = JsValue::UNDEFINED;

const REPLAYED: f64 = 1.0;
const SIGNAL: f64 = 2.0;

/// An event as it crosses.
pub(crate) struct Told {
    kind: u8,
    numbers: [f64; 3],
    value: JsValue,
}

impl Told {
    /// Tells JavaScript.
    pub(crate) fn tell(self, frames: &Frames) {
        let [a, b, c] = self.numbers;
        frames.tell(self.kind, a, b, c, &self.value);
    }
}

#[inline(never)]
fn push(outputs: &mut VecDeque<Output<JsHost>>, kind: u8, a: f64, b: f64, c: f64, value: JsValue) {
    outputs.push_back(Output::Emit(Told { kind, numbers: [a, b, c], value }));
}

/// Queues what JavaScript is told.
#[inline(always)]
pub(crate) fn emit(outputs: &mut VecDeque<Output<JsHost>>, event: Event<JsHost>) {
    let (kind, a, b, c, value) = match event {
        Event::Message { channel, offset, replayed, frame } => {
            (MESSAGE, id(channel), offset as f64, if replayed { REPLAYED } else { 0.0 }, frame)
        }
        Event::Signal { channel, frame } => (MESSAGE, channel.map_or(0.0, id), 0.0, SIGNAL, frame),
        Event::StateChanged { state, cause, retry } => {
            (STATE, f64::from(state as u8), code(cause), retry.map_or(0.0, Duration::as_millis_f64), NONE)
        }
        Event::Welcomed { resumed, frame } => (WELCOME, flag(resumed), 0.0, 0.0, frame.unwrap_or_default()),
        Event::TokenAccepted { expires } => (TOKEN, expires.map_or(-1.0, Duration::as_millis_f64), 0.0, 0.0, NONE),
        Event::Subscribed { channel, recovered, replay, epoch, offset } => {
            let value = list(vec![epoch, JsValue::from(offset as f64)]);
            (SUBSCRIBED, id(channel), f64::from(recovered as u8), replay as f64, value)
        }
        Event::ChannelRefused { channel, code, detail } => {
            (SUBSCRIBE_FAILED, id(channel), number(code), 0.0, detail.unwrap_or_default())
        }
        Event::Gap { channel, held, next } => (GAP, channel.map_or(0.0, id), held as f64, next as f64, NONE),
        Event::Sent { id, settled } => (SENT, id as f64, flag(settled), 0.0, NONE),
        Event::Acked { id, offset, frame } => (ACKED, id as f64, offset as f64, 0.0, frame),
        Event::Requeued { id } => (REQUEUED, id as f64, 0.0, 0.0, NONE),
        Event::SendFailed { id, code, attempted, detail } => {
            let value = match detail {
                Detail::None => NONE,
                Detail::Sizes { limit, size } => list(vec![JsValue::from(limit as f64), JsValue::from(size as f64)]),
                Detail::Said(frame) => frame,
            };
            (FAILED, id as f64, number(code), flag(attempted), value)
        }
        Event::Replied { id, payload } => (REPLY, id as f64, 0.0, 0.0, payload.unwrap_or_default()),
        Event::RequestFailed { id, code, detail } => {
            (REQUEST_FAILED, id as f64, number(code), 0.0, detail.unwrap_or_default())
        }
        Event::Presence { channel, joined, updated, left } => {
            (PRESENCE, id(channel), 0.0, 0.0, list(vec![list(joined), list(updated), list(left)]))
        }
        Event::Typing { channel, members } => (TYPING, id(channel), 0.0, 0.0, list(members)),
        Event::Problem { code, detail } => (PROBLEM, 0.0, number(code), 0.0, detail.unwrap_or_default()),
        Event::Parted => (PARTED, 0.0, 0.0, 0.0, NONE),
        Event::Latency(latency) => (LATENCY, latency.as_millis_f64(), 0.0, 0.0, NONE),
    };
    push(outputs, kind, a, b, c, value);
}

fn id(channel: ChannelId) -> f64 {
    f64::from(channel.get())
}

fn flag(set: bool) -> f64 {
    f64::from(u8::from(set))
}

fn number(code: Code) -> f64 {
    f64::from(code as u8)
}

fn code(code: Option<Code>) -> f64 {
    code.map_or(0.0, number)
}

fn list(items: Vec<JsValue>) -> JsValue {
    items.into_iter().collect::<Array>().into()
}

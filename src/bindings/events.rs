//! Events on their way to JavaScript: a kind, three numbers and a value. pkg-template/src/core.ts has the same table.

use super::host::{Frames, JsHost};
use crate::channel::ChannelId;
use crate::error::Code;
use crate::output::{Detail, Event};
use crate::time::Duration;
use js_sys::Array;
use wasm_bindgen::JsValue;

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

const REPLAYED: u32 = 1;
const SIGNAL: u32 = 2;

/// Tells JavaScript.
pub(crate) fn tell(frames: &Frames, event: Event<JsHost>) {
    let none = JsValue::UNDEFINED;
    match event {
        Event::Message { channel, offset, replayed, frame } => {
            frames.deliver(channel.get(), offset as f64, if replayed { REPLAYED } else { 0 }, &frame);
        }
        Event::Signal { channel, frame } => {
            frames.deliver(channel.map_or(0, ChannelId::get), 0.0, SIGNAL, &frame);
        }
        Event::StateChanged { state, cause, retry } => {
            frames.tell(STATE, f64::from(state as u8), code(cause), retry.map_or(0.0, Duration::as_millis_f64), &none);
        }
        Event::Welcomed { resumed, frame } => {
            frames.tell(WELCOME, f64::from(u8::from(resumed)), 0.0, 0.0, &frame.unwrap_or(none));
        }
        Event::TokenAccepted { expires } => {
            frames.tell(TOKEN, expires.map_or(-1.0, Duration::as_millis_f64), 0.0, 0.0, &none);
        }
        Event::Subscribed { channel, recovered, replay, epoch, offset } => {
            let value = list(vec![epoch, JsValue::from(offset as f64)]);
            frames.tell(SUBSCRIBED, id(channel), f64::from(recovered as u8), replay as f64, &value);
        }
        Event::ChannelRefused { channel, code, detail } => {
            frames.tell(SUBSCRIBE_FAILED, id(channel), number(code), 0.0, &detail.unwrap_or(none));
        }
        Event::Gap { channel, held, next } => {
            frames.tell(GAP, channel.map_or(0.0, id), held as f64, next as f64, &none);
        }
        Event::Sent { id, settled } => frames.tell(SENT, id as f64, f64::from(u8::from(settled)), 0.0, &none),
        Event::Acked { id, offset, frame } => frames.tell(ACKED, id as f64, offset as f64, 0.0, &frame),
        Event::Requeued { id } => frames.tell(REQUEUED, id as f64, 0.0, 0.0, &none),
        Event::SendFailed { id, code, attempted, detail } => {
            let value = match detail {
                Detail::None => none,
                Detail::Sizes { limit, size } => list([limit, size].map(|size| JsValue::from(size as f64)).into()),
                Detail::Said(frame) => frame,
            };
            frames.tell(FAILED, id as f64, number(code), f64::from(u8::from(attempted)), &value);
        }
        Event::Replied { id, payload } => frames.tell(REPLY, id as f64, 0.0, 0.0, &payload.unwrap_or(none)),
        Event::RequestFailed { id, code, detail } => {
            frames.tell(REQUEST_FAILED, id as f64, number(code), 0.0, &detail.unwrap_or(none));
        }
        Event::Presence { channel, joined, updated, left } => {
            let value = list([joined, updated, left].map(list).into());
            frames.tell(PRESENCE, id(channel), 0.0, 0.0, &value);
        }
        Event::Typing { channel, members } => {
            let members = members.iter().map(|member| JsValue::from_str(member)).collect::<Array>();
            frames.tell(TYPING, id(channel), 0.0, 0.0, &members);
        }
        Event::Problem { code, detail } => {
            frames.tell(PROBLEM, 0.0, number(code), 0.0, &detail.unwrap_or(none));
        }
        Event::Parted => frames.tell(PARTED, 0.0, 0.0, 0.0, &none),
        Event::Latency(latency) => frames.tell(LATENCY, latency.as_millis_f64(), 0.0, 0.0, &none),
    }
}

fn id(channel: ChannelId) -> f64 {
    f64::from(channel.get())
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
